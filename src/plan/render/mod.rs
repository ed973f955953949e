//! Plans as text.

mod diff;
mod documents;
mod explain;
mod markdown;
mod moved;
mod rows;
mod screen;
mod settings;

pub(crate) use documents::documents;
pub(crate) use explain::explanation;
pub(crate) use markdown::{Summary, markdown};
pub(crate) use moved::{moved, said};
pub(crate) use screen::{counted, groups, path};
pub(crate) use settings::settings;

use crate::{
    connection::Kind,
    resources::{
        families::Step,
        step::{Action, Change},
    },
    ui::{page::Tone, t},
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

/// What stands before a step: a mark, or a word for screen readers.
fn mark(action: Action, words: bool) -> String {
    if words {
        return verb(action);
    }
    match action {
        Action::Create => "+",
        Action::Modify | Action::Restore => "~",
        Action::Delete => "-",
        Action::Use | Action::Keep => "=",
    }
    .to_owned()
}

fn tone(action: Action) -> Tone {
    match action {
        Action::Create => Tone::Added,
        Action::Modify | Action::Restore => Tone::Changed,
        Action::Delete => Tone::Removed,
        Action::Use | Action::Keep => Tone::Plain,
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
        Kind::Alarm => t!("kind-alarm"),
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
