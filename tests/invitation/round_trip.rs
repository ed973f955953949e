//! What one side prepares, the other side sets up, on another machine and with nothing else in common.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use super::{accept, code, invitation, inviting, ran_by_inviter, status};
use crate::support::{Ran, World, central_url, snapshot};

#[test]
fn an_invited_connection_is_set_up_with_credentials_of_aws_alone() {
    let mut world = World::new();
    let made = invitation(&world);
    let code = code(&made);
    assert_eq!(made["connection"]["status"], "pending");
    let api = format!("SOPHOS_CENTRAL_API_URL={}", central_url());
    let line = format!("{api} sophos-ct setup --code -");
    assert_eq!(made["command"], line);
    let before = ran_by_inviter(&world, &["status", "demo"]).exits(8);
    assert!(
        before.stdout.contains("waits to be set up"),
        "{}",
        before.stdout
    );

    world.move_house();
    let home = tempfile::tempdir().unwrap();
    let seen = home.path().join("seen");
    let mut watching = inviting(&world, home.path(), &["status", "demo", "--watch"]);
    watching.stdout(std::fs::File::create(&seen).unwrap());
    let mut watching = watching.stderr(Stdio::null()).spawn().unwrap();

    let sees = |said: &str| {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let shown = std::fs::read_to_string(&seen).unwrap();
            if shown.contains(said) {
                return;
            }
            assert!(Instant::now() < end, "no {said}: {shown}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    sees("waits to be set up");

    let done = accept(&world, &code).exits(0).json();
    assert_eq!(done["result"], "applied");
    assert_eq!(done["connection"]["id"], made["connection"]["id"]);
    assert_eq!(status(&world), "active");
    let equivalent = done["equivalent"].as_str().unwrap();
    assert!(equivalent.contains("--code - "), "{equivalent}");
    assert!(!done.to_string().contains(&code));

    sees("is healthy");
    watching.kill().unwrap();
    watching.wait().unwrap();

    // Whoever has invited, or has both, goes on from there.
    world.setup("demo", &[]).exits(0);
    world.remove("demo", &[]).exits(0);
}

#[test]
fn what_is_set_up_by_invitation_is_what_setup_makes() {
    let world = World::new();
    let made = invitation(&world);
    accept(&world, &code(&made)).exits(0);
    let other = World::new();
    other.setup("demo", &["--no-organization"]).exits(0);
    assert_eq!(snapshot::aws(&world), snapshot::aws(&other));
    assert_eq!(snapshot::central(&world), snapshot::central(&other));
}

#[test]
fn a_prepared_connection_is_named_by_its_id_too() {
    let world = World::new();
    let made = invitation(&world);
    let id = made["connection"]["id"].as_str().unwrap();
    let again = ran_by_inviter(&world, &["invite", id, "--format", "json"]).exits(0);
    assert_eq!(again.json()["connection"]["id"], id);
    for result in ["applied", "unchanged"] {
        let done = world.setup(id, &[]).exits(0).json();
        assert_eq!(done["result"], result);
        assert_eq!(done["connection"]["id"], id);
        assert_eq!(done["connection"]["name"], "demo");
    }
}

#[test]
fn a_prepared_connection_is_set_up_by_its_name_where_both_sides_are_known() {
    let world = World::new();
    let made = invitation(&world);
    let done = world.setup("demo", &["--topic", "ours"]).exits(0).json();
    assert_eq!(done["connection"]["id"], made["connection"]["id"]);
    assert_eq!(done["connection"]["settings"]["topic"], "ours");
    world.setup("demo", &["--topic", "another"]).exits(5);
}

#[test]
fn invitations_are_listed_without_their_codes_and_taken_back() {
    let world = World::new();
    let made = invitation(&world);
    let list = ["invite", "--list", "--format", "json"];
    let listed = ran_by_inviter(&world, &list).exits(0);
    assert!(!listed.stdout.contains(&code(&made)));
    let open = listed.json()["invitations"].clone();
    assert_eq!(open.as_array().unwrap().len(), 1);
    assert_eq!(open[0]["name"], "demo");
    assert_eq!(open[0]["awsAccountId"], world.account.as_str());
    assert!(open[0].get("redeemedBy").is_none());

    let plan = [
        "plan",
        "--expect-tenant",
        super::tenant(&world),
        "--format",
        "json",
    ];
    let mut plan = super::invited(&world, &plan);
    let planned: Ran = plan
        .env("SOPHOS_CT_CODE", code(&made))
        .output()
        .unwrap()
        .into();
    assert_eq!(planned.exits(0).json()["result"], "planned");
    let listed = ran_by_inviter(&world, &["invite", "demo", "--list"]).exits(0);
    assert!(listed.stdout.contains("begun"), "{}", listed.stdout);

    for _ in 0..2 {
        ran_by_inviter(&world, &["invite", "demo", "--revoke"]).exits(0);
    }
    let listed = ran_by_inviter(&world, &list).exits(0).json();
    assert_eq!(listed["invitations"].as_array().unwrap().len(), 0);
    accept(&world, &code(&made)).exits(3);
    assert_eq!(status(&world), "pending");
    // Nothing of it is in AWS, so whoever has invited can end it.
    ran_by_inviter(&world, &["remove", "demo", "--central-only", "--yes"]).exits(0);
}
