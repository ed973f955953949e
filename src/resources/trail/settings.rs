//! What the trail is like.

use serde_json::Value;

use super::state::{Observed, Own, State, Status};
use crate::{
    connection::{Design, Feed, Kind},
    resources::{
        planned::{Across, Journal},
        seen::Seen,
        settings::{Setting, Settings, of_tags},
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
    let setting = |one: Compared| {
        let Compared { name, found, made } = one;
        Setting::new(name, own, |own| found(&own.trail), made)
    };
    let compared = compared(design).into_iter();
    let (topic, others): (Vec<_>, Vec<_>) = compared.partition(|one| one.name == TOPIC);
    let topic = topic.into_iter().map(setting);
    let mut all: Vec<Setting> = others.into_iter().map(setting).collect();
    all.extend(besides(own));
    let mut parts = Vec::new();
    if matches!(design.feed, Feed::Trail { .. }) {
        parts.push(Settings::new(
            Kind::TrailTopic,
            arn.clone(),
            topic.collect(),
        ));
    } else {
        all.extend(topic);
    }
    if design.own_trail() {
        let tags = own.as_ref().and_seen(|own| own.owner.tags.as_ref());
        all.extend(of_tags(design, tags));
    }
    parts.push(Settings::new(Kind::Trail, arn, all));
    parts
}

/// The setting that names the topic.
const TOPIC: &str = "SnsTopicName";

/// A setting of a trail, by CloudTrail's name, that is mended if it is not as we make it.
pub(super) struct Compared {
    pub name: &'static str,
    pub found: fn(&State) -> Option<Value>,
    pub made: Option<Value>,
}

impl Compared {
    fn new(name: &'static str, found: fn(&State) -> Option<Value>, made: impl Into<Value>) -> Self {
        Self {
            name,
            found,
            made: there(made.into()),
        }
    }
}

/// Returns the settings of our trail that are mended.
pub(super) fn compared(design: &Design) -> Vec<Compared> {
    let organization = design.organization.is_some();
    vec![
        Compared::new(
            "S3BucketName",
            |trail| there(trail.bucket.as_str().into()),
            design.bucket.as_str(),
        ),
        Compared::new(
            "S3KeyPrefix",
            |trail| there(trail.prefix.as_str().into()),
            design.prefix.to_string(),
        ),
        Compared::new(
            TOPIC,
            |trail| trail.topic_arn.clone().map(Value::from),
            design.topic_arn(),
        ),
        Compared::new(
            "IsMultiRegionTrail",
            |trail| Some(trail.multi_region.into()),
            true,
        ),
        Compared::new(
            "IncludeGlobalServiceEvents",
            |trail| Some(trail.global_events.into()),
            true,
        ),
        Compared::new(
            "EnableLogFileValidation",
            |trail| Some(trail.validation.into()),
            true,
        ),
        Compared::new(
            "IsOrganizationTrail",
            |trail| Some(trail.organization.into()),
            organization,
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
