//! What a caller needs: the published policy, and the policies that the program prints.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Ran, World, snapshot};

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

/// The actions of a printed policy.
fn actions(printed: &Value) -> BTreeSet<String> {
    let statements = printed["Statement"].as_array().unwrap().iter();
    let lists = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
    lists.map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn is_read(action: &str) -> bool {
    let call = action.split(':').nth(1).unwrap();
    let verbs = ["Get", "List", "Describe"];
    verbs.iter().any(|verb| call.starts_with(verb))
}

/// A printed policy without one of its actions.
fn without(printed: &Value, missing: &str) -> String {
    let mut policy = printed.clone();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        let list = statement["Action"].as_array_mut().unwrap();
        list.retain(|one| one != missing);
    }
    let allows = |statement: &Value| statement["Action"] != Value::Array(vec![]);
    policy["Statement"].as_array_mut().unwrap().retain(allows);
    policy.to_string()
}

/// A world that is set up, and `remove` in it with this printed policy of another world without one of its actions.
fn removed_without(printed: &Value, of: &World, missing: &str) -> (World, Ran) {
    let there = World::new();
    there.setup("demo", &[]).exits(0);
    let policy = without(printed, missing).replace(&of.account, &there.account);
    let words = [
        "remove",
        "demo",
        "--yes",
        "--confirm-account",
        &there.account,
    ];
    let ran = there.run_under(&policy, &words);
    (there, ran)
}

/// Does this for each of these, some at a time; what it finds amiss, all together.
fn for_each(actions: &BTreeSet<String>, look: impl Fn(&str) -> Option<String> + Sync) -> String {
    let queue = std::sync::Mutex::new(actions.iter());
    let amiss = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(action) = next else { return };
                    let found = look(action);
                    amiss.lock().unwrap().extend(found);
                }
            });
        }
    });
    amiss.into_inner().unwrap().join("\n\n")
}

#[test]
fn a_permission_to_write_that_is_missing_is_named_and_the_rest_goes_on_from_there() {
    let world = World::new();
    let printed = |purpose: &str| -> Value {
        serde_json::from_str(&world.printed_policy(purpose, "demo", &[])).unwrap()
    };
    // Those of each world are of its own account.
    let of = |policy: &Value, there: &World| -> Value {
        let text = policy.to_string().replace(&world.account, &there.account);
        serde_json::from_str(&text).unwrap()
    };
    let setup = printed("setup-new");
    let mut writes = actions(&setup);
    writes.retain(|action| !is_read(action));
    // The emulator does not ask for the role that is passed, nor for tags that come with a create.
    for unasked in [
        "iam:PassRole",
        "iam:TagRole",
        "sns:TagResource",
        "lambda:TagResource",
        "cloudtrail:AddTags",
    ] {
        writes.remove(unasked);
    }
    // Only a validation message that got lost needs it.
    writes.remove("cloudtrail:UpdateTrail");
    let amiss = for_each(&writes, |missing| {
        let there = World::new();
        let policy = without(&of(&setup, &there), missing);
        let ran = there.run_under(&policy, &["setup", "demo", "--yes"]);
        let named = [4, 6].contains(&ran.code) && ran.stderr.contains(missing);
        let went_on = there.setup("demo", &[]).code == 0;
        (!named || !went_on)
            .then(|| format!("setup {missing}: {} {went_on}\n{}", ran.code, ran.stderr))
    });
    assert_eq!(amiss, "");
    let remove = printed("remove");
    let mut writes = actions(&remove);
    writes.retain(|action| !is_read(action));
    // A bucket with log files in it stays, and nobody else has a statement in its policy.
    writes.remove("s3:DeleteBucket");
    writes.remove("s3:PutBucketPolicy");
    let amiss = for_each(&writes, |missing| {
        let (there, ran) = removed_without(&remove, &world, missing);
        let named = ran.code == 6 && ran.stderr.contains(missing);
        let went_on = there.remove("demo", &[]).code == 0;
        (!named || !went_on)
            .then(|| format!("remove {missing}: {} {went_on}\n{}", ran.code, ran.stderr))
    });
    assert_eq!(amiss, "");
}

#[test]
fn a_removal_that_cannot_look_never_calls_removed_what_is_left() {
    let world = World::new();
    let remove = world.printed_policy("remove", "demo", &[]);
    let remove: Value = serde_json::from_str(&remove).unwrap();
    let mut reads = actions(&remove);
    reads.retain(|action| is_read(action));
    // Whom the credentials belong to is answered without any permission (IAM User Guide).
    reads.remove("sts:GetCallerIdentity");
    let amiss = for_each(&reads, |missing| {
        let (there, ran) = removed_without(&remove, &world, missing);
        let left = snapshot::aws(&there).into_keys();
        let mut left =
            left.filter(|name| name.contains("sophos-ct-demo") && !name.starts_with("bucket "));
        let true_to_its_word = match ran.code {
            0 => left.next().is_none(),
            // A subscription that is not listed is found by subscribing again.
            _ if missing == "sns:ListSubscriptionsByTopic" => ran.stderr.contains("sns:Subscribe"),
            _ => ran.stderr.contains(missing),
        };
        let went_on = there.remove("demo", &[]).code == 0;
        (!true_to_its_word || !went_on)
            .then(|| format!("{missing}: {} {went_on}\n{}", ran.code, ran.stderr))
    });
    assert_eq!(amiss, "");
}

#[test]
fn a_permission_to_read_that_is_missing_is_named_by_a_second_setup() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let printed = world.printed_policy("setup-new", "demo", &[]);
    let printed: Value = serde_json::from_str(&printed).unwrap();
    let mut actions = actions(&printed);
    // Whom the credentials belong to is answered without any permission (IAM User Guide).
    actions.remove("sts:GetCallerIdentity");
    // Only what a further trail would cost depends on it: nothing here is believed without it.
    actions.remove("cloudtrail:GetEventSelectors");
    let mut unnoticed = Vec::new();
    for missing in actions.iter().filter(|action| is_read(action)) {
        let policy = without(&printed, missing);
        let ran = world.run_under(&policy, &["setup", "demo", "--yes"]);
        if !ran.stderr.contains(missing.as_str()) {
            unnoticed.push(format!("{missing}: {}\n{}", ran.code, ran.stderr));
        }
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n\n"));
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
            // Looks that make a run safer and that none depends on.
            let is_optional =
                action.starts_with("s3:GetBucket") || action == "s3:GetLifecycleConfiguration";
            assert!(published.contains(action) || is_optional, "{action}");
        }
    }
}

#[test]
fn the_printed_policies_name_what_organizations_boundaries_and_checks_need() {
    let world = World::new();
    let account = world.account.as_str();
    let printed = |name: &str, more: &[&str]| {
        let words = [&["policy", name, "--expect-account", account], more].concat();
        let ran = world.run(&words).exits(0);
        let statements = ran.json()["Statement"].as_array().unwrap().clone();
        let grant = move |action: &str| {
            let found: Vec<&Value> = statements
                .iter()
                .filter(|one| one["Action"].to_string().contains(&format!("\"{action}\"")))
                .collect();
            Value::Array(found.into_iter().cloned().collect())
        };
        (grant, ran.stderr)
    };
    // A delegated administrator.
    let flags = [
        "--org-id",
        "o-a1b2c3d4e5",
        "--management-account",
        "111122223333",
    ];
    let (grant, said) = printed("setup-organization", &flags);
    for action in [
        "iam:CreateServiceLinkedRole",
        "organizations:ListAWSServiceAccessForOrganization",
        "organizations:ListDelegatedAdministrators",
    ] {
        assert_eq!(grant(action).as_array().unwrap().len(), 1, "{action}");
    }
    for (action, what) in [
        ("iam:GetRole", ":role/aws-service-role/"),
        ("cloudtrail:CreateTrail", ":trail/"),
        ("cloudtrail:StartLogging", ":trail/"),
    ] {
        for owner in [account, "111122223333"] {
            let text = grant(action).to_string();
            assert!(text.contains(&format!("{owner}{what}")), "{action} {text}");
        }
    }
    assert_eq!(
        grant("organizations:EnableAWSServiceAccess"),
        Value::Array(vec![])
    );
    assert!(said.contains("can become an administrator"), "{said}");

    // A topic on a trail of the organization changes that trail.
    let on_trail = [&flags[..], &["--organization", "--notify", "trail"]].concat();
    let (grant, _) = printed("setup-existing", &on_trail);
    assert_ne!(grant("iam:CreateServiceLinkedRole"), Value::Array(vec![]));

    // Where nothing that is set up sends a message, the function is invoked.
    for (name, more, invoked) in [
        ("setup-new", &[][..], false),
        ("setup-existing", &["--notify", "eventbridge"], true),
        ("setup-existing", &["--topic", "theirs"], true),
        ("setup-existing", &["--notify", "bucket"], false),
    ] {
        let (grant, _) = printed(name, more);
        let found = grant("lambda:InvokeFunction") != Value::Array(vec![]);
        assert_eq!(found, invoked, "{name} {more:?}");
    }

    let boundary = format!("arn:aws:iam::{account}:policy/boundary");
    let (grant, said) = printed("setup-new", &["--permissions-boundary", &boundary]);
    for action in ["iam:CreateRole", "iam:PutRolePolicy"] {
        let condition = &grant(action)[0]["Condition"]["StringEquals"]["iam:PermissionsBoundary"];
        assert_eq!(*condition, boundary.as_str(), "{action}");
    }
    assert!(said.contains("only with the boundary"), "{said}");
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
