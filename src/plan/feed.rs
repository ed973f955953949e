//! How a connection hears of log files, told by AWS alone: for a removal without Central.

use serde_json::Value;
use sophos_ct_forwarder::env;

use crate::{
    connection::{Arn, ConnectionId, Design},
    policy,
    resources::{families::Observed, seen::Mark},
};

/// Who may invoke our function, by its own policy: the ARN of a topic or of a rule.
#[must_use]
pub fn invoker(id: ConnectionId, seen: &Observed) -> Option<Arn> {
    let policy = seen.function.there()?.policy.there()?;
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
    seen: &Observed,
) -> Vec<(&'static str, String)> {
    let environment = seen.function.there().map(|function| &function.environment);
    let told = |name| {
        environment
            .and_then(|environment| environment.get(name))
            .cloned()
    };
    let bucket = told(env::BUCKET).unwrap_or_else(|| design.bucket.to_string());
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
    let own_topic = seen.topic.there().map(|topic| topic.mark == ours);
    match invoker(id, seen) {
        Some(rule) if rule.service == "events" => {
            beside.push(("notify", "eventbridge".to_owned()));
            return beside;
        }
        Some(topic) if topic.to_string() == design.topic_arn() && own_topic == Some(false) => {
            let topic = topic.to_string();
            let mut trails = seen.trail.all.there().into_iter().flatten();
            let found = trails.find(|trail| trail.topic_arn.as_ref() == Some(&topic));
            beside.extend(found.map(|trail| ("trail", trail.arn.clone())));
            return beside;
        }
        _ => {}
    }
    let topic = seen.topic.there().and_then(|topic| topic.policy.as_ref());
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
            let mut trails = seen.trail.all.there().into_iter().flatten();
            let found = trails.find(|trail| trail.arn == source);
            // Of a trail that is gone, no bucket is known, and none is needed.
            let bucket = found.map_or(design.bucket.as_str(), |trail| &trail.bucket);
            let mut answers = existing("trail", "trail", source);
            answers.push(("bucket", bucket.to_owned()));
            answers
        }
    }
}
