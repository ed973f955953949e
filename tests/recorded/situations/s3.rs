//! Situations of S3.

use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, Event, FilterRule, FilterRuleName,
    NotificationConfiguration, NotificationConfigurationFilter, S3KeyFilter, TopicConfiguration,
};
use sophos_ct::testing::AwsError;

use super::stage::{Stage, refused};

pub(super) async fn provoked(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let is_about = |part: &str| name.contains(part);
    if is_about("BucketPolicy") {
        policies(stage, name).await
    } else if is_about("BucketNotificationConfiguration") {
        notifications(stage, name).await
    } else if is_about("Object") {
        objects(stage, name).await
    } else {
        buckets(stage, name).await
    }
}

async fn buckets(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let s3 = &stage.aws.s3;
    let account = stage.account;
    let (own, full, absent) = (stage.own(), stage.full(), stage.absent());
    Some(match name {
        "s3 CreateBucket: own bucket again, outside us-east-1" => refused!(
            s3.create_bucket().bucket(own).create_bucket_configuration(
                CreateBucketConfiguration::builder()
                    .location_constraint(BucketLocationConstraint::EuWest1)
                    .build()
            )
        ),
        "s3 CreateBucket: no LocationConstraint outside us-east-1" => {
            refused!(s3.create_bucket().bucket(format!("unplaced-{account}")))
        }
        "s3 CreateBucket: name with capitals" => refused!(s3.create_bucket().bucket("Capitals")),
        "s3 GetBucketTagging: no tags" => refused!(s3.get_bucket_tagging().bucket(own)),
        "s3 GetBucketTagging: no bucket" => refused!(s3.get_bucket_tagging().bucket(absent)),
        "s3 GetBucketLifecycleConfiguration: none" => {
            refused!(s3.get_bucket_lifecycle_configuration().bucket(own))
        }
        "s3 DeleteBucket: no bucket" => refused!(s3.delete_bucket().bucket(absent)),
        "s3 DeleteBucket: objects left, not versioned" => {
            refused!(s3.delete_bucket().bucket(full))
        }
        _ => return None,
    })
}

async fn policies(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let s3 = &stage.aws.s3;
    let (own, absent) = (stage.own(), stage.absent());
    let put = |text: &str| s3.put_bucket_policy().bucket(&own).policy(text);
    Some(match name {
        "s3 GetBucketPolicy: no policy" => refused!(s3.get_bucket_policy().bucket(&own)),
        "s3 GetBucketPolicy: another account expected as the owner" => refused!(
            s3.get_bucket_policy()
                .bucket(&own)
                .expected_bucket_owner("999999999999")
        ),
        "s3 PutBucketPolicy: another account expected as the owner" => {
            refused!(put("{}").expected_bucket_owner("999999999999"))
        }
        "s3 DeleteBucketPolicy: another account expected as the owner" => refused!(
            s3.delete_bucket_policy()
                .bucket(&own)
                .expected_bucket_owner("999999999999")
        ),
        "s3 PutBucketPolicy: document {} without Statement" => refused!(put("{}")),
        "s3 PutBucketPolicy: empty text" => refused!(put("")),
        "s3 DeleteBucketPolicy: bucket gone" => {
            refused!(s3.delete_bucket_policy().bucket(absent))
        }
        _ => return None,
    })
}

async fn objects(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let s3 = &stage.aws.s3;
    let (own, absent) = (stage.own(), stage.absent());
    Some(match name {
        "s3 GetObjectLockConfiguration: none" => {
            refused!(s3.get_object_lock_configuration().bucket(own))
        }
        "s3 GetObjectLockConfiguration: no bucket" => {
            refused!(s3.get_object_lock_configuration().bucket(absent))
        }
        "s3 ListObjectsV2: no bucket" => refused!(s3.list_objects_v2().bucket(absent)),
        "s3 GetObject: not there" => refused!(s3.get_object().bucket(own).key("absent")),
        "s3 GetObject: no bucket" => refused!(s3.get_object().bucket(absent).key("absent")),
        _ => return None,
    })
}

async fn notifications(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let s3 = &stage.aws.s3;
    let (closed, open) = (stage.topic("recorded"), stage.topic("open"));
    let put = |rules: &[Rule<'_>]| {
        s3.put_bucket_notification_configuration()
            .bucket(stage.own())
            .notification_configuration(document(rules))
    };
    Some(match name {
        "s3 GetBucketNotificationConfiguration: no bucket" => refused!(
            s3.get_bucket_notification_configuration()
                .bucket(stage.absent())
        ),
        "s3 PutBucketNotificationConfiguration: destination does not exist" => {
            refused!(put(&[("a", &stage.topic("absent"), &[])]))
        }
        "s3 PutBucketNotificationConfiguration: topic policy does not let S3 publish" => {
            refused!(put(&[("a", &closed, &[])]))
        }
        "s3 PutBucketNotificationConfiguration: overlapping filters" => refused!(put(&[
            ("a", &open, &[("prefix", "A")]),
            ("b", &open, &[("prefix", "AW")]),
        ])),
        "s3 PutBucketNotificationConfiguration: one id twice" => refused!(put(&[
            ("a", &open, &[("prefix", "A")]),
            ("a", &open, &[("prefix", "B")]),
        ])),
        _ => return None,
    })
}

/// The id of an entry, its topic, and names and values of its filter's rules.
type Rule<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

fn document(rules: &[Rule<'_>]) -> NotificationConfiguration {
    let topics = rules.iter().map(|(id, topic, filter)| {
        let rules = filter.iter().map(|(name, value)| {
            FilterRule::builder()
                .name(FilterRuleName::from(*name))
                .value(*value)
                .build()
        });
        let filter = NotificationConfigurationFilter::builder().key(
            S3KeyFilter::builder()
                .set_filter_rules(Some(rules.collect()))
                .build(),
        );
        TopicConfiguration::builder()
            .id(*id)
            .topic_arn(*topic)
            .events(Event::S3ObjectCreated)
            .filter(filter.build())
            .build()
            .unwrap()
    });
    NotificationConfiguration::builder()
        .set_topic_configurations(Some(topics.collect()))
        .build()
}
