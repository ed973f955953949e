//! How a connection hears of log files, as AWS alone shows it. For a removal without Central.

use serde_json::Value;
use sophos_ct_forwarder::env;

use super::statement;
use crate::{
    connection::{Arn, ConnectionId, Design},
    resources::{families::Observed, seen::Mark, trail},
};

/// An answer of step 2: its key and its text.
type Answered = (&'static str, String);

/// Returns who may invoke our function, by the function's own policy: the ARN of a topic or of a rule.
#[must_use]
pub(crate) fn invoker(id: ConnectionId, seen: &Observed) -> Option<Arn> {
    let policy = seen.function.there()?.policy.there();
    let source = statement::source_of_id(policy, &id.part("Invoke"))?;
    source.parse().ok()
}

/// Returns the answers of step 2, as far as AWS shows them. A rule that may invoke our function means EventBridge, and a topic
/// that is not ours means a subscription. Otherwise our statement in the policy of our topic names who notifies it.
#[must_use]
pub(crate) fn feed_answers(design: &Design, id: ConnectionId, seen: &Observed) -> Vec<Answered> {
    let ours = Mark::Other(id.to_string());
    let not_ours = seen.topic.there().is_some_and(|topic| match topic.mark {
        // Of a topic whose tags cannot be read, our statement in its policy says that it is ours.
        Mark::Denied(_) => publisher(id, topic.policy.as_ref()).is_none(),
        _ => topic.mark != ours,
    });
    match invoker(id, seen) {
        Some(rule) if rule.service == "events" => {
            let mut answers = of_function(design, seen);
            answers.push(("notify", "eventbridge".to_owned()));
            answers
        }
        Some(topic) if topic.to_string() == design.topic_arn() && not_ours => {
            let topic = topic.to_string();
            let mut answers = of_function(design, seen);
            let found = trail_that(seen, |trail| trail.topic_arn.as_ref() == Some(&topic));
            answers.extend(found.map(|trail| ("trail", trail.arn.clone())));
            answers
        }
        _ => of_topic(design, id, seen),
    }
}

/// The bucket and the prefix that our function reads.
fn of_function(design: &Design, seen: &Observed) -> Vec<Answered> {
    let environment = seen.function.there().map(|function| &function.environment);
    let value = |name| {
        environment
            .and_then(|environment| environment.get(name))
            .cloned()
    };
    let bucket = value(env::BUCKET).unwrap_or_else(|| design.bucket.to_string());
    let prefix = value(env::PREFIX).filter(|prefix| !prefix.is_empty());
    let mut answers = vec![("resources", "existing".to_owned()), ("bucket", bucket)];
    answers.extend(prefix.map(|prefix| ("prefix", prefix)));
    answers
}

/// Who may publish to our topic: the bucket, or the trail, which is the connection's own if it has the planned name.
fn of_topic(design: &Design, id: ConnectionId, seen: &Observed) -> Vec<Answered> {
    let policy = seen.topic.there().and_then(|topic| topic.policy.as_ref());
    let publisher = publisher(id, policy).unwrap_or_default();
    let existing = |key, notify: &str, value: &str| {
        vec![
            ("resources", "existing".to_owned()),
            ("notify", notify.to_owned()),
            (key, value.to_owned()),
        ]
    };
    match publisher.split_once(":s3:::") {
        Some((_, bucket)) => existing("bucket", "bucket", bucket),
        None if publisher.is_empty() || publisher == design.trail_arn() => Vec::new(),
        None => {
            let found = trail_that(seen, |trail| trail.arn == publisher);
            // The bucket of a trail that is gone is not known, and is not needed.
            let bucket = found.map_or(design.bucket.as_str(), |trail| &trail.bucket);
            let mut answers = existing("trail", "trail", &publisher);
            answers.push(("bucket", bucket.to_owned()));
            answers
        }
    }
}

/// Who may publish to a topic, by our statement in its policy.
fn publisher(id: ConnectionId, policy: Option<&Value>) -> Option<String> {
    statement::source_of_id(policy, &id.part("Publish"))
}

fn trail_that(seen: &Observed, fits: impl Fn(&trail::State) -> bool) -> Option<&trail::State> {
    let mut trails = seen.trail.all.there()?.iter();
    trails.find(|trail| fits(trail))
}
