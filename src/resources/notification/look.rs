//! Reads a bucket's notifications.

use aws_sdk_s3::types::NotificationConfiguration;

use super::{
    document::{of_ours, ours, overlapping, same, without},
    state::{Entry, Observed, State},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    resources::{
        bucket::obstacles::NO_BUCKET,
        seen::{Seen, seen},
    },
};

/// Reads the notifications, if the bucket is to notify us.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    if !design.feed.is_of_bucket() {
        return Ok(Seen::Absent);
    }
    Ok(read(aws, &design.bucket).await?.map(|document| {
        let rest = without(&document, design);
        State {
            ours: of_ours(&document, design).map(|found| {
                if same(found, &ours(design)) {
                    Entry::AsPlanned
                } else {
                    Entry::Different
                }
            }),
            overlapping: overlapping(&document, design),
            empty: rest.topic_configurations().is_empty()
                && rest.queue_configurations().is_empty()
                && rest.lambda_function_configurations().is_empty()
                && rest.event_bridge_configuration().is_none(),
            bridged: document.event_bridge_configuration().is_some(),
            document,
        }
    }))
}

/// Whether the bucket's events go to EventBridge.
pub(crate) async fn is_bridged(aws: &Aws, bucket: &str) -> Result<Seen<bool>, AwsError> {
    let document = read(aws, bucket).await?;
    Ok(document.map(|document| document.event_bridge_configuration().is_some()))
}

/// Reads the whole document, since `PutBucketNotificationConfiguration` replaces all of it.
pub(super) async fn read(
    aws: &Aws,
    bucket: &str,
) -> Result<Seen<NotificationConfiguration>, AwsError> {
    let found = aws
        .s3
        .get_bucket_notification_configuration()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await
        .map_err(AwsError::of("s3:GetBucketNotification"));
    // `observe` of the bucket reports a bucket that is elsewhere.
    Ok(seen(found, &NO_BUCKET)?.map(|found| {
        NotificationConfiguration::builder()
            .set_topic_configurations(found.topic_configurations)
            .set_queue_configurations(found.queue_configurations)
            .set_lambda_function_configurations(found.lambda_function_configurations)
            .set_event_bridge_configuration(found.event_bridge_configuration)
            .build()
    }))
}
