//! What the printed policies contain.

use std::collections::BTreeSet;

use serde_json::Value;

use super::PUBLISHED;
use crate::support::World;

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
            // These reads make a run safer, and no run depends on them.
            let is_optional =
                action.starts_with("s3:GetBucket") || action == "s3:GetLifecycleConfiguration";
            assert!(published.contains(action) || is_optional, "{action}");
        }
    }
}

#[test]
fn the_printed_policies_name_what_organizations_boundaries_and_checks_need() {
    let world = World::new();
    for_a_delegated_administrator(&world);

    // If nothing that is set up sends the function a message, `setup` invokes it.
    for (name, more, invoked) in [
        ("setup-new", &[][..], false),
        ("setup-existing", &["--notify", "eventbridge"], true),
        ("setup-existing", &["--topic", "theirs"], true),
        ("setup-existing", &["--notify", "bucket"], false),
    ] {
        let found =
            Printed::of(&world, name, more).grant("lambda:InvokeFunction") != Value::Array(vec![]);
        assert_eq!(found, invoked, "{name} {more:?}");
    }

    let boundary = format!("arn:aws:iam::{}:policy/boundary", world.account);
    let printed = Printed::of(&world, "setup-new", &["--permissions-boundary", &boundary]);
    for action in ["iam:CreateRole", "iam:PutRolePolicy"] {
        let condition =
            &printed.grant(action)[0]["Condition"]["StringEquals"]["iam:PermissionsBoundary"];
        assert_eq!(*condition, boundary.as_str(), "{action}");
    }
    assert!(
        printed
            .said
            .contains("only with the given permissions boundary"),
        "{}",
        printed.said
    );
}

/// What a delegated administrator needs, for a trail of the organization and for a topic on one.
fn for_a_delegated_administrator(world: &World) {
    let account = world.account.as_str();
    let flags = [
        "--org-id",
        "o-a1b2c3d4e5",
        "--management-account",
        "111122223333",
    ];
    let printed = Printed::of(world, "setup-organization", &flags);
    for action in [
        "iam:CreateServiceLinkedRole",
        "organizations:ListAWSServiceAccessForOrganization",
        "organizations:ListDelegatedAdministrators",
    ] {
        assert_eq!(
            printed.grant(action).as_array().unwrap().len(),
            1,
            "{action}"
        );
    }
    for (action, what) in [
        ("iam:GetRole", ":role/aws-service-role/"),
        ("cloudtrail:CreateTrail", ":trail/"),
        ("cloudtrail:StartLogging", ":trail/"),
    ] {
        for owner in [account, "111122223333"] {
            let text = printed.grant(action).to_string();
            assert!(text.contains(&format!("{owner}{what}")), "{action} {text}");
        }
    }
    assert_eq!(
        printed.grant("organizations:EnableAWSServiceAccess"),
        Value::Array(vec![])
    );
    assert!(
        printed.said.contains("can become an administrator"),
        "{}",
        printed.said
    );

    // Setting a topic on a trail of the organization changes that trail.
    let on_trail = [&flags[..], &["--organization", "--notify", "trail"]].concat();
    let printed = Printed::of(world, "setup-existing", &on_trail);
    assert_ne!(
        printed.grant("iam:CreateServiceLinkedRole"),
        Value::Array(vec![])
    );
}

/// A printed policy, and what is said about it.
struct Printed {
    statements: Vec<Value>,
    said: String,
}

impl Printed {
    fn of(world: &World, name: &str, more: &[&str]) -> Self {
        let words = ["policy", name, "--expect-account", &world.account];
        let ran = world.run(&[&words, more].concat()).exits(0);
        Self {
            statements: ran.json()["Statement"].as_array().unwrap().clone(),
            said: ran.stderr,
        }
    }

    /// The statements that allow an action.
    fn grant(&self, action: &str) -> Value {
        let name = format!("\"{action}\"");
        let allow = |one: &&Value| one["Action"].to_string().contains(&name);
        Value::Array(self.statements.iter().filter(allow).cloned().collect())
    }
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
