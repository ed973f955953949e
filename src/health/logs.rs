//! Whether log files arrive.

use jiff::{SignedDuration, Timestamp};

use super::{check::Check, evidence::Evidence};
use crate::{
    central::model::{Connection, Statistics, Status},
    ui::{human, t},
};

/// How far Central may be behind the trail: CloudTrail delivers every five minutes on average, and Lambda tries again for some
/// minutes (their user guides).
const BEHIND: SignedDuration = SignedDuration::from_mins(15);

pub(super) fn check(evidence: &Evidence<'_>) -> Check {
    match &evidence.statistics {
        Ok(statistics) => of_statistics(evidence, statistics),
        Err(message) => Check::new("logs", None, message),
    }
}

/// Whether log files arrive and, if not, the first hop that is broken.
fn of_statistics(evidence: &Evidence<'_>, statistics: &Statistics) -> Check {
    let connection = evidence.connection;
    let detail = received(connection);
    if connection.status == Status::Paused {
        return Check::new("logs", None, t!("status-logs-paused", detail = detail));
    }
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let delivered = evidence.trail_status().and_then(|status| status.delivered);
    let received = connection.last_received_at.as_deref().and_then(time);
    let decided = statistics.last_decided_at.max(received);
    let arrives = arrives(delivered, decided, time(&connection.created_at));
    if arrives != Some(false) {
        return Check::new("logs", arrives, detail).shown(in_short(connection));
    }
    let at = delivered.map(|at| at.to_string()).unwrap_or_default();
    let hop = broken_hop(evidence);
    let stale = t!("status-stale", delivered = at, detail = detail, hop = hop);
    Check::new("logs", Some(false), stale).fix(t!("fix-stale"))
}

/// What Central has received.
fn received(connection: &Connection) -> String {
    match &connection.last_received_at {
        Some(at) => t!(
            "status-logs",
            at = at,
            count = connection.received_objects,
            bytes = connection.received_bytes
        ),
        None => t!("status-no-logs"),
    }
}

/// The same in round numbers.
fn in_short(connection: &Connection) -> String {
    match &connection.last_received_at {
        Some(at) => t!(
            "status-logs-short",
            count = connection.received_objects,
            size = human::size(connection.received_bytes),
            at = human::ago_of(at)
        ),
        None => t!("status-no-logs"),
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
    use super::*;

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
