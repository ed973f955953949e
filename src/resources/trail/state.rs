//! What can be seen of the trails of a region, and how ours differs from the design.

use super::settings::{compared, topic};
use crate::{
    connection::{AccountId, Arn, Design},
    resources::seen::{Owner, Seen},
};

/// The number of trails that a region may have; the limit is fixed (CloudTrail quotas).
pub(crate) const LIMIT: usize = 5;

/// A trail as `DescribeTrails` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub name: String,
    pub arn: String,
    pub bucket: String,
    pub prefix: String,
    pub topic_arn: Option<String>,
    pub home_region: String,
    pub multi_region: bool,
    pub global_events: bool,
    pub validation: bool,
    pub organization: bool,
    pub kms_key: Option<String>,
}

impl State {
    /// Whether it is Control Tower's own trail, whose bucket is in the log archive account.
    #[must_use]
    pub(crate) fn is_control_tower(&self) -> bool {
        self.name.starts_with("aws-controltower-")
    }

    /// Whether it is one of the trails that Sophos Cloud Optix makes: with the present name, or with that of its first version.
    #[must_use]
    pub(crate) fn is_optix(&self) -> bool {
        self.name.starts_with("Sophos-Optix-") || self.name == "CT-AvidSecure"
    }

    /// Whether it may be one that the script of Sophos Central's assistant has made. Sophos does not publish the names that it gives;
    /// it is taken for one if a name has Sophos in it and is neither Cloud Optix's nor a default of ours.
    #[must_use]
    pub(crate) fn is_perhaps_of_central(&self) -> bool {
        let topic = self.topic_arn.as_deref().unwrap_or_default();
        let topic = topic.rsplit(':').next().unwrap_or_default();
        let names = [self.name.as_str(), self.bucket.as_str(), topic];
        let mut names = names.into_iter().map(str::to_ascii_lowercase);
        let is_known = |name: &str| {
            ["sophos-ct-", "sophos-optix-"]
                .iter()
                .any(|start| name.starts_with(start))
        };
        names.any(|name| name.contains("sophos") && !is_known(&name))
    }
}

/// The trail that the design names, and what else is known about it.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    pub trail: State,
    pub owner: Owner,
    pub status: Seen<Status>,
}

impl Own {
    /// Whether it is as designed, but does not log.
    #[must_use]
    pub(crate) fn is_only_stopped(&self, design: &Design) -> bool {
        let status = self.status.there();
        drift(&self.trail, design).is_empty() && status.is_some_and(|status| !status.logging)
    }
}

/// What `GetTrailStatus` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Status {
    pub logging: bool,
    /// When the last log file was put into the bucket.
    pub delivered: Option<jiff::Timestamp>,
    /// When the topic was last told of one.
    pub notified: Option<jiff::Timestamp>,
    pub delivery_error: Option<String>,
    pub notification_error: Option<String>,
}

/// What was seen of the trails of a region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// All trails that are visible in the region, including shadow trails.
    pub all: Seen<Vec<State>>,
    /// The trail that the design names.
    pub own: Seen<Own>,
    /// Other trails that log management events, or may do so: because of them, a further trail costs money.
    pub management: Vec<State>,
}

impl Observed {
    /// All trails but the one that the design names.
    pub(crate) fn others<'a>(
        &'a self,
        design: &Design,
    ) -> impl Iterator<Item = &'a State> + use<'a> {
        let own = design.trail_arn();
        let all = self.all.there().into_iter().flatten();
        all.filter(move |trail| trail.arn != own)
    }

    /// The trails that fill the region, if it is full and a further trail is planned.
    #[must_use]
    pub(crate) fn full(&self, design: &Design) -> Option<String> {
        if !design.own_trail() || !self.own.is_absent() {
            return None;
        }
        let all = self.all.there().map_or(&[][..], Vec::as_slice);
        let counted = of_account(all, design.trail_owner());
        let names: Vec<&str> = counted.map(|trail| trail.arn.as_str()).collect();
        (names.len() >= LIMIT).then(|| names.join(", "))
    }
}

/// The trails that certainly count towards [`LIMIT`]: the account's own. It is not documented whether an organization's trails,
/// which its members see too, count as well: CloudTrail decides.
pub(crate) fn of_account<'a>(
    all: &'a [State],
    account: &AccountId,
) -> impl Iterator<Item = &'a State> {
    all.iter().filter(move |trail| {
        let arn: Option<Arn> = trail.arn.parse().ok();
        arn.is_some_and(|arn| arn.account == account.as_str())
    })
}

/// The account that a trail belongs to. A trail of an organization may belong to another account than the caller's.
#[must_use]
pub(crate) fn owner(trail: &State) -> Option<String> {
    trail.arn.parse::<Arn>().ok().map(|arn| arn.account)
}

/// The settings of a trail that differ from the design, by CloudTrail's names.
pub(super) fn drift(trail: &State, design: &Design) -> Vec<&'static str> {
    let compared = compared(design).into_iter().chain([topic(design)]);
    let differing = compared.filter(|one| one.differs(trail));
    differing.map(|one| one.name).collect()
}

#[cfg(test)]
impl State {
    /// A trail of all regions with log file validation that writes into a bucket and notifies nobody.
    pub(crate) fn fixture(arn: &str, bucket: &str) -> Self {
        Self {
            name: arn.rsplit('/').next().unwrap_or_default().to_owned(),
            arn: arn.to_owned(),
            bucket: bucket.to_owned(),
            prefix: String::new(),
            topic_arn: None,
            home_region: "eu-west-1".to_owned(),
            multi_region: true,
            global_events: true,
            validation: true,
            organization: false,
            kms_key: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sophos_has_set_up_is_known_by_its_names() {
        for (name, bucket, topic, optix, perhaps) in [
            (
                "Sophos-Optix-cloudtrail",
                "sophos-optix-cloudtrail-1",
                "",
                true,
                false,
            ),
            ("CT-AvidSecure", "avid-cloudtrail-1", "", true, false),
            (
                "sophos-ct-demo",
                "sophos-ct-demo-1",
                "sophos-ct-demo",
                false,
                false,
            ),
            ("audit", "theirs", "theirs", false, false),
            ("Sophos-Central-trail", "logs", "", false, true),
            ("audit", "logs-for-sophos", "", false, true),
            ("audit", "theirs", "sophosTopic", false, true),
        ] {
            let trail = State {
                topic_arn: Some(format!("arn:aws:sns:eu-west-1:111122223333:{topic}")),
                ..State::fixture(name, bucket)
            };
            let found = (trail.is_optix(), trail.is_perhaps_of_central());
            assert_eq!(found, (optix, perhaps), "{name} {bucket} {topic}");
        }
    }
}
