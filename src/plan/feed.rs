//! How a connection hears of log files, as AWS alone shows it. For a removal without Central.

use serde_json::Value;
use sophos_ct_forwarder::env;

use super::statement;
use crate::{
    connection::{Arn, ConnectionId, Design, Kind},
    resources::{
        bucket,
        event_rule::state::State as Rule,
        families::Observed,
        planned::Unseen,
        seen::{Mark, Seen},
        trail,
    },
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

/// Returns the answers of step 2, as far as AWS shows them. A rule that may invoke our function, or that carries our mark, means
/// EventBridge, and a topic that is not ours means a subscription. Otherwise our statement in the topic's policy names who notifies
/// it.
#[must_use]
pub(crate) fn feed_answers(design: &Design, id: ConnectionId, seen: &Observed) -> Vec<Answered> {
    let is_theirs = seen.topic.there().is_some() && !has_topic(id, seen);
    let is_subscribed = || {
        seen.subscription
            .there()
            .is_some_and(|state| state.ours.is_some())
    };
    let subscribes = match invoker(id, seen) {
        Some(rule) if rule.service == "events" => return of_rule(design, id, seen),
        None if rule(id, seen).is_some() => return of_rule(design, id, seen),
        Some(topic) => is_theirs && topic.to_string() == design.topic_arn(),
        None => is_theirs && is_subscribed(),
    };
    if !subscribes {
        return of_topic(design, id, seen);
    }
    let topic = design.topic_arn();
    let found = trail_that(seen, |trail| trail.topic_arn.as_ref() == Some(&topic));
    let mut answers = of_function(design, id, seen, found);
    answers.extend(found.map(|trail| ("trail", trail.arn.clone())));
    answers
}

/// What a caller lacks to find the subscription of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unlisted {
    /// The action that finds the topic.
    Topics(&'static str),
    /// The action that tells what the design's topic has.
    OfTopic(&'static str),
}

/// What may be there without anything that shows it.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    pub unseen: Vec<Unseen>,
    /// The action that the caller lacks to find the topic of a subscription. Without it, the subscription has no place.
    pub unlisted: Option<&'static str>,
}

impl Hidden {
    /// Whether it is not known how the connection hears of log files. A rule is found by its own name, so that it alone may stay.
    #[must_use]
    pub(crate) fn is_feed(&self) -> bool {
        let mut unseen = self.unseen.iter();
        self.unlisted.is_some() || unseen.any(|one| one.kind != Kind::EventRule)
    }
}

/// Whether the name of our function may lead to a topic that nothing else names: it carries our mark and its policy, which can be
/// read, names nobody, or it is gone.
#[must_use]
pub(crate) fn leads_by_name(id: ConnectionId, seen: &Observed) -> bool {
    let may_lead = match &seen.function {
        Seen::There(function) => {
            let is_ours = function.owner.mark == Mark::Other(id.to_string());
            is_ours && function.policy.denied().is_none()
        }
        Seen::Absent => true,
        Seen::Denied(_) => false,
    };
    may_lead && !is_shown(id, seen)
}

/// Finds what may be there without anything that shows it: a rule, or a subscription to a topic that is not ours, if the caller may
/// not read what would name them.
#[must_use]
pub(crate) fn hidden(
    design: &Design,
    id: ConnectionId,
    seen: &Observed,
    unlisted: Option<Unlisted>,
) -> Hidden {
    if is_shown(id, seen) {
        return Hidden::default();
    }
    let ours = Mark::Other(id.to_string());
    let function = seen.function.there();
    let function = function.filter(|function| function.owner.mark == ours);
    let policy = function.and_then(|function| function.policy.denied());
    // Nobody knows whether the function is gone.
    let unseen = seen.function.denied();
    let unseen = unseen.filter(|_| !has_trail_or_bucket(id, seen));
    let (unlisted, of_topic) = match unlisted {
        Some(Unlisted::Topics(action)) => (Some(action), None),
        Some(Unlisted::OfTopic(action)) => (None, Some(action)),
        None => (None, None),
    };
    let found = [
        (Kind::Function, design.function_arn(), unseen),
        (Kind::FunctionPermission, design.function_arn(), policy),
        (Kind::Subscription, design.topic_arn(), of_topic),
    ];
    let unseen = found.into_iter().filter_map(|(kind, arn, action)| {
        let action = action?.to_owned();
        Some(Unseen { kind, arn, action })
    });
    let rule = unread_rule(design, seen).filter(|_| !has_trail_or_bucket(id, seen));
    Hidden {
        unseen: unseen.chain(rule).collect(),
        unlisted,
    }
}

/// Whether a part of ours shows how the connection hears of log files.
fn is_shown(id: ConnectionId, seen: &Observed) -> bool {
    invoker(id, seen).is_some() || rule(id, seen).is_some() || has_topic(id, seen)
}

/// The rule, if it or its mark cannot be read.
#[must_use]
pub(crate) fn unread_rule(design: &Design, seen: &Observed) -> Option<Unseen> {
    let action = match &seen.event_rule {
        Seen::There(rule) => match rule.owner.mark {
            Mark::Denied(action) => action,
            _ => return None,
        },
        rule => rule.denied()?,
    };
    Some(Unseen {
        kind: Kind::EventRule,
        arn: design.rule_arn(),
        action: action.to_owned(),
    })
}

/// Whether the topic is ours, or has our statement in its policy: then that names who notifies it.
#[must_use]
pub(crate) fn has_topic(id: ConnectionId, seen: &Observed) -> bool {
    seen.topic.there().is_some_and(|topic| {
        let ours = Mark::Other(id.to_string());
        topic.owner.mark == ours || publisher(id, topic.policy.as_ref()).is_some()
    })
}

/// Whether trail or bucket is ours, by its own mark: then messages come through a topic of ours.
#[must_use]
pub(crate) fn has_trail_or_bucket(id: ConnectionId, seen: &Observed) -> bool {
    let ours = Mark::Other(id.to_string());
    let trail = seen.trail.own.there();
    let trail = trail.is_some_and(|own| own.owner.mark == ours);
    trail || bucket::own_mark(&seen.bucket) == Some(&ours)
}

/// Our rule, by its own mark.
#[must_use]
pub(crate) fn rule(id: ConnectionId, seen: &Observed) -> Option<&Rule> {
    let rule = seen.event_rule.there();
    rule.filter(|rule| rule.owner.mark == Mark::Other(id.to_string()))
}

/// What our rule listens to.
fn of_rule(design: &Design, id: ConnectionId, seen: &Observed) -> Vec<Answered> {
    let mut answers = of_function(design, id, seen, None);
    answers.push(("notify", "eventbridge".to_owned()));
    answers
}

/// The bucket and the prefix that our rule listens to or, without one, that our function reads. If the function is gone, those of
/// the trail.
fn of_function(
    design: &Design,
    id: ConnectionId,
    seen: &Observed,
    trail: Option<&trail::State>,
) -> Vec<Answered> {
    let environment = seen.function.there().map(|function| &function.environment);
    let value = |name| {
        environment
            .and_then(|environment| environment.get(name))
            .cloned()
    };
    let rule = rule(id, seen);
    let bucket = rule.and_then(Rule::bucket).map(ToOwned::to_owned);
    let bucket = bucket.or_else(|| value(env::BUCKET));
    let bucket = bucket.or_else(|| trail.map(|trail| trail.bucket.clone()));
    let bucket = bucket.unwrap_or_else(|| design.bucket.to_string());
    let prefix = rule.and_then(Rule::prefix).map(ToOwned::to_owned);
    let prefix = prefix.or_else(|| value(env::PREFIX));
    let prefix = prefix.or_else(|| trail.map(|trail| trail.prefix.clone()));
    let prefix = prefix.filter(|prefix| !prefix.is_empty());
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
