//! What S3 refuses in a bucket's notification configuration (S3 User Guide, "Configuring event notifications using object key
//! name filtering").

use aws_sdk_s3::types::{
    Event, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter,
};

use super::refusal::Refusal;
use crate::{
    aws::Aws,
    policy::{
        self,
        evaluate::{Principal, Request, allows},
    },
    sandbox::rules,
};

/// The configuration that the emulator has; `None` if it cannot be read.
pub(crate) async fn read(bucket: &str, root: &Aws) -> Option<NotificationConfiguration> {
    let read = root.s3.get_bucket_notification_configuration();
    let found = read.bucket(bucket).send().await.ok()?;
    let document = NotificationConfiguration::builder()
        .set_topic_configurations(found.topic_configurations)
        .set_queue_configurations(found.queue_configurations)
        .set_lambda_function_configurations(found.lambda_function_configurations)
        .set_event_bridge_configuration(found.event_bridge_configuration)
        .build();
    Some(document)
}

/// Why S3 would refuse a configuration.
pub(crate) async fn refusal(
    bucket: &str,
    document: &NotificationConfiguration,
    root: &Aws,
) -> Option<Refusal> {
    let invalid = |message: &str| Some(Refusal::new(400, "InvalidArgument", message));
    if let Some(message) = conflict(&rules_of(document)) {
        return invalid(message);
    }
    if !may_publish(bucket, document, root).await {
        return invalid("Unable to validate the following destination configurations");
    }
    None
}

/// A rule of a configuration, for a topic, a queue or a function.
struct Rule<'a> {
    id: Option<&'a str>,
    events: &'a [Event],
    /// Decoded, as is the suffix.
    prefix: String,
    suffix: String,
}

fn rules_of(document: &NotificationConfiguration) -> Vec<Rule<'_>> {
    let topics = document.topic_configurations().iter();
    let topics = topics.map(|one| (one.id(), one.events(), one.filter()));
    let queues = document.queue_configurations().iter();
    let queues = queues.map(|one| (one.id(), one.events(), one.filter()));
    let functions = document.lambda_function_configurations().iter();
    let functions = functions.map(|one| (one.id(), one.events(), one.filter()));
    topics
        .chain(queues)
        .chain(functions)
        .map(|(id, events, filter)| Rule {
            id,
            events,
            prefix: value(filter, "prefix"),
            suffix: value(filter, "suffix"),
        })
        .collect()
}

/// The decoded value of a filter; empty where there is none. S3 writes the name with or without a capital.
fn value(filter: Option<&NotificationConfigurationFilter>, name: &str) -> String {
    let named = |found: &FilterRuleName| found.as_str().eq_ignore_ascii_case(name);
    let all = filter.and_then(|filter| filter.key());
    let mut all = all.into_iter().flat_map(|key| key.filter_rules());
    all.find(|one| one.name().is_some_and(named))
        .and_then(|one| one.value())
        .map(rules::filter_value)
        .unwrap_or_default()
}

/// The first conflict between two rules.
fn conflict(rules: &[Rule<'_>]) -> Option<&'static str> {
    for (number, rule) in rules.iter().enumerate() {
        for other in &rules[..number] {
            if rule.id.is_some() && rule.id == other.id {
                return Some("Same ID used for multiple configurations. IDs must be unique.");
            }
            if overlap(rule, other) {
                return Some(
                    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the \
                     prefixes are overlapping for the same event type.",
                );
            }
        }
    }
    None
}

/// Whether one event of one object can fit both rules.
fn overlap(rule: &Rule<'_>, other: &Rule<'_>) -> bool {
    let same = rule.events.iter().any(|one| {
        let mut others = other.events.iter();
        others.any(|other| kinds_meet(one.as_str(), other.as_str()))
    });
    let prefixes = rule.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&rule.prefix);
    let suffixes = rule.suffix.ends_with(&other.suffix) || other.suffix.ends_with(&rule.suffix);
    same && prefixes && suffixes
}

/// Whether two kinds of events have something in common, as `s3:ObjectCreated:*` and `s3:ObjectCreated:Put`.
fn kinds_meet(one: &str, other: &str) -> bool {
    let covers = |wide: &str, narrow: &str| {
        wide.strip_suffix('*')
            .is_some_and(|start| narrow.starts_with(start))
    };
    one == other || covers(one, other) || covers(other, one)
}

/// Whether the policy of each topic lets S3 publish for this bucket.
async fn may_publish(bucket: &str, document: &NotificationConfiguration, root: &Aws) -> bool {
    let of = format!("arn:{}:s3:::{bucket}", root.caller.partition);
    for rule in document.topic_configurations() {
        let arn = rule.topic_arn();
        let topic = root.sns.get_topic_attributes().topic_arn(arn).send().await;
        let attributes = topic.ok().and_then(|topic| topic.attributes);
        let document =
            attributes.and_then(|all| policy::parse(all.get("Policy").map(String::as_str)));
        let publish = Request {
            principal: Principal::Service("s3.amazonaws.com"),
            action: "SNS:Publish",
            resource: arn,
            context: &[
                ("aws:SourceAccount", Some(root.caller.account.as_str())),
                ("aws:SourceArn", Some(&of)),
            ],
            complete: true,
        };
        if !document.is_some_and(|document| allows(&document, &publish)) {
            return false;
        }
    }
    true
}
