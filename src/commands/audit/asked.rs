//! What a run of `audit` is asked for, read from its flags.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};

use crate::{
    answers::{must_fit, parse_duration},
    audit::Window,
    cli::AuditArgs,
    ui::{Result, t},
};

/// What a run of `audit` is asked for.
pub(super) struct Asked {
    pub(super) window: Window,
    /// How long `--replay` waits while nothing arrives.
    pub(super) patience: Duration,
}

impl Asked {
    /// Reads the flags. Everything that does not fit is reported at once.
    pub(super) fn read(arguments: &AuditArgs, now: Timestamp) -> Result<Self> {
        let mut complaints = Vec::new();
        let mut keep =
            |flag: &str, complaint: String| complaints.push(format!("{flag}: {complaint}"));
        let since = moment(&arguments.since, now).map_err(|text| keep("--since", text));
        let until = match &arguments.until {
            Some(text) => moment(text, now).map_err(|text| keep("--until", text)),
            None => Ok(now),
        };
        let grace = duration(&arguments.grace).map_err(|text| keep("--grace", text));
        let patience = duration(&arguments.wait).map_err(|text| keep("--wait", text));
        if let (Ok(since), Ok(until)) = (since, until)
            && since >= until.min(now)
        {
            keep("--since", t!("audit-window-empty"));
        }
        if arguments.report.is_some() && arguments.report == arguments.out {
            keep("--report", t!("report-same-file"));
        }
        must_fit(complaints)?;
        let (Ok(since), Ok(until), Ok(grace), Ok(patience)) = (since, until, grace, patience)
        else {
            unreachable!("each of them that does not fit is a complaint");
        };
        let grace = SignedDuration::try_from(grace).unwrap_or(SignedDuration::MAX);
        Ok(Self {
            window: Window {
                since,
                until: until.min(now),
                grace,
                now,
            },
            patience,
        })
    }
}

/// Reads a moment: a duration before now, a date, or a time, which are in UTC unless the time says otherwise.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    const DATE: usize = "2026-11-24".len();
    let before = parse_duration(text)
        .and_then(|time| SignedDuration::try_from(time).ok())
        .and_then(|time| now.checked_sub(time).ok());
    let day = || {
        let day = text.parse::<Date>().ok().filter(|_| text.len() == DATE)?;
        Offset::UTC
            .to_timestamp(day.to_datetime(jiff::civil::Time::MIN))
            .ok()
    };
    before
        .or_else(day)
        .or_else(|| text.parse().ok())
        .ok_or_else(|| t!("invalid-moment", value = text))
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| t!("invalid-duration", value = text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn arguments(since: &str, until: Option<&str>, grace: &str) -> AuditArgs {
        AuditArgs {
            since: since.to_owned(),
            until: until.map(ToOwned::to_owned),
            grace: grace.to_owned(),
            wait: "10m".to_owned(),
            ..AuditArgs::default()
        }
    }

    #[test]
    fn a_moment_is_a_duration_a_date_or_a_time() {
        let now = at("2026-11-28T12:00:00Z");
        for (text, expected) in [
            ("24h", "2026-11-27T12:00:00Z"),
            ("30d", "2026-10-29T12:00:00Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
            ("2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z"),
            ("2026-11-20T08:00:00+09:00", "2026-11-19T23:00:00Z"),
        ] {
            assert_eq!(moment(text, now), Ok(at(expected)), "{text}");
        }
        // Without a zone a time is not clear.
        for text in ["", "yesterday", "24", "2026-11-20T08:00:00", "2026-13-01"] {
            assert!(moment(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn all_that_does_not_fit_is_reported_at_once() {
        let now = at("2026-11-28T12:00:00Z");
        let refused = |arguments: &AuditArgs| match Asked::read(arguments, now) {
            Ok(_) => panic!("accepted"),
            Err(failure) => failure.message,
        };
        let message = refused(&arguments("soon", Some("never"), "x"));
        for flag in ["--since", "--until", "--grace"] {
            assert!(message.contains(flag), "{message}");
        }
        let message = refused(&arguments("1h", Some("2h"), "15m"));
        assert!(message.contains("--since"), "{message}");
        refused(&arguments("2027-01-01", None, "15m"));
        let mut same = arguments("1h", None, "15m");
        same.out = Some("one".into());
        same.report = Some("one".into());
        let message = refused(&same);
        assert!(message.contains("--report"), "{message}");
        // What lies ahead has not landed yet.
        let asked = Asked::read(&arguments("1h", Some("2027-01-01"), "15m"), now).unwrap();
        assert_eq!(asked.window.until, now);
    }
}
