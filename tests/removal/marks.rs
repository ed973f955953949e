//! Whose a resource is without Central: what a stack has made stays, and so does what cannot be read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::left;
use crate::{
    existing::{notified_by, with_trail},
    support::{Ran, World, blocking, fixtures, snapshot},
};

const NAME: &str = "sophos-ct-demo";

fn made() -> World {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    world
}

fn topic_of(world: &World) -> String {
    format!("arn:aws:sns:eu-west-1:{}:{NAME}", world.account)
}

fn trail_of(world: &World) -> String {
    let account = &world.account;
    format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/{NAME}")
}

fn remove(world: &World) -> Ran {
    let mut command = world.without_central("demo", &["--format", "json"]);
    command.output().unwrap().into()
}

/// Removes as a role that has the printed policy without these actions.
fn remove_lacking(world: &World, missing: &[&str]) -> Ran {
    let printed = world.printed_policy("remove", "demo", &[]);
    let mut policy: Value = serde_json::from_str(&printed).unwrap();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        let actions = statement["Action"].as_array_mut().unwrap();
        actions.retain(|action| !missing.contains(&action.as_str().unwrap()));
    }
    let allows = |statement: &Value| statement["Action"] != Value::Array(Vec::new());
    policy["Statement"].as_array_mut().unwrap().retain(allows);
    let mut command = world.without_central("demo", &["--format", "json"]);
    command.envs(world.role(&policy.to_string()));
    command.output().unwrap().into()
}

/// The account without the role that removes.
fn theirs(world: &World) -> BTreeMap<String, Value> {
    let mut found = snapshot::aws(world);
    found.retain(|name, _| !name.contains("operator"));
    found
}

/// Everything of the connection stays, and is named as a stack's.
#[track_caller]
fn all_stays(world: &World, remove: impl Fn() -> Ran) {
    stays(world, &["trail/", "role/"], remove);
}

/// Everything of the connection stays, and these parts of it are named as a stack's.
#[track_caller]
fn stays(world: &World, parts: &[&str], remove: impl Fn() -> Ran) {
    let before = theirs(world);
    let kept = remove().exits(6).json();
    assert_ne!(kept["result"], "removed");
    for step in kept["steps"].as_array().unwrap() {
        assert_eq!(step["action"], "keep", "{step}");
    }
    let message = kept["error"]["message"].as_str().unwrap();
    for part in parts {
        assert!(message.contains(&format!("{part}{NAME}")), "{message}");
    }
    assert_eq!(theirs(world), before);
}

#[test]
fn one_mark_of_a_stack_on_any_part_keeps_all_of_it() {
    for part in ["topic", "role", "trail", "function"] {
        let world = made();
        blocking(async {
            let aws = world.aws().await;
            match part {
                "topic" => fixtures::managed_topic(&aws, &topic_of(&world)).await,
                "role" => fixtures::managed_role(&aws, NAME).await,
                "trail" => fixtures::managed_trail(&aws, &trail_of(&world)).await,
                _ => fixtures::managed_function(&aws, NAME).await,
            }
        });
        all_stays(&world, || remove(&world));
    }
}

#[test]
fn one_mark_of_a_stack_on_an_alarm_or_a_rule_keeps_all_of_it() {
    let world = World::new();
    let place = format!("eu-west-1:{}", world.account);
    blocking(async {
        let create = world.aws().await.sns.create_topic().name("pager");
        create.send().await.unwrap();
    });
    let pager = format!("arn:aws:sns:{place}:pager");
    world.setup("demo", &["--alarm", &pager]).exits(0);
    blocking(async {
        let arn = format!("arn:aws:cloudwatch:{place}:alarm:{NAME}-silence");
        fixtures::managed_alarm(&world.aws().await, &arn).await;
    });
    stays(&world, &["trail/", "role/"], || remove(&world));

    let world = with_trail(false);
    let place = format!("eu-west-1:{}", world.account);
    world.setup("demo", &notified_by("eventbridge")).exits(0);
    blocking(async {
        let arn = format!("arn:aws:events:{place}:rule/{NAME}");
        fixtures::managed_rule(&world.aws().await, &arn).await;
    });
    stays(&world, &["rule/", "role/"], || remove(&world));
}

#[test]
fn a_bucket_that_has_outlived_its_stack_is_kept_alone() {
    let world = made();
    remove(&world).exits(0);
    let bucket = format!("{NAME}-{}-eu-west-1", world.account);
    blocking(async {
        fixtures::managed_bucket(&world.aws().await, &bucket).await;
    });
    let kept = format!("bucket {NAME}-ACCOUNT-eu-west-1");
    let is_alone = |removed: Ran| {
        assert_eq!(removed.exits(0).json()["result"], "removed");
        assert_eq!(left(&world), [kept.as_str()]);
        assert_eq!(snapshot::aws(&world)[&kept]["policy"], Value::Null);
    };
    world.setup("demo", &[]).exits(0);
    is_alone(remove(&world));
    // Central calls the bucket created.
    let made = world.setup("demo", &[]).exits(0).json();
    let delete = ["--delete-logs", "--confirm-bucket", &bucket];
    is_alone(world.remove("demo", &delete));
    // Nothing else is left to remove, and the log files that were to go are still there.
    let id = made["connection"]["id"].as_str().unwrap();
    let stays = world.remove(id, &delete).exits(6).json();
    let message = stays["error"]["message"].as_str().unwrap();
    assert!(message.contains(&bucket), "{message}");
    assert_ne!(stays["result"], "removed");
    is_alone(world.remove(id, &[]));
}

#[test]
fn a_stacks_mark_on_our_bucket_keeps_nothing_but_the_bucket() {
    let kept = format!("bucket {NAME}-ACCOUNT-eu-west-1");
    for central in [false, true] {
        let world = made();
        let bucket = format!("{NAME}-{}-eu-west-1", world.account);
        blocking(async {
            fixtures::managed_bucket(&world.aws().await, &bucket).await;
        });
        let removed = match central {
            true => world.remove("demo", &[]),
            false => remove(&world),
        };
        let removed = removed.exits(0).json();
        assert_eq!(removed["result"], "removed");
        for step in removed["steps"].as_array().unwrap() {
            let stays = step["kind"] == "bucket";
            assert_eq!(step["action"] == "keep", stays, "{step}");
        }
        assert_eq!(left(&world), [kept.as_str()]);
    }
}

#[test]
fn a_stack_is_known_without_its_function_and_without_the_right_to_list_tags_of_it() {
    let world = made();
    blocking(async {
        let aws = world.aws().await;
        fixtures::managed_function(&aws, NAME).await;
    });
    // The printed policy has no lambda:ListTags.
    remove_lacking(&world, &[]).exits(6);
    all_stays(&world, || {
        remove_lacking(&world, &["sns:ListTagsForResource"])
    });
    let world = made();
    blocking(async {
        let aws = world.aws().await;
        fixtures::managed_topic(&aws, &topic_of(&world)).await;
        let delete = aws.lambda.delete_function().function_name(NAME);
        delete.send().await.unwrap();
    });
    all_stays(&world, || remove(&world));
}

#[test]
fn what_a_stack_has_made_stays_even_if_central_calls_it_created() {
    let world = made();
    blocking(async {
        let aws = world.aws().await;
        fixtures::managed_topic(&aws, &topic_of(&world)).await;
    });
    all_stays(&world, || world.remove("demo", &[]));
    assert_eq!(snapshot::central(&world)[0]["status"], "active");
    // Setup does not change it either.
    blocking(async {
        let stop = world.aws().await.cloudtrail.stop_logging().name(NAME);
        stop.send().await.unwrap();
    });
    let before = theirs(&world);
    world.setup("demo", &[]).exits(8);
    assert_eq!(theirs(&world), before);
}

#[test]
fn what_cannot_be_read_stays_and_is_named_until_it_can() {
    let world = made();
    let denied = remove_lacking(&world, &["sns:ListTagsForResource"]);
    let denied = denied.exits(6).json();
    assert_ne!(denied["result"], "removed");
    let message = denied["error"]["message"].as_str().unwrap();
    for named in [topic_of(&world).as_str(), "sns:ListTagsForResource"] {
        assert!(message.contains(named), "{message}");
    }
    let topic = format!("topic arn:aws:sns:eu-west-1:ACCOUNT:{NAME}");
    let stays = left(&world);
    assert!(stays.contains(&topic), "{stays:?}");
    let gone = ["function ", "trail "];
    let mut others = stays.iter();
    assert!(!others.any(|one| gone.iter().any(|kind| one.starts_with(kind))));
    let removed = remove(&world).exits(0).json();
    assert_eq!(removed["result"], "removed");
    assert!(!left(&world).contains(&topic));
    // Central may have the connection, also if there is nothing left to do in AWS.
    let again = remove(&world).exits(0);
    assert!(
        again.stderr.contains("If Central still has the connection"),
        "{}",
        again.stderr
    );
    assert_eq!(again.json()["result"], "unchanged");
}

#[test]
fn a_trail_that_cannot_be_read_keeps_what_it_needs() {
    let world = made();
    let denied = remove_lacking(&world, &["cloudtrail:ListTags"]);
    let denied = denied.exits(6).json();
    let message = denied["error"]["message"].as_str().unwrap();
    for named in [trail_of(&world).as_str(), "cloudtrail:ListTags"] {
        assert!(message.contains(named), "{message}");
    }
    let after = snapshot::aws(&world);
    let bucket = format!("bucket {NAME}-ACCOUNT-eu-west-1");
    assert_ne!(after[&bucket]["policy"], Value::Null);
    let topic = format!("topic arn:aws:sns:eu-west-1:ACCOUNT:{NAME}");
    assert!(after.contains_key(&topic));
    remove(&world).exits(0);
    let kept = snapshot::aws(&world);
    assert_eq!(kept[&bucket]["policy"], Value::Null);
}

#[test]
fn where_no_mark_can_be_read_nothing_is_said_to_be_gone() {
    let world = made();
    let before = theirs(&world);
    let unread = [
        "lambda:GetFunction",
        "iam:GetRole",
        "sns:ListTagsForResource",
        "cloudtrail:ListTags",
        "s3:GetBucketTagging",
    ];
    let refused = remove_lacking(&world, &unread).exits(4).json();
    let message = refused["error"]["message"].as_str().unwrap();
    for action in unread {
        assert!(message.contains(action), "{action}: {message}");
    }
    assert_eq!(theirs(&world), before);
}
