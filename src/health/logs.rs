//! Whether log files arrive.

use jiff::{SignedDuration, Timestamp};

use super::{about::About, check::Check, evidence::Evidence, logging};
use crate::{
    central::model::{Connection, Statistics, Status},
    resources::trail,
    ui::{human, t},
};

/// How far Central may be behind the trail: CloudTrail delivers every five minutes on average, and Lambda tries again for some
/// minutes (their user guides).
const BEHIND: SignedDuration = SignedDuration::from_mins(15);

pub(super) fn check(evidence: &Evidence<'_>, setup: &[String]) -> Check {
    match &evidence.statistics {
        Ok(statistics) => of_statistics(evidence, statistics, setup),
        Err(message) => Check::new(About::Logs, None, message),
    }
}

/// Whether log files arrive and, if not, the first hop that is broken.
fn of_statistics(evidence: &Evidence<'_>, statistics: &Statistics, setup: &[String]) -> Check {
    let connection = evidence.connection;
    if connection.status == Status::Paused {
        return told(None, |wording| {
            t!("status-logs-paused", detail = received(connection, wording))
        });
    }
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let delivered = evidence.trail_status().and_then(|status| status.delivered);
    let last = connection.last_received_at.as_deref().and_then(time);
    let decided = statistics.last_decided_at.max(last);
    let arrives = arrives(delivered, decided, time(&connection.created_at));
    let (Some(false), Some(delivered)) = (arrives, delivered) else {
        return told(arrives, |wording| received(connection, wording));
    };
    let hop = broken_hop(evidence);
    let stale = told(arrives, |wording| {
        let at = match wording {
            Wording::Json => delivered.to_string(),
            Wording::Short => human::minute(delivered),
            Wording::Full => human::second(delivered),
        };
        let detail = received(connection, wording);
        t!("status-stale", delivered = at, detail = detail, hop = hop)
    });
    mended(stale, evidence, setup)
}

/// How something is told.
#[derive(Clone, Copy)]
enum Wording {
    /// Times and numbers as Central has them.
    Json,
    /// In round numbers.
    Short,
    /// Times to the second.
    Full,
}

/// The check with its text in each wording.
fn told(ok: Option<bool>, text: impl Fn(Wording) -> String) -> Check {
    Check::new(About::Logs, ok, text(Wording::Json))
        .shown(text(Wording::Short))
        .in_full(text(Wording::Full))
}

/// What Central has received.
fn received(connection: &Connection, wording: Wording) -> String {
    let Some(at) = &connection.last_received_at else {
        return match connection.manifest().complete {
            true => t!("status-no-logs"),
            false => t!("status-no-logs-unfinished"),
        };
    };
    let (count, bytes) = (connection.received_objects, connection.received_bytes);
    let at = match wording {
        Wording::Json => return t!("status-logs", at = at, count = count, bytes = bytes),
        Wording::Short => human::ago_of(at),
        Wording::Full => human::second_of(at),
    };
    let size = human::size(bytes);
    t!("status-logs-short", count = count, size = size, at = at)
}

/// Adds what mends the hop that is broken.
fn mended(check: Check, evidence: &Evidence<'_>, setup: &[String]) -> Check {
    let connection = evidence.connection;
    let is_wrong = |status: &trail::Status| {
        !status.logging || status.delivery_error.is_some() || status.notification_error.is_some()
    };
    match evidence.trail_status() {
        Some(status) if is_wrong(status) => logging::mended(check, evidence, status, setup),
        _ if evidence.observed.function.is_absent()
            || connection.status == Status::Disconnected =>
        {
            check.run(setup)
        }
        _ if connection.cannot_read().is_some() => check.fix(t!("fix-read")),
        _ => check.fix(t!("fix-stale")),
    }
}

/// The first hop between trail and Central that is broken.
fn broken_hop(evidence: &Evidence<'_>) -> String {
    let connection = evidence.connection;
    match evidence.trail_status() {
        Some(status) if !status.logging => t!("hop-trail"),
        Some(status) if status.delivery_error.is_some() => t!("hop-bucket"),
        Some(status) if status.notification_error.is_some() => t!("hop-topic"),
        _ if evidence.observed.function.is_absent() => t!("hop-no-function"),
        _ if connection.status == Status::Disconnected => t!("hop-sign-in"),
        _ if connection.cannot_read().is_some() => t!("hop-read"),
        _ => t!("hop-function"),
    }
}

/// Whether log files arrive: compares the trail's last delivery with Central's last decision, which also counts files that a
/// filter drops. `None` if that cannot be said.
fn arrives(
    delivered: Option<Timestamp>,
    decided: Option<Timestamp>,
    since: Option<Timestamp>,
) -> Option<bool> {
    // A file that existed before the connection was never offered.
    let known = decided.or(since)?;
    match (delivered, decided) {
        (Some(delivered), _) if delivered.duration_since(known) > BEHIND => Some(false),
        (_, None) => None,
        (Some(_), Some(_)) => Some(true),
        // The trail cannot be seen: only the time since the last decision shows something.
        (None, Some(decided)) => {
            let day = SignedDuration::from_hours(24);
            let recent = Timestamp::now().duration_since(decided) < day;
            recent.then_some(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_has_exact_values_and_the_screen_has_words_for_them() {
        let connection = Connection::fixture(&json!({
            "lastReceivedAt": "2026-11-27T13:00:07Z",
            "receivedObjects": 1234,
            "receivedBytes": 7_654_321,
        }));
        let check = told(Some(true), |wording| received(&connection, wording));
        for exact in ["1234", "7654321 bytes", "2026-11-27T13:00:07Z"] {
            assert!(check.detail.contains(exact), "{}", check.detail);
        }
        assert!(
            check
                .shown
                .unwrap()
                .starts_with("1234 files, 7.7 MB, last ")
        );
        let in_full = "1234 files, 7.7 MB, last 2026-11-27 13:00:07 UTC";
        assert_eq!(check.in_full.unwrap(), in_full);
    }

    #[test]
    fn logs_are_stale_where_central_is_far_behind_the_trail() {
        let now = Timestamp::now();
        let ago = |minutes| Some(now - SignedDuration::from_mins(minutes));
        for (delivered, decided, since, expected) in [
            (ago(1), ago(2), ago(60), Some(true)),
            (ago(1), ago(40), ago(60), Some(false)),
            // The trail has been quiet as well.
            (ago(300), ago(301), ago(600), Some(true)),
            // Nothing ever came, although the trail delivered well after the connection was made.
            (ago(1), None, ago(60), Some(false)),
            (ago(1), None, ago(5), None),
            (ago(90), None, ago(60), None),
            (None, None, ago(60), None),
            (None, ago(5), ago(60), Some(true)),
            (None, ago(5000), ago(9000), None),
        ] {
            let found = arrives(delivered, decided, since);
            assert_eq!(found, expected, "{delivered:?} {decided:?} {since:?}");
        }
    }
}
