//! What SNS refuses: bad topic names, and a topic or subscription that is there already with other settings.

use std::collections::BTreeMap;

use serde_json::Value;

use super::refusal::Refusal;
use crate::{aws::Aws, sandbox::rules};

type Form = BTreeMap<String, String>;

/// Why SNS would refuse a call.
pub(super) async fn refusal(form: &Form, root: &Aws) -> Option<Refusal> {
    match form.get("Action").map(String::as_str) {
        Some("CreateTopic") => of_create_topic(form, root).await,
        Some("Subscribe") => of_subscribe(form, root).await,
        _ => None,
    }
}

async fn of_create_topic(form: &Form, root: &Aws) -> Option<Refusal> {
    let name = form.get("Name")?;
    if !rules::is_topic_name(name) {
        return invalid("Topic Name");
    }
    let caller = &root.caller;
    let arn = format!(
        "arn:{}:sns:{}:{}:{name}",
        caller.partition, root.region, caller.account
    );
    let there = root.sns.list_tags_for_resource().resource_arn(arn);
    let there = there.send().await.ok()?;
    let there: Form = there
        .tags()
        .iter()
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect();
    let asked = pairs(form, "Tags.");
    if !asked.is_empty() && asked != there {
        return invalid("Tags Reason: Topic already exists with different tags");
    }
    None
}

async fn of_subscribe(form: &Form, root: &Aws) -> Option<Refusal> {
    let asked = pairs(form, "Attributes.");
    let there = root.sns.list_subscriptions_by_topic();
    let there = there.topic_arn(form.get("TopicArn")?).send().await.ok()?;
    let endpoint = form.get("Endpoint").map(String::as_str);
    let found = there
        .subscriptions()
        .iter()
        .find(|one| one.endpoint() == endpoint)?;
    let get = root.sns.get_subscription_attributes();
    let get = get.subscription_arn(found.subscription_arn()?);
    let there = get.send().await.ok()?;
    let there = there.attributes()?;
    // Attributes that the call leaves out are not compared (recorded).
    let differs = asked
        .iter()
        .any(|(name, value)| json(there.get(name)) != json(Some(value)));
    if differs {
        return invalid("Attributes Reason: Subscription already exists with different attributes");
    }
    None
}

fn invalid(message: &str) -> Option<Refusal> {
    let message = format!("Invalid parameter: {message}");
    Some(Refusal::new(400, "InvalidParameter", message))
}

/// The pairs of a form whose names begin with `start`: `…entry.N.key` with `…entry.N.value`, or `Tags.member.N.Key` with
/// `Tags.member.N.Value`.
fn pairs(form: &Form, start: &str) -> Form {
    let keys = form.iter().filter(|(name, _)| name.starts_with(start));
    keys.filter_map(|(name, key)| {
        let value = match name.strip_suffix(".key") {
            Some(entry) => form.get(&format!("{entry}.value")),
            None => form.get(&format!("{}.Value", name.strip_suffix(".Key")?)),
        };
        Some((key.clone(), value?.clone()))
    })
    .collect()
}

/// The value of an attribute, so that JSON documents are compared without their layout.
fn json(text: Option<&String>) -> Value {
    text.map_or(Value::Null, |text| {
        serde_json::from_str(text).unwrap_or_else(|_| text.clone().into())
    })
}
