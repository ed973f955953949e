//! What worlds are made of. Each part is left as it is if it is there already.

use aws_sdk_s3::{
    primitives::ByteStream,
    types::{
        BucketLocationConstraint, CreateBucketConfiguration, Event, FilterRule, FilterRuleName,
        NotificationConfiguration, NotificationConfigurationFilter, S3KeyFilter,
        TopicConfiguration,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    aws::{Aws, error::AwsError},
    connection::AccountId,
    resources::seen::{done_or, seen},
    sandbox::cloudtrail,
    ui::Result,
};

/// The statement of a topic's policy that lets a service publish.
const PUBLISH: &str = "ServicePublishes";
/// How many hours ago the log files were stored that are there already.
const HOURS: [i64; 3] = [3, 2, 1];

/// Makes a bucket with this policy.
pub(super) async fn bucket(aws: &Aws, name: &str, policy: &Value) -> Result<()> {
    let place = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::from(aws.region.as_str()))
        .build();
    let make = aws.s3.create_bucket().bucket(name);
    let made = make
        .create_bucket_configuration(place)
        .send()
        .await
        .map_err(AwsError::of("s3:CreateBucket"));
    done_or(made, &["BucketAlreadyOwnedByYou"])?;
    let found = aws
        .s3
        .get_bucket_policy()
        .bucket(name)
        .send()
        .await
        .map_err(AwsError::of("s3:GetBucketPolicy"));
    if seen(found, &["NoSuchBucketPolicy"])?.is_absent() {
        let put = aws.s3.put_bucket_policy().bucket(name);
        put.policy(policy.to_string())
            .send()
            .await
            .map_err(AwsError::of("s3:PutBucketPolicy"))?;
    }
    Ok(())
}

/// Makes a bucket notify a topic. The notification's id is `name`, as is the name of the topic.
pub(super) async fn notification(
    aws: &Aws,
    bucket: &str,
    name: &str,
    event: Event,
    prefix: &str,
) -> Result<()> {
    let source = format!("arn:{}:s3:::{bucket}", aws.caller.partition);
    let topic = topic(aws, name, "s3.amazonaws.com", &source).await?;
    let found = aws
        .s3
        .get_bucket_notification_configuration()
        .bucket(bucket)
        .send()
        .await
        .map_err(AwsError::of("s3:GetBucketNotification"))?;
    let mut topics = found.topic_configurations.unwrap_or_default();
    if topics.iter().any(|one| one.id() == Some(name)) {
        return Ok(());
    }
    let rule = FilterRule::builder()
        .name(FilterRuleName::Prefix)
        .value(prefix);
    let key = S3KeyFilter::builder().filter_rules(rule.build()).build();
    let filter = NotificationConfigurationFilter::builder().key(key).build();
    let added = TopicConfiguration::builder()
        .id(name)
        .topic_arn(topic)
        .events(event)
        .filter(filter)
        .build()
        .expect("topic and events are set");
    topics.push(added);
    let all = NotificationConfiguration::builder()
        .set_topic_configurations(Some(topics))
        .set_queue_configurations(found.queue_configurations)
        .set_lambda_function_configurations(found.lambda_function_configurations)
        .set_event_bridge_configuration(found.event_bridge_configuration)
        .build();
    let put = aws.s3.put_bucket_notification_configuration();
    put.bucket(bucket)
        .notification_configuration(all)
        .send()
        .await
        .map_err(AwsError::of("s3:PutBucketNotification"))?;
    Ok(())
}

/// Makes a topic to which a service may publish for `source`, and returns its ARN.
pub(super) async fn topic(aws: &Aws, name: &str, service: &str, source: &str) -> Result<String> {
    let made = aws.sns.create_topic().name(name).send().await;
    let made = made.map_err(AwsError::of("sns:CreateTopic"))?;
    let arn = made.topic_arn().unwrap_or_default().to_owned();
    let found = aws.sns.get_topic_attributes().topic_arn(&arn).send().await;
    let found = found.map_err(AwsError::of("sns:GetTopicAttributes"))?;
    let policy = found.attributes().and_then(|all| all.get("Policy"));
    if policy.is_some_and(|policy| policy.contains(PUBLISH)) {
        return Ok(arn);
    }
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": PUBLISH, "Effect": "Allow", "Principal": { "Service": service },
        "Action": "SNS:Publish", "Resource": arn, "Condition": { "ArnLike": { "aws:SourceArn": source } },
    }]});
    let set = aws.sns.set_topic_attributes().topic_arn(&arn);
    set.attribute_name("Policy")
        .attribute_value(policy.to_string())
        .send()
        .await
        .map_err(AwsError::of("sns:SetTopicAttributes"))?;
    Ok(arn)
}

/// Stores a few log files of an account, as a trail did before. `logs` is the folder of the account's log files.
pub(super) async fn log_files(
    aws: &Aws,
    bucket: &str,
    logs: &str,
    account: &AccountId,
) -> Result<()> {
    let list = aws.s3.list_objects_v2().bucket(bucket).max_keys(1);
    let list = list.prefix(format!("{logs}{}/", aws.region)).send().await;
    let found = list.map_err(AwsError::of("s3:ListBucket"))?;
    if !found.contents().is_empty() {
        return Ok(());
    }
    for hours in HOURS {
        let at = Timestamp::now() - SignedDuration::from_hours(hours);
        let file = cloudtrail::stored(account, &aws.region, logs, at)?;
        let put = aws.s3.put_object().bucket(bucket).key(file.key);
        put.content_type("application/json")
            .content_encoding("gzip")
            .body(ByteStream::from(file.body))
            .send()
            .await
            .map_err(AwsError::of("s3:PutObject"))?;
    }
    Ok(())
}

/// A trail that shows in the account, with the ARN of its topic.
pub(super) struct Found {
    pub topic: Option<String>,
}

/// Finds the trail with this ARN.
pub(super) async fn trail(aws: &Aws, arn: &str) -> Result<Option<Found>> {
    let list = aws.cloudtrail.describe_trails().send().await;
    let list = list.map_err(AwsError::of("cloudtrail:DescribeTrails"))?;
    let mut list = list.trail_list().iter();
    let found = list.find(|trail| trail.trail_arn() == Some(arn));
    Ok(found.map(|trail| Found {
        topic: trail.sns_topic_arn().map(ToOwned::to_owned),
    }))
}

/// The ARN of a trail of this account.
#[must_use]
pub(super) fn trail_arn(aws: &Aws, name: &str) -> String {
    format!(
        "arn:{}:cloudtrail:{}:{}:trail/{name}",
        aws.caller.partition, aws.region, aws.caller.account
    )
}

/// Makes a trail log.
pub(super) async fn log(aws: &Aws, arn: &str) -> Result<()> {
    let start = aws.cloudtrail.start_logging().name(arn).send().await;
    start.map_err(AwsError::of("cloudtrail:StartLogging"))?;
    Ok(())
}
