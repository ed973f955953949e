//! A connection is set up and removed again, and both are compared with what the plan announced and with the account before.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{World, snapshot};

/// Sets up with these flags until a log file has arrived, sets up again without a change, and removes. Checks that everything
/// but our log bucket is as before, and returns the writes of the first setup.
pub(super) fn there_and_back(world: &World, flags: &[&str]) -> Vec<String> {
    let before = snapshot::aws(world);
    let planned = world
        .run(&[&["plan", "demo", "--format", "json"], flags].concat())
        .exits(0)
        .json();
    let told = world.run(&[&["plan", "demo"], flags].concat()).exits(0);
    let set_up = world
        .setup("demo", &[flags, &["--wait-for-logs"]].concat())
        .exits(0)
        .json();
    assert_eq!(
        recorded_events(&world.wire().writes()),
        told_events(&told.stdout),
        "{flags:?}"
    );
    let actions = |document: &Value| -> Vec<String> {
        let steps = document["steps"].as_array().unwrap();
        steps
            .iter()
            .map(|step| {
                format!(
                    "{} {}",
                    step["action"].as_str().unwrap(),
                    step["kind"].as_str().unwrap()
                )
            })
            .collect()
    };
    assert_eq!(actions(&planned), actions(&set_up));
    let writes = world.wire().writes();
    world.wire().mend();
    assert_eq!(
        world.setup("demo", &[]).exits(0).json()["result"],
        "unchanged"
    );
    assert_eq!(world.wire().writes(), [""; 0]);
    world.run(&["status", "demo"]).exits(0);
    world.remove("demo", &[]).exits(0);
    let mut after = snapshot::aws(world);
    // A bucket of ours is kept, with its log files.
    after.retain(|name, _| !name.starts_with("bucket sophos-ct-"));
    assert_eq!(after, before);
    writes
}

/// The CloudTrail events that a plan announces, so that a security team expects them.
fn told_events(plan: &str) -> BTreeSet<String> {
    let mut lines = plan.lines();
    let line = lines.find_map(|line| line.strip_prefix("CloudTrail will record: "));
    line.unwrap().split(", ").map(ToOwned::to_owned).collect()
}

/// The events that CloudTrail records for these calls. Some services name events differently from calls (Lambda Developer Guide
/// and S3 User Guide, "CloudTrail events").
fn recorded_events(calls: &[String]) -> BTreeSet<String> {
    // Invoking a function is not a management event.
    let is_recorded =
        |call: &&String| !call.starts_with("central:") && !call.ends_with("/invocations");
    let of_aws = calls.iter().filter(is_recorded);
    of_aws
        .map(|call| {
            let (service, operation) = call.split_once(':').unwrap();
            match (service, operation) {
                ("lambda", "CreateFunction") => "CreateFunction20150331".to_owned(),
                ("lambda", other) => format!("{other}20150331v2"),
                ("s3", other) => other.trim_end_matches("Configuration").to_owned(),
                (_, other) => other.to_owned(),
            }
        })
        .collect()
}

#[test]
fn a_new_trail_causes_exactly_the_events_that_the_plan_announces() {
    there_and_back(&World::wired(), &[]);
    there_and_back(&World::wired(), &["--retention-days", "30"]);
}
