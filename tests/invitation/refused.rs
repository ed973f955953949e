//! Codes that are refused, and connections that nobody can be invited to: nothing is changed, and the words help.

use std::process::Stdio;

use super::{accept, code, invitation, invited, ran_by_inviter, status, tenant};
use crate::support::{Ran, World, control, snapshot};

/// Checks that a code is refused for this account with words that help, and that nothing is made.
#[track_caller]
fn is_refused(ran: Ran, account: &str) {
    let error = ran.exits(3).json()["error"].clone();
    assert_eq!(error["code"], "centralSignIn");
    let message = error["message"].as_str().unwrap();
    for said in [
        account,
        "expired",
        "another AWS account",
        "taken back",
        "used up",
    ] {
        assert!(message.contains(said), "{said}: {message}");
    }
    assert!(error["hint"].as_str().unwrap().contains("sophos-ct invite"));
}

#[test]
fn the_code_does_not_work_for_another_account() {
    let (world, other) = (World::new(), World::new());
    let code = code(&invitation(&world));
    let words = ["setup", "--code", &code, "--expect-tenant", tenant(&world)];
    let words = [&words[..], &["--yes", "--format", "json"]].concat();
    let before = snapshot::aws(&other);
    let ran: Ran = invited(&other, &words).output().unwrap().into();
    is_refused(ran, &other.account);
    assert_eq!(snapshot::aws(&other), before);
    assert_eq!(status(&world), "pending");
    // The right account is not kept from it.
    accept(&world, &code).exits(0);
}

#[test]
fn a_code_that_is_used_replaced_expired_or_made_up_is_refused() {
    let world = World::new();
    let first = invitation(&world);
    let again = ran_by_inviter(&world, &["invite", "demo", "--format", "json"]).exits(0);
    assert!(
        again.stderr.contains("ends the one before"),
        "{}",
        again.stderr
    );
    let second = code(&again.json());
    is_refused(accept(&world, &code(&first)), &world.account);
    let id = first["connection"]["id"].as_str().unwrap();
    control(
        "DELETE",
        &format!("/_sandbox/connections/{id}/invitations"),
        &serde_json::json!({}),
    );
    is_refused(accept(&world, &second), &world.account);
    is_refused(accept(&world, "AAAA-BBBB-CCCC-DDDD"), &world.account);
    let third = ran_by_inviter(&world, &["invite", id, "--format", "json"]).exits(0);
    let third = code(&third.json());
    accept(&world, &third).exits(0);
    is_refused(accept(&world, &third), &world.account);
}

#[test]
fn what_is_no_code_is_refused_without_being_shown() {
    let world = World::new();
    for text in ["secret-but-no-code", "ABC", "AAAA BBBB CCCC DDDD EEEE"] {
        let ran = accept(&world, text).exits(2);
        assert!(!(ran.stdout + &ran.stderr).contains(text), "{text}");
    }
    let mut command = invited(&world, &["setup", "--code", "-", "--no-input"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

#[test]
fn nobody_is_invited_to_a_connection_that_is_set_up_deleted_or_answered_otherwise() {
    let world = World::new();
    invitation(&world);
    let account = world.account.clone();
    for more in [
        &["--account", "999999999999"][..],
        &["--organization", "--org-id", "o-abcdefghij"],
    ] {
        let words = [&["invite", "demo"], more].concat();
        let ran = ran_by_inviter(&world, &words).exits(5);
        assert!(ran.stderr.contains(more[0]), "{}", ran.stderr);
    }
    world.setup("demo", &[]).exits(0);
    let set_up = ran_by_inviter(&world, &["invite", "demo"]).exits(5);
    assert!(
        set_up.stderr.contains("set up already"),
        "{}",
        set_up.stderr
    );
    let before = snapshot::central(&world);
    for (words, said) in [
        (&["invite"][..], "--account"),
        (
            &["invite", "other", "--organization"],
            "--management-account",
        ),
        (&["invite", "other", "--account", "12"], "--account: "),
        (&["invite", "no/name", "--account", &account], "CONNECTION"),
        (
            &[
                "invite",
                "other",
                "--account",
                &account,
                "--org-id",
                "o-abcdefghij",
            ],
            "--org-id",
        ),
        (&["invite", "--list", "--account", &account], "--account"),
        (&["invite", "other", "--list"], "other"),
        (&["invite", "other", "--revoke"], "other"),
        (&["invite", "--revoke"], "CONNECTION"),
    ] {
        let ran = ran_by_inviter(&world, words).exits(2);
        assert!(ran.stderr.contains(said), "{words:?}: {}", ran.stderr);
    }
    assert_eq!(snapshot::central(&world), before);
}

#[test]
fn the_code_is_for_its_connection_alone() {
    let world = World::new();
    let code = code(&invitation(&world));
    for named in ["another", "0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d21"] {
        let words = ["setup", named, "--code", &code, "--expect-tenant"];
        let words = [&words[..], &[tenant(&world), "--yes"]].concat();
        let ran: Ran = invited(&world, &words).output().unwrap().into();
        assert!(ran.exits(5).stderr.contains(named));
    }
    let organization = ["setup", "--code", &code, "--organization", "--yes"];
    let words = [&organization[..], &["--expect-tenant", tenant(&world)]].concat();
    let ran: Ran = invited(&world, &words).output().unwrap().into();
    assert!(ran.exits(5).stderr.contains("--organization"));
    assert_eq!(status(&world), "pending");
}
