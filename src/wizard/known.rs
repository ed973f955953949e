//! What is known before the questions are asked, and what it means for a trail.

use crate::{
    answers::Source,
    connection::{AccountId, Arn, ConnectionName, Region, names::BucketName},
    resources::{seen::Seen, trail},
};

/// What is known before the questions are asked.
pub(crate) struct Known<'a> {
    pub account: &'a AccountId,
    pub region: &'a Region,
    /// The trails of the region, shadows included.
    pub trails: &'a Seen<Vec<trail::State>>,
    /// Trails that log management events.
    pub management: &'a [trail::State],
    /// A bucket that an earlier connection has left: its name is the default then.
    pub kept: Option<&'a BucketName>,
    /// What the account's connections collect from, as far as it is known.
    pub uses: &'a [Use],
    /// How a command line begins that sets the connection up in another account: its words, quoted.
    pub elsewhere: &'a [String],
}

/// A live connection, and the bucket and prefix that it collects from.
pub(crate) struct Use {
    pub connection: ConnectionName,
    pub bucket: String,
    pub prefix: String,
}

/// Where the topic of a trail is, from the caller's point of view.
pub(super) enum Topic {
    None,
    /// In this account and region: its name.
    Here(String),
    /// In another account or region: its ARN.
    Elsewhere(String),
}

impl Known<'_> {
    /// Returns the default of step 2: `new` if no trail logs management events, `existing` if one of them also notifies a topic
    /// of this account, otherwise none.
    pub(super) fn recommended(&self) -> Option<Source> {
        if self.management.is_empty() {
            return Some(Source::New);
        }
        self.management
            .iter()
            .any(|trail| self.subscribable(trail))
            .then_some(Source::Existing)
    }

    pub(super) fn topic_of(&self, trail: &trail::State) -> Topic {
        let Some(arn) = &trail.topic_arn else {
            return Topic::None;
        };
        match arn.parse::<Arn>() {
            Ok(topic)
                if topic.account == self.account.as_str()
                    && topic.region == self.region.as_str() =>
            {
                Topic::Here(topic.resource)
            }
            _ => Topic::Elsewhere(arn.clone()),
        }
    }

    /// Whether a trail notifies a topic that we may subscribe to. Then nothing that is not ours changes.
    pub(super) fn subscribable(&self, trail: &trail::State) -> bool {
        matches!(self.topic_of(trail), Topic::Here(_))
    }

    /// Whether a trail logs management events.
    pub(super) fn logs_management(&self, trail: &trail::State) -> bool {
        self.management.iter().any(|one| one.arn == trail.arn)
    }

    /// Whether a trail belongs to the caller's account.
    pub(super) fn owns(&self, trail: &trail::State) -> bool {
        trail::owner(trail).as_deref() == Some(self.account.as_str())
    }

    /// Whether the region is the home region of a trail.
    pub(super) fn is_home_of(&self, trail: &trail::State) -> bool {
        trail.home_region == self.region.as_str()
    }
}
