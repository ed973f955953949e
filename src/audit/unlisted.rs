//! Whose a log file is that no digest lists: the connection's trail lists its own files, unless the time for that has not come.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Object,
    certify::{PERIOD, around, named_time},
    writers::WrittenBy,
};

/// The times of which the digests of the connection's trail tell: beginnings and ends.
#[derive(Debug, Default)]
pub(super) struct Times(BTreeMap<Timestamp, Timestamp>);

impl Times {
    /// Notes that a digest tells of a time.
    pub(super) fn add(&mut self, start: Timestamp, end: Timestamp) {
        let known = self.0.entry(start).or_insert(end);
        *known = end.max(*known);
    }

    /// Whether a digest tells of this time.
    #[must_use]
    pub(super) fn hold(&self, at: Timestamp) -> bool {
        let before = self.0.range(..=at).next_back();
        before.is_some_and(|(_, end)| at < *end)
    }
}

/// Whether digests tell of the time at which a log file was delivered and landed, and of that around it. `hold` says whether one tells
/// of a time.
#[must_use]
pub(super) fn is_told(object: &Object, hold: impl Fn(Timestamp) -> bool) -> bool {
    times(object).flat_map(around).all(hold)
}

/// When a log file landed, and when it was delivered as its name says: what was copied has landed later.
pub(super) fn times(object: &Object) -> impl Iterator<Item = Timestamp> + use<> {
    [Some(object.modified), named_time(&object.key)]
        .into_iter()
        .flatten()
}

/// Whether a log file is so young that its digest may not be there yet.
#[must_use]
pub(super) fn is_young(object: &Object, now: Timestamp) -> bool {
    times(object).all(|at| now.duration_since(at) < PERIOD)
}

/// Whether a log file was there before a time.
#[must_use]
pub(super) fn is_before(object: &Object, time: Timestamp) -> bool {
    times(object).any(|at| at < whole_minute(time))
}

/// The names of log files have whole minutes.
fn whole_minute(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(60)).unwrap_or(at)
}

/// What is known about a log file that no digest lists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unlisted {
    /// Digests of the connection's trail tell of its time.
    pub(super) told: bool,
    /// No other trail is known to write there, and the account's trails were seen.
    pub(super) alone: bool,
    /// Its digest may not be there yet, and none that is there can list it.
    pub(super) young: bool,
    /// The connection's trail is its own, and was made later.
    pub(super) before: bool,
}

impl Unlisted {
    /// Says who wrote it.
    #[must_use]
    pub(super) fn by(self) -> WrittenBy {
        if self.told {
            return WrittenBy::Another;
        }
        match self.alone && !self.before && self.young {
            true => WrittenBy::Ours,
            false => WrittenBy::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn object(named: &str, landed: &str) -> Object {
        let name = format!("111122223333_CloudTrail_eu-west-1_{named}_abc.json.gz");
        Object {
            key: format!("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/24/{name}"),
            size: 10,
            modified: at(landed),
        }
    }

    #[test]
    fn what_a_trail_would_have_listed_is_not_its_own_and_what_it_may_not_have_listed_is_unknown() {
        const NOTHING: Unlisted = Unlisted {
            told: false,
            alone: true,
            young: false,
            before: false,
        };
        let young = Unlisted {
            young: true,
            ..NOTHING
        };
        for (known, expected) in [(NOTHING, WrittenBy::Unknown), (young, WrittenBy::Ours)] {
            assert_eq!(known.by(), expected, "{known:?}");
            for told in [true, false] {
                let beside = Unlisted {
                    alone: false,
                    told,
                    ..known
                };
                let before = Unlisted {
                    before: true,
                    told,
                    ..known
                };
                let expected = match told {
                    true => WrittenBy::Another,
                    false => WrittenBy::Unknown,
                };
                assert_eq!(beside.by(), expected, "{beside:?}");
                assert_eq!(before.by(), expected, "{before:?}");
            }
            let told = Unlisted {
                told: true,
                ..known
            };
            assert_eq!(told.by(), WrittenBy::Another, "{told:?}");
        }
    }

    #[test]
    fn digests_tell_of_a_file_only_if_they_tell_of_the_minutes_around_it() {
        let mut times = Times::default();
        times.add(at("2026-11-24T01:00:00Z"), at("2026-11-24T02:00:00Z"));
        times.add(at("2026-11-24T02:00:00Z"), at("2026-11-24T03:00:00Z"));
        for (named, landed, expected) in [
            ("20261124T0130Z", "2026-11-24T01:31:00Z", true),
            ("20261124T0159Z", "2026-11-24T02:00:30Z", true),
            ("20261124T0105Z", "2026-11-24T01:15:00Z", false),
            ("20261124T0255Z", "2026-11-24T02:55:30Z", false),
            // Copied later.
            ("20261124T0130Z", "2026-11-24T08:00:00Z", false),
            ("20261124T0430Z", "2026-11-24T04:31:00Z", false),
        ] {
            let object = object(named, landed);
            let told = is_told(&object, |at| times.hold(at));
            assert_eq!(told, expected, "{named} {landed}");
        }
    }

    #[test]
    fn a_copy_is_as_old_as_its_name_says() {
        let now = at("2026-11-24T05:00:00Z");
        let young = object("20261124T0330Z", "2026-11-24T03:31:00Z");
        let old = object("20261124T0230Z", "2026-11-24T02:31:00Z");
        let copied = object("20261124T0230Z", "2026-11-24T04:59:00Z");
        assert!(is_young(&young, now));
        assert!(!is_young(&old, now));
        assert!(!is_young(&copied, now));
        assert!(is_before(&copied, at("2026-11-24T04:00:00Z")));
        assert!(!is_before(&young, at("2026-11-24T03:30:59Z")));
    }
}
