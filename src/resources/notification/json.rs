//! A bucket's notifications as JSON, in the shape in which `aws s3api get-bucket-notification-configuration` shows them.

use aws_sdk_s3::types::{
    Event, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter,
};
use serde_json::{Map, Value, json};

/// The document as JSON; `None` if it is empty.
pub(super) fn json(document: &NotificationConfiguration) -> Option<Value> {
    let topics = document.topic_configurations().iter();
    let topics = topics.map(|one| {
        let target = ("TopicArn", one.topic_arn());
        entry(one.id(), target, one.events(), one.filter())
    });
    let queues = document.queue_configurations().iter();
    let queues = queues.map(|one| {
        let target = ("QueueArn", one.queue_arn());
        entry(one.id(), target, one.events(), one.filter())
    });
    let functions = document.lambda_function_configurations().iter();
    let functions = functions.map(|one| {
        let target = ("LambdaFunctionArn", one.lambda_function_arn());
        entry(one.id(), target, one.events(), one.filter())
    });
    let lists: [(&str, Vec<Value>); 3] = [
        ("TopicConfigurations", topics.collect()),
        ("QueueConfigurations", queues.collect()),
        ("LambdaFunctionConfigurations", functions.collect()),
    ];
    let mut shown = Map::new();
    for (name, list) in lists {
        if !list.is_empty() {
            shown.insert(name.to_owned(), Value::Array(list));
        }
    }
    if document.event_bridge_configuration().is_some() {
        shown.insert("EventBridgeConfiguration".to_owned(), json!({}));
    }
    (!shown.is_empty()).then_some(Value::Object(shown))
}

/// A rule of the document: which events, of which objects, go to which target.
fn entry(
    id: Option<&str>,
    target: (&str, &str),
    events: &[Event],
    filter: Option<&NotificationConfigurationFilter>,
) -> Value {
    let mut shown = Map::new();
    if let Some(id) = id {
        shown.insert("Id".to_owned(), id.into());
    }
    shown.insert(target.0.to_owned(), target.1.into());
    let events: Vec<&str> = events.iter().map(Event::as_str).collect();
    shown.insert("Events".to_owned(), json!(events));
    if let Some(key) = filter.and_then(|filter| filter.key()) {
        let rules = key.filter_rules().iter().map(|rule| {
            let name = rule.name().map(FilterRuleName::as_str);
            json!({ "Name": name, "Value": rule.value() })
        });
        let rules: Vec<Value> = rules.collect();
        shown.insert(
            "Filter".to_owned(),
            json!({ "Key": { "FilterRules": rules } }),
        );
    }
    Value::Object(shown)
}
