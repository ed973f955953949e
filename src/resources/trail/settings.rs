//! What the trail is like.

use serde_json::Value;

use super::state::{Observed, Own, Status};
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
    let topic = || {
        let found = |own: &Own| own.trail.topic_arn.clone().map(Value::from);
        Setting::new("SnsTopicName", own, found, Some(design.topic_arn().into()))
    };
    let mut all = of_trail(design, own);
    let mut parts = Vec::new();
    if matches!(design.feed, Feed::Trail { .. }) {
        parts.push(Settings::new(Kind::TrailTopic, arn.clone(), vec![topic()]));
    } else {
        all.push(topic());
    }
    if design.own_trail() {
        let tags = own.clone().map(|own| own.tags).flatten();
        all.extend(of_tags(design, &tags));
    }
    parts.push(Settings::new(Kind::Trail, arn, all));
    parts
}

/// What CloudTrail itself says of the trail.
fn of_trail(design: &Design, own: &Seen<Own>) -> Vec<Setting> {
    let text = |text: &str| (!text.is_empty()).then(|| Value::from(text));
    let on = |on: bool| Some(Value::from(on));
    let status = own.clone().map(|own| own.status).flatten();
    let organization = design.organization.is_some();
    vec![
        Setting::new(
            "S3BucketName",
            own,
            |own| text(&own.trail.bucket),
            text(design.bucket.as_str()),
        ),
        Setting::new(
            "S3KeyPrefix",
            own,
            |own| text(&own.trail.prefix),
            text(&design.prefix.to_string()),
        ),
        Setting::new(
            "IsMultiRegionTrail",
            own,
            |own| on(own.trail.multi_region),
            on(true),
        ),
        Setting::new(
            "IncludeGlobalServiceEvents",
            own,
            |own| on(own.trail.global_events),
            on(true),
        ),
        Setting::new(
            "EnableLogFileValidation",
            own,
            |own| on(own.trail.validation),
            on(true),
        ),
        Setting::new(
            "IsOrganizationTrail",
            own,
            |own| on(own.trail.organization),
            on(organization),
        ),
        Setting::new(
            "KmsKeyId",
            own,
            |own| text(own.trail.kms_key.as_deref()?),
            None,
        )
        .once(),
        // A trail that was only created does not log yet, as one that is not there.
        Setting::new("IsLogging", &status, logging, on(true)),
    ]
}

fn logging(status: &Status) -> Option<Value> {
    status.logging.then(|| true.into())
}
