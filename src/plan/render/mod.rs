//! Plans as text.

mod screen;

pub(crate) use screen::{groups, path};

use crate::{
    connection::{Design, Feed, Kind},
    resources::{
        families::Step,
        step::{Action, Change},
    },
    ui::t,
};

/// Returns the verb of an action in the user's language.
fn verb(action: Action) -> String {
    match action {
        Action::Create => t!("verb-create"),
        Action::Modify => t!("verb-modify"),
        Action::Use => t!("verb-use"),
        Action::Delete => t!("verb-delete"),
        Action::Restore => t!("verb-restore"),
        Action::Keep => t!("verb-keep"),
    }
}

/// Returns what a kind is called.
#[must_use]
pub(crate) fn kind(kind: Kind) -> String {
    match kind {
        Kind::Trail => t!("kind-trail"),
        Kind::Bucket => t!("kind-bucket"),
        Kind::Topic => t!("kind-topic"),
        Kind::Subscription => t!("kind-subscription"),
        Kind::Function => t!("kind-function"),
        Kind::Role => t!("kind-role"),
        Kind::RolePolicy => t!("kind-rolePolicy"),
        Kind::LogGroup => t!("kind-logGroup"),
        Kind::BucketPolicyStatement => t!("kind-bucketPolicyStatement"),
        Kind::BucketNotification => t!("kind-bucketNotification"),
        Kind::TopicPolicyStatement => t!("kind-topicPolicyStatement"),
        Kind::TrailTopic => t!("kind-trailTopic"),
        Kind::FunctionPermission => t!("kind-functionPermission"),
        Kind::Lifecycle => t!("kind-lifecycle"),
        Kind::EventRule => t!("kind-eventRule"),
        Kind::TrustedAccess => t!("kind-trustedAccess"),
        Kind::ServiceLinkedRole => t!("kind-serviceLinkedRole"),
    }
}

/// Returns the short name at the end of an ARN.
fn short(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let resource = resource.strip_prefix("log-group:").unwrap_or(resource);
    match resource.rsplit_once(['/', ':']) {
        Some((_, name)) if !resource.starts_with("/aws/") => name,
        _ => resource,
    }
}

/// Returns the line for a step that runs.
#[must_use]
pub(crate) fn title(step: &Step) -> String {
    format!(
        "{} {} {}",
        verb(step.action()),
        kind(step.kind()),
        short(&step.arn)
    )
}

/// Explains each kind of step, for users who answer "explain" before they confirm.
#[must_use]
pub(crate) fn explanation(design: &Design, steps: &[Step]) -> Vec<String> {
    let mut kinds: Vec<Kind> = Vec::new();
    for step in steps.iter().filter(|step| step.writes()) {
        if !kinds.contains(&step.kind()) {
            kinds.push(step.kind());
        }
    }
    kinds
        .into_iter()
        .map(|kind| format!("  {}: {}", self::kind(kind), why(design, kind)))
        .collect()
}

fn why(design: &Design, kind: Kind) -> String {
    match kind {
        Kind::Trail if design.organization.is_some() => t!("why-trail-organization"),
        Kind::Trail => t!("why-trail"),
        Kind::Bucket => t!("why-bucket"),
        Kind::Topic => t!("why-topic"),
        Kind::Subscription => t!("why-subscription"),
        Kind::Function => t!("why-function"),
        Kind::Role => t!("why-role"),
        Kind::RolePolicy => t!("why-rolePolicy"),
        Kind::LogGroup => t!("why-logGroup"),
        // EventBridge hands the files over: there is no topic.
        Kind::BucketNotification if !design.has_topic() => t!("why-events-on"),
        Kind::FunctionPermission if !design.has_topic() => t!("why-permission-rule"),
        Kind::BucketPolicyStatement if design.plain_http => t!("why-bucket-policy-plain"),
        Kind::BucketPolicyStatement => t!("why-bucketPolicyStatement"),
        Kind::BucketNotification => t!("why-bucketNotification"),
        // Another service publishes to the topic.
        Kind::TopicPolicyStatement if matches!(design.feed, Feed::Bucket { .. }) => {
            t!("why-topic-policy-bucket")
        }
        Kind::TopicPolicyStatement => t!("why-topicPolicyStatement"),
        Kind::TrailTopic => t!("why-trailTopic"),
        Kind::FunctionPermission => t!("why-functionPermission"),
        Kind::Lifecycle => t!("why-lifecycle"),
        Kind::EventRule => t!("why-eventRule"),
        Kind::TrustedAccess => t!("why-trustedAccess"),
        Kind::ServiceLinkedRole => t!("why-serviceLinkedRole"),
    }
}

/// Returns the CloudTrail events that the steps leave behind, as a security team will see them.
#[must_use]
pub(crate) fn events(steps: &[Step]) -> Vec<&'static str> {
    let mut events = Vec::new();
    let changes = steps.iter().filter_map(Step::change);
    for event in changes.flat_map(|change| change.facts().events) {
        if !events.contains(event) {
            events.push(*event);
        }
    }
    events
}
