//! Proof by our own fingerprint: CloudTrail has recorded a call of this run, and Central has the log file that tells of it.

use std::{
    collections::HashSet,
    io::{BufReader, Read},
};

use flate2::read::MultiGzDecoder;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sophos_ct_forwarder::event::LogKey;

use super::{
    Objects, Place,
    window::{KeyRange, day_of},
};
use crate::{
    aws::error::AwsError,
    central::{
        Central,
        model::{Outcome, Receipt},
    },
    connection::{ConnectionId, Design},
    ui::Result,
};

/// How far the clocks of this machine and of AWS may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(15);
/// Packed files that are larger are not read.
const LARGEST: u64 = 64 << 20;
/// As much is read of an unpacked file.
const LONGEST: u64 = 1 << 30;

/// A call of this run whose event has reached Central.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Proof {
    /// The name of the event, such as `CreateTrail`.
    pub event: String,
    /// When it happened, by CloudTrail.
    pub at: Timestamp,
    /// The key of the log file.
    pub file: String,
    /// When Central had it, by its receipt.
    pub received_at: Timestamp,
    /// The time between the two.
    pub seconds: i64,
}

/// What is known of the events of this run.
#[derive(Debug)]
pub(crate) enum Sign {
    /// No log file tells of one yet, or there is no receipt for it yet.
    Nothing,
    Proved(Proof),
    /// Central has not stored the log file: it did not want it, or was told that it cannot be read.
    NotStored {
        event: String,
    },
}

/// Looks for events of this run in the log files of its account and region. It keeps nothing of them.
pub(crate) struct Fingerprint<'a> {
    place: Place<'a>,
    central: &'a Central,
    design: &'a Design,
    /// What the user agent of each call says of this run.
    run: String,
    since: Timestamp,
    /// The keys of the files that were read.
    read: HashSet<String>,
    found: Vec<Found>,
}

/// An event of this run, and the file in which it was found.
struct Found {
    event: Event,
    file: String,
}

impl<'a> Fingerprint<'a> {
    /// `run` is what the user agent of each call says of this run. `since` is when the run began to make changes.
    #[must_use]
    pub(crate) fn new(
        place: Place<'a>,
        central: &'a Central,
        design: &'a Design,
        run: String,
        since: Timestamp,
    ) -> Self {
        Self {
            place,
            central,
            design,
            run,
            since: since.checked_sub(SKEW).unwrap_or(since),
            read: HashSet::new(),
            found: Vec::new(),
        }
    }

    /// Looks once. It reads only files that it has not read before. A file that landed before the connection was complete may
    /// never reach Central, so that one with a later event is looked for too.
    pub(crate) async fn look(&mut self) -> Result<Sign> {
        self.search().await?;
        let mut sign = Sign::Nothing;
        for Found { event, file } in &self.found {
            let receipt = receipt(self.central, self.design.id, self.place.bucket, file).await?;
            match receipt {
                Some(receipt) if receipt.outcome == Outcome::Stored => {
                    return Ok(Sign::Proved(proof(event, file, receipt.at)));
                }
                Some(_) => {
                    let event = event.event_name.clone();
                    sign = Sign::NotStored { event };
                }
                None => {}
            }
        }
        Ok(sign)
    }

    /// Goes through the log files that are new, and keeps which of them tell of this run.
    async fn search(&mut self) -> Result<()> {
        let place = self.place;
        for folder in self.folders().await? {
            let mut objects = Objects::of(&place, self.keys(&folder));
            while let Some(object) = objects.next().await? {
                let file = object.key;
                let is_log = object.size <= LARGEST && LogKey::parse(&file).is_some();
                if !is_log || self.read.contains(&file) {
                    continue;
                }
                // A file that broke off is read again the next time.
                let Some(packed) = packed(&place, &file).await? else {
                    continue;
                };
                self.read.insert(file.clone());
                if let Some(event) = own_event(&packed, &self.run) {
                    self.found.push(Found { event, file });
                }
            }
        }
        Ok(())
    }

    /// The folders in which the log files of this account and region may be: an organization's trail writes below the
    /// organization's id (CloudTrail user guide, "Finding your CloudTrail log files").
    async fn folders(&self) -> Result<Vec<String>, AwsError> {
        let (root, design) = (self.place.root(), self.design);
        let folder = format!("{}/CloudTrail/{}/", design.account, design.region);
        let mut folders = vec![format!("{root}{folder}")];
        let list = self.place.list(&format!("{root}o-")).delimiter("/");
        let mut pages = list.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(AwsError::of("s3:ListBucket"))?;
            let organizations = page.common_prefixes().iter().filter_map(|one| one.prefix());
            folders.extend(organizations.map(|organization| format!("{organization}{folder}")));
        }
        Ok(folders)
    }

    /// The keys of what was delivered to a folder since the run began. The name of a file begins with account, region and the
    /// minute of its delivery (CloudTrail user guide, "CloudTrail log file examples", file names:
    /// `AccountID_CloudTrail_RegionName_YYYYMMDDTHHmmZ_UniqueString`).
    fn keys(&self, folder: &str) -> KeyRange {
        let now = Timestamp::now();
        let until = now.checked_add(SKEW).unwrap_or(now);
        let mut keys = KeyRange::new(folder, &(day_of(self.since)..=day_of(until)));
        let Design {
            account, region, ..
        } = self.design;
        let minute = self.since.strftime("%Y%m%dT%H%M");
        keys.after = format!("{}{account}_CloudTrail_{region}_{minute}", keys.after);
        keys
    }
}

/// The packed content of an object; `None` if it broke off, or is gone.
async fn packed(place: &Place<'_>, key: &str) -> Result<Option<Vec<u8>>, AwsError> {
    let get = place.s3.get_object().bucket(place.bucket).key(key);
    let get = get.set_expected_bucket_owner(place.owner.map(ToString::to_string));
    let found = match get.send().await.map_err(AwsError::of("s3:GetObject")) {
        Ok(found) => found,
        Err(error) if error.is("NoSuchKey") => return Ok(None),
        Err(error) => return Err(error),
    };
    let content = found.body.collect().await;
    Ok(content.ok().map(|content| content.to_vec()))
}

/// Central's receipt for an object, if there is one.
async fn receipt(
    central: &Central,
    id: ConnectionId,
    bucket: &str,
    key: &str,
) -> Result<Option<Receipt>> {
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let size = Central::MOST_RECEIPTS;
    let page = central.receipts(id, key, folder, None, size).await?;
    let mut receipts = page.items.into_iter();
    Ok(receipts.find(|receipt| receipt.bucket == bucket && receipt.key == key))
}

/// What is read of a log file (CloudTrail user guide, "CloudTrail record contents").
#[derive(Deserialize)]
struct LogFile {
    #[serde(rename = "Records")]
    records: Vec<Event>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_name: String,
    event_time: Timestamp,
    user_agent: Option<String>,
    read_only: Option<bool>,
    /// Set if the call was refused.
    error_code: Option<String>,
}

/// The event in a packed log file that tells best of this run: a change that was carried out, of the trail if there is one.
fn own_event(packed: &[u8], run: &str) -> Option<Event> {
    const FIRST: [&str; 3] = ["CreateTrail", "UpdateTrail", "StartLogging"];
    let unpacked = MultiGzDecoder::new(packed).take(LONGEST);
    let file: LogFile = serde_json::from_reader(BufReader::new(unpacked)).ok()?;
    let is_own = |event: &Event| {
        let agent = event.user_agent.as_deref().unwrap_or_default();
        agent.contains(run) && event.read_only == Some(false) && event.error_code.is_none()
    };
    let own = file.records.into_iter().filter(is_own);
    own.min_by_key(|event| {
        let place = FIRST.iter().position(|name| *name == event.event_name);
        place.unwrap_or(FIRST.len())
    })
}

/// An event has its time in whole seconds, and clocks differ: it is not received before it happens.
fn proof(event: &Event, file: &str, received_at: Timestamp) -> Proof {
    let passed = received_at.duration_since(event.event_time);
    Proof {
        event: event.event_name.clone(),
        at: event.event_time,
        file: file.to_owned(),
        received_at,
        seconds: passed.as_secs().max(0),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use serde_json::{Value, json};

    use super::*;

    const RUN: &str = "app/run-0123456789ab";

    fn event(name: &str, agent: &str, read_only: bool) -> Value {
        json!({
            "eventVersion": "1.10",
            "eventTime": "2026-11-24T00:05:00Z",
            "eventName": name,
            "userAgent": agent,
            "readOnly": read_only,
            "requestParameters": { "eventName": "another", "list": [1, "}"] },
        })
    }

    fn packed(records: &[Value]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        let content = json!({ "Records": records }).to_string();
        packed.write_all(content.as_bytes()).unwrap();
        packed.finish().unwrap()
    }

    fn found(records: &[Value]) -> Option<String> {
        own_event(&packed(records), RUN).map(|event| event.event_name)
    }

    #[test]
    fn an_own_event_is_a_change_of_this_run_that_was_carried_out() {
        let own = &format!("[aws-sdk-rust/1.3 os/linux {RUN} lib/x]");
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(found(&[]), None);
        let other = "aws-sdk-rust/1.3 app/run-ba9876543210";
        assert_eq!(found(&[event("CreateTrail", other, false)]), None);
        assert_eq!(found(&[event("DescribeTrails", own, true)]), None);
        let mut refused = event("CreateTrail", own, false);
        refused["errorCode"] = "InsufficientS3BucketPolicyException".into();
        assert_eq!(found(std::slice::from_ref(&refused)), None);
        let mut without = event("CreateTrail", own, false);
        without["userAgent"] = Value::Null;
        let function = event("CreateFunction20150331", own, false);
        let all = [refused, without, function];
        assert_eq!(found(&all), name("CreateFunction20150331"));
    }

    #[test]
    fn a_change_of_the_trail_tells_best_of_a_run() {
        let names = [
            "CreateFunction20150331",
            "StartLogging",
            "UpdateTrail",
            "CreateTrail",
        ];
        let mut events: Vec<Value> = names.iter().map(|name| event(name, RUN, false)).collect();
        while let Some(best) = events.last().cloned() {
            let told = found(&events);
            assert_eq!(told.as_deref(), best["eventName"].as_str());
            events.pop();
        }
    }

    #[test]
    fn what_is_not_a_log_file_tells_of_nothing() {
        assert!(own_event(b"", RUN).is_none());
        assert!(own_event(b"{\"Records\": []}", RUN).is_none());
        let whole = packed(&[event("CreateTrail", RUN, false)]);
        assert!(own_event(&whole[..whole.len() / 2], RUN).is_none());
    }

    #[test]
    fn the_time_of_a_proof_is_that_from_event_to_receipt() {
        let found = own_event(&packed(&[event("CreateTrail", RUN, false)]), RUN).unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let proved = proof(&found, "key", at("2026-11-24T00:09:12.7Z"));
        assert_eq!(
            json!(proved),
            json!({
                "event": "CreateTrail",
                "at": "2026-11-24T00:05:00Z",
                "file": "key",
                "receivedAt": "2026-11-24T00:09:12.7Z",
                "seconds": 252,
            })
        );
        assert_eq!(proof(&found, "key", at("2026-11-24T00:04:59Z")).seconds, 0);
    }
}
