//! What is in the account before the situations are provoked: one resource of each kind, called `recorded`, a bucket with an
//! object in it, and a topic to which S3 may publish.

use aws_sdk_s3::primitives::ByteStream;
use serde_json::json;
use sophos_ct::testing::Aws;

use crate::support::fixtures;

pub(super) async fn prepare(aws: &Aws, account: &str) {
    role(aws).await;
    buckets(aws, account).await;
    topics(aws, account).await;
    log_group(aws).await;
    rule(aws, account).await;
}

async fn role(aws: &Aws) {
    fixtures::role(aws, "/", "recorded", "lambda").await;
    let reads = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }] });
    fixtures::role_policy(aws, "recorded", reads).await;
}

/// An empty bucket, and one that has an object and lets CloudTrail write.
async fn buckets(aws: &Aws, account: &str) {
    fixtures::bucket(aws, &format!("recorded-{account}")).await;
    let full = format!("full-{account}");
    fixtures::bucket(aws, &full).await;
    aws.s3
        .put_object()
        .bucket(&full)
        .key("object")
        .body(ByteStream::from_static(b"x"))
        .send()
        .await
        .unwrap();
    let writes = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [format!("arn:aws:s3:::{full}"), format!("arn:aws:s3:::{full}/*")],
    }]});
    fixtures::bucket_policy(aws, &full, writes).await;
}

/// A topic with a tag and a subscription, and a topic to which S3 may publish.
async fn topics(aws: &Aws, account: &str) {
    let tag = aws_sdk_sns::types::Tag::builder().key("a").value("one");
    let topic = aws
        .sns
        .create_topic()
        .name("recorded")
        .tags(tag.build().unwrap());
    let topic = topic.send().await.unwrap().topic_arn.unwrap();
    let open = aws
        .sns
        .create_topic()
        .name("open")
        .send()
        .await
        .unwrap()
        .topic_arn
        .unwrap();
    let publish = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
        "Action": "sns:Publish", "Resource": open,
    }]});
    aws.sns
        .set_topic_attributes()
        .topic_arn(&open)
        .attribute_name("Policy")
        .attribute_value(publish.to_string())
        .send()
        .await
        .unwrap();
    aws.sns
        .subscribe()
        .topic_arn(&topic)
        .protocol("sqs")
        .endpoint(format!("arn:aws:sqs:eu-west-1:{account}:recorded"))
        .attributes("FilterPolicy", r#"{"a":["one"]}"#)
        .send()
        .await
        .unwrap();
}

async fn log_group(aws: &Aws) {
    aws.logs
        .create_log_group()
        .log_group_name("/recorded")
        .send()
        .await
        .unwrap();
}

/// A rule with a target.
async fn rule(aws: &Aws, account: &str) {
    let pattern = json!({ "source": ["aws.s3"] }).to_string();
    aws.events
        .put_rule()
        .name("recorded")
        .event_pattern(pattern)
        .send()
        .await
        .unwrap();
    let target = aws_sdk_eventbridge::types::Target::builder()
        .id("one")
        .arn(format!("arn:aws:sqs:eu-west-1:{account}:recorded"))
        .build()
        .unwrap();
    aws.events
        .put_targets()
        .rule("recorded")
        .targets(target)
        .send()
        .await
        .unwrap();
}
