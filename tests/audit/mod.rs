//! `audit`: what is missing is named, exactly, and `--replay` brings it.

mod bench;
mod certify;
mod changed;
mod expiry;
mod faults;
mod refusals;
mod report;
mod shared;
mod tampering;
mod whose;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    organization::organize,
    support::{Ran, World, blocking, control},
};

/// Audits the last hour and counts every file without a receipt as missing.
const NOW: [&str; 5] = ["--since", "1h", "--grace", "0s", "--format"];

fn audit(world: &World, more: &[&str]) -> Ran {
    world.run(&[&["audit", "demo"], &NOW[..], &["json"], more].concat())
}

/// Waits until an audit finds what is looked for.
fn until(world: &World, is_found: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(90);
    loop {
        let found = audit(world, &[]).json();
        if is_found(&found) {
            return found;
        }
        assert!(Instant::now() < end, "{found}");
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// Whether the account's trails log.
fn log(world: &World, on: bool) {
    blocking(async {
        let aws = world.aws().await;
        let trails = aws.cloudtrail.describe_trails().send().await.unwrap();
        for trail in trails.trail_list() {
            let arn = trail.trail_arn().unwrap();
            if on {
                let start = aws.cloudtrail.start_logging().name(arn);
                start.send().await.unwrap();
            } else {
                let stop = aws.cloudtrail.stop_logging().name(arn);
                stop.send().await.unwrap();
            }
        }
    });
}

/// Pastes the command that an audit prints with these words at its end into a shell, with JSON as its output.
fn pasted(world: &World, shown: &str, end: &str) -> Ran {
    let printed = |line: &&str| line.starts_with("sophos-ct audit ") && line.ends_with(end);
    let line = shown.lines().map(str::trim).find(printed);
    let line = line.unwrap_or_else(|| panic!("{end}: {shown}"));
    let line = line.replacen("sophos-ct audit", "\"$0\" audit --format json", 1);
    world.shell(&line)
}

/// Sets up a connection `demo` with some log files, of which no more come and all have arrived. Returns its id.
fn quiet(world: &World, more: &[&str]) -> String {
    let more = [more, &["--wait-for-logs"]].concat();
    let set_up = world.setup("demo", &more).exits(0).json();
    let id = set_up["connection"]["id"].as_str().unwrap().to_owned();
    until(world, |found| found["objects"].as_u64() > Some(4));
    log(world, false);
    until(world, |found| found["missing"] == 0);
    id
}

/// The keys of the stored files.
fn stored(world: &World, id: &str) -> Vec<String> {
    let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts");
    let receipts = world.central(&path);
    let receipts = receipts["items"].as_array().unwrap().iter();
    let stored = receipts.filter(|receipt| receipt["outcome"] == "stored");
    let keys = stored.map(|receipt| receipt["key"].as_str().unwrap().to_owned());
    keys.collect()
}

/// Makes Central forget that it has these files.
fn forget(id: &str, keys: &[String]) {
    let path = format!("/_sandbox/connections/{id}/receipts");
    control("DELETE", &path, &json!(keys));
}

#[test]
fn what_is_missing_is_named_and_a_replay_brings_exactly_that() {
    let world = World::new();
    let id = quiet(&world, &[]);
    let healthy = audit(&world, &["--keys"]).exits(0).json();
    let all = stored(&world, &id);
    assert_eq!(healthy["objects"], all.len());
    assert_eq!(healthy["delivered"], all.len());
    assert!(healthy["bytes"].as_u64() > Some(0), "{healthy}");
    assert_eq!(healthy["keys"], json!([]));

    let lost = [all[0].clone(), all[2].clone(), all[3].clone()];
    forget(&id, &lost);
    let found = audit(&world, &["--keys"]).exits(8).json();
    assert_eq!(found["missing"], 3);
    assert_eq!(found["keys"], json!(lost));
    let shown = world.run(&["audit", "demo", "--since", "1h", "--grace", "0s", "--keys"]);
    let shown = shown.exits(8);
    for text in lost.iter().map(String::as_str).chain(["--replay"]) {
        assert!(shown.stdout.contains(text), "{}", shown.stdout);
    }
    // The files may still be on their way.
    let young = world
        .run(&["audit", "demo", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(
        (young["missing"].clone(), young["inFlight"].clone()),
        (json!(0), json!(3))
    );

    let replayed = audit(&world, &["--replay", "--keys"]).exits(0).json();
    assert_eq!(replayed["replayed"], 3);
    assert_eq!(replayed["missing"], 0);
    assert_eq!(replayed["delivered"], all.len());
    assert_eq!(stored(&world, &id), all);
    let again = audit(&world, &["--replay"]).exits(0).json();
    assert_eq!(again["replayed"], 0);
}

#[test]
fn files_of_accounts_that_are_not_selected_are_not_missing() {
    let world = World::new();
    let member = world.member();
    organize(&world, &[&member]);
    let flags = ["--organization", "--accounts", &member];
    quiet(&world, &flags);
    let found = audit(&world, &[]).exits(0).json();
    assert!(found["unwanted"].as_u64() > Some(0), "{found}");
    assert!(found["delivered"].as_u64() > Some(0), "{found}");
    let shown = world
        .run(&["audit", "demo", "--since", "1h"])
        .exits(0)
        .stdout;
    assert!(
        shown.contains(&member) && shown.contains(&world.account),
        "{shown}"
    );
}

#[test]
fn what_a_pause_has_skipped_is_brought_if_asked_for_and_not_while_paused() {
    let world = World::new();
    let id = quiet(&world, &[]);
    let before = stored(&world, &id);
    world.patch(&id, &json!({ "status": "paused" }));
    log(&world, true);
    until(&world, |found| found["unwanted"].as_u64() > Some(1));
    log(&world, false);
    until(&world, |found| found["missing"] == 0);
    let refused = audit(&world, &["--replay", "--include-skipped", "paused"]).exits(5);
    for text in ["paused", "sophos-ct resume demo"] {
        assert!(refused.stderr.contains(text), "{}", refused.stderr);
    }
    assert_eq!(stored(&world, &id), before);

    world.patch(&id, &json!({ "status": "active" }));
    let found = audit(&world, &["--replay"]).exits(0).json();
    assert!(found["unwanted"].as_u64() > Some(1), "{found}");
    let shown = world.run(&["audit", "demo", "--since", "1h", "--grace", "0s"]);
    let shown = shown.exits(0).stdout;
    let end = "--replay --include-skipped paused";
    let brought = pasted(&world, &shown, end).exits(0).json();
    assert_eq!(brought["replayed"], found["unwanted"]);
    assert_eq!(
        (brought["unwanted"].clone(), brought["missing"].clone()),
        (json!(0), json!(0))
    );
}

#[test]
fn a_replay_that_brings_nothing_ends_and_says_what_is_missing() {
    let world = World::new();
    let id = quiet(&world, &[]);
    let lost = stored(&world, &id)[..1].to_vec();
    forget(&id, &lost);
    blocking(async {
        let aws = world.aws().await;
        // A function without its settings delivers nothing.
        let update = aws.lambda.update_function_configuration();
        let update = update.function_name("sophos-ct-demo");
        let none = aws_sdk_lambda::types::Environment::builder();
        let none = none.set_variables(Some(HashMap::new()));
        update.environment(none.build()).send().await.unwrap();
    });
    let found = audit(&world, &["--replay", "--wait", "2s", "--keys"]);
    let found = found.exits(8).json();
    assert_eq!(
        (found["replayed"].clone(), found["missing"].clone()),
        (json!(1), json!(1))
    );
    assert_eq!(found["keys"], json!(lost));
}
