//! Writes: the trail is created, repaired, deleted, or given our topic.

use std::time::Duration;

use aws_sdk_cloudtrail::types::Tag;

use super::{Own, Status, drift, look};
use crate::{
    aws::{error::AwsError, wait},
    connection::Design,
    resources::{
        cx::Cx,
        document,
        seen::{Seen, done_or},
        tags::tags_as,
    },
    ui::{Code, Failure, Result, t},
};

/// Refusals that pass once a policy or bucket that was just written is known to CloudTrail, or trusted access and the
/// service-linked role that were just made.
fn not_visible_yet(error: &AwsError, design: &Design) -> Option<String> {
    match error.code.as_deref()? {
        // In an organization alone: trusted access was turned on a moment ago.
        "CloudTrailAccessNotEnabledException"
        | "InsufficientDependencyServiceAccessPermissionException"
        | "NoManagementAccountSLRExistsException"
            if design.organization.is_some() =>
        {
            Some(t!("wait-organization"))
        }
        "InsufficientS3BucketPolicyException" | "S3BucketDoesNotExistException" => {
            Some(t!("wait-bucket-policy"))
        }
        "InsufficientSnsTopicPolicyException" => Some(t!("wait-topic-policy")),
        "ConflictException" => Some(t!("wait-trail")),
        _ => None,
    }
}

/// Our trail as it stands now.
async fn own(cx: Cx<'_>) -> Result<Seen<Own>> {
    let all = look::list(cx.aws).await?;
    let observed = look::observe(cx.aws, cx.design, all, Vec::new()).await?;
    Ok(observed.own)
}

/// Creates the trail, or brings one of ours to the design, and starts logging.
pub(super) async fn create(cx: Cx<'_>) -> Result<()> {
    let (aws, design) = (cx.aws, cx.design);
    let tags = tags_as!(Tag, design);
    let prefix = (!design.prefix.is_empty()).then(|| design.prefix.to_string());
    let made = wait::until_accepted(
        cx.waiting,
        Duration::from_secs(120),
        |error| not_visible_yet(error, design),
        || async {
            aws.cloudtrail
                .create_trail()
                .name(&design.trail)
                .s3_bucket_name(&design.bucket)
                .set_s3_key_prefix(prefix.clone())
                .sns_topic_name(design.topic_arn())
                .include_global_service_events(true)
                .is_multi_region_trail(true)
                .enable_log_file_validation(true)
                .is_organization_trail(design.organization.is_some())
                .set_tags_list(Some(tags.clone()))
                .send()
                .await
                .map_err(AwsError::of("cloudtrail:CreateTrail"))
        },
    )
    .await;
    match made {
        Ok(_) => {}
        Err(error) if error.is("TrailAlreadyExistsException") => {
            let Seen::There(own) = own(cx).await? else {
                return Err(error.into());
            };
            own.mark.must_be_ours(&own.trail.arn)?;
            if !drift(&own.trail, design).is_empty() {
                update(cx).await?;
            }
        }
        Err(error) if error.is("MaximumNumberOfTrailsExceededException") => {
            return Err(Failure::new(
                Code::TrailLimit,
                t!(
                    "trail-limit",
                    region = design.region,
                    trails = error.message
                ),
            ));
        }
        Err(error) => return Err(error.into()),
    }
    start(cx).await
}

/// Brings our trail back to the design: settings, then logging.
pub(super) async fn repair(cx: Cx<'_>) -> Result<()> {
    let own = own(cx).await?;
    let Some(own) = own.or_gone(&cx.design.trail_arn())? else {
        return create(cx).await;
    };
    own.mark.must_be_ours(&own.trail.arn)?;
    if !drift(&own.trail, cx.design).is_empty() {
        update(cx).await?;
    }
    match own.status {
        Seen::There(Status { logging: true, .. }) => Ok(()),
        _ => start(cx).await,
    }
}

/// The topic that a trail which is not ours notifies; `None` where the trail is gone.
async fn topic_of(cx: Cx<'_>) -> Result<Option<Option<String>>> {
    let arn = cx.design.trail_arn();
    let all = look::list(cx.aws).await?.or_gone(&arn)?.unwrap_or_default();
    let trail = all.into_iter().find(|trail| trail.arn == arn);
    Ok(trail.map(|trail| trail.topic_arn))
}

/// `UpdateTrail` of the topic alone, sent once: before another attempt the trail is read anew.
async fn set_topic_to(cx: Cx<'_>, topic: &str) -> Result<(), AwsError> {
    let once = aws_sdk_cloudtrail::config::Builder::new().retry_config(document::once());
    cx.aws
        .cloudtrail
        .update_trail()
        .name(cx.design.trail_arn())
        .sns_topic_name(topic)
        .customize()
        .config_override(once)
        .send()
        .await
        .map_err(AwsError::of("cloudtrail:UpdateTrail"))?;
    Ok(())
}

/// The bucket's policy is not ours: what CloudTrail says of it does not pass.
fn passing(error: &AwsError, design: &Design) -> Option<String> {
    let ours = !error.is("InsufficientS3BucketPolicyException");
    not_visible_yet(error, design).filter(|_| ours)
}

/// Gives a trail that was there before us our topic, where it has none: nothing else of it is sent. CloudTrail publishes a
/// validation message on it, so it also serves `verify`.
pub async fn set_topic(cx: Cx<'_>) -> Result<()> {
    let ours = cx.design.topic_arn();
    document::change(
        cx,
        |error| passing(error, cx.design),
        || async {
            let trail = cx.design.trail_arn();
            match topic_of(cx).await? {
                None => {
                    let gone = t!("conflict-trail-gone", trail = trail);
                    Err(Failure::new(Code::Conflict, gone).into())
                }
                Some(Some(topic)) if topic != ours => {
                    let complaint = t!("trail-has-topic", trail = trail, topic = topic);
                    Err(Failure::new(Code::Conflict, complaint).into())
                }
                _ => Ok(set_topic_to(cx, &ours).await?),
            }
        },
    )
    .await
}

/// Takes our topic off a trail that was there before us.
pub(super) async fn unset_topic(cx: Cx<'_>) -> Result<()> {
    document::change(
        cx,
        |error| passing(error, cx.design),
        || async {
            match topic_of(cx).await? {
                Some(Some(topic)) if topic == cx.design.topic_arn() => {
                    Ok(set_topic_to(cx, "").await?)
                }
                _ => Ok(()),
            }
        },
    )
    .await
}

/// `UpdateTrail` to the design. CloudTrail publishes a validation message on it, so it also serves `verify`.
pub async fn update(cx: Cx<'_>) -> Result<()> {
    let (aws, design) = (cx.aws, cx.design);
    wait::until_accepted(
        cx.waiting,
        Duration::from_secs(120),
        |error| not_visible_yet(error, design),
        || async {
            aws.cloudtrail
                .update_trail()
                .name(design.trail_arn())
                .s3_bucket_name(&design.bucket)
                .s3_key_prefix(&design.prefix)
                .sns_topic_name(design.topic_arn())
                .include_global_service_events(true)
                .is_multi_region_trail(true)
                .enable_log_file_validation(true)
                .is_organization_trail(design.organization.is_some())
                .send()
                .await
                .map_err(AwsError::of("cloudtrail:UpdateTrail"))
        },
    )
    .await?;
    Ok(())
}

async fn start(cx: Cx<'_>) -> Result<()> {
    let busy = |error: &AwsError| error.is("ConflictException").then(|| t!("wait-trail"));
    wait::until_accepted(cx.waiting, Duration::from_secs(120), busy, || async {
        cx.aws
            .cloudtrail
            .start_logging()
            .name(cx.design.trail_arn())
            .send()
            .await
            .map_err(AwsError::of("cloudtrail:StartLogging"))
    })
    .await?;
    Ok(())
}

pub(super) async fn delete(cx: Cx<'_>) -> Result<()> {
    let arn = cx.design.trail_arn();
    let own = own(cx).await?;
    let Some(own) = own.or_gone(&arn)? else {
        return Ok(());
    };
    own.mark.must_be_ours(&arn)?;
    let busy = |error: &AwsError| error.is("ConflictException").then(|| t!("wait-trail"));
    let minutes = Duration::from_secs(120);
    let deleted = wait::until_accepted(cx.waiting, minutes, busy, || async {
        cx.aws
            .cloudtrail
            .delete_trail()
            .name(&arn)
            .send()
            .await
            .map_err(AwsError::of("cloudtrail:DeleteTrail"))
    })
    .await;
    done_or(deleted, &["TrailNotFoundException"])
}
