//! What digests and log files are judged for.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    chain::{LATE, PERIOD},
    digest::Trail,
    finding::What,
    silent::Silent,
};
use crate::{
    audit::Window,
    connection::{AccountId, Region},
};

/// What digests and log files are judged for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) bucket: &'a str,
    pub(super) window: &'a Window,
    /// The connection's trail, if it is known.
    pub(super) own: Option<&'a Trail>,
    /// Trails whose files the function hears of besides: they notify the same topic.
    pub(super) heard: &'a BTreeSet<Trail>,
    /// Whether the function hears of the files of all trails.
    pub(super) whole_bucket: bool,
    /// Nobody announced to the connection what landed before.
    pub(super) heard_since: Timestamp,
    /// The folder of log files beside which there must be digests of the connection's trail, if there is one; of one folder, only if
    /// it is that.
    pub(super) home: Option<&'a str>,
    /// Since when the connection's own trail must have signed there.
    pub(super) signs_since: Option<Timestamp>,
    /// The days after which the bucket lets log files and digests expire.
    pub(super) expire_after_days: Option<i32>,
    /// Trails that write into the same bucket, and have no digests.
    pub(super) silent: &'a [Silent],
    /// Whether one of them writes into the folder.
    pub(super) perhaps_another: bool,
}

/// The seconds of a day.
const DAY: i64 = 24 * 3600;

impl Scope<'_> {
    /// What the digests and log files of one folder are judged for.
    #[must_use]
    pub(super) fn of_folder(self, account: &AccountId, region: &Region, folder: &str) -> Self {
        let mut silent = self.silent.iter();
        let home = self.home.filter(|home| *home == folder);
        Self {
            home,
            signs_since: self.signs_since.filter(|_| home.is_some()),
            perhaps_another: silent.any(|trail| trail.writes_into(account, region, folder)),
            ..self
        }
    }

    /// Whether the function hears of the files of a trail because of the connection's topic.
    #[must_use]
    pub(super) fn is_ours(&self, trail: &Trail) -> bool {
        self.is_own(trail) || self.heard.contains(trail)
    }

    /// Whether it is the connection's trail, as far as that is known.
    #[must_use]
    pub(super) fn is_own(&self, trail: &Trail) -> bool {
        self.own.is_none_or(|own| own == trail)
    }

    /// Says what it means that a chain begins then: that of a trail that has logged and signed for longer begins too late.
    #[must_use]
    pub(super) fn begins(&self, at: Timestamp, own: bool) -> What {
        let since = self.signs_since.filter(|_| own);
        match since.filter(|since| at.duration_since(*since) > PERIOD) {
            Some(from) => What::Gap { from, until: at },
            None => What::Begins { at },
        }
    }

    /// When a file that no digest lists was there first, within the window, if it landed after the window and so long after the
    /// time in its name that it was written again.
    #[must_use]
    pub(super) fn written_again(&self, landed: Timestamp, named: Timestamp) -> Option<Timestamp> {
        let window = self.window;
        let again = landed >= window.until && landed.duration_since(named) > LATE;
        // It lands some minutes after the time in its name.
        let near = named < window.since && window.since.duration_since(named) <= LATE;
        let first = if near { window.since } else { named };
        (again && window.contains(first)).then_some(first)
    }

    /// Whether the bucket has let expire what landed then.
    #[must_use]
    pub(super) fn has_expired(&self, landed: Timestamp) -> bool {
        has_expired(self.expire_after_days, landed, self.window.now)
    }
}

/// Whether a bucket that lets objects expire after these days has let expire what landed then: S3 does so at the midnight, in UTC,
/// that follows the last day (S3 user guide, "Lifecycle configuration elements").
#[must_use]
pub(super) fn has_expired(days: Option<i32>, landed: Timestamp, now: Timestamp) -> bool {
    days.is_some_and(|days| {
        let end = landed.as_second() + DAY * i64::from(days);
        let midnight = (end + DAY - 1).div_euclid(DAY) * DAY;
        midnight <= now.as_second()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_expire_at_the_midnight_after_their_last_day() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let landed = at("2026-11-01T10:00:00Z");
        for (days, now, expected) in [
            (None, "2027-11-01T00:00:00Z", false),
            (Some(1), "2026-11-02T23:59:59Z", false),
            (Some(1), "2026-11-03T00:00:00Z", true),
            (Some(30), "2026-12-01T23:00:00Z", false),
            (Some(30), "2026-12-02T00:00:00Z", true),
        ] {
            let found = has_expired(days, landed, at(now));
            assert_eq!(found, expected, "{days:?} {now}");
        }
    }
}
