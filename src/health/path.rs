//! The way of log files from CloudTrail to Central: the state of each hop, and when something last passed it.

use jiff::Timestamp;
use serde_json::{Value, json};
use strum::{IntoStaticStr, VariantArray};

use super::{about::About, check::Check, evidence::Evidence};
use crate::connection::{Feed, Kind};

/// A service on the way of log files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Station {
    Trail,
    Bucket,
    /// What tells the function: the topic, or the rule of EventBridge.
    Topic,
    Function,
    Central,
}

impl Station {
    /// All stations, in the order of the way.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The station that a check is about. `None` for what is about none of them, or about more than one.
    #[must_use]
    pub(crate) fn of(check: &Check) -> Option<Self> {
        Some(match check.about {
            About::Part(kind) => Self::of_kind(kind),
            About::Logging => Self::Trail,
            About::Code
            | About::Environment
            | About::Version
            | About::SignIn
            | About::Read
            | About::AlarmFailures
            | About::AlarmSilence => Self::Function,
            About::Connection | About::Logs | About::Licence => Self::Central,
            About::Conflict
            | About::Missing
            | About::Stack
            | About::Caller
            | About::Account
            | About::Region
            | About::Organization
            | About::Trails
            | About::Cost
            | About::Permissions
            | About::SophosScript
            | About::SophosOptix
            | About::ControlTower
            | About::Aws
            | About::Central
            | About::CentralApi => return None,
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
    pub station: Station,
    pub service: &'static str,
    /// Whether it is right; `None` if that cannot be said.
    pub ok: Option<bool>,
    /// When something last passed it, as far as it says so.
    pub at: Option<Timestamp>,
}

impl Hop {
    #[must_use]
    pub(crate) fn to_json(&self) -> Value {
        let station: &str = self.station.into();
        let mut value = json!({ "hop": station, "service": self.service, "ok": self.ok });
        if let Some(at) = self.at {
            value["at"] = json!(at);
        }
        value
    }
}

/// The hops, as these checks found them.
#[must_use]
pub(crate) fn path(evidence: &Evidence<'_>, checks: &[Check]) -> Vec<Hop> {
    let hops = Station::all().map(|station| {
        let stands_here = |check: &&Check| stands(evidence, check) == Some(station);
        let at = last(evidence, station);
        Hop {
            station,
            service: station.service(&evidence.design.feed),
            ok: state(checks.iter().filter(stands_here), at),
            at,
        }
    });
    hops.collect()
}

/// The station that a check is about. What the trail says of its deliveries is about the stations that it delivers to.
fn stands(evidence: &Evidence<'_>, check: &Check) -> Option<Station> {
    let station = Station::of(check);
    if check.about != About::Logging {
        return station;
    }
    match evidence.trail_status() {
        Some(status) if !status.logging => station,
        Some(status) if status.delivery_error.is_some() => Some(Station::Bucket),
        Some(status) if status.notification_error.is_some() => Some(Station::Topic),
        _ => station,
    }
}

/// Whether a hop is right by the checks of it or, without any, because something passed it.
fn state<'a>(checks: impl Iterator<Item = &'a Check>, at: Option<Timestamp>) -> Option<bool> {
    // These do not tell whether files pass if they cannot tell anything.
    const ASIDE: [About; 3] = [About::Version, About::AlarmFailures, About::AlarmSilence];
    let aside = |check: &Check| check.ok.is_none() && ASIDE.contains(&check.about);
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

/// When something last passed a station.
fn last(evidence: &Evidence<'_>, station: Station) -> Option<Timestamp> {
    let connection = evidence.connection;
    let time = |text: &Option<String>| text.as_deref()?.parse::<Timestamp>().ok();
    let status = evidence.trail_status();
    let delivered = status.and_then(|status| status.delivered);
    let statistics = evidence.statistics.as_ref().ok();
    let decided = statistics.and_then(|statistics| statistics.last_decided_at);
    let received = time(&connection.last_received_at);
    match station {
        Station::Trail => delivered,
        Station::Bucket => delivered.max(evidence.newest),
        // The trail does not know of other messages.
        Station::Topic => match evidence.design.feed {
            Feed::New | Feed::Subscribe { .. } | Feed::Trail { .. } => status?.notified,
            Feed::Bucket { .. } | Feed::EventBridge { .. } => None,
        },
        // It has offered each file that Central has decided on, wanted or not.
        Station::Function => decided.max(received),
        Station::Central => received,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(about: About, ok: Option<bool>) -> Check {
        Check::new(about, ok, "")
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
            let checks = found.iter().map(|ok| check(About::Code, *ok));
            let checks: Vec<Check> = checks.collect();
            assert_eq!(state(checks.iter(), at), expected, "{found:?}");
        }
        // An alarm that has not judged yet, and another version, leave the rest as it is.
        let checks = [
            check(About::Code, Some(true)),
            check(About::AlarmSilence, None),
            check(About::Version, None),
        ];
        assert_eq!(state(checks.iter(), None), Some(true));
        let checks = [
            check(About::Code, Some(true)),
            check(About::AlarmSilence, Some(false)),
        ];
        assert_eq!(state(checks.iter(), None), Some(false));
    }

    #[test]
    fn each_part_and_each_check_of_the_connection_stands_on_the_way() {
        for (about, station) in [
            (About::Part(Kind::Trail), Station::Trail),
            (About::Logging, Station::Trail),
            (About::Part(Kind::BucketPolicyStatement), Station::Bucket),
            (About::Part(Kind::TopicPolicyStatement), Station::Topic),
            (About::Part(Kind::EventRule), Station::Topic),
            (About::Part(Kind::RolePolicy), Station::Function),
            (About::SignIn, Station::Function),
            (About::Logs, Station::Central),
        ] {
            assert_eq!(Station::of(&check(about, None)), Some(station), "{about:?}");
        }
        assert_eq!(Station::of(&check(About::Conflict, None)), None);
    }
}
