//! The worlds `trail` and `topic`: a trail of others. Its bucket is used by others as well, and its topic may be.

use aws_sdk_cloudtrail::types::Tag;
use aws_sdk_s3::types::Event;
use serde_json::{Value, json};

use super::{
    Part, Resource,
    parts::{bucket, log, log_files, notification, topic, trail, trail_arn},
};
use crate::{
    aws::{Aws, error::AwsError},
    sandbox::cloud::CLOUDTRAIL,
    ui::Result,
};

/// The trail's name, and that of its topic.
pub(super) const NAME: &str = "corp-audit";
/// The key prefix of its log files.
const PREFIX: &str = "audit";
/// Who reads the bucket from another account.
const AUDITOR: &str = "999988887777";
/// Who gets an email about each log file.
const SUBSCRIBER: &str = "security@example.com";

/// Makes the trail with its bucket.
pub(super) async fn make(aws: &Aws) -> Result<Vec<Resource>> {
    let account = &aws.caller.account;
    let name = format!("{NAME}-{account}");
    bucket(aws, &name, &bucket_policy(aws, &name)).await?;
    let uses = [
        ("corp-audit-removed", Event::S3ObjectRemoved, "audit/"),
        ("corp-inventory", Event::S3ObjectCreated, "inventory/"),
    ];
    let ids = uses.each_ref().map(|(id, _, _)| *id);
    for (id, event, prefix) in uses {
        notification(aws, &name, id, event, prefix).await?;
    }
    let arn = trail_arn(aws, NAME);
    let is_absent = trail(aws, &arn).await?.is_none();
    if is_absent {
        create(aws, &name).await?;
    }
    let logs = format!("{PREFIX}/AWSLogs/{account}/CloudTrail/");
    log_files(aws, &name, &logs, account).await?;
    if is_absent {
        log(aws, &arn).await?;
    }
    let bucket = format!("arn:{}:s3:::{name}", aws.caller.partition);
    let parts = [Part::Trail.of(arn), Part::Bucket.of(bucket)];
    let notifications = ids.map(|id| Part::BucketNotification.of(id));
    Ok(parts.into_iter().chain(notifications).collect())
}

/// Makes the trail with its bucket and a topic. A topic that the trail has already stays.
pub(super) async fn make_with_topic(aws: &Aws) -> Result<Vec<Resource>> {
    let mut made = make(aws).await?;
    let arn = trail_arn(aws, NAME);
    let topic = topic(aws, NAME, CLOUDTRAIL, &arn).await?;
    let subscribe = aws.sns.subscribe().topic_arn(&topic);
    let subscribed = subscribe
        .protocol("email")
        .endpoint(SUBSCRIBER)
        .return_subscription_arn(true)
        .send()
        .await
        .map_err(AwsError::of("sns:Subscribe"))?;
    let found = trail(aws, &arn).await?;
    if found.is_some_and(|found| found.topic.is_none()) {
        let update = aws.cloudtrail.update_trail().name(NAME);
        let updated = update.sns_topic_name(&topic).send().await;
        updated.map_err(AwsError::of("cloudtrail:UpdateTrail"))?;
    }
    made.push(Part::Topic.of(topic));
    let subscription = subscribed.subscription_arn().unwrap_or(SUBSCRIBER);
    made.push(Part::Subscription.of(subscription));
    Ok(made)
}

async fn create(aws: &Aws, bucket: &str) -> Result<()> {
    let tag = Tag::builder().key("owner").value("security").build();
    let create = aws.cloudtrail.create_trail().name(NAME);
    let created = create
        .s3_bucket_name(bucket)
        .s3_key_prefix(PREFIX)
        .is_multi_region_trail(true)
        .enable_log_file_validation(true)
        .tags_list(tag.expect("the key is set"))
        .send()
        .await;
    created.map_err(AwsError::of("cloudtrail:CreateTrail"))?;
    Ok(())
}

/// The policy that CloudTrail needs (CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"), and a statement for
/// somebody else.
fn bucket_policy(aws: &Aws, name: &str) -> Value {
    let bucket = format!("arn:{}:s3:::{name}", aws.caller.partition);
    let (account, arn) = (&aws.caller.account, trail_arn(aws, NAME));
    json!({ "Version": "2012-10-17", "Statement": [
        {
            "Sid": "AWSCloudTrailAclCheck20150319", "Effect": "Allow", "Principal": { "Service": CLOUDTRAIL },
            "Action": "s3:GetBucketAcl", "Resource": bucket,
            "Condition": { "StringEquals": { "aws:SourceArn": arn } },
        },
        {
            "Sid": "AWSCloudTrailWrite20150319", "Effect": "Allow", "Principal": { "Service": CLOUDTRAIL },
            "Action": "s3:PutObject", "Resource": format!("{bucket}/{PREFIX}/AWSLogs/{account}/*"),
            "Condition": { "StringEquals": {
                "aws:SourceArn": arn, "s3:x-amz-acl": "bucket-owner-full-control",
            }},
        },
        {
            "Sid": "AuditorReads", "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{AUDITOR}:root") },
            "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": [bucket, format!("{bucket}/*")],
        },
    ]})
}
