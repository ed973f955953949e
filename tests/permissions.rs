//! What a caller needs: the published policy, and the policies that the program prints.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{World, snapshot};

pub const PUBLISHED: &str = include_str!("../policies/sophos-custom-role.json");

#[test]
fn setup_works_under_exactly_the_published_policy_and_remove_says_what_it_lacks() {
    let world = World::new();
    let setup = world
        .run_under(PUBLISHED, &["setup", "demo", "--yes", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(setup["connection"]["status"], "active");
    let again = world
        .run_under(PUBLISHED, &["setup", "demo", "--yes", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(again["result"], "unchanged");
    let account = world.account.as_str();
    let remove = [
        "remove",
        "demo",
        "--yes",
        "--confirm-account",
        account,
        "--format",
        "json",
    ];
    let removed = world.run_under(PUBLISHED, &remove).exits(6).json();
    assert!(
        removed["error"]["message"]
            .as_str()
            .unwrap()
            .contains("cloudtrail:DeleteTrail")
    );
    assert_eq!(
        world.remove("demo", &[]).exits(0).json()["result"],
        "removed"
    );
}

#[test]
fn remove_works_under_the_policy_that_the_program_prints() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let account = world.account.as_str();
    let printed = world.printed_policy("remove", "demo", &[]);
    let remove = [
        "remove",
        "demo",
        "--yes",
        "--confirm-account",
        account,
        "--format",
        "json",
    ];
    assert_eq!(
        world.run_under(&printed, &remove).exits(0).json()["result"],
        "removed"
    );
}

#[test]
fn setup_works_under_the_policy_that_the_program_prints() {
    let world = World::new();
    let printed = world.printed_policy("setup-new", "demo", &[]);
    let setup = ["setup", "demo", "--yes", "--format", "json"];
    let ran = world.run_under(&printed, &setup).exits(0).json();
    assert_eq!(ran["connection"]["status"], "active");
}

#[test]
fn the_printed_setup_policy_is_within_the_published_one() {
    let world = World::new();
    let published: Value = serde_json::from_str(PUBLISHED).unwrap();
    let published: BTreeSet<&str> = published["Statement"][0]["Action"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(published.len(), 63);
    let printed = world
        .run(&["policy", "setup-new", "--retention-days", "90"])
        .exits(0)
        .json();
    for statement in printed["Statement"].as_array().unwrap() {
        for action in statement["Action"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
        {
            let granted = published.contains(action) || (action.starts_with("s3:GetBucket"));
            assert!(granted, "{action}");
        }
    }
}

#[test]
fn an_upgrade_is_done_where_the_caller_may_and_only_lost_where_not() {
    let world = World::new();
    world.setup("old", &[]).exits(0);
    let code = |world: &World| snapshot::aws(world)["function sophos-ct-old"]["code"].clone();
    let before = code(&world);
    // Another build: bytes behind the end of an ELF change nothing.
    let mut other = std::fs::read(world.command(&[]).get_program()).unwrap();
    other.extend(b"another build");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), other).unwrap();
    let words = [
        "setup",
        "old",
        "--yes",
        "--format",
        "json",
        "--forwarder",
        file.path().to_str().unwrap(),
    ];

    let refused = world.run_under(PUBLISHED, &words).exits(0).json();
    let steps = refused["steps"].as_array().unwrap();
    let function = steps
        .iter()
        .find(|step| step["kind"] == "function")
        .unwrap();
    assert_eq!(function["action"], "keep");
    assert!(function["reason"].is_string(), "{function}");
    assert_eq!(code(&world), before);

    let upgraded = world.run(&words).exits(0).json();
    assert_eq!(upgraded["result"], "applied");
    assert_ne!(code(&world), before);
    world.run(&["status", "old"]).exits(0);
    assert_eq!(world.run(&words).exits(0).json()["result"], "unchanged");
    // What runs here is another build again: not older, so it is put back.
    let steps = world.setup("old", &[]).exits(0).json()["steps"].clone();
    let modified = steps
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["action"] == "modify");
    assert_eq!(modified.count(), 1);
    assert_eq!(code(&world), before);
}

#[test]
fn a_policy_of_another_partition_names_that_partition_alone() {
    let world = World::new();
    for (region, partition) in [
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
    ] {
        for name in [
            "setup-new",
            "setup-existing",
            "setup-organization",
            "remove",
        ] {
            let printed = world
                .run(&["policy", name, "--region", region])
                .exits(0)
                .stdout;
            let arns = printed.matches("arn:").count();
            assert_eq!(
                printed.matches(&format!("arn:{partition}:")).count(),
                arns,
                "{printed}"
            );
        }
    }
}
