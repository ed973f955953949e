//! The expiry of log files: our rule among the bucket's lifecycle rules.

use aws_sdk_s3::{
    operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput,
    types::{
        BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
        LifecycleRuleFilter,
    },
};

use super::{
    rules::json,
    state::Observed,
    writes::{fresh, once},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Kind},
    resources::{
        cx::Cx,
        document::{self, Written},
        seen::{Seen, denied, seen},
    },
    ui::Result,
};

/// Id of our rule.
fn id(design: &Design) -> String {
    design.id.part("Expiry")
}

/// The rules of the bucket.
pub(super) async fn rules(aws: &Aws, bucket: &str) -> Result<Seen<Vec<LifecycleRule>>, AwsError> {
    let found = read_lifecycle(aws, bucket).await?;
    Ok(found.map(|found| found.rules.unwrap_or_default()))
}

/// The days after which our rule among these lets log files expire.
pub(super) fn days(rules: &[LifecycleRule], design: &Design) -> Option<i32> {
    let id = id(design);
    let rule = rules.iter().find(|rule| rule.id() == Some(id.as_str()))?;
    rule.expiration()?.days()
}

/// The lifecycle rules before and after our rule is set.
#[must_use]
pub(super) fn written(design: &Design, seen: &Observed, days: i32) -> Written {
    let before = match seen {
        Seen::There(Ok(state)) => state.rules.clone(),
        Seen::There(Err(_)) | Seen::Absent => Seen::Absent,
        Seen::Denied(action) => Seen::Denied(action),
    };
    let after = with_ours(before.there().cloned().unwrap_or_default(), design, days);
    let (kind, arn) = (Kind::Lifecycle, design.bucket_arn());
    let before = before.map(|rules| json(&rules));
    Written::by(kind, arn, before, |_| Some(json(&after)))
}

/// Our rule.
fn ours(design: &Design, days: i32) -> LifecycleRule {
    LifecycleRule::builder()
        .id(id(design))
        .status(ExpirationStatus::Enabled)
        .filter(
            LifecycleRuleFilter::builder()
                .prefix(design.log_prefix())
                .build(),
        )
        .expiration(LifecycleExpiration::builder().days(days).build())
        .build()
        .expect("status is set")
}

/// The rules with ours after those of others.
pub(super) fn with_ours(
    mut rules: Vec<LifecycleRule>,
    design: &Design,
    days: i32,
) -> Vec<LifecycleRule> {
    let ours = ours(design, days);
    rules.retain(|other| other.id() != ours.id());
    rules.push(ours);
    rules
}

/// Sets the expiry of log files, on a bucket that we created. The call replaces the whole document, so the rules of others
/// are sent along. The published policy does not allow reading them; then only a bucket that is `new` in this run is certain to
/// have none.
pub(super) async fn put_lifecycle(cx: Cx<'_>, days: i32, new: bool) -> Result<()> {
    let ours = ours(cx.design, days);
    document::change(cx, fresh, || async {
        let (rules, smallest) = match read_lifecycle(cx.aws, &cx.design.bucket).await? {
            Seen::There(found) => (
                found.rules.unwrap_or_default(),
                found.transition_default_minimum_object_size,
            ),
            Seen::Absent => (Vec::new(), None),
            Seen::Denied(_) if new => (Vec::new(), None),
            Seen::Denied(action) => return Err(denied(&cx.design.bucket_arn(), action).into()),
        };
        if rules.contains(&ours) {
            return Ok(());
        }
        let document = BucketLifecycleConfiguration::builder()
            .set_rules(Some(with_ours(rules, cx.design, days)))
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
