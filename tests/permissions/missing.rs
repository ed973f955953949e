//! Each permission of a printed policy is taken away in turn.

use serde_json::Value;

use super::taken::{actions, for_each, without};
use crate::support::{Ran, World, snapshot};

#[test]
fn a_missing_permission_to_write_is_named_and_the_next_run_continues_from_there() {
    let world = World::new();
    let printed = |purpose: &str| -> Value {
        serde_json::from_str(&world.printed_policy(purpose, "demo", &[])).unwrap()
    };
    // A policy names the account of its own world.
    let of = |policy: &Value, there: &World| -> Value {
        let text = policy.to_string().replace(&world.account, &there.account);
        serde_json::from_str(&text).unwrap()
    };
    let setup = printed("setup-new");
    let mut writes = actions(&setup);
    writes.retain(|action| !is_read(action));
    // The emulator asks for no permission to pass a role, nor for one to tag what is being created.
    for unasked in [
        "iam:PassRole",
        "iam:TagRole",
        "sns:TagResource",
        "lambda:TagResource",
        "cloudtrail:AddTags",
    ] {
        writes.remove(unasked);
    }
    // It is needed only if a validation message was lost.
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
fn without_any_action_of_remove_logs_the_log_files_stay_and_the_action_is_named() {
    let world = World::new();
    let printed = |purpose: &str| -> Value {
        serde_json::from_str(&world.printed_policy(purpose, "demo", &[])).unwrap()
    };
    let whole = printed("remove-logs");
    let removal = actions(&printed("remove"));
    let mut wanted = actions(&whole);
    wanted.retain(|action| !removal.contains(action));
    // A removal alone needs these only in rare cases.
    wanted.extend(["s3:DeleteBucket", "s3:GetBucketPolicy"].map(ToOwned::to_owned));
    let amiss = for_each(&wanted, |missing| {
        let there = World::new();
        there.setup("demo", &["--wait-for-logs"]).exits(0);
        let account = there.account.as_str();
        let bucket = format!("sophos-ct-demo-{account}-eu-west-1");
        let logs = ["--delete-logs", "--confirm-bucket", &bucket];
        let policy = without(&whole, missing).replace(&world.account, account);
        let ran = there.run_under(&policy, &[&there.removal()[..], &logs].concat());
        let named = [4, 5, 6].contains(&ran.code) && ran.stderr.contains(missing);
        let stays = snapshot::aws(&there)
            .into_keys()
            .any(|name| name == "bucket sophos-ct-demo-ACCOUNT-eu-west-1");
        (!named || !stays).then(|| format!("{missing}: {} {stays}\n{}", ran.code, ran.stderr))
    });
    assert_eq!(amiss, "");
}

#[test]
fn a_removal_that_may_not_read_never_says_removed_while_something_is_left() {
    let world = World::new();
    let remove = world.printed_policy("remove", "demo", &[]);
    let remove: Value = serde_json::from_str(&remove).unwrap();
    let mut reads = actions(&remove);
    reads.retain(|action| is_read(action));
    // AWS answers this call without any permission (IAM User Guide).
    reads.remove("sts:GetCallerIdentity");
    let amiss = for_each(&reads, |missing| {
        let (there, ran) = removed_without(&remove, &world, missing);
        let left = snapshot::aws(&there).into_keys();
        let mut left =
            left.filter(|name| name.contains("sophos-ct-demo") && !name.starts_with("bucket "));
        let true_to_its_word = match ran.code {
            0 => left.next().is_none(),
            _ => ran.stderr.contains(missing),
        };
        let went_on = there.remove("demo", &[]).code == 0;
        (!true_to_its_word || !went_on)
            .then(|| format!("{missing}: {} {went_on}\n{}", ran.code, ran.stderr))
    });
    assert_eq!(amiss, "");
}

#[test]
fn a_missing_permission_to_read_is_named_by_a_second_setup() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let printed = world.printed_policy("setup-new", "demo", &[]);
    let printed: Value = serde_json::from_str(&printed).unwrap();
    let mut actions = actions(&printed);
    // AWS answers this call without any permission (IAM User Guide).
    actions.remove("sts:GetCallerIdentity");
    // It is needed only to tell what a further trail would cost, and nothing here depends on that.
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

/// Sets up a world and runs `remove` in it, under the policy that was printed for the world `of` without one of its actions.
fn removed_without(printed: &Value, of: &World, missing: &str) -> (World, Ran) {
    let there = World::new();
    there.setup("demo", &[]).exits(0);
    let policy = without(printed, missing).replace(&of.account, &there.account);
    let ran = there.run_under(&policy, &there.removal());
    (there, ran)
}

fn is_read(action: &str) -> bool {
    let call = action.split(':').nth(1).unwrap();
    let verbs = ["Get", "List", "Describe"];
    verbs.iter().any(|verb| call.starts_with(verb))
}
