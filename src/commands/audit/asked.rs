//! What a run of `audit` is asked for, read from its flags.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};

use crate::{
    answers::{must_fit, parse_duration},
    audit::Window,
    cli::AuditArgs,
    ui::{
        Code, Failure, Result,
        beside::{self, Beside, Readers},
        t,
    },
};

/// What a run of `audit` is asked for.
pub(super) struct Asked {
    pub(super) window: Window,
    /// How long `--replay` waits while nothing arrives.
    pub(super) patience: Duration,
}

impl Asked {
    /// Reads the flags. Everything that does not fit, and every file that cannot be written, is reported at once. No file is made.
    pub(super) fn read(arguments: &AuditArgs, now: Timestamp) -> Result<Self> {
        let mut complaints = Vec::new();
        let times = times(arguments, now, &mut complaints);
        let blocked = files(arguments, &mut complaints);
        let hints = blocked.first().map(|failure| failure.hints.clone());
        complaints.extend(blocked.into_iter().map(|failure| failure.message));
        must_fit(complaints).map_err(|failure| {
            let hints = hints.into_iter().flatten();
            hints.fold(failure, Failure::hinted)
        })?;
        Ok(times.expect("whatever does not fit is a complaint"))
    }
}

/// Reads the times and durations; `None` if one of them does not fit.
fn times(arguments: &AuditArgs, now: Timestamp, complaints: &mut Vec<String>) -> Option<Asked> {
    let mut keep = |flag: &str, complaint: String| complaints.push(format!("{flag}: {complaint}"));
    let since = arguments.since.as_deref().unwrap_or(AuditArgs::SINCE);
    let since = moment(since, now).map_err(|text| keep("--since", text));
    let until = match &arguments.until {
        Some(text) => moment(text, now).map_err(|text| keep("--until", text)),
        None => Ok(now),
    };
    let grace = duration(&arguments.grace).map_err(|text| keep("--grace", text));
    let patience = duration(&arguments.wait).map_err(|text| keep("--wait", text));
    let (since, until) = (since.ok(), until.ok());
    let end = until.map(|until| until.min(now));
    if let (Some(since), Some(end)) = (since, end)
        && since >= end
    {
        match &arguments.until {
            Some(text) if until == Some(end) => complaints.push(t!(
                "audit-window-reversed",
                since = arguments.since.as_deref().unwrap_or(AuditArgs::SINCE),
                until = text
            )),
            _ => complaints.push(format!("--since: {}", t!("audit-window-empty"))),
        }
    }
    let grace = SignedDuration::try_from(grace.ok()?).unwrap_or(SignedDuration::MAX);
    Some(Asked {
        window: Window {
            since: since?,
            until: end?,
            grace,
            now,
        },
        patience: patience.ok()?,
    })
}

/// Looks whether the files can be written. Returns why those cannot that cannot.
fn files(arguments: &AuditArgs, complaints: &mut Vec<String>) -> Vec<Failure> {
    if arguments.report.is_some() && arguments.report == arguments.out {
        complaints.push(format!("--report: {}", t!("report-same-file")));
        return Vec::new();
    }
    let wanted = [("--out", &arguments.out), ("--report", &arguments.report)];
    let wanted = wanted
        .into_iter()
        .filter_map(|(flag, path)| Some((flag, path.as_deref()?)));
    let blocked = wanted.filter_map(|(flag, path)| {
        let cause = Beside::must_be_possible(path, Readers::Owner).err()?;
        Some(beside::failed(Code::Failed, flag, path, &cause))
    });
    blocked.collect()
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
            since: Some(since.to_owned()),
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
        let expected = "--since must be before --until: 1h is not before 2h";
        assert!(message.contains(expected), "{message}");
        // What is wrong is that it lies ahead.
        for until in [None, Some("2028-01-01")] {
            let message = refused(&arguments("2027-01-01", until, "15m"));
            assert!(message.contains("--since: "), "{message}");
        }
        let mut same = arguments("1h", None, "15m");
        same.out = Some("one".into());
        same.report = Some("one".into());
        let message = refused(&same);
        assert!(message.contains("--report"), "{message}");
        let folder = tempfile::Builder::new().prefix("asked").tempdir().unwrap();
        let nowhere = folder.path().join("nowhere");
        let mut unwritable = arguments("9999999d", None, "15m");
        unwritable.out = Some(nowhere.join("one"));
        unwritable.report = Some(nowhere.join("two"));
        let message = refused(&unwritable);
        for text in ["--since", "--out", "--report", "nowhere/one", "nowhere/two"] {
            assert!(message.contains(text), "{text}: {message}");
        }
        assert!(!message.contains(".tmp"), "{message}");
        // What lies ahead has not landed yet.
        let ahead = arguments("1h", Some("2027-01-01"), "15m");
        let asked = Asked::read(&ahead, now).unwrap();
        assert_eq!(asked.window.until, now);
        // Nothing is made, whether the flags fit or not.
        let mut with_report = arguments("1h", None, "15m");
        with_report.report = Some(folder.path().join("report"));
        Asked::read(&with_report, now).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
