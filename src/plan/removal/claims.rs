//! What is said to be ours: by Central's manifest, held against what such a connection can have, or, without Central, by marks
//! and by what our own function and topic were told.

use std::collections::BTreeSet;

use serde_json::Value;
use sophos_ct_forwarder::env;

use crate::{
    connection::{Arn, ConnectionId, Design, Feed, Kind, Ownership, Resource, Resources},
    observe::Observed,
    plan::{existing, setup},
    policy,
    resources::Mark,
    ui::t,
};

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
                Some(vec![existing::EVENTBRIDGE.to_owned()]),
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
        .filter(|item| item.ownership.is_ours())
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
pub fn source(statement: &Value) -> Option<&str> {
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

/// What carries the connection's own mark, seen in AWS: beside what Central says.
#[must_use]
pub fn seen_marked(design: &Design, observed: &Observed) -> Vec<Resource> {
    let mut items = marked(design, observed).items;
    let is_marked = |kind: Kind| items.iter().any(|item| item.kind == kind);
    let (function, topic) = (is_marked(Kind::Function), is_marked(Kind::Topic));
    let rule = observed.rule.there();
    let subscription = observed.subscription.there();
    let notification = observed.notification.there();
    let trail = observed.trails.own.there();
    let there = |kind: Kind| match kind {
        Kind::Trail | Kind::Topic => true,
        Kind::Function | Kind::FunctionPermission => true,
        Kind::Role | Kind::RolePolicy => true,
        Kind::EventRule => rule.is_some_and(|one| one.mark == Mark::Ours),
        Kind::LogGroup => function && !observed.log_group.is_absent(),
        Kind::Subscription => function && subscription.is_some_and(|one| one.ours.is_some()),
        Kind::BucketNotification => {
            design.has_topic() && notification.is_some_and(|found| found.ours.is_some())
        }
        Kind::TrailTopic => {
            let announced = trail.and_then(|own| own.trail.topic_arn.as_deref());
            topic && announced == Some(&design.topic_arn())
        }
        _ => false,
    };
    // The entry of the function's environment is no further resource.
    items.retain(|item| there(item.kind) && (item.kind != Kind::Function || item.id.is_none()));
    items
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
            // The rule's own mark and tag decide.
            Kind::EventRule => true,
            Kind::BucketNotification if !design.has_topic() => true,
            Kind::Bucket | Kind::Lifecycle => bucket,
            Kind::LogGroup => setup::owns_function_name(design, observed),
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
