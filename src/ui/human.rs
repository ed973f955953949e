//! Times and sizes as people say them. JSON has the exact ones.

use jiff::{SignedDuration, Timestamp};

use super::t;

/// How long ago a time was, in one unit: `12 s ago`. A time of another machine that is a little ahead of ours is now.
#[must_use]
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
    let passed = now.duration_since(then).max(SignedDuration::ZERO);
    let (hours, minutes) = (passed.as_hours(), passed.as_mins());
    match hours / 24 {
        0 if minutes == 0 => t!("ago-seconds", number = passed.as_secs()),
        0 if hours == 0 => t!("ago-minutes", number = minutes),
        0 | 1 => t!("ago-hours", number = hours),
        days => t!("ago-days", number = days),
    }
}

/// The same for a time as text; text that is not a time stays as it is.
#[must_use]
pub(crate) fn ago_of(text: &str) -> String {
    match text.parse() {
        Ok(then) => ago(then, Timestamp::now()),
        Err(_) => text.to_owned(),
    }
}

/// How long something took, in its two largest units: `4 min 12 s`.
#[must_use]
pub(crate) fn span(seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => t!("span-seconds", seconds = seconds),
        (0, _) => t!("span-minutes", minutes = minutes, seconds = seconds % 60),
        _ => t!("span-hours", hours = hours, minutes = minutes),
    }
}

/// A length of time that somebody has chosen, in the largest unit that leaves nothing over: `90 s`, `15 min`.
#[must_use]
pub(crate) fn length(time: SignedDuration) -> String {
    let seconds = time.as_secs();
    match (seconds % 3600, seconds % 60) {
        (0, _) if seconds > 0 => t!("length-hours", number = seconds / 3600),
        (_, 0) if seconds > 0 => t!("length-minutes", number = seconds / 60),
        _ => t!("span-seconds", seconds = seconds),
    }
}

/// A time to the minute, in UTC.
#[must_use]
pub(crate) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A time to the second, in UTC.
#[must_use]
pub(crate) fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The same for a time as text; text that is not a time stays as it is.
#[must_use]
pub(crate) fn second_of(text: &str) -> String {
    match text.parse() {
        Ok(at) => second(at),
        Err(_) => text.to_owned(),
    }
}

/// A number of bytes in the largest unit that leaves at least one of it: `3.8 kB`.
#[must_use]
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut number = bytes as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be shown as 1000.0.
    while number >= 999.95 && unit + 1 < UNITS.len() {
        number /= 1000.0;
        unit += 1;
    }
    format!("{number:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_largest_unit_that_fits() {
        let now: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        for (seconds, expected) in [
            (-5, "0 s ago"),
            (12, "12 s ago"),
            (60, "1 min ago"),
            (3599, "59 min ago"),
            (3600, "1 h ago"),
            (47 * 3600, "47 h ago"),
            (48 * 3600, "2 days ago"),
        ] {
            assert_eq!(ago(now - SignedDuration::from_secs(seconds), now), expected);
        }
        assert_eq!(ago_of("never"), "never");
        assert_eq!(second_of("never"), "never");
        let second = second_of("2026-11-27T12:00:07.5Z");
        assert_eq!(second, "2026-11-27 12:00:07 UTC");
    }

    #[test]
    fn a_span_has_its_two_largest_units() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 0 s"),
            (252, "4 min 12 s"),
            (3599, "59 min 59 s"),
            (3600, "1 h 0 min"),
            (26 * 3600 + 180, "26 h 3 min"),
        ] {
            assert_eq!(span(seconds), expected);
        }
    }

    #[test]
    fn a_length_is_told_as_it_was_chosen() {
        for (seconds, expected) in [
            (0, "0 s"),
            (4, "4 s"),
            (90, "90 s"),
            (900, "15 min"),
            (5400, "90 min"),
            (7200, "2 h"),
        ] {
            assert_eq!(length(SignedDuration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn sizes_have_one_decimal() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (3_210_000_000, "3.2 GB"),
            (u64::MAX, "18446744.1 TB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }
}
