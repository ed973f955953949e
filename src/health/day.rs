//! What Central has received in the last day, from its statistics.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::central::model::{Hour, Statistics};

/// How many hours a day has.
const HOURS: i64 = 24;
/// In seconds.
const HOUR: i64 = 3600;

/// The last day, up to the present hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    /// When each hour begins, and how many files were stored in it. The present one is the last.
    pub hours: Vec<(Timestamp, u64)>,
    pub stored: u64,
    /// Files that Central did not want.
    pub skipped: u64,
    pub bytes: u64,
    pub delay: Option<Delay>,
}

/// How long files took from the bucket to their receipts, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delay {
    /// The median of the hours' medians, each weighing as much as it has files.
    pub median: i64,
    /// The longest of the hours' 95th percentiles: at least so many of all files were no later.
    pub p95: i64,
}

impl Day {
    /// Sums the statistics up. Hours outside of the day are left out, whatever Central has sent.
    #[must_use]
    pub(crate) fn of(statistics: &Statistics, now: Timestamp) -> Self {
        let present = now.as_second().div_euclid(HOUR);
        let first = present - (HOURS - 1);
        let begins = |hour: i64| Timestamp::from_second(hour * HOUR).unwrap_or_default();
        let mut day = Self {
            hours: (first..=present).map(|hour| (begins(hour), 0)).collect(),
            stored: 0,
            skipped: 0,
            bytes: 0,
            delay: None,
        };
        let mut within = Vec::new();
        for hour in &statistics.hours {
            let slot = hour.at.as_second().div_euclid(HOUR) - first;
            let slot = usize::try_from(slot).ok();
            let Some((_, stored)) = slot.and_then(|slot| day.hours.get_mut(slot)) else {
                continue;
            };
            *stored = stored.saturating_add(hour.stored);
            day.stored = day.stored.saturating_add(hour.stored);
            day.skipped = day.skipped.saturating_add(hour.skipped);
            day.bytes = day.bytes.saturating_add(hour.bytes);
            within.push(hour);
        }
        day.delay = delay(&within);
        day
    }

    #[must_use]
    pub(crate) fn to_json(&self) -> Value {
        let hours = self.hours.iter();
        let hours = hours.map(|(at, files)| json!({ "at": at, "files": files }));
        let mut value = json!({
            "files": self.stored,
            "skipped": self.skipped,
            "bytes": self.bytes,
            "hours": hours.collect::<Vec<_>>(),
        });
        if let Some(Delay { median, p95 }) = self.delay {
            value["delay"] = json!({ "medianSeconds": median, "p95Seconds": p95 });
        }
        value
    }
}

/// Sums the delays of hours up. Clocks differ: a file is never received before it lands.
fn delay(hours: &[&Hour]) -> Option<Delay> {
    let medians = hours.iter().filter_map(|hour| {
        let median = hour.delay_median_seconds?;
        Some((median.max(0), hour.stored))
    });
    let mut medians: Vec<(i64, u64)> = medians.collect();
    medians.sort_unstable();
    let weight = |medians: &[(i64, u64)]| {
        let files = medians.iter().map(|(_, files)| u128::from(*files));
        files.sum::<u128>()
    };
    let all = weight(&medians);
    let half = (1..=medians.len()).find(|count| weight(&medians[..*count]) * 2 >= all);
    let (median, _) = medians[half?.checked_sub(1)?];
    let p95 = hours.iter().filter_map(|hour| hour.delay_p95_seconds).max();
    Some(Delay {
        median,
        p95: p95.unwrap_or(median).max(median),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(at: &str, stored: u64, delays: Option<(i64, i64)>) -> Hour {
        Hour {
            at: at.parse().unwrap(),
            stored,
            skipped: 1,
            bytes: 10 * stored,
            delay_median_seconds: delays.map(|(median, _)| median),
            delay_p95_seconds: delays.map(|(_, p95)| p95),
        }
    }

    fn day(hours: Vec<Hour>) -> Day {
        let statistics = Statistics {
            hours,
            last_decided_at: None,
        };
        Day::of(&statistics, "2026-11-27T12:34:56Z".parse().unwrap())
    }

    #[test]
    fn a_day_has_24_hours_and_ends_with_the_present_one() {
        let day = day(vec![
            hour("2026-11-26T12:00:00Z", 1000, None),
            hour("2026-11-26T13:00:00Z", 3, None),
            hour("2026-11-27T12:00:00Z", 4, None),
            hour("2026-11-27T13:00:00Z", 1000, None),
        ]);
        let files: Vec<u64> = day.hours.iter().map(|(_, files)| *files).collect();
        let mut expected = [0; 24];
        (expected[0], expected[23]) = (3, 4);
        assert_eq!(files, expected);
        assert_eq!((day.stored, day.skipped, day.bytes), (7, 2, 70));
        assert_eq!(day.delay, None);
        let json = day.to_json();
        assert_eq!(json["hours"][0]["at"], "2026-11-26T13:00:00Z");
        assert_eq!(json["hours"][0]["files"], 3);
        assert!(json.get("delay").is_none());
    }

    #[test]
    fn hours_with_many_files_weigh_more_and_the_slowest_hour_bounds_the_delay() {
        let delay = |hours| day(hours).delay.map(|delay| (delay.median, delay.p95));
        let of = |at, stored, delays| hour(at, stored, Some(delays));
        let slow = of("2026-11-27T10:00:00Z", 2, (900, 1200));
        let fast = of("2026-11-27T11:00:00Z", 100, (60, 90));
        assert_eq!(delay(vec![slow, fast]), Some((60, 1200)));
        // Their order in the answer does not matter.
        let hours = [(900, 1200), (5, 6), (60, 90)];
        let hours = hours.map(|delays| of("2026-11-27T11:00:00Z", 1, delays));
        assert_eq!(delay(hours.into()), Some((60, 1200)));
        let early = of("2026-11-27T11:00:00Z", 1, (-5, -1));
        assert_eq!(delay(vec![early]), Some((0, 0)));
        let empty = of("2026-11-27T11:00:00Z", 0, (7, 8));
        assert_eq!(delay(vec![empty]), Some((7, 8)));
        assert_eq!(delay(Vec::new()), None);
    }

    #[test]
    fn counts_without_measure_do_not_overflow() {
        let many = |at| Hour {
            stored: u64::MAX,
            bytes: u64::MAX,
            ..hour(at, 1, Some((i64::MAX, i64::MAX)))
        };
        let hours = ["2026-11-27T10:00:00Z", "2026-11-27T11:00:00Z"];
        let day = day(hours.map(many).into());
        assert_eq!((day.stored, day.bytes), (u64::MAX, u64::MAX));
        let delay = day.delay.map(|delay| (delay.median, delay.p95));
        assert_eq!(delay, Some((i64::MAX, i64::MAX)));
    }
}
