//! What the topic is like besides its policy.

use serde_json::Value;

use super::state::{Observed, State};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Journal},
        settings::{Setting, Settings, of_tags},
    },
};

/// Returns the settings of the topic, if messages come through one.
#[must_use]
pub(crate) fn settings(
    design: &Design,
    seen: &Observed,
    _: Journal<'_>,
    _: &Across,
) -> Vec<Settings> {
    if !design.has_topic() {
        return Vec::new();
    }
    let key = |topic: &State| topic.kms_key.clone().map(Value::from);
    let mut all = vec![Setting::new("KmsMasterKeyId", seen, key, None).once()];
    if design.own_topic() {
        let tags = seen.as_ref().and_seen(|topic| topic.owner.tags.as_ref());
        all.extend(of_tags(design, tags));
    }
    vec![Settings::new(Kind::Topic, design.topic_arn(), all)]
}
