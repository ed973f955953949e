//! Where files may be missing, as Central finds it out (`catchUp` of the contract): its own outages, a user's pause that is
//! over, silence, and the routine look at each account's and region's day before.
//!
//! Central knows no bucket: it knows the folders that files came from, and that a file's name tells its time.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sophos_ct_forwarder::event::LogKey;

/// CloudTrail delivers a file some minutes after the time in its name (CloudTrail user guide: 5 on average).
const LATE: SignedDuration = SignedDuration::from_mins(30);
/// Most entries of one answer.
const MOST: usize = 4;

/// How long things take, and what time it is in the names of files. A test shortens both.
#[derive(Clone, Debug)]
pub struct Timing {
    /// Lifetime of an ingest token.
    pub token: Duration,
    /// Lifetime of an upload URL.
    pub upload: Duration,
    /// An offer whose file has not arrived after this long is offered again (`retry`).
    pub overdue: Duration,
    /// A day: the longest pause before a file is asked for again, and the one of a file that is archived or denied.
    pub day: Duration,
    /// A lease of a catch-up entry that nobody asks under ends after this long.
    pub lease: Duration,
    /// Nothing heard for this long: files may be missing.
    pub silence: Duration,
    /// How much faster than ours time passes in the names of files.
    pub speed: u32,
    /// When this clock was set: by the world's, and by ours.
    pub begun: (Timestamp, Instant),
}

impl Default for Timing {
    fn default() -> Self {
        Self {
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
    /// The time, as names of files have it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let passed = self.begun.1.elapsed() * self.speed;
        self.begun.0 + SignedDuration::try_from(passed).unwrap_or_default()
    }
}

/// A prefix to be looked through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    pub bucket: String,
    pub prefix: String,
    #[serde(default)]
    pub start_after: Option<String>,
    /// Who has it, and until when.
    #[serde(skip)]
    lease: Option<(String, Instant)>,
}

impl Entry {
    /// A prefix from its beginning, which nobody has.
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

/// What a connection's files tell.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Watch {
    /// By bucket, then folder of an account's region, up to the year: the day that was looked at last.
    folders: BTreeMap<String, BTreeMap<String, Date>>,
    open: Vec<Entry>,
    /// When the forwarder was last heard of.
    heard: Option<Timestamp>,
}

impl Watch {
    /// A file was offered: its folder is known from then on.
    pub fn saw(&mut self, bucket: &str, key: &str, now: Timestamp) {
        // The file, the day, the month, the year.
        let Some(folder) = key.rsplitn(5, '/').nth(4) else {
            return;
        };
        let folders = self.folders.entry(bucket.to_owned()).or_default();
        folders
            .entry(format!("{folder}/"))
            .or_insert_with(|| day_before(now));
    }

    /// The forwarder was heard of: after a silence, files of that time may be missing.
    pub fn heard(&mut self, now: Timestamp, silence: Duration) {
        let silence = SignedDuration::try_from(silence).unwrap_or(SignedDuration::MAX);
        if let Some(before) = self.heard.replace(now)
            && now.duration_since(before) > silence
        {
            self.between(before, now);
        }
    }

    /// Files of this time may be missing, in every folder.
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

    /// The day before, once it is over for good, of every folder: once.
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
            // A day that was missed is made up for.
            let mut one = looked.tomorrow().unwrap_or(day);
            while one <= day {
                self.open(bucket.clone(), &folder, one, None);
                let Ok(next) = one.tomorrow() else { return };
                one = next;
            }
        }
    }

    /// Opens the folder of one day, after a time where one is given. An entry that is open already covers both.
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

    /// Opens an entry.
    pub fn add(&mut self, entry: Entry) {
        let same = |open: &&mut Entry| open.bucket == entry.bucket && open.prefix == entry.prefix;
        match self.open.iter_mut().find(same) {
            // `None` sorts first: from the beginning. Whoever has it has begun later.
            Some(open) if entry.start_after < open.start_after => *open = entry,
            Some(_) => {}
            None => self.open.push(entry),
        }
    }

    /// Nothing is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Under this lease a catch-up has come this far, or to its end. False where the lease has ended, or is another's.
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

    /// Hands out some of what is open and nobody has, as a sign-in's answer tells it.
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

    /// The folders of the days in which these keys lie.
    #[must_use]
    pub fn days_of<'a>(keys: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Entry> {
        let mut days: Vec<Entry> = keys
            .filter(|(_, key)| LogKey::parse(key).is_some())
            .filter_map(|(bucket, key)| {
                let prefix = format!("{}/", key.rsplit_once('/')?.0);
                Some(Entry::new(bucket.to_owned(), prefix, None))
            })
            .collect();
        days.dedup();
        days
    }
}

/// Times in which Central could not take files in: the first and the last refusal of one.
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
        // Nobody signed in for two days.
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
        // Those two leases have ended at once.
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
    fn an_outage_or_a_silence_opens_its_days_from_a_little_before_it() {
        let mut watch = Watch::default();
        watch.saw("b", KEY, at("2026-11-24T09:05:00Z"));
        watch.between(at("2026-11-24T22:10:00Z"), at("2026-11-25T01:00:00Z"));
        let expected = [
            "eu-west-1/2026/11/24/ 20261124T2140Z",
            "eu-west-1/2026/11/25/ ",
        ];
        assert_eq!(prefixes(&watch), expected);
        // Another of the same day begins earlier: both are covered.
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
