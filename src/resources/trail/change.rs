//! The changes that can be made to the trail: it is created, repaired, deleted, or given our topic.

use std::time::Duration;

use aws_sdk_cloudtrail::types::Tag;

use super::{
    look,
    state::{Own, Status, drift},
};
use crate::{
    aws::{error::AwsError, wait},
    connection::{Design, Kind},
    resources::{
        cx::Cx,
        document,
        seen::{Seen, done_or},
        step::{self, Action, Facts},
        tags::tags_as,
    },
    ui::{Code, Failure, Result, t},
};

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Create,
    Repair,
    /// Puts our topic on a trail that is not ours.
    SetTopic,
    /// Takes our topic off it.
    UnsetTopic,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        let topic = |action| {
            Facts::new(
                action,
                Kind::TrailTopic,
                &["UpdateTrail"],
                &["cloudtrail:UpdateTrail"],
            )
        };
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::Trail,
                &["CreateTrail", "StartLogging"],
                &[
                    "cloudtrail:CreateTrail",
                    "cloudtrail:AddTags",
                    "cloudtrail:StartLogging",
                ],
            )
            .setting_going(),
            Self::Repair => Facts::new(
                Action::Modify,
                Kind::Trail,
                &["UpdateTrail", "StartLogging"],
                &["cloudtrail:UpdateTrail", "cloudtrail:StartLogging"],
            )
            .setting_going(),
            Self::SetTopic => topic(Action::Modify).setting_going(),
            Self::UnsetTopic => topic(Action::Restore),
            Self::Delete => Facts::new(
                Action::Delete,
                Kind::Trail,
                &["DeleteTrail"],
                &["cloudtrail:DeleteTrail"],
            ),
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            Self::Create | Self::Repair | Self::SetTopic => step::BEFORE_THE_FLOW,
            Self::UnsetTopic | Self::Delete => &[],
        }
    }
}

/// Carries a change out. Every change is safe to repeat.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create => create(cx).await,
        Change::Repair => repair(cx).await,
        Change::SetTopic => set_topic(cx).await,
        Change::UnsetTopic => unset_topic(cx).await,
        Change::Delete => delete(cx).await,
    }
}

/// Creates the trail, or brings a trail of ours back to the design, and starts logging.
async fn create(cx: Cx<'_>) -> Result<()> {
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
            own.owner.mark.must_be_ours(&own.trail.arn)?;
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
async fn repair(cx: Cx<'_>) -> Result<()> {
    let own = own(cx).await?;
    let Some(own) = own.or_gone(&cx.design.trail_arn())? else {
        return create(cx).await;
    };
    own.owner.mark.must_be_ours(&own.trail.arn)?;
    if !drift(&own.trail, cx.design).is_empty() {
        update(cx).await?;
    }
    match own.status {
        Seen::There(Status { logging: true, .. }) => Ok(()),
        _ => start(cx).await,
    }
}

/// Puts our topic on a trail that was there before us and has none; nothing else of the trail is sent. CloudTrail then publishes
/// a validation message, so this also serves `verify`.
pub(crate) async fn set_topic(cx: Cx<'_>) -> Result<()> {
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
async fn unset_topic(cx: Cx<'_>) -> Result<()> {
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

/// Brings the settings of our trail to the design. CloudTrail then publishes a validation message, so this also serves `verify`.
pub(crate) async fn update(cx: Cx<'_>) -> Result<()> {
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

async fn delete(cx: Cx<'_>) -> Result<()> {
    let arn = cx.design.trail_arn();
    let own = own(cx).await?;
    let Some(own) = own.or_gone(&arn)? else {
        return Ok(());
    };
    own.owner.mark.must_be_ours(&arn)?;
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

/// Reads our trail again.
async fn own(cx: Cx<'_>) -> Result<Seen<Own>> {
    let all = look::list(cx.aws).await?;
    let observed = look::observe(cx.aws, cx.design, all, Vec::new()).await?;
    Ok(observed.own)
}

/// The topic that a trail which is not ours notifies; the outer `None` means that the trail is gone.
async fn topic_of(cx: Cx<'_>) -> Result<Option<Option<String>>> {
    let arn = cx.design.trail_arn();
    let all = look::list(cx.aws).await?.or_gone(&arn)?.unwrap_or_default();
    let trail = all.into_iter().find(|trail| trail.arn == arn);
    Ok(trail.map(|trail| trail.topic_arn))
}

/// Sets only the topic with `UpdateTrail`. It is sent once, since the trail has to be read again before another attempt.
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

/// The same for a trail that is not ours: its bucket's policy is not ours either, so waiting does not help with a complaint about
/// it.
fn passing(error: &AwsError, design: &Design) -> Option<String> {
    let ours = !error.is("InsufficientS3BucketPolicyException");
    not_visible_yet(error, design).filter(|_| ours)
}

/// Returns what to wait for if AWS refuses only for the moment: CloudTrail does not know everything yet that is new, such as a
/// policy, a bucket, trusted access or the service-linked role.
fn not_visible_yet(error: &AwsError, design: &Design) -> Option<String> {
    match error.code.as_deref()? {
        // These pass only in an organization, where trusted access was turned on a moment ago.
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
