//! Central knows less or more than AWS shows, or a connection is removed or connected twice.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    existing, organization,
    support::{Ran, World, snapshot},
};

#[test]
fn saved_answers_alone_change_nothing_that_is_not_ours() {
    let world = existing::with_trail(false);
    let account = world.account.clone();
    let bucket = format!("theirs-{account}");
    let before = snapshot::aws(&world);
    // A connection that nobody has begun here. Central may make one up.
    let id = "11111111-2222-4333-8444-555555555566";
    for settings in [
        json!({ "resources": "existing", "bucket": bucket, "prefix": "audit", "notify": "bucket" }),
        json!({ "resources": "existing", "bucket": bucket, "prefix": "audit", "notify": "eventbridge" }),
        json!({ "resources": "existing", "notify": "trail", "bucket": bucket, "prefix": "audit",
            "trail": format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/theirs") }),
    ] {
        let new = json!({
            "name": "made-up", "awsAccountId": account, "partition": "aws", "homeRegion": "eu-west-1",
            "mode": "existing", "settings": settings,
            "resources": { "items": [], "buckets": [bucket], "complete": false },
        });
        world.put_connection(id, &new);
        world.rewrite(id, &json!({ "settings": new["settings"] }));
        let asked = world.setup("made-up", &[]).exits(2).json();
        let message = asked["error"]["message"].to_string();
        assert!(message.contains("--notify"), "{message}");
        assert_eq!(snapshot::aws(&world), before, "{settings}");
    }
}

#[test]
fn what_carries_our_mark_is_removed_even_if_central_forgets_it() {
    let world = World::new();
    let connection = world.setup("demo", &[]).exits(0).json()["connection"].clone();
    let id = connection["id"].as_str().unwrap();
    world.rewrite(
        id,
        &json!({ "resources": { "items": [], "buckets": [], "complete": true } }),
    );
    let removed = world.remove("demo", &[]).exits(0);
    for part in ["trail", "function", "role", "topic"] {
        let named = removed
            .stderr
            .lines()
            .any(|line| line.contains("Not in Central's list") && line.contains(part));
        assert!(named, "{part}: {}", removed.stderr);
    }
    let left: Vec<String> = snapshot::aws(&world).into_keys().collect();
    assert_eq!(left, ["bucket sophos-ct-demo-ACCOUNT-eu-west-1"]);
}

#[test]
fn a_connection_that_is_removed_meanwhile_gets_no_trail() {
    let world = World::wired();
    world.wire().delay(Duration::from_millis(150));
    let setup = world
        .command(&["setup", "demo", "--yes", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while !world.wire().writes().contains(&"iam:CreateRole".to_owned()) {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(10));
    }
    world
        .run(&["remove", "demo", "--central-only", "--yes"])
        .exits(0);
    let ran: Ran = setup.wait_with_output().unwrap().into();
    let error = ran.exits(6).json()["error"].clone();
    assert!(
        error["message"]
            .to_string()
            .contains("Someone else removed connection"),
        "{error}"
    );
    assert!(
        !world
            .wire()
            .writes()
            .contains(&"cloudtrail:CreateTrail".to_owned())
    );
    // The hint says how to remove what is left.
    let hint = error["hint"].as_str().unwrap();
    let id = hint
        .split("remove ")
        .nth(1)
        .unwrap()
        .split('`')
        .next()
        .unwrap();
    world.wire().mend();
    world.remove(id, &[]).exits(0);
    let left: Vec<String> = snapshot::aws(&world).into_keys().collect();
    assert!(
        left.iter().all(|name| name.starts_with("bucket ")),
        "{left:?}"
    );
}

#[test]
fn a_trail_of_one_account_is_refused_for_an_organization_and_no_trail_is_connected_twice() {
    let world = existing::with_trail(true);
    organization::organize(&world, &[]);
    let flags = ["--resources", "existing", "--trail", "theirs"];
    let refused = world
        .setup("demo", &[&flags[..], &["--organization"]].concat())
        .exits(5)
        .json();
    assert!(
        refused["error"]["message"]
            .to_string()
            .contains("one account")
    );
    world.setup("demo", &flags).exits(0);
    let twice = world.setup("again", &flags).exits(5).json();
    let message = twice["error"]["message"].to_string();
    assert!(message.contains("demo already"), "{message}");
    let meant = [&flags[..], &["--connect-again"]].concat();
    world.setup("again", &meant).exits(0);
    world.remove("again", &[]).exits(0);
    world.remove("demo", &[]).exits(0);
    // A trail may be connected again after its connection was removed.
    world.setup("later", &flags).exits(0);
    world.remove("later", &[]).exits(0);
}
