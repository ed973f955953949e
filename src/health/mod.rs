//! Whether a connection is healthy: Central's view and AWS's side, judged from the same drift that `setup` plans from.

mod alarms;
mod central;
mod check;
pub(crate) mod day;
mod evidence;
pub(crate) mod facts;
mod logging;
mod logs;
mod parts;
pub(crate) mod path;
pub(crate) mod picture;
pub(crate) mod screen;

pub(crate) use check::Check;
pub(crate) use evidence::Evidence;

use crate::{
    central::model::{Connection, Status},
    ui::t,
};

/// The only check of a deleted connection: anything else that Central or AWS shows is out of date.
///
/// `name` and `id` are written as the command line takes them.
#[must_use]
pub(crate) fn deleted(connection: &Connection, name: &str, id: &str) -> Check {
    let fix = t!("fix-deleted", name = name, id = id);
    Check::new("connection", Some(false), connection.status.as_str()).fix(fix)
}

/// Every check of a connection that is not deleted. `rerun` is the command that sets it up again, in words that are quoted.
#[must_use]
pub(crate) fn judge(evidence: &Evidence<'_>, rerun: &[String]) -> Vec<Check> {
    let mut checks = central::checks(evidence.connection, rerun);
    checks.push(logs::check(evidence));
    checks.extend(parts::checks(evidence, rerun));
    checks.push(logging::check(evidence, rerun));
    checks.extend(alarms::checks(evidence));
    checks
}

/// The checks of a connection that only Central can be asked about.
#[must_use]
pub(crate) fn judge_from_afar(connection: &Connection, rerun: &[String]) -> Vec<Check> {
    central::checks(connection, rerun)
}

/// The verdict in one sentence. Of a connection whose setup has not come to its end, it says how much is missing.
#[must_use]
pub(crate) fn verdict(connection: &Connection, checks: &[Check]) -> String {
    let name = &connection.name;
    if Check::healthy(checks) {
        return t!("status-healthy", name = name);
    }
    let deleted = connection.status == Status::Deleted;
    if deleted || connection.manifest().complete {
        return t!("status-not-healthy", name = name);
    }
    let missing = checks.iter().filter(|check| check.missing).count();
    t!("status-incomplete", name = name, count = missing)
}
