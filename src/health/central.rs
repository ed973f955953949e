//! What Central says of the connection and its forwarder.

use super::{about::About, check::Check, remedies::Remedies};
use crate::{
    central::model::{Connection, Status},
    ui::{
        human::{ago_of, second_of},
        t,
    },
};

pub(super) fn checks(connection: &Connection, remedies: &Remedies) -> Vec<Check> {
    let mut checks = vec![status(connection, remedies)];
    checks.extend(version(connection));
    checks.push(remedies.sign_in(sign_in(connection)));
    checks.push(read(connection).fix(t!("fix-read")));
    checks
}

fn status(connection: &Connection, remedies: &Remedies) -> Check {
    let status = connection.status.as_str();
    let detail = match connection.reason() {
        Some(because) => format!("{status} ({because})"),
        None => status.to_owned(),
    };
    let ok = match connection.status {
        Status::Active => Some(true),
        Status::Unknown => None,
        Status::Pending | Status::Paused | Status::Disconnected | Status::Deleted => Some(false),
    };
    let word = connection.status.shown();
    let shown = match connection.because() {
        Some(because) => t!("status-because", status = word, because = because),
        None if connection.status == Status::Pending && !connection.manifest().complete => {
            t!("status-unfinished", status = word)
        }
        None => word,
    };
    let check = Check::new(About::Connection, ok, detail);
    let check = check.shown(shown.clone()).in_full(shown);
    match connection.status {
        _ if connection.lacks_license() => check.fix(t!("fix-licence")),
        Status::Paused => check.run(&remedies.resume),
        // Setup sends the function a message, so that it signs in. It registers a role that was made anew.
        Status::Pending | Status::Disconnected => remedies.sign_in(check),
        Status::Active | Status::Deleted | Status::Unknown => check,
    }
}

/// The version that signed in last, compared with the deployed one. A different one may be from before an upgrade: whether the
/// code is right shows in its digest.
fn version(connection: &Connection) -> Option<Check> {
    let runs = connection.forwarder_version.as_ref()?;
    let deployed = connection.manifest().forwarder_version?;
    let same = (*runs == deployed).then_some(true);
    let detail = t!("status-version", runs = runs, deployed = deployed);
    Some(Check::new(About::Version, same, detail))
}

fn sign_in(connection: &Connection) -> Check {
    let Some(at) = &connection.forwarder_seen_at else {
        return Check::new(About::SignIn, Some(false), t!("status-no-sign-in"));
    };
    let version = connection.forwarder_version.as_deref().unwrap_or("?");
    let detail = t!("status-signed-in", at = at, version = version);
    Check::new(About::SignIn, Some(true), detail)
        .shown(t!("status-signed-in", at = ago_of(at), version = version))
        .in_full(t!(
            "status-signed-in",
            at = second_of(at),
            version = version
        ))
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
    Check::new(About::Read, read, detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_state_has_the_fix_that_ends_it() {
        let remedies = Remedies::fixture();
        let (setup, resume) = (Some("sophos-ct setup demo"), Some("sophos-ct resume demo"));
        let renew = t!("fix-licence");
        for (state, fix) in [
            (json!({ "status": "active" }), None),
            (json!({ "status": "pending" }), setup),
            (
                json!({ "status": "paused", "pausedBecause": "user" }),
                resume,
            ),
            (json!({ "status": "paused" }), resume),
            (
                json!({ "status": "paused", "pausedBecause": "license" }),
                Some(&*renew),
            ),
            (
                json!({ "status": "disconnected", "disconnectedBecause": "silent" }),
                setup,
            ),
            (
                json!({ "status": "disconnected", "disconnectedBecause": "identityMismatch" }),
                setup,
            ),
        ] {
            let check = status(&Connection::fixture(&state), &remedies);
            assert_eq!(check.fix.as_deref(), fix, "{state}");
        }
    }

    #[test]
    fn words_stand_on_the_screen_and_the_contracts_own_in_json() {
        let paused = Connection::fixture(&json!({ "status": "paused", "pausedBecause": "user" }));
        let check = status(&paused, &Remedies::fixture());
        assert_eq!(check.to_json()["detail"], "paused (user)");
        assert_eq!(check.shown, check.in_full);
        assert_eq!(check.shown.unwrap(), "paused: by a user");
    }

    #[test]
    fn a_sign_in_is_told_to_the_second_in_full_and_as_central_has_it_in_json() {
        let at = "2026-11-27T12:00:00Z";
        let known =
            json!({ "status": "active", "forwarderSeenAt": at, "forwarderVersion": "1.2.3" });
        let check = sign_in(&Connection::fixture(&known));
        assert!(check.detail.contains(at), "{}", check.detail);
        let in_full = check.in_full.unwrap();
        assert_eq!(in_full, "2026-11-27 12:00:00 UTC, version 1.2.3");
    }
}
