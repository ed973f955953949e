//! AWS or Central fails, refuses, or answers into a broken connection.

use serde_json::json;

use super::{side_by_side, undisturbed};
use crate::support::{World, control, snapshot, wire::Fault};

#[test]
fn passing_faults_and_lost_answers_cost_no_more_than_time() {
    let (whole, _) = undisturbed(&[]);
    let expected = (snapshot::aws(&whole), snapshot::central(&whole));
    let faults = [Fault::Throttled, Fault::Internal, Fault::Reset, Fault::Lost];
    side_by_side((0..faults.len()).collect(), |number| {
        let world = World::wired();
        for name in ONE_OF_EACH {
            world.wire().fault(name, faults[number]);
        }
        world.setup("demo", &[]).exits(0);
        assert!(
            world.wire().unmet().is_empty(),
            "{:?}",
            world.wire().unmet()
        );
        assert_eq!(snapshot::aws(&world), expected.0, "{:?}", faults[number]);
        assert_eq!(
            snapshot::central(&world),
            expected.1,
            "{:?}",
            faults[number]
        );
        for name in ONE_OF_EACH_UNDONE {
            world.wire().fault(name, faults[number]);
        }
        world.remove("demo", &[]).exits(0);
        assert!(
            world.wire().unmet().is_empty(),
            "{:?}",
            world.wire().unmet()
        );
        let left = snapshot::aws(&world);
        assert!(
            left.keys().all(|name| name.starts_with("bucket ")),
            "{left:?}"
        );
    });
}

#[test]
fn a_refused_write_stops_the_run_and_the_next_one_goes_on() {
    let (whole, _) = undisturbed(&[]);
    let expected = (snapshot::aws(&whole), snapshot::central(&whole));
    let world = World::wired();
    for name in ONE_OF_EACH {
        world.wire().fault(name, Fault::Denied);
    }
    // Central refuses the journal, so nothing is written to AWS.
    world.setup("demo", &[]).exits(4);
    assert_eq!(world.wire().writes(), ["central:PUT connection"]);
    for _ in ONE_OF_EACH {
        let before = world.wire().unmet();
        let ran = world.setup("demo", &[]);
        let met = |name: &&String| !world.wire().unmet().contains(name);
        let met: Vec<&String> = before.iter().filter(met).collect();
        if met.is_empty() {
            ran.exits(0);
            break;
        }
        // Central may refuse before this run has written anything to AWS.
        let by_central = met.iter().any(|name| name.starts_with("central"));
        assert!(
            ran.code == 6 || by_central && ran.code == 4,
            "{met:?}: {}",
            ran.stderr
        );
        let error = ran.json()["error"]["message"].to_string();
        assert!(
            by_central || met.iter().any(|name| error.contains(*name)),
            "{met:?}: {error}"
        );
    }
    assert!(
        world.wire().unmet().is_empty(),
        "{:?}",
        world.wire().unmet()
    );
    assert_eq!(snapshot::aws(&world), expected.0);
    assert_eq!(snapshot::central(&world), expected.1);
}

#[test]
fn setup_survives_the_faults_that_the_sandboxs_central_can_be_given() {
    let world = World::new();
    let tenant = &world.tenant["id"];
    let on = "/connections";
    let faults = json!([
        { "kind": "status", "status": 503, "method": "PUT", "path": on, "tenant": tenant, "times": 2 },
        { "kind": "lost", "method": "PUT", "path": on, "tenant": tenant, "times": 1 },
        { "kind": "status", "status": 429, "retryAfter": 1, "method": "GET", "path": on, "tenant": tenant, "times": 1 },
        { "kind": "reset", "method": "GET", "path": on, "tenant": tenant, "times": 1 },
        { "kind": "slow", "milliseconds": 300, "method": "PATCH", "path": on, "tenant": tenant, "times": 1 },
    ]);
    control("PUT", "/_sandbox/faults", &faults);
    let set_up = world.setup("shaky", &[]).exits(0).json();
    assert_eq!(set_up["connection"]["status"], "active");
    assert_eq!(snapshot::central(&world).len(), 1);
}

/// Writes of each service.
const ONE_OF_EACH: &[&str] = &[
    "iam:CreateRole",
    "iam:PutRolePolicy",
    "logs:CreateLogGroup",
    "sns:CreateTopic",
    "sns:Subscribe",
    "s3:CreateBucket",
    "s3:PutBucketPolicy",
    "lambda:CreateFunction",
    "lambda:AddPermission",
    "cloudtrail:CreateTrail",
    "cloudtrail:StartLogging",
    "central:PUT connection",
    "central:PATCH connection",
];

/// Writes of each service that take something back.
const ONE_OF_EACH_UNDONE: &[&str] = &[
    "sns:Unsubscribe",
    "cloudtrail:DeleteTrail",
    "lambda:DeleteFunction",
    "logs:DeleteLogGroup",
    "iam:DeleteRolePolicy",
    "iam:DeleteRole",
    "sns:DeleteTopic",
    "s3:DeleteBucketPolicy",
    "central:DELETE connection",
];
