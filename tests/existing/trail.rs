//! A trail that is not ours: its topic is subscribed to, or it gets ours until the connection is removed.

use serde_json::{Value, json};

use super::{
    REGION, bucket, notified_by, publisher, round_trip::there_and_back, their_topic, theirs,
    with_trail,
};
use crate::support::{blocking, fixtures};

#[test]
fn a_trail_with_a_topic_is_only_subscribed_to() {
    let world = with_trail(true);
    // The only trail that can be subscribed to needs no flag.
    let writes = there_and_back(&world, &[]);
    let touched = |name: &&String| {
        ["cloudtrail:", "s3:", "sns:Set", "sns:Create"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    assert_eq!(writes.iter().filter(touched).count(), 0, "{writes:?}");
    world
        .setup("demo", &["--notify", "trail", "--trail", "theirs"])
        .exits(5);
    world
        .setup("demo", &["--trail", "theirs", "--bucket", "another"])
        .exits(2);
    world
        .setup("demo", &["--resources", "existing", "--trail", "nobodys"])
        .exits(2);
}

#[test]
fn a_topic_that_carries_other_traffic_is_filtered() {
    let world = with_trail(true);
    let account = world.account.clone();
    let topic = format!("arn:aws:sns:{REGION}:{account}:theirs");
    blocking(async {
        let aws = world.aws().await;
        let publish = |service| publisher(&world, service, service);
        their_topic(&aws, &json!([publish("cloudtrail"), publish("events")])).await;
    });
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    blocking(async {
        let aws = world.aws().await;
        let listed = aws
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(&topic)
            .send()
            .await
            .unwrap();
        let arn = listed.subscriptions()[0].subscription_arn().unwrap();
        let read = aws
            .sns
            .get_subscription_attributes()
            .subscription_arn(arn)
            .send()
            .await
            .unwrap();
        let attributes = read.attributes().unwrap();
        assert_eq!(attributes["FilterPolicyScope"], "MessageBody");
        let filter: Value = serde_json::from_str(&attributes["FilterPolicy"]).unwrap();
        assert_eq!(filter, json!({ "s3Bucket": [bucket(&world)] }));
    });
    world.remove("demo", &[]).exits(0);
}

#[test]
fn a_trail_without_a_topic_gets_ours_and_loses_it_again() {
    let world = with_trail(false);
    let missing = world
        .setup("demo", &["--resources", "existing", "--trail", "theirs"])
        .exits(2)
        .json();
    assert!(
        missing["error"]["message"]
            .as_str()
            .unwrap()
            .contains("--notify")
    );
    let arn = format!("arn:aws:cloudtrail:{REGION}:{}:trail/theirs", world.account);
    there_and_back(
        &world,
        &[
            "--resources",
            "existing",
            "--trail",
            &arn,
            "--notify",
            "trail",
        ],
    );
}

#[test]
fn a_trail_that_got_another_topic_meanwhile_keeps_it() {
    let world = with_trail(false);
    world.setup("demo", &notified_by("trail")).exits(0);
    blocking(async {
        let aws = world.aws().await;
        let topic = their_topic(
            &aws,
            &json!([publisher(&world, "CloudTrail", "cloudtrail")]),
        )
        .await;
        aws.cloudtrail
            .update_trail()
            .name("theirs")
            .sns_topic_name(topic)
            .send()
            .await
            .unwrap();
    });
    let before = theirs(&world);
    world.setup("demo", &[]).exits(5);
    world.remove("demo", &[]).exits(0);
    assert_eq!(theirs(&world), before);
}

#[test]
fn a_prefix_with_a_space_is_used_and_left_again() {
    let world = with_trail(true);
    let (bucket, prefix) = (bucket(&world), "our logs, 1+1");
    blocking(async {
        let aws = world.aws().await;
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "Write", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/{prefix}/AWSLogs/*")],
        }]});
        fixtures::bucket_policy(&aws, &bucket, policy).await;
        let update = aws.cloudtrail.update_trail().name("theirs");
        update.s3_key_prefix(prefix).send().await.unwrap();
    });
    there_and_back(&world, &[]);
}

#[test]
fn what_cannot_be_handled_or_delivered_goes_to_the_dead_letter_queue() {
    let world = with_trail(true);
    let account = &world.account;
    let queue = format!("arn:aws:sqs:{REGION}:{account}:lost");
    world
        .setup("demo", &["--dead-letter", &queue, "--wait-for-logs"])
        .exits(0);
    blocking(async {
        let aws = world.aws().await;
        let function = aws
            .lambda
            .get_function()
            .function_name("sophos-ct-demo")
            .send()
            .await;
        let function = function.unwrap();
        let target = function
            .configuration()
            .unwrap()
            .dead_letter_config()
            .unwrap();
        assert_eq!(target.target_arn(), Some(queue.as_str()));
        let topic = format!("arn:aws:sns:{REGION}:{account}:theirs");
        let listed = aws
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(topic)
            .send()
            .await;
        let listed = listed.unwrap();
        let arn = listed.subscriptions()[0].subscription_arn().unwrap();
        let read = aws
            .sns
            .get_subscription_attributes()
            .subscription_arn(arn)
            .send()
            .await;
        let redrive = read.unwrap().attributes().unwrap()["RedrivePolicy"].clone();
        assert!(redrive.contains(&queue), "{redrive}");
    });
    assert_eq!(
        world.setup("demo", &[]).exits(0).json()["result"],
        "unchanged"
    );
    world.remove("demo", &[]).exits(0);
}
