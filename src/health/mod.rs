//! Whether a connection is healthy: Central's view and AWS's side, judged from the same drift that `setup` plans from.

mod central;
mod check;
mod evidence;
mod logging;
mod logs;
mod parts;
pub(crate) mod screen;

pub(crate) use check::Check;
pub(crate) use evidence::Evidence;

use crate::{central::model::Connection, ui::t};

/// The only check of a deleted connection: anything else that Central or AWS shows is out of date.
///
/// `name` and `id` are written as the command line takes them.
#[must_use]
pub(crate) fn deleted(connection: &Connection, name: &str, id: &str) -> Check {
    let fix = t!("fix-deleted", name = name, id = id);
    Check::new("connection", Some(false), connection.status.as_str()).fix(fix)
}

/// Every check of a connection that is not deleted. `name` is written as the command line takes it.
#[must_use]
pub(crate) fn judge(evidence: &Evidence<'_>, name: &str) -> Vec<Check> {
    let rerun = t!("fix-setup", name = name);
    let mut checks = central::checks(evidence.connection, &rerun);
    checks.push(logs::check(evidence));
    checks.extend(parts::checks(evidence, &rerun));
    checks.push(logging::check(evidence));
    checks
}
