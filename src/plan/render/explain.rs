//! What each step does, why, what takes it back, and what it leaves and needs: for users who answer "explain" at the plan.

use super::{
    kind, mark,
    rows::{Group, Row, grouped, rows},
    short, tone,
};
use crate::{
    connection::{Design, Feed, Kind},
    resources::{
        families::Step,
        organization,
        step::{Action, Change, Facts},
    },
    ui::{
        page::{Page, Tone},
        t,
    },
};

/// Explains the steps of `setup`, in the groups of the plan. What stays as it is needs no explanation.
#[must_use]
pub(crate) fn explanation(design: &Design, steps: &[Step], words: bool) -> Page {
    let mut page = Page::default();
    let rows = rows(steps);
    for (group, of_group) in grouped(&rows).filter(|(group, _)| *group != Group::Kept) {
        page.heading(format!("  {}", group.heading(false)));
        for row in of_group {
            of_row(&mut page, design, row, group, words);
        }
        page.blank();
    }
    page
}

/// Explains what happens to a resource, and below it what happens to its parts.
fn of_row(page: &mut Page, design: &Design, row: &Row<'_>, group: Group, words: bool) {
    let action = row.action(group);
    let (what, name) = (kind(row.kind), short(row.arn));
    page.line(
        tone(action),
        format!("  {} {what}  {name}", mark(action, words)),
    );
    if group == Group::YoursUsed {
        page.plain(format!("      {}", t!("explain-used")));
    }
    if let Some(change) = row.own.and_then(Step::change) {
        of_change(page, design, &change.facts(), group, 6);
    }
    for part in row.parts.iter().filter(|part| part.writes()) {
        let (action, what) = (part.action(), kind(part.kind()));
        let mark = mark(action, words);
        page.line(tone(action), format!("    {mark} {what}"));
        if let Some(change) = part.change() {
            of_change(page, design, &change.facts(), group, 8);
        }
    }
}

fn of_change(page: &mut Page, design: &Design, facts: &Facts, group: Group, indent: usize) {
    let indent = " ".repeat(indent);
    let why = why(design, facts.kind);
    let text = match back(design, facts, group) {
        Some(back) => t!("explain-step", why = why, back = back),
        None => why,
    };
    page.plain(format!("{indent}{text}"));
    let traces = t!(
        "explain-traces",
        events = facts.events.join(", "),
        permissions = permissions(design, facts).join(", ")
    );
    page.line(Tone::Quiet, format!("{indent}{traces}"));
}

/// The permissions that a change of `setup` needs in this design.
fn permissions(design: &Design, facts: &Facts) -> Vec<&'static str> {
    let mut permissions = facts.permissions.to_vec();
    if design.organization.is_some() && matches!(facts.kind, Kind::Trail | Kind::TrailTopic) {
        permissions.extend(organization::FOR_TRAIL);
    }
    permissions
}

/// What takes a change back, or why something is changed to match the plan; `None` if nothing takes it back.
fn back(design: &Design, facts: &Facts, group: Group) -> Option<String> {
    let yours = group == Group::YoursChanged;
    match (facts.action, facts.kind) {
        (Action::Modify, Kind::TrailTopic) => Some(t!("back-trailTopic")),
        (Action::Modify, _) => Some(t!("back-mended")),
        // They belong to the organization.
        (Action::Create, Kind::TrustedAccess | Kind::ServiceLinkedRole) => None,
        (Action::Create, Kind::Bucket) => Some(t!("back-bucket")),
        (Action::Create, Kind::Lifecycle) => Some(t!("back-lifecycle")),
        (Action::Create, Kind::BucketNotification) if !design.has_topic() => {
            Some(t!("back-events-on"))
        }
        (Action::Create, Kind::BucketPolicyStatement | Kind::BucketNotification) => {
            Some(t!("back-part"))
        }
        (Action::Create, Kind::TopicPolicyStatement) if yours => Some(t!("back-part")),
        (Action::Create, Kind::TopicPolicyStatement) => {
            Some(t!("back-with", whole = kind(Kind::Topic)))
        }
        (Action::Create, Kind::FunctionPermission) => {
            Some(t!("back-with", whole = kind(Kind::Function)))
        }
        (Action::Create, _) => Some(t!("back-deleted")),
        (Action::Use | Action::Delete | Action::Restore | Action::Keep, _) => None,
    }
}

/// What is made, and why it is needed. CloudTrail refuses a bucket or a topic whose policy does not let it in (CloudTrail API
/// reference, `CreateTrail`: `InsufficientS3BucketPolicyException`, `InsufficientSnsTopicPolicyException`), and S3 a destination
/// that it may not publish to (S3 API reference, `PutBucketNotificationConfiguration`).
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
        Kind::Alarm => t!("why-alarm"),
    }
}
