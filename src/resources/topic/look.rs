//! Reads the topic: its attributes, its policy among them, and its mark.

use std::collections::HashMap;

use serde_json::Value;

use super::state::{Observed, State};
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    resources::{
        document,
        seen::{Owner, Seen, Tags, seen},
    },
};

/// Reads the topic, if messages come through one.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    if !design.has_topic() {
        return Ok(Seen::Absent);
    }
    let arn = &design.topic_arn();
    let tags = async {
        // A topic that was there before us carries no mark of ours.
        match design.own_topic() {
            true => read_tags(aws, arn).await,
            false => Ok(Seen::Absent),
        }
    };
    let (attributes, tags) = tokio::join!(attributes(aws, arn), tags);
    let attributes = match seen(attributes, &["NotFound"])? {
        Seen::There(attributes) => attributes,
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Denied(action) => return Ok(Seen::Denied(action)),
    };
    let count = |name: &str| {
        attributes
            .get(name)
            .and_then(|text| text.parse::<u32>().ok())
            .unwrap_or_default()
    };
    let tags = tags?;
    Ok(Seen::There(State {
        owner: Owner::of_tags(design.id, tags),
        kms_key: attributes
            .get("KmsMasterKeyId")
            .filter(|key| !key.is_empty())
            .cloned(),
        policy: policy_of(&attributes)?,
        subscriptions: count("SubscriptionsConfirmed") + count("SubscriptionsPending"),
    }))
}

pub(super) async fn attributes(aws: &Aws, arn: &str) -> Result<HashMap<String, String>, AwsError> {
    let answer = aws
        .sns
        .get_topic_attributes()
        .topic_arn(arn)
        .send()
        .await
        .map_err(AwsError::of("sns:GetTopicAttributes"))?;
    Ok(answer.attributes().cloned().unwrap_or_default())
}

/// The policy among a topic's attributes.
pub(super) fn policy_of(attributes: &HashMap<String, String>) -> Result<Option<Value>, AwsError> {
    let text = attributes.get("Policy").filter(|text| !text.is_empty());
    let found = document::readable("sns:GetTopicAttributes", Seen::There(text.cloned()))?;
    Ok(found.there().cloned())
}

pub(super) async fn read_tags(aws: &Aws, arn: &str) -> Result<Tags, AwsError> {
    let tags = aws
        .sns
        .list_tags_for_resource()
        .resource_arn(arn)
        .send()
        .await
        .map_err(AwsError::of("sns:ListTagsForResource"));
    Ok(seen(tags, &["ResourceNotFound", "NotFound"])?.map(|tags| {
        let tags = tags.tags().iter();
        tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
            .collect()
    }))
}
