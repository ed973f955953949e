//! Whether a connection is healthy: Central's view and AWS's side, judged from the same drift that `setup` plans from.

mod about;
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
mod remedies;
pub(crate) mod screen;

pub(crate) use about::About;
pub(crate) use check::Check;
pub(crate) use evidence::Evidence;
pub(crate) use remedies::Remedies;

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
    let word = connection.status.shown();
    Check::new(About::Connection, Some(false), connection.status.as_str())
        .shown(word.clone())
        .in_full(word)
        .fix(fix)
}

/// Every check of a connection that is not deleted.
#[must_use]
pub(crate) fn judge(evidence: &Evidence<'_>, remedies: &Remedies) -> Vec<Check> {
    let mut checks = central::checks(evidence.connection, remedies);
    checks.push(logs::check(evidence, &remedies.setup));
    checks.extend(parts::checks(evidence, &remedies.setup));
    checks.push(logging::check(evidence, &remedies.setup));
    checks.extend(alarms::checks(evidence));
    checks
}

/// The checks of a connection that only Central can be asked about.
#[must_use]
pub(crate) fn judge_from_afar(connection: &Connection, remedies: &Remedies) -> Vec<Check> {
    central::checks(connection, remedies)
}

/// The verdict in one sentence. Of a connection whose setup has not come to its end, it says how much is missing.
#[must_use]
pub(crate) fn verdict(connection: &Connection, checks: &[Check]) -> String {
    let name = &connection.name;
    if Check::healthy(checks) {
        return t!("status-healthy", name = name);
    }
    if connection.status == Status::Deleted {
        return t!("status-deleted", name = name);
    }
    if connection.manifest().complete {
        return t!("status-not-healthy", name = name);
    }
    let missing = checks.iter().filter(|check| check.missing).count();
    t!("status-incomplete", name = name, count = missing)
}
