//! Reads trails: those of the region, ours, their settings and status.

use super::state::{Observed, Own, State, Status};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Region},
    resources::seen::{Owner, Seen, Tags, seen},
};

/// The trails of the region from `DescribeTrails`, including shadow trails.
pub(crate) async fn list(aws: &Aws) -> Result<Seen<Vec<State>>, AwsError> {
    described(&aws.cloudtrail).await
}

/// The trails of another region. Those that log one region only show in that region: a shadow trail is the replication of a trail in
/// other regions, or of an organization's in member accounts (CloudTrail API Reference, `DescribeTrails`).
pub(crate) async fn list_in(aws: &Aws, region: &Region) -> Result<Seen<Vec<State>>, AwsError> {
    described(&aws.cloudtrail_in(region)).await
}

async fn described(cloudtrail: &aws_sdk_cloudtrail::Client) -> Result<Seen<Vec<State>>, AwsError> {
    let found = cloudtrail
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
        Seen::Denied(action) => Seen::Denied(action),
    })
}

/// The status of a trail from `GetTrailStatus`, in the region of the client.
pub(super) async fn status(aws: &Aws, arn: &str) -> Result<Seen<Status>, AwsError> {
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
            notified: status
                .latest_notification_time()
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

async fn tags(aws: &Aws, arn: &str) -> Result<Tags, AwsError> {
    let tags = aws
        .cloudtrail
        .list_tags()
        .resource_id_list(arn)
        .send()
        .await
        .map_err(AwsError::of("cloudtrail:ListTags"));
    let gone = ["TrailNotFoundException", "ResourceNotFoundException"];
    Ok(seen(tags, &gone)?.map(|answer| {
        let tags = answer.resource_tag_list().iter();
        let tags = tags.flat_map(|resource| resource.tags_list());
        tags.map(|tag| {
            let value = tag.value().unwrap_or_default();
            (tag.key().to_owned(), value.to_owned())
        })
        .collect()
    }))
}

/// Reads tags and status of the trail that the design names. All trails, and those that log management events, are known
/// already: they decide what the user is asked before there is a design.
pub(crate) async fn observe(
    aws: &Aws,
    design: &Design,
    all: Seen<Vec<State>>,
    management: Vec<State>,
) -> Result<Observed, AwsError> {
    let arn = design.trail_arn();
    let own = match &all {
        Seen::There(trails) => match trails.iter().find(|trail| trail.arn == arn) {
            Some(trail) => {
                let tags = async {
                    // A trail that was there before us carries no mark of ours.
                    match design.own_trail() {
                        true => tags(aws, &arn).await,
                        false => Ok(Seen::Absent),
                    }
                };
                let (tags, status) = tokio::try_join!(tags, status(aws, &arn))?;
                Seen::There(Own {
                    trail: trail.clone(),
                    owner: Owner::of_tags(design.id, tags),
                    status,
                })
            }
            None => Seen::Absent,
        },
        Seen::Absent => Seen::Absent,
        Seen::Denied(action) => Seen::Denied(action),
    };
    let mut management = management;
    management.retain(|trail| trail.arn != arn);
    Ok(Observed {
        all,
        own,
        management,
    })
}

/// Whether a trail logs management events; `None` if the caller may not see that.
pub(super) async fn logs_management_events(aws: &Aws, arn: &str) -> Result<Option<bool>, AwsError> {
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

/// The number of management events in a month in this region, estimated from the time that the latest fifty took. `None` if the
/// caller may not read them (`LookupEvents` is outside the published policy), or if there are too few.
pub(crate) async fn monthly_events(aws: &Aws) -> Option<f64> {
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

/// The trails that log management events. A trail counts if its selectors cannot be read, but not if it is stopped.
pub(crate) async fn management_trails(
    aws: &Aws,
    all: &Seen<Vec<State>>,
) -> Result<Vec<State>, AwsError> {
    let asked = all.there().into_iter().flatten().map(|trail| async move {
        let (logs, status) = tokio::try_join!(
            logs_management_events(aws, &trail.arn),
            status(aws, &trail.arn),
        )?;
        let stopped = status.there().is_some_and(|status| !status.logging);
        Ok::<_, AwsError>((logs != Some(false) && !stopped).then(|| trail.clone()))
    });
    let found = futures::future::try_join_all(asked).await?;
    Ok(found.into_iter().flatten().collect())
}
