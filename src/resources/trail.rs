//! The trail, and a look at the other trails of the region.

use std::time::Duration;

use aws_sdk_cloudtrail::types::Tag;

use super::{Cx, Mark, Purpose, Seen, document, done_or, seen};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::{AccountId, Arn, ConnectionId, Design, Feed},
    policy::grant::Grant,
    ui::{Code, Failure, Result, t},
};

/// Trails per region; fixed (CloudTrail quotas).
pub const LIMIT: usize = 5;

/// A trail as `DescribeTrails` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub name: String,
    pub arn: String,
    pub bucket: String,
    pub prefix: String,
    pub topic_arn: Option<String>,
    pub home_region: String,
    pub multi_region: bool,
    pub global_events: bool,
    pub validation: bool,
    pub organization: bool,
    pub kms_key: Option<String>,
}

impl State {
    /// Control Tower's own, whose bucket is in the log archive account.
    #[must_use]
    pub fn is_control_tower(&self) -> bool {
        self.name.starts_with("aws-controltower-")
    }

    /// Of the set that Sophos Cloud Optix makes.
    #[must_use]
    pub fn is_optix(&self) -> bool {
        self.name.starts_with("Sophos-Optix-")
    }
}

/// The trails that surely count towards [`LIMIT`]: the account's own. Whether those of an organization do, which its
/// members see too, is not documented: CloudTrail decides.
pub fn of_account<'a>(all: &'a [State], account: &AccountId) -> impl Iterator<Item = &'a State> {
    all.iter().filter(move |trail| {
        let arn: Option<Arn> = trail.arn.parse().ok();
        arn.is_some_and(|arn| arn.account == account.as_str())
    })
}

/// Our trail, and what else is known of it.
#[derive(Clone, Debug)]
pub struct Own {
    pub trail: State,
    pub mark: Mark,
    pub status: Seen<Status>,
}

/// What `GetTrailStatus` tells.
#[derive(Clone, Debug, Default)]
pub struct Status {
    pub logging: bool,
    /// When the last log file was put into the bucket.
    pub delivered: Option<jiff::Timestamp>,
    pub delivery_error: Option<String>,
    pub notification_error: Option<String>,
}

/// The trails of a region.
#[derive(Clone, Debug, Default)]
pub struct Trails {
    /// All that are visible in the region, shadows included.
    pub all: Seen<Vec<State>>,
    /// The one of the design's name.
    pub own: Seen<Own>,
}

/// `DescribeTrails` of the region, shadow trails included.
pub async fn list(aws: &Aws) -> Result<Seen<Vec<State>>, AwsError> {
    let found = aws
        .cloudtrail
        .describe_trails()
        .include_shadow_trails(true)
        .send()
        .await
        .map_err(AwsError::of("cloudtrail:DescribeTrails"));
    Ok(match seen(found, &[])? {
        Seen::There(found) => Seen::There(
            found
                .trail_list()
                .iter()
                .map(|trail| State {
                    name: trail.name().unwrap_or_default().to_owned(),
                    arn: trail.trail_arn().unwrap_or_default().to_owned(),
                    bucket: trail.s3_bucket_name().unwrap_or_default().to_owned(),
                    prefix: trail.s3_key_prefix().unwrap_or_default().to_owned(),
                    topic_arn: trail.sns_topic_arn().map(ToOwned::to_owned),
                    home_region: trail.home_region().unwrap_or_default().to_owned(),
                    multi_region: trail.is_multi_region_trail().unwrap_or_default(),
                    global_events: trail.include_global_service_events().unwrap_or_default(),
                    validation: trail.log_file_validation_enabled().unwrap_or_default(),
                    organization: trail.is_organization_trail().unwrap_or_default(),
                    kms_key: trail.kms_key_id().map(ToOwned::to_owned),
                })
                .collect(),
        ),
        Seen::Absent => Seen::There(Vec::new()),
        Seen::Unseen(action) => Seen::Unseen(action),
    })
}

/// What `GetTrailStatus` says in the region of the client.
pub async fn status(aws: &Aws, arn: &str) -> Result<Seen<Status>, AwsError> {
    let status = aws
        .cloudtrail
        .get_trail_status()
        .name(arn)
        .send()
        .await
        .map_err(AwsError::of("cloudtrail:GetTrailStatus"));
    Ok(
        seen(status, &["TrailNotFoundException"])?.map(|status| Status {
            logging: status.is_logging().unwrap_or_default(),
            delivered: status
                .latest_delivery_time()
                .and_then(|at| jiff::Timestamp::from_second(at.secs()).ok()),
            delivery_error: status
                .latest_delivery_error()
                .filter(|text| !text.is_empty())
                .map(ToOwned::to_owned),
            notification_error: status
                .latest_notification_error()
                .filter(|text| !text.is_empty())
                .map(ToOwned::to_owned),
        }),
    )
}

async fn mark(aws: &Aws, arn: &str, id: ConnectionId) -> Result<Mark, AwsError> {
    let tags = aws
        .cloudtrail
        .list_tags()
        .resource_id_list(arn)
        .send()
        .await
        .map_err(AwsError::of("cloudtrail:ListTags"));
    Ok(
        match seen(
            tags,
            &["TrailNotFoundException", "ResourceNotFoundException"],
        )? {
            Seen::There(answer) => {
                let tags = answer
                    .resource_tag_list()
                    .iter()
                    .flat_map(|resource| resource.tags_list());
                Mark::of_tags(
                    id,
                    tags.map(|tag| (tag.key(), tag.value().unwrap_or_default())),
                )
            }
            Seen::Absent => Mark::None,
            Seen::Unseen(action) => Mark::Unseen(action),
        },
    )
}

/// The region's trails, and ours among them with its tags and status.
pub async fn observe(
    aws: &Aws,
    design: &Design,
    all: Seen<Vec<State>>,
) -> Result<Trails, AwsError> {
    let arn = design.trail_arn();
    let own = match &all {
        Seen::There(trails) => match trails.iter().find(|trail| trail.arn == arn) {
            Some(trail) => {
                let mark = async {
                    // One that was there before us carries no mark of ours.
                    match design.own_trail() {
                        true => mark(aws, &arn, design.id).await,
                        false => Ok(Mark::None),
                    }
                };
                let (mark, status) = tokio::try_join!(mark, status(aws, &arn))?;
                Seen::There(Own {
                    trail: trail.clone(),
                    mark,
                    status,
                })
            }
            None => Seen::Absent,
        },
        Seen::Absent => Seen::Absent,
        Seen::Unseen(action) => Seen::Unseen(action),
    };
    Ok(Trails { all, own })
}

/// Whether a trail logs management events; `None` where the caller may not see it.
pub async fn logs_management_events(aws: &Aws, arn: &str) -> Result<Option<bool>, AwsError> {
    let selectors = aws
        .cloudtrail
        .get_event_selectors()
        .trail_name(arn)
        .send()
        .await
        .map_err(AwsError::of("cloudtrail:GetEventSelectors"));
    let answer = match selectors {
        Ok(answer) => answer,
        // A trail of another account or region does not show its selectors here.
        Err(error) if error.is_denied() || error.status.is_some_and(|status| status < 500) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let plain = answer
        .event_selectors()
        .iter()
        .any(|selector| selector.include_management_events().unwrap_or(true));
    let advanced = answer.advanced_event_selectors().iter().any(|selector| {
        selector.field_selectors().iter().any(|field| {
            field.field() == "eventCategory"
                && field.equals().iter().any(|value| value == "Management")
        })
    });
    Ok(Some(plain || advanced))
}

/// Management events of a month in this region, from the time that the latest fifty took. `None` where the caller may
/// not look (`LookupEvents` is outside the published policy), or where there are too few to tell.
pub async fn monthly_events(aws: &Aws) -> Option<f64> {
    const MONTH: f64 = 30.0 * 24.0 * 3600.0;
    let latest = aws
        .cloudtrail
        .lookup_events()
        .max_results(50)
        .send()
        .await
        .ok()?;
    let times = latest
        .events()
        .iter()
        .filter_map(|event| event.event_time()?.to_millis().ok());
    let (count, oldest) = times.fold((0_u32, i64::MAX), |(count, oldest), time| {
        (count + 1, oldest.min(time))
    });
    let now = jiff::Timestamp::now().as_millisecond();
    let seconds = (now.checked_sub(oldest)? as f64 / 1000.0).max(1.0);
    (count >= 2).then(|| f64::from(count) / seconds * MONTH)
}

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

/// How a trail differs from the design.
#[must_use]
pub fn drift(trail: &State, design: &Design) -> Vec<&'static str> {
    let mut drift = Vec::new();
    let mut differs = |differs: bool, what| {
        if differs {
            drift.push(what);
        }
    };
    differs(trail.bucket != design.bucket, "S3BucketName");
    differs(trail.prefix != design.prefix, "S3KeyPrefix");
    differs(
        trail.topic_arn.as_deref() != Some(&design.topic_arn()),
        "SnsTopicName",
    );
    differs(!trail.multi_region, "IsMultiRegionTrail");
    differs(!trail.global_events, "IncludeGlobalServiceEvents");
    differs(!trail.validation, "EnableLogFileValidation");
    let organization = design.organization.is_some();
    differs(trail.organization != organization, "IsOrganizationTrail");
    drift
}

/// Creates the trail, or brings one of ours to the design, and starts logging.
pub async fn create(cx: Cx<'_>) -> Result<()> {
    let (aws, design) = (cx.aws, cx.design);
    let tags = tags_as!(Tag, design);
    let prefix = (!design.prefix.is_empty()).then(|| design.prefix.clone());
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
            let Seen::There(own) = observe(aws, design, list(aws).await?).await?.own else {
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
pub async fn repair(cx: Cx<'_>) -> Result<()> {
    let own = observe(cx.aws, cx.design, list(cx.aws).await?).await?.own;
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

/// The topic that a trail of somebody else notifies; `None` where the trail is gone.
async fn topic_of(cx: Cx<'_>) -> Result<Option<Option<String>>> {
    let arn = cx.design.trail_arn();
    let all = list(cx.aws).await?.or_gone(&arn)?.unwrap_or_default();
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
pub async fn unset_topic(cx: Cx<'_>) -> Result<()> {
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

pub async fn delete(cx: Cx<'_>) -> Result<()> {
    let arn = cx.design.trail_arn();
    let own = observe(cx.aws, cx.design, list(cx.aws).await?).await?.own;
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

/// The account that a trail belongs to: another one where the trail is an organization's or shared.
#[must_use]
pub fn owner(trail: &State) -> Option<String> {
    trail.arn.parse::<Arn>().ok().map(|arn| arn.account)
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.trail_arn();
    let mut grants = vec![Grant::new(&["cloudtrail:DescribeTrails"], "*")];
    if matches!(purpose, Purpose::Setup | Purpose::Remove) {
        // Of the trails that are there: whether they log management events, and so what another one costs.
        let reads = ["cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"];
        grants.push(Grant::new(&reads, "*"));
    } else {
        grants.push(Grant::new(&["cloudtrail:GetTrailStatus"], &arn));
    }
    let writes: &[&'static str] = match (&design.feed, purpose) {
        (Feed::New, Purpose::Setup) => &[
            "cloudtrail:CreateTrail",
            "cloudtrail:AddTags",
            "cloudtrail:StartLogging",
            "cloudtrail:UpdateTrail",
        ],
        (Feed::New, Purpose::Remove) => &["cloudtrail:DeleteTrail"],
        (Feed::Trail { .. }, Purpose::Setup | Purpose::Remove) => &["cloudtrail:UpdateTrail"],
        _ => &[],
    };
    // A delegated administrator's call is held against its own account's ARN or the management account's, and no source
    // says which of the two for each of the calls: both (CloudTrail User Guide, "Organization delegated administrator").
    let on_trail = |actions: &[&'static str]| {
        let grant = Grant::new(actions, &arn);
        match arn.parse::<Arn>() {
            Ok(parsed)
                if design.organization.is_some() && parsed.account != design.account.as_str() =>
            {
                grant.and_on(arn.replacen(&parsed.account, design.account.as_str(), 1))
            }
            _ => grant,
        }
    };
    if design.own_trail() {
        grants.push(on_trail(&["cloudtrail:ListTags"]));
    }
    if !writes.is_empty() {
        grants.push(on_trail(writes));
    }
    grants
}
