//! This machine's clock, beside that of AWS: what is signed with a wrong time is refused.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};

use crate::ui::t;

/// How far off a clock may be: AWS refuses what was signed at another time (IAM User Guide, "Elements of an AWS API request
/// signature": within five minutes of the time stamp).
const FORGIVEN: SignedDuration = SignedDuration::from_mins(5);

/// Returns what is wrong with a clock that says `now` while AWS answers with this `Date` header.
#[must_use]
pub(super) fn hint(date: &str, now: Timestamp) -> Option<String> {
    let there = DateTimeParser::new().parse_timestamp(date).ok()?;
    let ahead = now.duration_since(there);
    let minutes = ahead.abs().as_mins();
    match ahead.abs() > FORGIVEN {
        true if ahead.is_positive() => Some(t!("clock-ahead", minutes = minutes)),
        true => Some(t!("clock-behind", minutes = minutes)),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_told_with_its_direction() {
        let date = "Sun, 29 Nov 2026 12:00:00 GMT";
        let at = |time: &str| hint(date, format!("2026-11-29T{time}Z").parse().unwrap());
        assert_eq!(at("12:04:59"), None);
        assert_eq!(at("11:55:01"), None);
        assert_eq!(at("12:20:30"), Some(t!("clock-ahead", minutes = 20)));
        assert_eq!(at("10:59:00"), Some(t!("clock-behind", minutes = 61)));
        assert_eq!(hint("soon", Timestamp::UNIX_EPOCH), None);
    }
}
