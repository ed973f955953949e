//! Answers that are wrong or missing.

use crate::support::World;

/// Values that are wrong by themselves.
const MALFORMED: [&str; 6] = [
    "--bucket",
    "Not_A_Bucket",
    "--log-retention-days",
    "8",
    "--tag",
    "x",
];

/// ARNs of another partition or account than the caller's.
const ELSEWHERE: [&str; 12] = [
    "--role-arn",
    "arn:aws-cn:iam::123456789012:role/theirs",
    "--dead-letter",
    "arn:aws:sqs:eu-west-1:123456789012:theirs",
    "--kms-key",
    "arn:aws-cn:kms:cn-north-1:123456789012:key/1",
    "--resources",
    "existing",
    "--bucket",
    "theirs",
    "--notify",
    "bucket",
];

/// An alias and a role in place of a key and a policy.
const OF_ANOTHER_KIND: [&str; 8] = [
    "--resources",
    "existing",
    "--bucket",
    "theirs",
    "--kms-key",
    "arn:aws:kms:eu-west-1:123456789012:alias/logs",
    "--permissions-boundary",
    "arn:aws:iam::123456789012:role/boundary",
];

#[test]
fn bad_answers_are_reported_together_and_change_nothing() {
    let world = World::new();
    complains(
        &world,
        &MALFORMED,
        &["--bucket", "--log-retention-days", "--tag"],
    );
    let usage = world
        .run(&["setup", "--nonsense", "--format", "json"])
        .exits(2)
        .json();
    assert_eq!(usage["error"]["code"], "usage");
    complains(
        &world,
        &ELSEWHERE,
        &["--role-arn", "--dead-letter", "--kms-key"],
    );
    complains(&world, &OF_ANOTHER_KIND, &["alias/logs", "role/boundary"]);
    let without_yes = world
        .run(&["setup", "demo", "--format", "json"])
        .exits(2)
        .json();
    assert_eq!(without_yes["error"]["code"], "missingAnswers");
    assert!(
        world.run(&["list", "--format", "json"]).json()["connections"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

/// `setup` with these flags complains about all of these parts in one message.
#[track_caller]
fn complains(world: &World, flags: &[&str], parts: &[&str]) {
    let document = world.setup("demo", flags).exits(2).json();
    let message = document["error"]["message"].as_str().unwrap();
    for part in parts {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_second_trail_is_refused_without_accept_cost() {
    let world = World::new();
    world.setup("one", &[]).exits(0);
    let ran = world.setup("two", &["--resources", "new"]).exits(2).json();
    let message = ran["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("USD")
            && message.contains("events a month")
            && message.contains("trail/sophos-ct-one"),
        "{message}"
    );
}

#[test]
fn a_partner_must_say_which_tenant_it_expects_if_nobody_can_be_asked() {
    let (world, customer) = World::of_partner();
    let missing = world.setup("demo", &[]).exits(2).json();
    assert_eq!(missing["error"]["code"], "missingAnswers");
    world.setup("demo", &["--tenant", "nobody"]).exits(2);
    let missing = world
        .setup("demo", &["--tenant", &customer])
        .exits(2)
        .json();
    let message = missing["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("--expect-tenant") && message.contains(&customer),
        "{message}"
    );
    world
        .setup(
            "demo",
            &["--tenant", &customer, "--expect-tenant", "another"],
        )
        .exits(5);
    let set_up = world
        .setup("demo", &["--expect-tenant", &customer])
        .exits(0)
        .json();
    assert_eq!(set_up["connection"]["status"], "active");
    let equivalent = set_up["equivalent"].as_str().unwrap();
    assert!(equivalent.contains("--expect-tenant"), "{equivalent}");
    world
        .run(&["status", "demo", "--tenant", &customer])
        .exits(0);
    world.remove("demo", &["--tenant", &customer]).exits(0);
}
