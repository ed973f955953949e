//! Screens of `status` and `list`. Central tells the same times and counts in each run, so that lines break at the same places.

use serde_json::{Value, json};

use super::{screens, screens_of_each_width};
use crate::{
    existing::with_trail,
    support::{World, blocking, wire::Fault},
};

/// A time that is three hours old for as long as a test runs.
fn some_time_ago() -> String {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(3 * 3600 + 60);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What Central tells of a connection.
fn told() -> Value {
    json!({
        "forwarderSeenAt": some_time_ago(), "forwarderChecks": { "read": true },
        "lastReceivedAt": some_time_ago(), "receivedObjects": 1234, "receivedBytes": 7_654_321,
        "hours": hours(),
    })
}

/// The same number of files at the same time of each day, so that any 24 hours have the same in all. A day may end while a test
/// runs.
fn hours() -> Vec<Value> {
    let present = jiff::Timestamp::now().as_second().div_euclid(3600);
    let hours = (present - 24)..=(present + 1);
    let told = hours.map(|hour| {
        let at = jiff::Timestamp::from_second(hour * 3600).unwrap();
        let stored = 30 + 8 * (12 - (hour % 24 - 12).abs());
        json!({
            "at": at, "stored": stored, "skipped": 0, "bytes": 1000 * stored,
            "delayMedianSeconds": 252, "delayP95Seconds": 363,
        })
    });
    told.collect()
}

/// Sets up a connection `demo`, whose log files arrive, and returns its id.
pub(super) fn connect(world: &World, flags: &[&str]) -> String {
    let flags = [flags, &["--wait-for-logs"]].concat();
    let set_up = world.setup("demo", &flags).exits(0).json();
    let id = set_up["connection"]["id"].as_str().unwrap().to_owned();
    // The forwarder may not have said it yet.
    world.rewrite(&id, &json!({ "forwarderChecks": { "read": true } }));
    world.wire().tell(&told());
    id
}

#[test]
fn a_healthy_connection_and_the_list() {
    let world = World::wired();
    let id = connect(&world, &[]);
    screens_of_each_width("status_healthy", &world, &["status"], &[]);
    screens_of_each_width("list_some", &world, &["list"], &[]);
    screens(
        "status_accessible",
        &world,
        &["status", "--accessible"],
        &[],
    );
    screens("status_parts", &world, &["status", "--parts"], &[]);
    let mut stale = told();
    stale["lastDecidedAt"] = some_time_ago().into();
    world.wire().tell(&stale);
    screens_of_each_width("status_stale", &world, &["status"], &[]);
    world.wire().tell(&told());
    world.patch(&id, &json!({ "status": "paused" }));
    screens("status_paused", &world, &["status"], &[]);
    world.patch(&id, &json!({ "status": "active" }));
    world.end_license("2020-01-01");
    screens("status_license", &world, &["status"], &[]);
}

#[test]
fn a_broken_connection_names_what_is_wrong_first() {
    let world = World::wired();
    connect(&world, &[]);
    blocking(async {
        let aws = world.aws().await;
        let stop = aws.cloudtrail.stop_logging().name("sophos-ct-demo");
        stop.send().await.unwrap();
        let role = aws.iam.delete_role_policy().role_name("sophos-ct-demo");
        let policies = aws.iam.list_role_policies().role_name("sophos-ct-demo");
        let policies = policies.send().await.unwrap();
        let policy = policies.policy_names().first().unwrap();
        role.policy_name(policy).send().await.unwrap();
    });
    screens_of_each_width("status_broken", &world, &["status"], &[]);
    screens("plan_mending", &world, &["plan", "demo", "--no-input"], &[]);
}

#[test]
fn all_connections_have_a_line_each() {
    let world = World::wired();
    connect(&world, &[]);
    let id = format!("00000000-0000-4000-8000-{}", world.account);
    let new = json!({
        "name": "theirs", "awsAccountId": "999999999999", "partition": "aws", "homeRegion": "eu-west-1",
        "mode": "new", "settings": {}, "resources": { "complete": false, "items": [] },
    });
    world.put_connection(&id, &new);
    screens_of_each_width("status_all", &world, &["status", "--all"], &[]);
    let words = ["status", "--all", "--accessible"];
    screens("status_all_accessible", &world, &words, &[]);
}

#[test]
fn a_setup_that_was_stopped_is_told_in_one_sentence_with_one_command() {
    let world = World::wired();
    let refusal = Fault::Code("InvalidTrailNameException");
    world.wire().fault("cloudtrail:CreateTrail", refusal);
    world.setup("demo", &[]).exits(6);
    let told = world.run(&["status"]).exits(8).stdout;
    let verdict = "demo is not complete: 1 part is missing or unfinished";
    assert!(told.starts_with(verdict), "{told}");
    assert_eq!(
        told.matches("→ sophos-ct setup demo\n").count(),
        1,
        "{told}"
    );
    for verb in ["create", "modify"] {
        assert!(!told.contains(verb), "{told}");
    }
    screens_of_each_width("status_incomplete", &world, &["status"], &[]);
}

#[test]
fn a_connection_whose_function_signs_in_with_another_role_names_what_mends_it() {
    let world = World::wired();
    let id = connect(&world, &[]);
    let because = json!({ "disconnectedBecause": "identityMismatch" });
    world.rewrite(&id, &because);
    let mut disconnected = told();
    disconnected["status"] = "disconnected".into();
    world.wire().tell(&disconnected);
    screens_of_each_width("status_disconnected", &world, &["status"], &[]);
}

#[test]
fn a_connection_of_another_account_names_the_flag_that_leads_there() {
    let world = World::new();
    let id = format!("00000000-0000-4000-8000-{}", world.account);
    let new = json!({
        "name": "theirs", "awsAccountId": "999999999999", "partition": "aws", "homeRegion": "eu-west-1",
        "mode": "new", "settings": {}, "resources": { "complete": false, "items": [] },
    });
    world.put_connection(&id, &new);
    let words = ["remove", "theirs", "--yes", "--format", "json"];
    let words = [&words[..], &["--confirm-account", &world.account]].concat();
    let error = world.run(&words).exits(5).json()["error"].clone();
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("--profile") && hint.contains("999999999999"),
        "{hint}"
    );
}

#[test]
fn a_connection_of_a_bucket_alone_is_healthy_although_its_trail_is_not_known() {
    let world = with_trail(false);
    let bucket = format!("theirs-{}", world.account);
    let existing = ["--resources", "existing", "--notify", "bucket"];
    connect(&world, &[&existing[..], &["--bucket", &bucket]].concat());
    screens("status_bucket_alone", &world, &["status"], &[]);
    let found = world.run(&["status", "--format", "json"]).exits(0).json();
    assert_eq!(found["healthy"], true);
}

#[test]
fn a_list_of_many_connections() {
    let world = World::new();
    for number in 0..30 {
        let name = match number % 3 {
            0 => format!("aws-{:012}-eu-west-1", 700_000_000_000_u64 + number),
            _ => format!("demo {number}"),
        };
        let id = format!("{number:08}-0000-4000-8000-{}", world.account);
        let new = json!({
            "name": name, "awsAccountId": world.account, "partition": "aws", "homeRegion": "eu-west-1",
            "mode": "new", "settings": {}, "resources": { "complete": false, "items": [] },
        });
        world.put_connection(&id, &new);
    }
    screens("list_many", &world, &["list"], &[]);
    screens("status_several", &world, &["status"], &[]);
}
