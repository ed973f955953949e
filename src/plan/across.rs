//! What families need to know of each other, found out once: who owns the function's name, who else uses topic and bucket,
//! whether the trail stays.

use serde::{Deserialize, Serialize};

use super::statement;
use crate::{
    connection::{ConnectionName, Design, Kind},
    policy,
    resources::{
        families::Observed,
        planned::{Across, Removing, shared},
        seen::{Mark, Seen},
        topic,
    },
    ui::t,
};

/// Returns what families need to know of each other to plan `setup`.
pub(super) fn of_setup(design: &Design, seen: &Observed) -> Across {
    let topic = seen.topic.there();
    let function = seen.function.there();
    let bucket = seen.bucket.there();
    Across {
        owns_function_name: owns_function_name(design, seen),
        function_is_ours: function.is_some_and(|function| function.owner.mark == Mark::Ours),
        topic_is_there: !seen.topic.is_absent(),
        topic_is_unseen: seen.topic.denied().is_some(),
        topic_is_ours: topic.is_some_and(|topic| topic.owner.mark == Mark::Ours),
        topic_is_shared: topic::is_shared(design, topic.and_then(|topic| topic.policy.as_ref())),
        owns_topic: owns_topic(design, seen),
        subscriptions: topic.map_or(0, |topic| topic.subscriptions),
        bucket_is_there: bucket.is_some_and(Result::is_ok),
        bridged: seen.notification.as_ref().map(|found| found.bridged),
        turned_on: seen.event_rule.there().map(|rule| rule.turned_on),
        ..Across::default()
    }
}

/// Returns what they need to know to plan `remove`: also who else uses what is ours.
pub(super) fn of_removal(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    others: &Others,
) -> Across {
    let mut across = of_setup(design, seen);
    across.others_listen = others.listen;
    across.bucket_connection = others.collecting.first().map(ToString::to_string);
    let writers = seen.trail.others(design);
    let writers = writers.filter(|trail| trail.bucket == design.bucket);
    let writers: Vec<String> = writers.map(|trail| trail.arn.clone()).collect();
    across.bucket_trail = writers.first().cloned();
    if !removing.wishes.force_shared {
        // A topic that is not ours is not deleted anyway.
        if removing.claims(Kind::Topic, &design.topic_arn()) {
            across.topic_users = topic_users(design, seen).iter().map(User::said).collect();
        }
        if design.own_trail() {
            across.bucket_users = writers;
        }
    }
    if removing.claims(Kind::Trail, &design.trail_arn()) && seen.trail.own.there().is_some() {
        let users = trail_users(&across, removing, others);
        across.trail_stays = if removing.wishes.keep_trail {
            Some(t!("reason-keep-trail"))
        } else {
            shared(&users)
        };
    }
    across.trail_stays = across
        .trail_stays
        .or_else(|| unread_trail(design, seen, removing));
    across.unlisted = unlisted(design, seen, removing);
    across
}

/// Why our subscription stays: the caller may not list those of the topic. Ours cannot be told from those of others then, so a topic
/// of ours stays with all of them. In a topic that is not ours, nothing but the function's policy shows that there is a subscription.
fn unlisted(design: &Design, seen: &Observed, removing: Removing<'_>) -> Option<&'static str> {
    let action = seen.subscription.denied()?;
    let stays = if removing.claims(Kind::Topic, &design.topic_arn()) {
        let users = topic_users(design, seen);
        let mut users = users.iter();
        !removing.wishes.force_shared && users.any(|user| matches!(user, User::Unlisted(_)))
    } else {
        !is_invoked_by_topic(design, seen)
    };
    stays.then_some(action)
}

/// Whether our function's policy lets the topic invoke it.
fn is_invoked_by_topic(design: &Design, seen: &Observed) -> bool {
    let function = seen.function.there();
    function.is_some_and(|function| {
        let source = statement::source_of_id(function.policy.there(), &design.permission_id());
        function.owner.mark == Mark::Ours && source == Some(design.topic_arn())
    })
}

/// Why our trail stays if it cannot be read whether it is ours. It may log.
fn unread_trail(design: &Design, seen: &Observed, removing: Removing<'_>) -> Option<String> {
    let claimed = removing.claims(Kind::Trail, &design.trail_arn());
    let action = match &seen.trail.own {
        _ if claimed || !design.own_trail() => None,
        Seen::There(own) => match own.owner.mark {
            Mark::Denied(action) => Some(action),
            _ => None,
        },
        Seen::Denied(action) => Some(*action),
        Seen::Absent => None,
    };
    action.map(|action| t!("reason-unread", action = action))
}

/// What others do, besides what was seen under our names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Others {
    /// Others listen to the bucket's events in EventBridge. Also set if that cannot be seen.
    pub listen: bool,
    /// Names of other connections that collect from our bucket, by a notification or a rule of their own that neither the trail
    /// nor its topic shows. Central reports them, and its report can only keep something, never delete it.
    pub collecting: Vec<ConnectionName>,
}

/// Somebody else who uses what is ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum User {
    /// A subscriber of the topic, by its endpoint.
    Subscriber(String),
    /// At least so many subscribers, which the caller may not list.
    Unlisted(u32),
    /// A trail, by its ARN.
    Trail(String),
    Connection(ConnectionName),
}

impl User {
    /// Names the user in a sentence.
    #[must_use]
    pub(crate) fn said(&self) -> String {
        match self {
            Self::Subscriber(endpoint) => endpoint.clone(),
            Self::Unlisted(_) => t!("user-unlisted"),
            Self::Trail(arn) => arn.clone(),
            Self::Connection(name) => t!("user-connection", name = name),
        }
    }
}

/// Lists who else uses what is ours and may go, whatever the wishes are.
pub(super) fn users(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    others: &Others,
) -> Vec<User> {
    let mut users = Vec::new();
    if removing.claims(Kind::Topic, &design.topic_arn()) {
        users = topic_users(design, seen);
    }
    users.extend(others.collecting.iter().cloned().map(User::Connection));
    if design.own_trail() && removing.claims(Kind::Bucket, &design.bucket_arn()) {
        let writers = seen.trail.others(design);
        let writers = writers.filter(|trail| trail.bucket == design.bucket);
        for trail in writers.map(|trail| User::Trail(trail.arn.clone())) {
            if !users.contains(&trail) {
                users.push(trail);
            }
        }
    }
    users
}

/// Lists who else depends on our trail: users of its topic, and connections that collect from its bucket.
fn trail_users(across: &Across, removing: Removing<'_>, others: &Others) -> Vec<String> {
    let mut users = across.topic_users.clone();
    if !removing.wishes.force_shared {
        let names = others.collecting.iter();
        users.extend(names.map(|name| t!("user-connection", name = name)));
    }
    users
}

/// Lists who else uses our topic: other subscribers, other trails.
fn topic_users(design: &Design, seen: &Observed) -> Vec<User> {
    if !design.own_topic() {
        return Vec::new();
    }
    let topic = design.topic_arn();
    let mut users: Vec<User> = match &seen.subscription {
        Seen::There(state) => {
            let others = state.others.iter().cloned();
            others.map(User::Subscriber).collect()
        }
        Seen::Denied(_) => {
            // Whoever is counted may be somebody else: nothing shows that one of them is ours, not even the function.
            let topic = seen.topic.there().into_iter();
            let beyond_ours = topic.map(|topic| topic.subscriptions.saturating_sub(1).max(1));
            beyond_ours.map(User::Unlisted).collect()
        }
        Seen::Absent => Vec::new(),
    };
    let others = seen.trail.others(design);
    let announce = others.filter(|trail| trail.topic_arn.as_deref() == Some(&topic));
    users.extend(announce.map(|trail| User::Trail(trail.arn.clone())));
    users
}

/// Whether the function's name is ours, and with it its log group and its subscription, which cannot be tagged. Our function
/// shows it, or our role policy, which names the log group and is made before it. If no function of that name is there, a name
/// that only we give shows it too.
fn owns_function_name(design: &Design, seen: &Observed) -> bool {
    match &seen.function {
        Seen::There(function) => function.owner.mark == Mark::Ours,
        function => {
            // The policy has the name that we compute, but the role itself may not be ours.
            let policy = seen.role.there().and_then(|role| role.policy.there());
            let named_by_role =
                policy.is_some_and(|document| policy::equal(document, &design.role_policy()));
            named_by_role || function.is_absent() && design.function.starts_with("sophos-ct-")
        }
    }
}

/// Whether the topic on the trail is ours. Its mark or our statement in its policy shows it or, if the topic is gone, a name that
/// only we give.
fn owns_topic(design: &Design, seen: &Observed) -> bool {
    match &seen.topic {
        Seen::There(state) => {
            let ids = design.topic_statement_ids();
            let document = state.policy.as_ref();
            state.owner.mark == Mark::Ours
                || document.is_some_and(|document| !policy::present(document, &ids).is_empty())
        }
        Seen::Absent => design.topic.starts_with("sophos-ct-"),
        Seen::Denied(_) => false,
    }
}
