//! What past is wanted, and when its log files and digests are.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{
    connection::{AccountId, Region},
    sandbox::cloud::Error,
};

/// The most log files of a past, and the most digests.
const MOST: i64 = 100_000;

/// A past. Times are whole minutes, as in the names of log files.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The account that the trail belongs to. Its root writes into the bucket.
    pub(crate) account: AccountId,
    /// The trail's name.
    pub(crate) trail: String,
    /// The trail's home region.
    pub(crate) home: Region,
    pub(crate) bucket: String,
    #[serde(default)]
    pub(crate) prefix: String,
    /// The organization's id, if it is an organization's trail.
    #[serde(default)]
    pub(crate) organization: Option<String>,
    /// Whose log files these are; the trail's account if none are named.
    #[serde(default)]
    pub(crate) accounts: Vec<AccountId>,
    /// The home region if none are named.
    #[serde(default)]
    pub(crate) regions: Vec<Region>,
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
    /// Log files in each account and region.
    pub(crate) files: i64,
    /// The seconds that a digest is about.
    #[serde(default = "hour")]
    pub(crate) digest_seconds: i64,
    /// Times without logging: neither log files nor digests. A new chain begins after each.
    #[serde(default)]
    pub(crate) silent: Vec<(Timestamp, Timestamp)>,
    /// When validation was switched on, if that was after the first log files.
    #[serde(default)]
    pub(crate) digests_since: Option<Timestamp>,
    /// How many keys sign in each region, one after the other.
    #[serde(default = "one")]
    pub(crate) keys: i64,
}

fn hour() -> i64 {
    3600
}

fn one() -> i64 {
    1
}

/// The time of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// Whether a chain starts with it.
    pub(super) first: bool,
}

impl Wanted {
    /// Refuses a past that cannot be made.
    pub(super) fn check(&self) -> Result<(), Error> {
        let times = [self.since, self.until].into_iter();
        let times = times.chain(self.digests_since);
        let mut times = times.chain(self.silent.iter().flat_map(|(from, to)| [*from, *to]));
        let whole = |at: Timestamp| at == minute(at);
        let complaint = if !times.all(whole) {
            "times must be whole minutes"
        } else if self.since >= self.until || self.until > Timestamp::now() {
            "since must be before until, and until in the past"
        } else if self.digest_seconds < 60 || self.digest_seconds % 60 != 0 {
            "digestSeconds must be whole minutes"
        } else if self.files < 0 || self.files > MOST || self.length() / self.digest_seconds > MOST
        {
            "these are too many files"
        } else if self.keys < 1 || self.keys > 100 {
            "keys must be from 1 to 100"
        } else {
            return Ok(());
        };
        Err(Error::new("ValidationException", complaint))
    }

    fn length(&self) -> i64 {
        self.until.duration_since(self.since).as_secs()
    }

    /// When log files land: evenly, in whole minutes, and never while nothing is logged.
    pub(super) fn landings(&self) -> impl Iterator<Item = Timestamp> {
        let (since, length, files) = (self.since, self.length(), self.files);
        let landings = (0..files).map(move |number| {
            let passed = length * (2 * number + 1) / (2 * files);
            let at = minute(since + SignedDuration::from_secs(passed));
            // A digest is about the time after its start.
            at.max(since + SignedDuration::from_mins(1))
        });
        landings.filter(move |at| {
            let is_silent = |(from, to): &(Timestamp, Timestamp)| from < at && at <= to;
            !self.silent.iter().any(is_silent)
        })
    }

    /// The times of the digests.
    pub(super) fn intervals(&self) -> Vec<Interval> {
        let mut intervals = Vec::new();
        let mut start = self.digests_since.unwrap_or(self.since);
        let mut first = true;
        while start < self.until {
            let silence = self
                .silent
                .iter()
                .find(|(from, to)| *from <= start && start < *to);
            if let Some((_, to)) = silence {
                (start, first) = (*to, true);
                continue;
            }
            let silences = self.silent.iter().map(|(from, _)| *from);
            let end = silences
                .filter(|from| *from > start)
                .chain([
                    self.until,
                    start + SignedDuration::from_secs(self.digest_seconds),
                ])
                .min()
                .unwrap_or(self.until);
            intervals.push(Interval { start, end, first });
            (start, first) = (end, false);
        }
        intervals
    }

    /// When each of a region's keys is valid.
    pub(super) fn validities(&self) -> Vec<(Timestamp, Timestamp)> {
        let day = SignedDuration::from_hours(24);
        let at = |number: i64| {
            self.since + SignedDuration::from_secs(self.length() * number / self.keys)
        };
        (0..self.keys)
            .map(|number| {
                let from = if number == 0 {
                    self.since - day
                } else {
                    at(number)
                };
                let last = number + 1 == self.keys;
                (
                    from,
                    if last {
                        self.until + day
                    } else {
                        at(number + 1)
                    },
                )
            })
            .collect()
    }
}

/// The minute that a time is in.
fn minute(at: Timestamp) -> Timestamp {
    let seconds = at.as_second().div_euclid(60) * 60;
    Timestamp::from_second(seconds).unwrap_or(at)
}
