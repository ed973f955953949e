//! What Central says of the connection and its forwarder.

use super::check::Check;
use crate::{
    central::model::{Connection, Status},
    ui::{human::ago_of, t},
};

pub(super) fn checks(connection: &Connection, rerun: &[String]) -> Vec<Check> {
    let mut checks = vec![status(connection).run(rerun)];
    checks.extend(version(connection));
    checks.push(sign_in(connection).run(rerun));
    checks.push(read(connection).fix(t!("fix-read")));
    checks
}

fn status(connection: &Connection) -> Check {
    let status = connection.status.as_str();
    let detail = match connection.reason() {
        Some(because) => format!("{status} ({because})"),
        None => status.to_owned(),
    };
    let ok = Some(connection.status == Status::Active);
    let word = connection.status.shown();
    let shown = match connection.because() {
        Some(because) => t!("status-because", status = word, because = because),
        None if connection.status == Status::Pending && !connection.manifest().complete => {
            t!("status-unfinished", status = word)
        }
        None => word,
    };
    Check::new("connection", ok, detail).shown(shown)
}

/// The version that signed in last, compared with the deployed one. A different one may be from before an upgrade: whether the
/// code is right shows in its digest.
fn version(connection: &Connection) -> Option<Check> {
    let runs = connection.forwarder_version.as_ref()?;
    let deployed = connection.manifest().forwarder_version?;
    let same = (*runs == deployed).then_some(true);
    let detail = t!("status-version", runs = runs, deployed = deployed);
    Some(Check::new("version", same, detail))
}

fn sign_in(connection: &Connection) -> Check {
    let Some(at) = &connection.forwarder_seen_at else {
        return Check::new("sign-in", Some(false), t!("status-no-sign-in"));
    };
    let version = connection.forwarder_version.as_deref().unwrap_or("?");
    let detail = t!("status-signed-in", at = at, version = version);
    let shown = t!("status-signed-in", at = ago_of(at), version = version);
    Check::new("sign-in", Some(true), detail).shown(shown)
}

/// Whether the forwarder can read the bucket. It says so when it signs in; it could also read what it has sent.
fn read(connection: &Connection) -> Check {
    let checks = connection.forwarder_checks.as_ref();
    let read = checks.and_then(|checks| checks.read);
    let (read, detail) = match read {
        Some(true) => (read, t!("status-can-read")),
        Some(false) => (read, connection.cannot_read().unwrap_or_default()),
        None if connection.last_received_at.is_some() => (Some(true), t!("status-read-arrives")),
        None => (None, t!("status-read-unknown")),
    };
    Check::new("read", read, detail)
}
