//! The way of log files from CloudTrail to Central: the state of each hop, and when something last passed it.

use jiff::Timestamp;
use serde_json::{Value, json};
use strum::{IntoStaticStr, VariantArray};

use super::{check::Check, evidence::Evidence};
use crate::connection::{Feed, Kind};

/// Where on the way something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Place {
    Trail,
    Bucket,
    /// What tells the function: the topic, or the rule of EventBridge.
    Topic,
    Function,
    Central,
}

impl Place {
    /// All places, in the order of the way.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The place that a check is about.
    #[must_use]
    pub(crate) fn of(check: &Check) -> Option<Self> {
        if let Ok(kind) = check.name.parse::<Kind>() {
            return Some(Self::of_kind(kind));
        }
        Some(match check.name {
            "logging" => Self::Trail,
            "code" | "environment" | "version" | "sign-in" | "read" => Self::Function,
            "alarm-failures" | "alarm-silence" => Self::Function,
            "connection" | "logs" | "licence" => Self::Central,
            _ => return None,
        })
    }

    fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Trail | Kind::TrustedAccess | Kind::ServiceLinkedRole => Self::Trail,
            Kind::Bucket
            | Kind::BucketPolicyStatement
            | Kind::BucketNotification
            | Kind::Lifecycle => Self::Bucket,
            Kind::Topic
            | Kind::TopicPolicyStatement
            | Kind::TrailTopic
            | Kind::Subscription
            | Kind::EventRule => Self::Topic,
            Kind::Function
            | Kind::FunctionPermission
            | Kind::Role
            | Kind::RolePolicy
            | Kind::LogGroup
            | Kind::Alarm => Self::Function,
        }
    }

    /// The service that stands there. Names are the same in every language.
    #[must_use]
    pub(crate) fn service(self, feed: &Feed) -> &'static str {
        match self {
            Self::Trail => "CloudTrail",
            Self::Bucket => "S3",
            Self::Topic if matches!(feed, Feed::EventBridge { .. }) => "EventBridge",
            Self::Topic => "SNS",
            Self::Function => "Lambda",
            Self::Central => "Central",
        }
    }
}

/// A hop of the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub place: Place,
    pub service: &'static str,
    /// Whether it is right; `None` if that cannot be said.
    pub ok: Option<bool>,
    /// When something last passed it, as far as it says so.
    pub at: Option<Timestamp>,
}

impl Hop {
    #[must_use]
    pub(crate) fn to_json(&self) -> Value {
        let place: &str = self.place.into();
        let mut value = json!({ "hop": place, "service": self.service, "ok": self.ok });
        if let Some(at) = self.at {
            value["at"] = json!(at);
        }
        value
    }
}

/// The hops, as these checks found them.
#[must_use]
pub(crate) fn path(evidence: &Evidence<'_>, checks: &[Check]) -> Vec<Hop> {
    let hops = Place::all().map(|place| {
        let of_place = |check: &&Check| stands(evidence, check) == Some(place);
        let at = last(evidence, place);
        Hop {
            place,
            service: place.service(&evidence.design.feed),
            ok: state(checks.iter().filter(of_place), at),
            at,
        }
    });
    hops.collect()
}

/// The place that a check is about. What the trail says of its deliveries is about the places that it delivers to.
fn stands(evidence: &Evidence<'_>, check: &Check) -> Option<Place> {
    let place = Place::of(check);
    if check.name != "logging" {
        return place;
    }
    match evidence.trail_status() {
        Some(status) if !status.logging => place,
        Some(status) if status.delivery_error.is_some() => Some(Place::Bucket),
        Some(status) if status.notification_error.is_some() => Some(Place::Topic),
        _ => place,
    }
}

/// Whether a hop is right by the checks of it or, without any, because something passed it.
fn state<'a>(checks: impl Iterator<Item = &'a Check>, at: Option<Timestamp>) -> Option<bool> {
    // These do not tell whether files pass if they cannot tell anything.
    const ASIDE: [&str; 3] = ["version", "alarm-failures", "alarm-silence"];
    let aside = |check: &Check| check.ok.is_none() && ASIDE.contains(&check.name);
    let counts = |check: &&Check| !check.remark && !aside(check);
    let found: Vec<Option<bool>> = checks.filter(counts).map(|check| check.ok).collect();
    if found.is_empty() {
        return at.map(|_| true);
    }
    if found.contains(&Some(false)) {
        return Some(false);
    }
    (!found.contains(&None)).then_some(true)
}

/// When something last passed a place.
fn last(evidence: &Evidence<'_>, place: Place) -> Option<Timestamp> {
    let connection = evidence.connection;
    let time = |text: &Option<String>| text.as_deref()?.parse::<Timestamp>().ok();
    let status = evidence.trail_status();
    let delivered = status.and_then(|status| status.delivered);
    match place {
        Place::Trail => delivered,
        Place::Bucket => delivered.max(evidence.newest),
        // The trail does not know of other messages.
        Place::Topic => match evidence.design.feed {
            Feed::New | Feed::Subscribe { .. } | Feed::Trail { .. } => status?.notified,
            Feed::Bucket { .. } | Feed::EventBridge { .. } => None,
        },
        Place::Function => time(&connection.forwarder_seen_at),
        Place::Central => time(&connection.last_received_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &'static str, ok: Option<bool>) -> Check {
        Check::new(name, ok, "")
    }

    #[test]
    fn a_hop_is_wrong_if_one_of_its_checks_is_and_right_only_if_all_are() {
        let at = Some(Timestamp::UNIX_EPOCH);
        for (found, at, expected) in [
            (vec![Some(true), Some(true)], None, Some(true)),
            (vec![Some(true), None], at, None),
            (vec![None, Some(false)], at, Some(false)),
            (vec![], at, Some(true)),
            (vec![], None, None),
        ] {
            let checks = found.iter().map(|ok| check("code", *ok));
            let checks: Vec<Check> = checks.collect();
            assert_eq!(state(checks.iter(), at), expected, "{found:?}");
        }
        // An alarm that has not judged yet, and another version, leave the rest as it is.
        let checks = [
            check("code", Some(true)),
            check("alarm-silence", None),
            check("version", None),
        ];
        assert_eq!(state(checks.iter(), None), Some(true));
        let checks = [
            check("code", Some(true)),
            check("alarm-silence", Some(false)),
        ];
        assert_eq!(state(checks.iter(), None), Some(false));
    }

    #[test]
    fn each_check_stands_somewhere_on_the_way() {
        for (name, place) in [
            ("trail", Place::Trail),
            ("logging", Place::Trail),
            ("bucketPolicyStatement", Place::Bucket),
            ("topicPolicyStatement", Place::Topic),
            ("eventRule", Place::Topic),
            ("rolePolicy", Place::Function),
            ("sign-in", Place::Function),
            ("logs", Place::Central),
        ] {
            assert_eq!(Place::of(&check(name, None)), Some(place), "{name}");
        }
        assert_eq!(Place::of(&check("conflict", None)), None);
    }
}
