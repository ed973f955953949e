//! Removal from Central alone, and without Central.

use serde_json::Value;

use super::left;
use crate::{
    existing::with_trail,
    support::{Ran, World, blocking, snapshot},
};

#[test]
fn central_only_ends_the_connection_and_names_once_what_stays_in_aws_by_its_record() {
    let world = World::new();
    world.setup("gone", &[]).exits(0);
    let before = snapshot::aws(&world);
    let ran = world
        .run(&["remove", "gone", "--central-only", "--yes"])
        .exits(0);
    for part in [
        "trail/sophos-ct-gone",
        "function:sophos-ct-gone",
        "role/sophos-ct-gone",
    ] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    let mut recorded = recorded(&ran);
    let count = recorded.len();
    assert!(count > 0, "{}", ran.stderr);
    recorded.sort_unstable();
    recorded.dedup();
    assert_eq!(recorded.len(), count, "{}", ran.stderr);
    assert_eq!(snapshot::aws(&world), before);
    assert_eq!(snapshot::central(&world)[0]["status"], "deleted");
    // A deleted connection is distinguished from one that never existed, and from one that is not healthy.
    let id = connection_id(&world, "gone");
    for name in ["gone", &id] {
        let status = world
            .run(&["status", name, "--format", "json"])
            .exits(8)
            .json();
        let checks = status["checks"].as_array().unwrap();
        assert_eq!(checks.len(), 1, "{status}");
        assert_eq!(checks[0]["detail"], "deleted");
        let fix = checks[0]["fix"].as_str().unwrap();
        assert!(
            fix.contains("setup gone") && fix.contains(&format!("remove {id}")),
            "{fix}"
        );
    }
    for verb in ["plan", "setup"] {
        let refused = world.run(&[verb, &id, "--yes"]).exits(2).stderr;
        assert!(refused.contains("is deleted"), "{refused}");
    }
    assert_eq!(snapshot::aws(&world), before);
    // What was left can still be found by its marks.
    remove_without_central(&world, "gone", &[]).exits(0);
    assert_eq!(left(&world), ["bucket sophos-ct-gone-ACCOUNT-eu-west-1"]);
}

#[test]
fn central_only_lists_nothing_that_the_connection_only_used() {
    let world = with_trail(true);
    let subscribed = ["--resources", "existing", "--trail", "theirs"];
    world.setup("demo", &subscribed).exits(0);
    let ran = world
        .run(&["remove", "demo", "--central-only", "--yes"])
        .exits(0);
    let recorded = recorded(&ran);
    let lists = |start: &str| recorded.iter().any(|line| line.starts_with(start));
    assert!(lists("role ") && lists("subscription "), "{recorded:?}");
    for theirs in ["bucket ", "topic ", "trail "] {
        assert!(!lists(theirs), "{recorded:?}");
    }
}

#[test]
fn without_central_nothing_is_said_to_be_removed_if_nothing_was() {
    let world = World::new();
    world.setup("kept", &[]).exits(0);
    world
        .run(&["remove", "kept", "--central-only", "--yes"])
        .exits(0);
    let json = ["--format", "json"];
    let keep = ["--format", "json", "--keep-trail"];
    let trail = "trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-kept";
    let later = "--bucket sophos-ct-kept-";
    for (flags, stays) in [(&keep[..], true), (&json[..], false)] {
        for result in ["removed", "unchanged"] {
            let ran = remove_without_central(&world, "kept", flags).exits(0);
            assert_eq!(ran.json()["result"], result, "{}", ran.stderr);
            // It is not known what Central has.
            let says = "If Central still has the connection";
            assert!(ran.stderr.contains(says), "{}", ran.stderr);
            // The log files stay for the trail, or can be deleted.
            assert_eq!(ran.stderr.contains(later), !stays, "{}", ran.stderr);
            assert_eq!(left(&world).iter().any(|name| name == trail), stays);
        }
    }
}

#[test]
fn without_central_what_carries_the_mark_is_removed_under_the_given_names() {
    let world = World::new();
    let names = [
        "--topic",
        "our-topic",
        "--role",
        "our-role",
        "--function",
        "our-function",
        "--trail",
        "our-trail",
    ];
    world.setup("blind", &names).exits(0);
    blocking(async {
        // A topic under the default name that is not ours.
        world
            .aws()
            .await
            .sns
            .create_topic()
            .name("sophos-ct-blind")
            .send()
            .await
            .unwrap();
    });
    // Only the bucket has its default name, and our trail, which has another name, writes into it.
    let before = snapshot::aws(&world);
    let json = ["--format", "json"];
    let elsewhere = remove_without_central(&world, "blind", &json)
        .exits(6)
        .json();
    assert!(
        elsewhere["error"]["message"]
            .as_str()
            .unwrap()
            .contains("trail/our-trail")
    );
    remove_without_central(&world, "nothing", &[]).exits(2);
    assert_eq!(snapshot::aws(&world), before);
    let named = [&json[..], &names].concat();
    let removed = remove_without_central(&world, "blind", &named)
        .exits(0)
        .json();
    assert_eq!(removed["result"], "removed");
    assert_eq!(removed["connection"], Value::Null);
    let bucket = "bucket sophos-ct-blind-ACCOUNT-eu-west-1";
    let theirs = "topic arn:aws:sns:eu-west-1:ACCOUNT:sophos-ct-blind";
    assert_eq!(left(&world), [bucket, theirs]);
    assert_eq!(snapshot::aws(&world)[bucket]["policy"], Value::Null);
    remove_without_central(&world, "blind", &named).exits(0);
    assert_eq!(snapshot::central(&world)[0]["status"], "active");
    world.remove("blind", &[]).exits(0);
    assert_eq!(snapshot::central(&world)[0]["status"], "deleted");
}

#[test]
fn a_bucket_whose_name_repeats_the_account_is_found_by_its_mark() {
    let world = World::new();
    let account = &world.account;
    let name = format!("aws-{account}");
    let bucket = format!("sophos-ct-{name}-{account}-eu-west-1");
    let first = world.setup(&name, &["--bucket", &bucket]).exits(0).json();
    let kept = "bucket sophos-ct-aws-ACCOUNT-ACCOUNT-eu-west-1";
    let delete = ["--delete-logs", "--confirm-bucket", &bucket];
    remove_without_central(&world, &name, &[]).exits(0);
    assert_eq!(left(&world), [kept]);
    assert_eq!(snapshot::aws(&world)[kept]["policy"], Value::Null);
    // Central still knows its name.
    world.remove(&name, &[]).exits(0);
    // Another connection of this name takes it up again, and can be removed with it.
    let set_up = world.setup(&name, &[]).exits(0).json();
    let steps = set_up["steps"].as_array().unwrap();
    let used = steps.iter().find(|step| step["kind"] == "bucket").unwrap();
    assert_eq!(used["action"], "use");
    assert_eq!(used["arn"], format!("arn:aws:s3:::{bucket}"));
    world.remove(&name, &[]).exits(0);
    assert_eq!(left(&world), [kept]);
    // The bucket is the first connection's: its mark decides, whoever used it later.
    let first = first["connection"]["id"].as_str().unwrap();
    world.remove(first, &delete).exits(0);
    assert_eq!(left(&world), [""; 0]);
}

#[test]
fn the_default_bucket_names_the_account_once() {
    let world = World::new();
    let name = format!("aws-{}", world.account);
    world.setup(&name, &[]).exits(0);
    remove_without_central(&world, &name, &[]).exits(0);
    assert_eq!(left(&world), ["bucket sophos-ct-ACCOUNT-eu-west-1"]);
}

#[test]
fn without_central_the_end_says_how_to_delete_the_log_files_later() {
    let world = World::new();
    world.setup("blind", &[]).exits(0);
    let bucket = format!("sophos-ct-blind-{}-eu-west-1", world.account);
    let kept = remove_without_central(&world, "blind", &[]).exits(0).stderr;
    let later = [
        "--region",
        "eu-west-1",
        "--bucket",
        &bucket,
        "--delete-logs",
    ];
    let printed = format!(
        "sophos-ct remove blind --region eu-west-1 --without-central --bucket {bucket} --delete-logs"
    );
    assert!(kept.contains(&printed), "{kept}");
    assert_eq!(left(&world), ["bucket sophos-ct-blind-ACCOUNT-eu-west-1"]);
    // The bucket is all that is left, and its mark is enough.
    let confirmed = [&later[..], &["--confirm-bucket", &bucket]].concat();
    let deleted = remove_without_central(&world, "blind", &confirmed).exits(0);
    assert!(!deleted.stderr.contains(&printed), "{}", deleted.stderr);
    assert_eq!(left(&world), [""; 0]);
}

/// Runs `remove` without any address or credentials of Central.
fn remove_without_central(world: &World, name: &str, more: &[&str]) -> Ran {
    world.without_central(name, more).output().unwrap().into()
}

/// What Central's record says is in AWS, as it was listed.
fn recorded(ran: &Ran) -> Vec<&str> {
    let lines = ran.stderr.lines();
    let recorded = lines.filter_map(|line| line.split_once("record of what is in AWS: "));
    recorded.map(|(_, what)| what).collect()
}

/// The id of a connection, deleted or not.
fn connection_id(world: &World, name: &str) -> String {
    let listed = world
        .run(&["list", "--all", "--format", "json"])
        .exits(0)
        .json();
    let all = listed["connections"].as_array().unwrap();
    let found = all.iter().find(|one| one["name"] == name).unwrap();
    found["id"].as_str().unwrap().to_owned()
}
