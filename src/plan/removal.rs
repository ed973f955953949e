//! Plans `remove`: what the manifest names, as far as AWS shows that it is ours.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Action, Step};
use crate::{
    connection::{Arn, ConnectionId, Design, Feed, Kind, Ownership, Resource, Resources},
    forwarder::env,
    observe::Observed,
    policy,
    resources::{Mark, Seen, trail},
    ui::t,
};

/// What is to be kept or deleted beyond the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    pub keep_trail: bool,
    pub force_shared: bool,
    pub delete_logs: bool,
    /// S3's events in EventBridge are listened to by others, as far as can be seen: they stay on.
    pub keep_events: bool,
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
    let (bucket, trail) = (design.bucket_arn(), design.trail_arn());
    let notification = Some(vec![design.notification_id()]);
    let mut expected = match design.feed {
        Feed::New => vec![
            (Kind::Bucket, bucket.clone(), None),
            (
                Kind::BucketPolicyStatement,
                bucket.clone(),
                Some(design.bucket_statement_ids()),
            ),
            (Kind::Lifecycle, bucket, None),
            (Kind::Trail, trail, None),
        ],
        Feed::Subscribe { .. } => Vec::new(),
        Feed::Trail { .. } => vec![(Kind::TrailTopic, trail, Some(vec![design.topic_arn()]))],
        Feed::Bucket { .. } => vec![(Kind::BucketNotification, bucket, notification)],
        Feed::EventBridge { .. } => vec![
            (
                Kind::BucketNotification,
                bucket,
                Some(vec![super::existing::EVENTBRIDGE.to_owned()]),
            ),
            (Kind::EventRule, design.rule_arn(), None),
        ],
    };
    if design.own_topic() {
        expected.push((Kind::Topic, design.topic_arn(), None));
        expected.push((
            Kind::TopicPolicyStatement,
            design.topic_arn(),
            Some(design.topic_statement_ids()),
        ));
    }
    if design.own_role {
        expected.push((Kind::Role, design.role_arn(), None));
        expected.push((
            Kind::RolePolicy,
            design.role_arn(),
            Some(vec![design.role_policy_name()]),
        ));
    }
    expected.extend([
        (Kind::LogGroup, design.log_group_arn(), None),
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
    ]);
    expected
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
            // An organization's trail is the management account's.
            let own = arn.to_string() == design.trail_arn();
            let elsewhere = !own && arn.partition != design.partition.as_str()
                || !(own || arn.account.is_empty() || arn.account == design.account.as_str())
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

/// Whose marks stand on what was found under the names of a design. The bucket's counts only where there is no other: it
/// may be kept from an earlier connection.
#[must_use]
pub fn marks(observed: &Observed) -> BTreeSet<&str> {
    fn others(mark: &Mark) -> Option<&str> {
        match mark {
            Mark::Other(id) => Some(id),
            _ => None,
        }
    }
    let marks: BTreeSet<&str> = [
        observed.role.there().map(|role| &role.mark),
        observed.topic.there().map(|topic| &topic.mark),
        observed.function.there().map(|function| &function.mark),
        observed.trails.own.there().map(|trail| &trail.mark),
    ]
    .into_iter()
    .flatten()
    .filter_map(others)
    .collect();
    if !marks.is_empty() {
        return marks;
    }
    let bucket = observed
        .bucket
        .there()
        .and_then(|bucket| bucket.as_ref().ok());
    bucket
        .and_then(|state| others(&state.mark))
        .into_iter()
        .collect()
}

/// Who may invoke our function, by its own policy: the ARN of a topic or of a rule.
#[must_use]
pub fn invoker(id: ConnectionId, observed: &Observed) -> Option<Arn> {
    let policy = observed.function.there()?.policy.there()?;
    let part = id.part("Invoke");
    let statements = policy::statements(policy);
    let ours = statements.iter().find(|one| one["Sid"] == part.as_str())?;
    source(ours)?.parse().ok()
}

/// The `aws:SourceArn` of a statement's conditions.
fn source(statement: &Value) -> Option<&str> {
    let operators = statement["Condition"].as_object()?.values();
    operators
        .filter_map(Value::as_object)
        .flatten()
        .find(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn"))?
        .1
        .as_str()
}

/// The answers of step 2, as far as AWS tells them. A rule that may invoke our function means EventBridge, a topic that is
/// not ours a subscription; our statement in the policy of our topic names the bucket that notifies it, or the trail, which is
/// the connection's own where it has the planned name.
#[must_use]
pub fn feed_answers(
    design: &Design,
    id: ConnectionId,
    observed: &Observed,
) -> Vec<(&'static str, String)> {
    let environment = observed
        .function
        .there()
        .map(|function| &function.environment);
    let told = |name| {
        environment
            .and_then(|environment| environment.get(name))
            .cloned()
    };
    let bucket = told(env::BUCKET).unwrap_or_else(|| design.bucket.clone());
    let mut beside = vec![
        ("resources", "existing".to_owned()),
        ("bucket", bucket.clone()),
    ];
    beside.extend(
        told(env::PREFIX)
            .filter(|prefix| !prefix.is_empty())
            .map(|prefix| ("prefix", prefix)),
    );
    let ours = Mark::Other(id.to_string());
    let own_topic = observed.topic.there().map(|topic| topic.mark == ours);
    match invoker(id, observed) {
        Some(rule) if rule.service == "events" => {
            beside.push(("notify", "eventbridge".to_owned()));
            return beside;
        }
        Some(topic) if topic.to_string() == design.topic_arn() && own_topic == Some(false) => {
            let topic = topic.to_string();
            let mut trails = observed.trails.all.there().into_iter().flatten();
            let found = trails.find(|trail| trail.topic_arn.as_ref() == Some(&topic));
            beside.extend(found.map(|trail| ("trail", trail.arn.clone())));
            return beside;
        }
        _ => {}
    }
    let topic = observed
        .topic
        .there()
        .and_then(|topic| topic.policy.as_ref());
    let statements = topic.map(policy::statements).unwrap_or_default();
    let part = id.part("Publish");
    let ours = statements.iter().find(|one| one["Sid"] == part.as_str());
    let source = ours.and_then(source).unwrap_or_default();
    let existing = |key, notify: &str, value: &str| {
        vec![
            ("resources", "existing".to_owned()),
            ("notify", notify.to_owned()),
            (key, value.to_owned()),
        ]
    };
    match source.split_once(":s3:::") {
        Some((_, bucket)) => existing("bucket", "bucket", bucket),
        None if source.is_empty() || source == design.trail_arn() => Vec::new(),
        None => {
            let mut trails = observed.trails.all.there().into_iter().flatten();
            let found = trails.find(|trail| trail.arn == source);
            // Of a trail that is gone, no bucket is known, and none is needed.
            let bucket = found.map_or(&design.bucket, |trail| &trail.bucket);
            let mut answers = existing("trail", "trail", source);
            answers.push(("bucket", bucket.clone()));
            answers
        }
    }
}

/// A manifest for want of Central's: what carries the connection's own mark. Shared documents are looked through for
/// our computed ids.
#[must_use]
pub fn marked(design: &Design, observed: &Observed) -> Resources {
    let ours = |mark: Option<&Mark>| mark == Some(&Mark::Ours);
    let role = ours(observed.role.there().map(|role| &role.mark));
    let topic = ours(observed.topic.there().map(|topic| &topic.mark));
    let function = ours(observed.function.there().map(|function| &function.mark));
    let trail = ours(observed.trails.own.there().map(|trail| &trail.mark));
    let state = observed
        .bucket
        .there()
        .and_then(|bucket| bucket.as_ref().ok());
    let bucket = ours(state.map(|state| &state.mark));
    let items = expected(design)
        .into_iter()
        .filter(|(kind, ..)| match kind {
            Kind::Role | Kind::RolePolicy => role,
            Kind::Topic => topic,
            Kind::TopicPolicyStatement | Kind::Subscription => !observed.topic.is_absent(),
            Kind::Function | Kind::FunctionPermission => function,
            Kind::Trail => trail,
            // It goes by its own mark.
            Kind::EventRule => true,
            // Whether they were on before we came, only Central's manifest tells: they stay.
            Kind::BucketNotification if !design.has_topic() => false,
            Kind::Bucket | Kind::Lifecycle => bucket,
            Kind::LogGroup => super::setup::owns_function_name(design, observed),
            _ => state.is_some(),
        })
        .flat_map(|(kind, arn, ids)| {
            let ids = ids.map_or_else(|| vec![None], |ids| ids.into_iter().map(Some).collect());
            ids.into_iter().map(move |id| Resource {
                kind,
                arn: arn.clone(),
                id,
                region: None,
                ownership: Ownership::Created,
                // A policy that is empty without our statements was absent before.
                was_absent: Some(true),
                digest: None,
            })
        })
        .collect();
    Resources {
        items,
        complete: true,
        ..Resources::default()
    }
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
    let topic = design.topic_arn();
    // What is not ours is not deleted anyhow.
    let mut of_topic = Vec::new();
    if claims(Kind::Topic, &topic) {
        of_topic = topic_users(design, observed, wishes);
    }
    let mut of_bucket = Vec::new();
    if claims(Kind::Bucket, &design.bucket_arn()) {
        of_bucket = bucket_users(design, observed, wishes);
    }
    let shared = !of_topic.is_empty();
    let reason_shared = || shared.then(|| t!("reason-shared", users = of_topic.join(", ")));
    let mut steps: Vec<Step> = Vec::new();
    let mut conflicts: Vec<String> = Vec::new();

    // Our subscription goes first: from then on nothing flows.
    if claims(Kind::Subscription, &topic) && subscribed(observed) {
        let ids = vec![design.function_arn()];
        if super::setup::owns_function_name(design, observed) {
            steps.push(Step::new(Action::Delete, Kind::Subscription, &topic).with_ids(ids));
        } else {
            conflicts.push(t!("conflict-unmarked", arn = design.function_arn()));
        }
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

    if claims(Kind::TrailTopic, &trail_arn) {
        match &observed.trails.own {
            Seen::There(own) if own.trail.topic_arn.as_deref() == Some(&topic) => {
                if owns_topic(design, observed) {
                    let ids = vec![topic.clone()];
                    let step = Step::new(Action::Restore, Kind::TrailTopic, &trail_arn);
                    steps.push(step.with_ids(ids));
                } else {
                    conflicts.push(t!("conflict-unmarked", arn = topic));
                }
            }
            Seen::There(_) | Seen::Absent => {}
            Seen::Unseen(action) => {
                conflicts.push(t!("conflict-unseen", arn = trail_arn, action = action))
            }
        }
    }

    let bucket_arn = design.bucket_arn();
    if !design.has_topic() {
        event_rule(
            design,
            observed,
            manifest,
            wishes,
            &mut steps,
            &mut conflicts,
        );
    } else if claims(Kind::BucketNotification, &bucket_arn) {
        match &observed.notification {
            Seen::There(found) if found.ours.is_some() => steps.push(
                Step::new(Action::Restore, Kind::BucketNotification, &bucket_arn)
                    .with_ids(vec![design.notification_id()]),
            ),
            Seen::There(_) | Seen::Absent => {}
            Seen::Unseen(action) => {
                conflicts.push(t!("document-unseen", arn = bucket_arn, action = action))
            }
        }
    }

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
    let created = claims(Kind::Role, &role);
    if created || claims(Kind::RolePolicy, &role) {
        match &observed.role {
            Seen::Absent => {}
            Seen::There(state) => {
                if created {
                    conflicts.extend(state.mark.complaint(&role));
                }
                if !state.policy.is_absent() {
                    let ids = vec![design.role_policy_name()];
                    steps.push(Step::new(Action::Delete, Kind::RolePolicy, &role).with_ids(ids));
                }
                if created {
                    steps.push(Step::new(Action::Delete, Kind::Role, &role));
                }
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

    if !claims(Kind::Topic, &topic)
        && claims(Kind::TopicPolicyStatement, &topic)
        && let Seen::There(state) = &observed.topic
    {
        let ids = design.topic_statement_ids();
        let document = state.policy.as_ref();
        let present = document.map(|document| policy::present(document, &ids));
        let present: Vec<String> = present.into_iter().flatten().cloned().collect();
        if !present.is_empty() {
            let step = Step::new(Action::Restore, Kind::TopicPolicyStatement, &topic);
            steps.push(step.with_ids(present));
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
    removal.shared_with = [of_topic, of_bucket].concat();
    removal.steps = steps;
    removal.conflicts.extend(conflicts);
    removal
}

/// Whether the topic on the trail is ours: by its mark, by our statement in its policy, or, where it is gone, by the name
/// that only we give.
fn owns_topic(design: &Design, observed: &Observed) -> bool {
    match &observed.topic {
        Seen::There(state) => {
            let ids = design.topic_statement_ids();
            let document = state.policy.as_ref();
            state.mark == Mark::Ours
                || document.is_some_and(|document| !policy::present(document, &ids).is_empty())
        }
        Seen::Absent => design.topic.starts_with("sophos-ct-"),
        Seen::Unseen(_) => false,
    }
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

/// Other trails that write into the bucket.
fn bucket_users(design: &Design, observed: &Observed, wishes: Wishes) -> Vec<String> {
    let counts = design.own_trail() && !wishes.force_shared;
    other_trails(design, observed)
        .filter(|trail| counts && trail.bucket == design.bucket)
        .map(|trail| trail.arn.clone())
        .collect()
}

fn other_trails<'a>(
    design: &Design,
    observed: &'a Observed,
) -> impl Iterator<Item = &'a trail::State> + use<'a> {
    let trails = observed.trails.all.there().into_iter().flatten();
    let own = design.trail_arn();
    trails.filter(move |trail| trail.arn != own)
}

/// Who else uses our topic: other subscribers, other trails.
fn topic_users(design: &Design, observed: &Observed, wishes: Wishes) -> Vec<String> {
    if wishes.force_shared || !design.own_topic() {
        return Vec::new();
    }
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
    users.extend(
        other_trails(design, observed)
            .filter(|trail| trail.topic_arn.as_deref() == Some(&topic))
            .map(|trail| trail.arn.clone()),
    );
    users
}

/// The rule goes by its mark. S3's events to EventBridge have none: they are turned off where we turned them on, as our rule
/// shows, and nobody else listens.
fn event_rule(
    design: &Design,
    observed: &Observed,
    manifest: &Resources,
    wishes: Wishes,
    steps: &mut Vec<Step>,
    conflicts: &mut Vec<String>,
) {
    let (rule, bucket) = (design.rule_arn(), design.bucket_arn());
    if !manifest.says_ours(Kind::EventRule, &rule) {
        return;
    }
    let state = match &observed.rule {
        Seen::Absent => return,
        Seen::There(state) => state,
        Seen::Unseen(action) => {
            conflicts.push(t!("conflict-unseen", arn = rule, action = action));
            return;
        }
    };
    conflicts.extend(state.mark.complaint(&rule));
    let on = observed
        .notification
        .there()
        .is_some_and(|found| found.bridged);
    if on && manifest.says_ours(Kind::BucketNotification, &bucket) {
        let ids = vec![super::existing::EVENTBRIDGE.to_owned()];
        let step = if wishes.keep_events {
            Step::new(Action::Keep, Kind::BucketNotification, &bucket)
                .because(Some(t!("reason-others-listen")))
        } else {
            Step::new(Action::Restore, Kind::BucketNotification, &bucket)
        };
        steps.push(step.with_ids(ids));
    }
    steps.push(Step::new(Action::Delete, Kind::EventRule, &rule));
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
    if super::setup::owns_function_name(design, observed) {
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
                    // In a bucket of somebody else, other trails have statements of their own.
                    let users = if created {
                        bucket_users(design, observed, wishes)
                    } else {
                        Vec::new()
                    };
                    let reason = if !users.is_empty() {
                        Some(t!("reason-shared", users = users.join(", ")))
                    } else {
                        trail_stays.then(|| t!("reason-trail-stays"))
                    };
                    let action = match reason {
                        Some(_) => Action::Keep,
                        None => Action::Restore,
                    };
                    let mut step =
                        Step::new(action, Kind::BucketPolicyStatement, &arn).with_ids(present);
                    step.was_absent = manifest.items.iter().any(|item| {
                        item.kind == Kind::BucketPolicyStatement && item.was_absent == Some(true)
                    });
                    step.reason = reason;
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
    let step = if untouched {
        Step::new(Action::Delete, Kind::Bucket, &arn).because(Some(t!("reason-never-used")))
    } else if !wishes.delete_logs {
        Step::new(Action::Keep, Kind::Bucket, &arn).because(Some(t!("reason-logs-kept")))
    } else if trail_stays {
        Step::new(Action::Keep, Kind::Bucket, &arn).because(Some(t!("reason-trail-stays")))
    } else if let Some(trail) =
        other_trails(design, observed).find(|trail| trail.bucket == design.bucket)
    {
        // Not even --force-shared deletes the logs of others.
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
