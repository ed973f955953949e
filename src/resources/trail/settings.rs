//! What the trail is like.

use serde_json::Value;

use super::state::{Observed, Own, State, Status};
use crate::{
    connection::{Design, Feed, Kind},
    resources::{
        planned::{Across, Journal},
        seen::Seen,
        settings::{Compared, Setting, Settings, of_tags},
    },
};

/// Returns the settings of the trail that the design names. Of a trail that gets our topic, that topic is a part of its own.
#[must_use]
pub(crate) fn settings(
    design: &Design,
    seen: &Observed,
    _: Journal<'_>,
    _: &Across,
) -> Vec<Settings> {
    if design.feed.existing_trail().is_none() && !design.own_trail() {
        return Vec::new();
    }
    let (own, arn) = (&seen.own, design.trail_arn());
    let setting = |one: Compared<State>| one.seen_in(own, |own| &own.trail);
    let mut all: Vec<Setting> = compared(design).into_iter().map(setting).collect();
    let topic = setting(topic(design));
    let mut parts = Vec::new();
    if matches!(design.feed, Feed::Trail { .. }) {
        let of_topic = Settings::new(Kind::TrailTopic, arn.clone(), vec![topic]);
        parts.push(of_topic);
    } else {
        all.push(topic);
    }
    all.extend(besides(own));
    if design.own_trail() {
        let tags = own.as_ref().and_seen(|own| own.owner.tags.as_ref());
        all.extend(of_tags(design, tags));
    }
    parts.push(Settings::new(Kind::Trail, arn, all));
    parts
}

/// Returns the setting that names the topic. It is mended too.
pub(super) fn topic(design: &Design) -> Compared<State> {
    let found = |trail: &State| trail.topic_arn.clone().map(Value::from);
    Compared::new("SnsTopicName", found, there(design.topic_arn().into()))
}

/// Returns the settings of our trail that are mended, besides its topic.
pub(super) fn compared(design: &Design) -> [Compared<State>; 6] {
    let organization = design.organization.is_some();
    [
        Compared::new(
            "S3BucketName",
            |trail| there(trail.bucket.as_str().into()),
            there(design.bucket.as_str().into()),
        ),
        Compared::new(
            "S3KeyPrefix",
            |trail| there(trail.prefix.as_str().into()),
            there(design.prefix.to_string().into()),
        ),
        Compared::new(
            "IsMultiRegionTrail",
            |trail| Some(trail.multi_region.into()),
            Some(true.into()),
        ),
        Compared::new(
            "IncludeGlobalServiceEvents",
            |trail| Some(trail.global_events.into()),
            Some(true.into()),
        ),
        Compared::new(
            "EnableLogFileValidation",
            |trail| Some(trail.validation.into()),
            Some(true.into()),
        ),
        Compared::new(
            "IsOrganizationTrail",
            |trail| Some(trail.organization.into()),
            Some(organization.into()),
        ),
    ]
}

/// A value that says something.
fn there(value: Value) -> Option<Value> {
    Some(value).filter(|value| value != "")
}

/// The trail's key, which we do not set, and whether it logs.
fn besides(own: &Seen<Own>) -> [Setting; 2] {
    let key = |own: &Own| there(own.trail.kms_key.as_deref()?.into());
    let status = own.as_ref().and_seen(|own| own.status.as_ref());
    // A trail that was only created does not log yet, as one that is not there.
    let logging = |status: &&Status| status.logging.then(|| Value::from(true));
    [
        Setting::new("KmsKeyId", own, key, None).once(),
        Setting::new("IsLogging", &status, logging, Some(true.into())),
    ]
}
