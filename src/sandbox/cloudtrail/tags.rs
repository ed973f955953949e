//! The tags of trails.

use serde_json::{Value, json};

use super::{
    input::{Answer, text},
    trails::{change, own},
};
use crate::sandbox::cloud::{Caller, Cloud, Error, Trail};

/// Adds tags, or replaces the values of those that are there.
pub(super) fn add(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let arn = own(cloud, caller, input, "ResourceId")?.arn;
    let tags = tags(input);
    change(cloud, &arn, |trail| {
        trail
            .tags
            .retain(|(key, _)| !tags.iter().any(|(new, _)| new == key));
        trail.tags.extend(tags);
    });
    Ok(json!({}))
}

/// Removes tags by their keys.
pub(super) fn remove(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let arn = own(cloud, caller, input, "ResourceId")?.arn;
    let tags = tags(input);
    change(cloud, &arn, |trail| {
        trail
            .tags
            .retain(|(key, _)| !tags.iter().any(|(old, _)| old == key))
    });
    Ok(json!({}))
}

/// Lists the tags of some of the caller's trails.
pub(super) fn list(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let arns = input.get("ResourceIdList").and_then(Value::as_array);
    let trails = cloud.state();
    let of_caller = |trail: &&Trail| {
        trail.account == caller.account || trail.maker.as_ref() == Some(&caller.account)
    };
    let list: Result<Vec<Value>, Error> = arns
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|arn| {
            let mut own = trails.list.iter().filter(of_caller);
            let trail = own.find(|trail| trail.arn == arn).ok_or_else(|| {
                Error::new("ResourceNotFoundException", format!("{arn} is not there"))
            })?;
            Ok(json!({ "ResourceId": arn, "TagsList": shown(trail) }))
        })
        .collect();
    Ok(json!({ "ResourceTagList": list? }))
}

fn shown(trail: &Trail) -> Vec<Value> {
    let tags = trail.tags.iter();
    tags.map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

/// The tags that a call carries. A tag without a value has an empty one.
pub(super) fn tags(input: &Value) -> Vec<(String, String)> {
    let list = input.get("TagsList").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|tag| {
            Some((
                text(tag, "Key")?.to_owned(),
                text(tag, "Value").unwrap_or_default().to_owned(),
            ))
        })
        .collect()
}
