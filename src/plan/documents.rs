//! The JSON documents that the steps of a plan write, before and after. What comes after is computed as a run does it.

use crate::{
    connection::{Design, Kind},
    resources::{
        bucket,
        document::Written,
        families::{Change, Observed, Step},
        function, notification, role,
        step::Does,
        topic,
    },
};

/// Returns the documents that the steps write, in the order of the steps, and those that could not be read and so stay.
#[must_use]
pub(crate) fn documents(design: &Design, seen: &Observed, steps: &[Step]) -> Vec<Written> {
    let of_step = |step: &Step| match &step.does {
        Does::Change(change) => written(design, seen, change),
        Does::Keep(kind) => {
            let action = hidden(seen, *kind)?;
            Some(Written::unread(*kind, &step.arn, action))
        }
        Does::Use(_) => None,
    };
    steps.iter().filter_map(of_step).collect()
}

/// Returns every document of what the design names, as it was seen, whether a step writes it or not. One that is not there is left
/// out.
#[must_use]
pub(crate) fn seen(design: &Design, observed: &Observed) -> Vec<Written> {
    // These changes say which documents there are. What they would write does not matter.
    let of_each = [
        Change::Role(role::Change::Create),
        Change::Role(role::Change::DeletePolicy),
        Change::Topic(topic::Change::RemoveStatement),
        Change::Bucket(bucket::Change::RemoveStatements),
        Change::Bucket(bucket::Change::MendExpiry { days: 1 }),
        Change::Notification(notification::Change::TurnOff),
        Change::Function(function::Change::PermissionGoes),
    ];
    let seen = of_each.iter().filter_map(|change| {
        let written = written(design, observed, change)?;
        Some(Written {
            after: None,
            ..written
        })
    });
    seen.filter(|document| !document.before.is_absent())
        .collect()
}

fn written(design: &Design, seen: &Observed, change: &Change) -> Option<Written> {
    match change {
        Change::Role(change) => role::written(design, &seen.role, *change),
        Change::Topic(change) => topic::written(design, &seen.topic, *change),
        Change::Bucket(change) => bucket::written(design, &seen.bucket, *change),
        Change::Notification(change) => {
            let seen = &seen.notification;
            Some(notification::written(design, seen, *change))
        }
        Change::Function(change) => function::written(design, &seen.function, *change),
        // These write settings.
        Change::LogGroup(_)
        | Change::Subscription(_)
        | Change::Organization(_)
        | Change::Trail(_)
        | Change::EventRule(_)
        | Change::Alarm(_) => None,
    }
}

/// The action that the caller lacks to read the document that a kind is about.
fn hidden(seen: &Observed, kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Role => seen.role.denied(),
        Kind::RolePolicy => {
            let inline = || seen.role.there()?.policy.denied();
            seen.role.denied().or_else(inline)
        }
        Kind::TopicPolicyStatement => seen.topic.denied(),
        Kind::BucketPolicyStatement => {
            let policy = || seen.bucket.there()?.as_ref().ok()?.policy.denied();
            seen.bucket.denied().or_else(policy)
        }
        Kind::Lifecycle => {
            let rules = || seen.bucket.there()?.as_ref().ok()?.rules.denied();
            seen.bucket.denied().or_else(rules)
        }
        Kind::FunctionPermission => {
            let policy = || seen.function.there()?.policy.denied();
            seen.function.denied().or_else(policy)
        }
        Kind::BucketNotification => seen.notification.denied(),
        // These have no document.
        Kind::Trail
        | Kind::TrailTopic
        | Kind::Bucket
        | Kind::Topic
        | Kind::Subscription
        | Kind::LogGroup
        | Kind::Function
        | Kind::EventRule
        | Kind::TrustedAccess
        | Kind::ServiceLinkedRole
        | Kind::Alarm => None,
    }
}
