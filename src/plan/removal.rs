//! Plans `remove`: what the manifest names, as far as AWS shows that it is ours.

use super::{Action, Step};
use crate::{
    connection::{Arn, Design, Kind, Ownership, Resources},
    observe::Observed,
    policy,
    resources::{Mark, Seen, trail},
    ui::t,
};

/// What the user asked for beyond the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    pub keep_trail: bool,
    pub force_shared: bool,
    pub delete_logs: bool,
}

/// What a run of `remove` is going to do.
#[derive(Clone, Debug, Default)]
pub struct Removal {
    pub steps: Vec<Step>,
    /// What Central calls ours and AWS does not show as ours. With any, nothing is done.
    pub conflicts: Vec<String>,
    /// Who else uses what we created, so that it is kept.
    pub shared_with: Vec<String>,
    /// Our trail is the last that logs management events.
    pub last_trail: bool,
}

/// What belongs to a design: kind, ARN, and the part ids that we compute.
fn expected(design: &Design) -> Vec<(Kind, String, Option<Vec<String>>)> {
    let function = design.function_arn();
    vec![
        (Kind::Role, design.role_arn(), None),
        (
            Kind::RolePolicy,
            design.role_arn(),
            Some(vec![design.role_policy_name()]),
        ),
        (Kind::LogGroup, design.log_group_arn(), None),
        (Kind::Topic, design.topic_arn(), None),
        (
            Kind::TopicPolicyStatement,
            design.topic_arn(),
            Some(design.topic_statement_ids()),
        ),
        (Kind::Bucket, design.bucket_arn(), None),
        (
            Kind::BucketPolicyStatement,
            design.bucket_arn(),
            Some(design.bucket_statement_ids()),
        ),
        (Kind::Lifecycle, design.bucket_arn(), None),
        (Kind::Function, function.clone(), None),
        // The digest of the environment is an entry of its own.
        (
            Kind::Function,
            function.clone(),
            Some(vec!["environment".to_owned()]),
        ),
        (
            Kind::FunctionPermission,
            function.clone(),
            Some(vec![design.permission_id()]),
        ),
        (Kind::Subscription, design.topic_arn(), Some(vec![function])),
        (Kind::Trail, design.trail_arn(), None),
    ]
}

/// Entries of the manifest that claim something which no connection of this design can have: foreign ARNs, accounts,
/// regions or part ids.
#[must_use]
pub fn foreign_claims(design: &Design, manifest: &Resources) -> Vec<String> {
    let expected = expected(design);
    manifest
        .items
        .iter()
        .filter(|item| item.ownership != Ownership::Used)
        .filter_map(|item| {
            let shown = match &item.id {
                Some(id) => format!("{} ({id})", item.arn),
                None => item.arn.clone(),
            };
            let arn: Arn = match item.arn.parse() {
                Ok(arn) => arn,
                Err(_) => return Some(t!("claim-foreign", kind = item.kind.as_str(), arn = shown)),
            };
            let elsewhere = arn.partition != design.partition.as_str()
                || !(arn.account.is_empty() || arn.account == design.account.as_str())
                || !(arn.region.is_empty() || arn.region == design.region.as_str());
            if elsewhere {
                return Some(t!(
                    "claim-elsewhere",
                    kind = item.kind.as_str(),
                    arn = shown
                ));
            }
            let fits = expected.iter().any(|(kind, arn, ids)| {
                *kind == item.kind
                    && *arn == item.arn
                    && match (ids, &item.id) {
                        (None, None) => true,
                        (Some(ids), Some(id)) => ids.contains(id),
                        _ => false,
                    }
            });
            (!fits).then(|| t!("claim-foreign", kind = item.kind.as_str(), arn = shown))
        })
        .collect()
}

/// Plans the removal.
#[must_use]
pub fn removal(
    design: &Design,
    observed: &Observed,
    manifest: &Resources,
    wishes: Wishes,
) -> Removal {
    let mut removal = Removal {
        conflicts: foreign_claims(design, manifest),
        ..Removal::default()
    };
    let claims = |kind, arn: &str| manifest.says_ours(kind, arn);
    if !wishes.force_shared {
        removal.shared_with = users(design, observed);
    }
    let shared = !removal.shared_with.is_empty();
    let reason_shared =
        || shared.then(|| t!("reason-shared", users = removal_users(&removal.shared_with)));
    let mut steps: Vec<Step> = Vec::new();
    let mut conflicts: Vec<String> = Vec::new();

    // Our subscription goes first: from then on nothing flows.
    let topic = design.topic_arn();
    if claims(Kind::Subscription, &topic) && subscribed(observed) {
        steps.push(
            Step::new(Action::Delete, Kind::Subscription, &topic)
                .with_ids(vec![design.function_arn()]),
        );
    }

    let trail_arn = design.trail_arn();
    if claims(Kind::Trail, &trail_arn) {
        match &observed.trails.own {
            Seen::Absent => {}
            Seen::There(own) => {
                conflicts.extend(own.mark.complaint(&trail_arn));
                let step = if wishes.keep_trail {
                    Step::new(Action::Keep, Kind::Trail, &trail_arn)
                        .because(Some(t!("reason-keep-trail")))
                } else if shared {
                    Step::new(Action::Keep, Kind::Trail, &trail_arn).because(reason_shared())
                } else {
                    removal.last_trail = observed.management.is_empty();
                    Step::new(Action::Delete, Kind::Trail, &trail_arn)
                };
                steps.push(step);
            }
            Seen::Unseen(action) => {
                conflicts.push(t!("conflict-unseen", arn = trail_arn, action = action))
            }
        }
    }
    let trail_stays = steps
        .iter()
        .any(|step| step.kind == Kind::Trail && step.action == Action::Keep);

    let function = design.function_arn();
    if claims(Kind::Function, &function) {
        match &observed.function {
            Seen::Absent => {}
            Seen::There(state) => {
                conflicts.extend(state.mark.complaint(&function));
                steps.push(
                    Step::new(Action::Delete, Kind::FunctionPermission, &function)
                        .with_ids(vec![design.permission_id()]),
                );
                steps.push(Step::new(Action::Delete, Kind::Function, &function));
            }
            Seen::Unseen(action) => {
                conflicts.push(t!("conflict-unseen", arn = function, action = action))
            }
        }
    }

    log_group(design, observed, manifest, &mut steps, &mut conflicts);

    let role = design.role_arn();
    if claims(Kind::Role, &role) {
        match &observed.role {
            Seen::Absent => {}
            Seen::There(state) => {
                conflicts.extend(state.mark.complaint(&role));
                if !state.policy.is_absent() {
                    let ids = vec![design.role_policy_name()];
                    steps.push(Step::new(Action::Delete, Kind::RolePolicy, &role).with_ids(ids));
                }
                steps.push(Step::new(Action::Delete, Kind::Role, &role));
            }
            Seen::Unseen(action) => {
                conflicts.push(t!("conflict-unseen", arn = role, action = action))
            }
        }
    }

    if claims(Kind::Topic, &topic) {
        match &observed.topic {
            Seen::Absent => {}
            Seen::There(state) => {
                conflicts.extend(state.mark.complaint(&topic));
                steps.push(if trail_stays || shared {
                    let reason = reason_shared().or_else(|| Some(t!("reason-trail-stays")));
                    Step::new(Action::Keep, Kind::Topic, &topic).because(reason)
                } else {
                    Step::new(Action::Delete, Kind::Topic, &topic)
                });
            }
            Seen::Unseen(action) => {
                conflicts.push(t!("conflict-unseen", arn = topic, action = action))
            }
        }
    }

    bucket(
        design,
        observed,
        manifest,
        wishes,
        trail_stays,
        &mut steps,
        &mut conflicts,
    );
    removal.steps = steps;
    removal.conflicts.extend(conflicts);
    removal
}

fn removal_users(users: &[String]) -> String {
    users.join(", ")
}

/// Whether our subscription may be there.
fn subscribed(observed: &Observed) -> bool {
    match &observed.subscription {
        Seen::There(state) => state.ours.is_some(),
        Seen::Unseen(_) => observed
            .topic
            .there()
            .is_some_and(|topic| topic.mark == Mark::Ours && topic.subscriptions > 0),
        Seen::Absent => false,
    }
}

/// Who else uses our topic: other subscribers, other trails.
fn users(design: &Design, observed: &Observed) -> Vec<String> {
    let topic = design.topic_arn();
    let mut users: Vec<String> = match &observed.subscription {
        Seen::There(state) => state.others.clone(),
        Seen::Unseen(_) => {
            let beyond_ours = observed
                .topic
                .there()
                .map_or(0, |topic| topic.subscriptions.saturating_sub(1));
            (beyond_ours > 0)
                .then(|| t!("user-subscribers", count = beyond_ours))
                .into_iter()
                .collect()
        }
        Seen::Absent => Vec::new(),
    };
    let trails = observed.trails.all.there().into_iter().flatten();
    users.extend(
        trails
            .filter(|trail| {
                trail.arn != design.trail_arn() && trail.topic_arn.as_deref() == Some(&topic)
            })
            .map(|trail| trail.arn.clone()),
    );
    users
}

fn log_group(
    design: &Design,
    observed: &Observed,
    manifest: &Resources,
    steps: &mut Vec<Step>,
    conflicts: &mut Vec<String>,
) {
    let arn = design.log_group_arn();
    if !manifest.says_ours(Kind::LogGroup, &arn) || observed.log_group.is_absent() {
        return;
    }
    if super::owns_log_group(design, observed) {
        steps.push(Step::new(Action::Delete, Kind::LogGroup, &arn));
    } else {
        conflicts.push(t!("conflict-unmarked", arn = arn));
    }
}

fn bucket(
    design: &Design,
    observed: &Observed,
    manifest: &Resources,
    wishes: Wishes,
    trail_stays: bool,
    steps: &mut Vec<Step>,
    conflicts: &mut Vec<String>,
) {
    let arn = design.bucket_arn();
    let created = manifest.says_ours(Kind::Bucket, &arn);
    let state = match &observed.bucket {
        Seen::Absent => return,
        Seen::There(Ok(state)) => state,
        Seen::There(Err(_)) if created => {
            conflicts.push(t!("conflict-bucket-taken", bucket = design.bucket));
            return;
        }
        Seen::There(Err(_)) => return,
        Seen::Unseen(action) => {
            conflicts.push(t!("conflict-unseen", arn = arn, action = action));
            return;
        }
    };
    let untouched = state.mark == Mark::None && state.untouched;
    if created && !untouched {
        conflicts.extend(state.mark.complaint(&arn));
    }

    let ids = design.bucket_statement_ids();
    if manifest.says_ours(Kind::BucketPolicyStatement, &arn) {
        match &state.policy {
            Seen::There(document) => {
                let present: Vec<String> = policy::present(document, &ids)
                    .into_iter()
                    .cloned()
                    .collect();
                if !present.is_empty() {
                    let action = if trail_stays {
                        Action::Keep
                    } else {
                        Action::Restore
                    };
                    let mut step =
                        Step::new(action, Kind::BucketPolicyStatement, &arn).with_ids(present);
                    step.was_absent = manifest.items.iter().any(|item| {
                        item.kind == Kind::BucketPolicyStatement && item.was_absent == Some(true)
                    });
                    step.reason = trail_stays.then(|| t!("reason-trail-stays"));
                    steps.push(step);
                }
            }
            Seen::Absent => {}
            Seen::Unseen(action) => {
                conflicts.push(t!("document-unseen", arn = arn, action = action))
            }
        }
    }

    if !created {
        return;
    }
    let named_by: Vec<&trail::State> = observed
        .trails
        .all
        .there()
        .into_iter()
        .flatten()
        .filter(|trail| trail.bucket == design.bucket && trail.arn != design.trail_arn())
        .collect();
    let step = if untouched {
        Step::new(Action::Delete, Kind::Bucket, &arn).because(Some(t!("reason-never-used")))
    } else if !wishes.delete_logs {
        Step::new(Action::Keep, Kind::Bucket, &arn).because(Some(t!("reason-logs-kept")))
    } else if trail_stays {
        Step::new(Action::Keep, Kind::Bucket, &arn).because(Some(t!("reason-trail-stays")))
    } else if let Some(trail) = named_by.first() {
        conflicts.push(t!(
            "bucket-used-by-trail",
            bucket = design.bucket,
            trail = trail.arn
        ));
        return;
    } else {
        Step::new(Action::Delete, Kind::Bucket, &arn)
    };
    steps.push(step);
}
