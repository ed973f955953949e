//! `setup --wait-for-logs` ends with a proof: an event of the run itself has reached Central.

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    existing::with_trail,
    organization::organize,
    support::{Ran, World, blocking, past::content},
};

/// The proof of a run that has one. The log file tells of the event, and Central has stored the file then.
fn proved(world: &World, bucket: &str, ran: Ran) -> Value {
    let ran = ran.exits(0);
    let document = ran.json();
    let proof = document["proof"].clone();
    let event = proof["event"].as_str().unwrap_or_else(|| {
        panic!("no proof: {document:#}\n{}", ran.stderr);
    });
    let told = format!("Your own {event} event reached Sophos ");
    assert!(ran.stderr.contains(&told), "{}", ran.stderr);

    let key = proof["file"].as_str().unwrap();
    let file = blocking(async { content(&world.aws().await, bucket, key).await });
    let file: Value = serde_json::from_slice(&file).unwrap();
    let records = file["Records"].as_array().unwrap();
    let is_it = |record: &&Value| {
        let agent = record["userAgent"].as_str().unwrap();
        record["eventName"] == event && agent.contains("app/run-")
    };
    let record = records.iter().find(is_it).expect("the event of the proof");
    assert_eq!(record["eventTime"], proof["at"]);
    assert_eq!(record["readOnly"], false);

    let id = document["connection"]["id"].as_str().unwrap();
    let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts");
    let receipts = world.central(&path);
    let mut receipts = receipts["items"].as_array().unwrap().iter();
    let receipt = receipts.find(|receipt| receipt["key"] == key).unwrap();
    assert_eq!(receipt["outcome"], "stored");
    let time = |value: &Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
    assert_eq!(time(&receipt["at"]), time(&proof["receivedAt"]));
    let passed = time(&proof["receivedAt"]).duration_since(time(&proof["at"]));
    assert_eq!(proof["seconds"], passed.as_secs().max(0));
    proof
}

#[test]
fn a_run_that_waits_for_logs_proves_that_its_own_event_has_reached_central() {
    let world = World::new();
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let ran = world.setup("demo", &["--wait-for-logs"]);
    let proof = proved(&world, &bucket, ran);
    assert_eq!(proof["event"], "CreateTrail");
    // A run that changes nothing has no event to look for, and one that does not wait looks for none.
    let again = world.setup("demo", &["--wait-for-logs"]).exits(0).json();
    assert_eq!(again["result"], "unchanged");
    assert!(again["proof"].is_null(), "{again}");
    world.remove("demo", &[]).exits(0);
    let quick = world.setup("demo", &[]).exits(0).json();
    assert!(quick["proof"].is_null(), "{quick}");
}

#[test]
fn with_an_existing_trail_the_event_is_one_that_the_run_has_left() {
    let world = with_trail(true);
    let bucket = format!("theirs-{}", world.account);
    let ran = world.setup("demo", &["--wait-for-logs"]);
    let proof = proved(&world, &bucket, ran);
    let event = proof["event"].as_str().unwrap();
    assert_ne!(event, "CreateTrail", "the trail was there before");
}

#[test]
fn without_the_permissions_to_look_for_its_event_setup_says_so_once_and_is_done() {
    let setup = ["setup", "demo", "--yes", "--wait-for-logs"];
    let setup = [&setup[..], &["--format", "json"]].concat();
    let world = World::new();
    let enough = world.printed_policy("setup-new", "demo", &[]);
    assert!(!enough.contains("s3:GetObject"), "{enough}");
    let ran = world.run_under(&enough, &setup).exits(0);
    let told = "an event of this run could not be looked for in them: s3:GetObject";
    assert_eq!(ran.stderr.matches(told).count(), 1, "{}", ran.stderr);
    let document = ran.json();
    assert_eq!(document["connection"]["status"], "active");
    assert!(document["proof"].is_null(), "{document}");

    let world = World::new();
    let more = world.printed_policy("setup-new", "demo", &["--wait-for-logs"]);
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let ran = world.run_under(&more, &setup);
    assert_eq!(proved(&world, &bucket, ran)["event"], "CreateTrail");
}

#[test]
fn the_event_of_an_account_that_is_not_collected_proves_nothing() {
    let world = World::new();
    let member = world.member();
    organize(&world, &[&member]);
    let flags = ["--organization", "--accounts", &member, "--wait-for-logs"];
    let ran = world.setup("some", &flags).exits(0);
    let said = "Central has not stored the one with this run's CreateTrail event";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let document = ran.json();
    assert!(document["proof"].is_null(), "{document}");
}
