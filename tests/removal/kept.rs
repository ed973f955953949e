//! What `remove` keeps: a trail on request, and what others use.

use serde_json::{Value, json};

use super::left;
use crate::support::{World, blocking, snapshot};

#[test]
fn a_trail_is_kept_on_request_with_all_that_it_needs() {
    let world = World::new();
    world.setup("kept", &[]).exits(0);
    let ran = world
        .run(&[
            "remove",
            "kept",
            "--yes",
            "--confirm-account",
            &world.account,
            "--keep-trail",
        ])
        .exits(0);
    assert!(
        ran.stderr.contains("trail/sophos-ct-kept"),
        "{}",
        ran.stderr
    );
    let after = snapshot::aws(&world);
    let names: Vec<&str> = after.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "bucket sophos-ct-kept-ACCOUNT-eu-west-1",
            "topic arn:aws:sns:eu-west-1:ACCOUNT:sophos-ct-kept",
            "trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-kept"
        ]
    );
    assert_eq!(after[names[2]]["logging"], true);
    assert_eq!(after[names[1]]["subscribers"], json!([]));
    assert_ne!(after[names[0]]["policy"], Value::Null);
}

#[test]
fn what_others_use_is_kept_and_they_are_named() {
    let world = World::new();
    world.setup("shared", &[]).exits(0);
    let topic = format!("arn:aws:sns:eu-west-1:{}:sophos-ct-shared", world.account);
    let queue = format!("arn:aws:sqs:eu-west-1:{}:theirs", world.account);
    blocking(async {
        let aws = world.aws().await;
        let subscribe = aws
            .sns
            .subscribe()
            .topic_arn(&topic)
            .protocol("sqs")
            .endpoint(&queue);
        subscribe.send().await.unwrap();
    });
    let ran = world.remove("shared", &[]).exits(6).json();
    let message = ran["error"]["message"].as_str().unwrap();
    let stays = format!("not removed: topic {topic} (used by {queue})");
    assert!(message.contains(&stays), "{message}");
    for part in ["trail/sophos-ct-shared", "bucket policy"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let hint = ran["error"]["hint"].as_str().unwrap();
    assert!(hint.contains("What others use stays"), "{hint}");
    assert_eq!(hint.lines().count(), 1, "{hint}");
    let after = snapshot::aws(&world);
    assert_eq!(
        after["topic arn:aws:sns:eu-west-1:ACCOUNT:sophos-ct-shared"]["subscribers"][0],
        queue
            .replace(&world.account, "ACCOUNT")
            .replace("arn", "sqs arn")
    );
    assert!(
        after.contains_key("trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-shared")
    );
    assert!(!after.contains_key("function sophos-ct-shared"));
    world.remove("shared", &["--force-shared"]).exits(0);
    assert_eq!(left(&world), ["bucket sophos-ct-shared-ACCOUNT-eu-west-1"]);
}

#[test]
fn subscribers_that_can_only_be_counted_keep_the_topic_however_often_remove_runs() {
    let world = World::new();
    world.setup("shared", &[]).exits(0);
    let topic = format!("arn:aws:sns:eu-west-1:{}:sophos-ct-shared", world.account);
    let queue = format!("arn:aws:sqs:eu-west-1:{}:theirs", world.account);
    blocking(async {
        let subscribe = world.aws().await.sns.subscribe().topic_arn(&topic);
        let subscribe = subscribe.protocol("sqs").endpoint(&queue);
        subscribe.send().await.unwrap();
    });
    let listing = "sns:ListSubscriptionsByTopic";
    // Without this one, the subscription could not be found, so that it would stay anyway.
    let printed = world.printed_policy("remove", "shared", &[]);
    let printed = printed.replace(listing, "sns:Subscribe");
    let words = [
        "remove",
        "shared",
        "--yes",
        "--confirm-account",
        &world.account,
    ];
    for _ in 0..3 {
        let ran = world.run_under(&printed, &words).exits(6);
        assert!(ran.stderr.contains(listing), "{}", ran.stderr);
        let after = snapshot::aws(&world);
        let topic = &after["topic arn:aws:sns:eu-west-1:ACCOUNT:sophos-ct-shared"];
        assert_eq!(topic["subscribers"].as_array().unwrap().len(), 2, "{topic}");
        let trail = "trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-shared";
        assert!(after.contains_key(trail));
    }
    let ran = world.remove("shared", &[]).exits(6).json();
    assert!(ran["error"]["message"].as_str().unwrap().contains(&queue));
    world.remove("shared", &["--force-shared"]).exits(0);
    let mut left = left(&world);
    left.retain(|name| !name.contains("operator"));
    assert_eq!(left, ["bucket sophos-ct-shared-ACCOUNT-eu-west-1"]);
}

#[test]
fn a_subscriber_that_cannot_be_listed_is_never_taken_for_ours() {
    let world = World::new();
    world.setup("shared", &[]).exits(0);
    let topic = format!("arn:aws:sns:eu-west-1:{}:sophos-ct-shared", world.account);
    let queue = format!("arn:aws:sqs:eu-west-1:{}:theirs", world.account);
    // Somebody has taken the place of our subscription.
    blocking(async {
        let sns = world.aws().await.sns;
        let list = sns.list_subscriptions_by_topic().topic_arn(&topic);
        for one in list.send().await.unwrap().subscriptions() {
            let unsubscribe = sns.unsubscribe();
            let unsubscribe = unsubscribe.subscription_arn(one.subscription_arn().unwrap());
            unsubscribe.send().await.unwrap();
        }
        let subscribe = sns.subscribe().topic_arn(&topic);
        let subscribe = subscribe.protocol("sqs").endpoint(&queue);
        subscribe.send().await.unwrap();
    });
    let listing = "sns:ListSubscriptionsByTopic";
    let printed = world.printed_policy("remove", "shared", &[]);
    // Whoever may subscribe could make ours again, and find it by that.
    let printed = printed.replace(listing, "sns:Subscribe");
    let words = [
        "remove",
        "shared",
        "--yes",
        "--confirm-account",
        &world.account,
    ];
    for _ in 0..2 {
        let ran = world.run_under(&printed, &words).exits(6);
        assert!(ran.stderr.contains(listing), "{}", ran.stderr);
        let after = snapshot::aws(&world);
        let topic = &after["topic arn:aws:sns:eu-west-1:ACCOUNT:sophos-ct-shared"];
        assert_eq!(topic["subscribers"].as_array().unwrap().len(), 1, "{topic}");
    }
    let ran = world.remove("shared", &[]).exits(6).json();
    assert!(ran["error"]["message"].as_str().unwrap().contains(&queue));
    world.remove("shared", &["--force-shared"]).exits(0);
}

#[test]
fn a_removal_that_might_not_list_subscribers_is_ended_later_whatever_the_names_are() {
    let world = World::new();
    let names = [
        "--function",
        "myfwd",
        "--role",
        "myrole",
        "--topic",
        "mytopic",
    ];
    world.setup("named", &names).exits(0);
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "sns:ListSubscriptionsByTopic", "Resource": "*" },
    ]});
    let words = [
        "remove",
        "named",
        "--yes",
        "--confirm-account",
        &world.account,
    ];
    world.run_under(&policy.to_string(), &words).exits(6);
    world.remove("named", &[]).exits(0);
    let left = snapshot::aws(&world);
    assert!(
        !left.keys().any(|name| name.contains("mytopic")),
        "{left:?}"
    );
}

#[test]
fn the_last_trail_is_named_as_such() {
    let world = World::new();
    world.setup("last", &[]).exits(0);
    let ran = world
        .run(&[
            "remove",
            "last",
            "--yes",
            "--confirm-account",
            &world.account,
        ])
        .exits(0);
    assert!(ran.stderr.contains("last trail"), "{}", ran.stderr);
}
