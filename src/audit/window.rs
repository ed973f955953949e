//! The time that an audit looks at, and the keys that it lists for that.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};

/// The time that an audit looks at. A log file belongs to it by the time at which it landed in the bucket.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub since: Timestamp,
    /// The first moment that no longer belongs to the window.
    pub until: Timestamp,
    /// How long a file may take from the bucket to Central before it counts as missing.
    pub grace: SignedDuration,
    /// When the audit began.
    pub now: Timestamp,
}

impl Window {
    /// Returns the days whose folders may hold files of this window. CloudTrail delivers late, so a file may lie in the folder of
    /// the day before it landed.
    #[must_use]
    pub(crate) fn days(&self) -> RangeInclusive<Date> {
        let first = day_of(self.since);
        first.yesterday().unwrap_or(first)..=day_of(self.until)
    }

    #[must_use]
    pub(crate) fn contains(&self, landed: Timestamp) -> bool {
        self.since <= landed && landed < self.until
    }

    /// Whether a file that landed then may still be on its way to Central.
    #[must_use]
    pub(crate) fn is_in_flight(&self, landed: Timestamp) -> bool {
        self.now.duration_since(landed) < self.grace
    }
}

/// The day in UTC, by which CloudTrail names its folders.
pub(in crate::audit) fn day_of(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

/// Returns the days of a range, each by itself.
pub(super) fn each(days: &RangeInclusive<Date>) -> Vec<Date> {
    let next = |day: &Date| day.tomorrow().ok().filter(|next| next <= days.end());
    std::iter::successors(Some(*days.start()), next).collect()
}

/// The keys of some days in a folder: those behind `after` and before `end`, which all begin with `prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyRange {
    pub(super) prefix: String,
    pub(super) after: String,
    pub(super) end: String,
}

impl KeyRange {
    /// The keys of these days in a folder whose name ends with `/`.
    pub(super) fn new(folder: &str, days: &RangeInclusive<Date>) -> Self {
        let (first, last) = (written(*days.start()), written(*days.end()));
        let pairs = first.bytes().zip(last.bytes());
        let common = pairs.take_while(|(one, other)| one == other).count();
        Self {
            prefix: format!("{folder}{}", &first[..common]),
            after: format!("{folder}{first}"),
            // `0` is the character behind `/`.
            end: format!("{folder}{}0", last.trim_end_matches('/')),
        }
    }
}

/// A day as it stands in keys: `2026/11/24/`.
fn written(day: Date) -> String {
    format!("{:04}/{:02}/{:02}/", day.year(), day.month(), day.day())
}

/// Returns the day of the folder in which a file lies, if the key goes on with one behind the folder's name.
#[must_use]
pub(super) fn day_in(key: &str, folder: &str) -> Option<Date> {
    let mut parts = key.strip_prefix(folder)?.split('/');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    Date::new(year, month, parts.next()?.parse().ok()?).ok()
}
