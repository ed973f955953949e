//! Where files may be missing (`catchUp` of the contract): after an outage of Central, after a user's pause, after a silence,
//! and, as a routine, in the day before of each account and region.
//!
//! Central cannot read buckets. It knows the folders that files came from, and the time that a file's name contains.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sandbox::rules;

/// CloudTrail delivers a file some minutes after the time in its name (CloudTrail user guide: 5 on average).
const LATE: SignedDuration = SignedDuration::from_mins(30);
/// The most entries in one answer.
const MOST: usize = 4;

/// How long things take, and how fast time passes in the names of files. Tests make both quicker.
#[derive(Clone, Debug)]
pub struct Timing {
    /// Lifetime of a client's token of the API.
    pub api_token: Duration,
    /// Lifetime of an ingest token.
    pub token: Duration,
    /// Lifetime of an upload URL.
    pub upload: Duration,
    /// A file that has not arrived this long after its offer is asked for again (`retry`).
    pub overdue: Duration,
    /// A day: the longest pause before a file is asked for again, and the pause for a file that is archived or denied.
    pub day: Duration,
    /// A lease of a catch-up entry ends after this long without a request under it.
    pub lease: Duration,
    /// Files may be missing if the forwarder was not heard from for this long.
    pub silence: Duration,
    /// How many times faster than in reality time passes in the names of files.
    pub speed: u32,
    /// When this clock was set, as wall clock and as monotonic time.
    pub begun: (Timestamp, Instant),
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            api_token: Duration::from_secs(3600),
            token: Duration::from_secs(900),
            upload: Duration::from_secs(900),
            overdue: Duration::from_secs(60),
            day: Duration::from_secs(24 * 3600),
            lease: Duration::from_secs(180),
            silence: Duration::from_secs(3600),
            speed: 1,
            begun: (Timestamp::now(), Instant::now()),
        }
    }
}

impl Timing {
    /// The present time in the names of files.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let passed = self.begun.1.elapsed() * self.speed;
        self.begun.0 + SignedDuration::try_from(passed).unwrap_or_default()
    }
}

/// A prefix that the forwarder is to look through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    pub bucket: String,
    pub prefix: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_after: Option<String>,
    /// The present lease, and when it ends.
    #[serde(skip)]
    lease: Option<(String, Instant)>,
}

impl Entry {
    /// A prefix that nobody has leased, from its beginning or after a key.
    #[must_use]
    pub fn new(bucket: String, prefix: String, start_after: Option<String>) -> Self {
        Self {
            bucket,
            prefix,
            start_after,
            lease: None,
        }
    }

    fn is_leased(&self) -> bool {
        let now = Instant::now();
        self.lease.as_ref().is_some_and(|(_, until)| now < *until)
    }
}

/// What Central has learnt from a connection's files.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Watch {
    /// The day that was looked at last, by bucket and by the folder of an account and region (without year, month and day).
    folders: BTreeMap<String, BTreeMap<String, Date>>,
    open: Vec<Entry>,
    /// When the forwarder was last heard from.
    heard: Option<Timestamp>,
}

impl Watch {
    /// Notes the folder of a file that was offered.
    pub fn saw(&mut self, bucket: &str, key: &str, now: Timestamp) {
        // What is left without the file, the day, the month and the year.
        let Some(folder) = key.rsplitn(5, '/').nth(4) else {
            return;
        };
        let folders = self.folders.entry(bucket.to_owned()).or_default();
        folders
            .entry(format!("{folder}/"))
            .or_insert_with(|| day_before(now));
    }

    /// Notes that the forwarder was heard from. After a silence, files of that time may be missing.
    pub fn heard(&mut self, now: Timestamp, silence: Duration) {
        let silence = SignedDuration::try_from(silence).unwrap_or(SignedDuration::MAX);
        if let Some(before) = self.heard.replace(now)
            && now.duration_since(before) > silence
        {
            self.between(before, now);
        }
    }

    /// Opens every folder for a time in which files may be missing.
    pub fn between(&mut self, from: Timestamp, to: Timestamp) {
        let from = from - LATE;
        let mut day = date(from);
        while day <= date(to) {
            let folders: Vec<(String, String)> = self
                .folders
                .iter()
                .flat_map(|(bucket, folders)| {
                    folders
                        .keys()
                        .map(move |folder| (bucket.clone(), folder.clone()))
                })
                .collect();
            for (bucket, folder) in folders {
                let after = (day == date(from)).then_some(from);
                self.open(bucket, &folder, day, after);
            }
            let Ok(next) = day.tomorrow() else { return };
            day = next;
        }
    }

    /// Opens the day before in every folder, once, when no more files of that day are expected.
    pub fn routine(&mut self, now: Timestamp) {
        let day = day_before(now - LATE);
        let mut due = Vec::new();
        for (bucket, folders) in &mut self.folders {
            for (folder, looked) in folders {
                if *looked < day {
                    due.push((bucket.clone(), folder.clone(), *looked));
                    *looked = day;
                }
            }
        }
        for (bucket, folder, looked) in due {
            // Days without any sign-in are opened too.
            let mut one = looked.tomorrow().unwrap_or(day);
            while one <= day {
                self.open(bucket.clone(), &folder, one, None);
                let Ok(next) = one.tomorrow() else { return };
                one = next;
            }
        }
    }

    /// Opens the folder of one day, from its beginning or from a time on.
    fn open(&mut self, bucket: String, folder: &str, day: Date, after: Option<Timestamp>) {
        let prefix = format!("{folder}{}", day.strftime("%Y/%m/%d/"));
        let mut segments = folder.trim_end_matches('/').rsplit('/');
        let (region, account) = (segments.next(), segments.nth(1));
        let start_after = after.map(|time| {
            format!(
                "{prefix}{}_CloudTrail_{}_{}",
                account.unwrap_or_default(),
                region.unwrap_or_default(),
                time.strftime("%Y%m%dT%H%MZ")
            )
        });
        self.add(Entry::new(bucket, prefix, start_after));
    }

    /// Opens an entry. If one is open for the same prefix, the earlier start of the two counts, and its lease ends: whoever
    /// holds it may have listed the prefix already, before the files that are looked for now were there.
    pub fn add(&mut self, entry: Entry) {
        let same = |open: &&mut Entry| open.bucket == entry.bucket && open.prefix == entry.prefix;
        match self.open.iter_mut().find(same) {
            Some(open) => {
                // `None` sorts first: it stands for the beginning.
                open.start_after = open.start_after.take().min(entry.start_after);
                open.lease = None;
            }
            None => self.open.push(entry),
        }
    }

    /// Whether nothing is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Notes how far a catch-up has come under its lease, or that it is at its end. False if the lease has ended or is another
    /// one.
    #[must_use]
    pub fn progress(&mut self, at: &Entry, lease: &str, end: bool, lasts: Duration) -> bool {
        let held = |open: &Entry| {
            let (bucket, prefix) = (&open.bucket, &open.prefix);
            let by = open.lease.as_ref().is_some_and(|(by, _)| by == lease);
            (bucket, prefix) == (&at.bucket, &at.prefix) && by && open.is_leased()
        };
        let Some(index) = self.open.iter().position(held) else {
            return false;
        };
        if end {
            self.open.remove(index);
            return true;
        }
        let open = &mut self.open[index];
        open.start_after = open.start_after.take().max(at.start_after.clone());
        open.lease = Some((lease.to_owned(), Instant::now() + lasts));
        true
    }

    /// Leases some of the open entries that are free. They are in the form of a sign-in's answer.
    pub fn lease(&mut self, lasts: Duration) -> Vec<Value> {
        let free = self.open.iter_mut().filter(|open| !open.is_leased());
        free.take(MOST)
            .map(|open| {
                let lease = uuid::Uuid::new_v4().simple().to_string();
                let mut told = json!(open);
                told["lease"] = lease.clone().into();
                told["leaseSeconds"] = lasts.as_secs().into();
                open.lease = Some((lease, Instant::now() + lasts));
                told
            })
            .collect()
    }

    /// The folders of the days that these keys belong to.
    #[must_use]
    pub fn days_of<'a>(keys: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Entry> {
        let mut days: Vec<Entry> = keys
            .filter(|(_, key)| rules::account_of_log_file(key).is_some())
            .filter_map(|(bucket, key)| {
                let prefix = format!("{}/", key.rsplit_once('/')?.0);
                Some(Entry::new(bucket.to_owned(), prefix, None))
            })
            .collect();
        days.dedup();
        days
    }
}

/// An outage: the times of the first and the last request that Central refused.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    pub from: Timestamp,
    pub to: Timestamp,
}

fn date(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

fn day_before(at: Timestamp) -> Date {
    let today = date(at);
    today.yesterday().unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "p/AWSLogs/o-0123456789/111122223333/CloudTrail/eu-west-1/2026/11/24/111122223333_CloudTrail_eu-west-1_20261124T0900Z_x.json.gz";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn prefixes(watch: &Watch) -> Vec<String> {
        let entries = watch.open.iter().map(|entry| {
            let day = &entry.prefix["p/AWSLogs/o-0123456789/111122223333/CloudTrail/".len()..];
            let after = entry.start_after.as_deref().unwrap_or_default();
            let after = after.rsplit('_').next().unwrap_or_default();
            format!("{day} {after}")
        });
        entries.collect()
    }

    #[test]
    fn each_day_is_looked_at_once_when_it_is_over() {
        let mut watch = Watch::default();
        watch.saw("b", KEY, at("2026-11-24T09:05:00Z"));
        watch.routine(at("2026-11-24T23:59:00Z"));
        watch.routine(at("2026-11-25T00:10:00Z"));
        assert!(watch.open.is_empty());
        watch.routine(at("2026-11-25T00:31:00Z"));
        assert_eq!(prefixes(&watch), ["eu-west-1/2026/11/24/ "]);
        let told = watch.lease(Duration::from_secs(60));
        let lease = told[0]["lease"].as_str().unwrap();
        let mut there = watch.open[0].clone();
        there.start_after = Some("p/x".to_owned());
        assert!(watch.progress(&there, lease, false, Duration::from_secs(60)));
        assert_eq!(watch.open[0].start_after.as_deref(), Some("p/x"));
        assert!(watch.progress(&there, lease, true, Duration::from_secs(60)));
        watch.routine(at("2026-11-25T12:00:00Z"));
        assert!(watch.open.is_empty());
        // For two days there was no sign-in.
        watch.routine(at("2026-11-28T12:00:00Z"));
        let days = ["25", "26", "27"].map(|day| format!("eu-west-1/2026/11/{day}/ "));
        assert_eq!(prefixes(&watch), days);
    }

    #[test]
    fn an_entry_is_one_callers_until_its_lease_ends() {
        let mut watch = Watch::default();
        for number in 0..6 {
            watch.add(Entry::new("b".to_owned(), format!("p/{number}/"), None));
        }
        let minute = Duration::from_secs(60);
        let first = watch.lease(minute);
        assert_eq!(first.len(), 4, "the contract's most");
        assert_eq!(watch.lease(Duration::ZERO).len(), 2);
        // These two leases have ended at once.
        assert_eq!(watch.lease(minute).len(), 2);
        assert!(watch.lease(minute).is_empty(), "another caller gets none");
        let lease = first[0]["lease"].as_str().unwrap();
        let at = watch.open[0].clone();
        assert!(!watch.progress(&at, "another", false, minute));
        assert!(watch.progress(&at, lease, false, Duration::ZERO));
        assert!(!watch.progress(&at, lease, true, minute), "it has ended");
        assert_eq!(watch.open.len(), 6);
    }

    #[test]
    fn who_lists_a_day_before_it_is_over_does_not_end_it() {
        let mut watch = Watch::default();
        watch.saw("b", KEY, at("2026-11-24T09:05:00Z"));
        watch.between(at("2026-11-23T22:00:00Z"), at("2026-11-24T22:00:00Z"));
        let minute = Duration::from_secs(60);
        let told = watch.lease(minute);
        let today = watch.open[1].clone();
        // More files arrive while the holder deals with those it has listed. Then the day ends.
        watch.routine(at("2026-11-25T00:31:00Z"));
        let lease = told[1]["lease"].as_str().unwrap();
        assert!(!watch.progress(&today, lease, true, minute));
        assert!(prefixes(&watch).contains(&"eu-west-1/2026/11/24/ ".to_owned()));
        assert_eq!(watch.lease(minute).len(), 1, "somebody lists it again");
    }

    #[test]
    fn an_outage_or_a_silence_opens_its_days_from_a_little_before_it() {
        let mut watch = Watch::default();
        watch.saw("b", KEY, at("2026-11-24T09:05:00Z"));
        watch.between(at("2026-11-24T22:10:00Z"), at("2026-11-25T01:00:00Z"));
        let expected = [
            "eu-west-1/2026/11/24/ 20261124T2140Z",
            "eu-west-1/2026/11/25/ ",
        ];
        assert_eq!(prefixes(&watch), expected);
        // Another outage of the same day began earlier, so the entry covers both.
        watch.between(at("2026-11-24T20:00:00Z"), at("2026-11-24T20:05:00Z"));
        assert_eq!(prefixes(&watch)[0], "eu-west-1/2026/11/24/ 20261124T1930Z");
        let mut quiet = Watch::default();
        quiet.saw("b", KEY, at("2026-11-24T09:05:00Z"));
        let hour = Duration::from_secs(3600);
        quiet.heard(at("2026-11-24T09:05:00Z"), hour);
        quiet.heard(at("2026-11-24T10:00:00Z"), hour);
        assert!(quiet.open.is_empty());
        quiet.heard(at("2026-11-24T11:30:00Z"), hour);
        assert_eq!(prefixes(&quiet), ["eu-west-1/2026/11/24/ 20261124T0930Z"]);
    }
}
