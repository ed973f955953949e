//! The expiry of log files: our rule among the bucket's lifecycle rules.

use aws_sdk_s3::{
    operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput,
    types::{
        BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
        LifecycleRuleFilter,
    },
};

use super::writes::{fresh, once};
use crate::{
    aws::{Aws, error::AwsError},
    connection::ConnectionId,
    resources::{
        cx::Cx,
        document,
        seen::{Seen, denied, seen},
    },
    ui::Result,
};

/// Id of our rule.
pub(super) fn lifecycle_id(id: ConnectionId) -> String {
    id.part("Expiry")
}

/// The days after which our rule lets log files expire.
pub(super) async fn lifecycle(
    aws: &Aws,
    bucket: &str,
    rule_id: &str,
) -> Result<Seen<i32>, AwsError> {
    Ok(read_lifecycle(aws, bucket).await?.and_then(|found| {
        let mut rules = found.rules().iter();
        let rule = rules.find(|rule| rule.id() == Some(rule_id))?;
        rule.expiration()?.days()
    }))
}

/// Sets the expiry of log files, on a bucket that we created. The call replaces the whole document, so the rules of others
/// are sent along. The published policy does not allow reading them; then only a bucket that is `new` in this run is certain to
/// have none.
pub(super) async fn put_lifecycle(cx: Cx<'_>, days: i32, new: bool) -> Result<()> {
    let rule = LifecycleRule::builder()
        .id(lifecycle_id(cx.design.id))
        .status(ExpirationStatus::Enabled)
        .filter(
            LifecycleRuleFilter::builder()
                .prefix(cx.design.log_prefix())
                .build(),
        )
        .expiration(LifecycleExpiration::builder().days(days).build())
        .build()
        .expect("status is set");
    document::change(cx, fresh, || async {
        let (mut rules, smallest) = match read_lifecycle(cx.aws, &cx.design.bucket).await? {
            Seen::There(found) => (
                found.rules.unwrap_or_default(),
                found.transition_default_minimum_object_size,
            ),
            Seen::Absent => (Vec::new(), None),
            Seen::Denied(_) if new => (Vec::new(), None),
            Seen::Denied(action) => return Err(denied(&cx.design.bucket_arn(), action).into()),
        };
        if rules.contains(&rule) {
            return Ok(());
        }
        rules.retain(|other| other.id() != rule.id());
        rules.push(rule.clone());
        let document = BucketLifecycleConfiguration::builder()
            .set_rules(Some(rules))
            .build()
            .expect("rules are set");
        cx.aws
            .s3
            .put_bucket_lifecycle_configuration()
            .bucket(&cx.design.bucket)
            .expected_bucket_owner(cx.design.account.as_str())
            .set_transition_default_minimum_object_size(smallest)
            .lifecycle_configuration(document)
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(AwsError::of("s3:PutLifecycleConfiguration"))?;
        Ok(())
    })
    .await
}

async fn read_lifecycle(
    aws: &Aws,
    bucket: &str,
) -> Result<Seen<GetBucketLifecycleConfigurationOutput>, AwsError> {
    let found = aws
        .s3
        .get_bucket_lifecycle_configuration()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await
        .map_err(AwsError::of("s3:GetLifecycleConfiguration"));
    seen(found, &["NoSuchLifecycleConfiguration"])
}
