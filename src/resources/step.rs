//! One line of a plan, and what is known about the change that it makes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::connection::{Design, Kind};

/// What a step does, in the words of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Action {
    Create,
    Modify,
    /// Something that was there before us. It is not touched.
    Use,
    Delete,
    /// Our part is taken out of a shared document.
    Restore,
    /// Ours and correct, or left where it is for a stated reason.
    Keep,
}

impl Action {
    /// Returns the action's name in the JSON output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What is known about a change before it is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub action: Action,
    pub kind: Kind,
    /// Names of the events that it leaves in CloudTrail, as a security team sees them.
    pub events: &'static [&'static str],
    /// The IAM actions that the writing calls need; the calls that only look are left out.
    pub permissions: &'static [&'static str],
    /// The change starts the flow of log files. The published policy does not allow undoing it, so it comes last, after
    /// Central has been asked once more.
    pub sets_going: bool,
}

impl Facts {
    #[must_use]
    pub(crate) fn new(
        action: Action,
        kind: Kind,
        events: &'static [&'static str],
        permissions: &'static [&'static str],
    ) -> Self {
        Self {
            action,
            kind,
            events,
            permissions,
            sets_going: false,
        }
    }

    /// These facts, for a change that starts the flow of log files.
    #[must_use]
    pub(crate) fn setting_going(mut self) -> Self {
        self.sets_going = true;
        self
    }
}

/// What must be there before the flow of log files starts. The published policy does not allow undoing the start, and the
/// validation message that it sends needs everything in place.
pub(crate) const BEFORE_THE_FLOW: &[Kind] = &[
    Kind::EventRule,
    Kind::TrustedAccess,
    Kind::ServiceLinkedRole,
    Kind::BucketPolicyStatement,
    Kind::TopicPolicyStatement,
    Kind::Subscription,
    Kind::RolePolicy,
    Kind::LogGroup,
];

/// A change that a family of resources can make.
pub(crate) trait Change: Clone {
    fn facts(&self) -> Facts;

    /// Kinds whose changes in the same plan come first.
    fn after(&self, design: &Design) -> &'static [Kind];
}

/// What happens to the run if the caller may not carry a step out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum IfDenied {
    /// The run stops.
    #[default]
    Stop,
    /// The run goes on with the older code.
    Lose,
    /// The run goes on, and what stays wrong is named at the end (exit 8).
    Name,
}

/// What a step does: a change, or nothing. What changes nothing says which kind it is about; a change knows its own kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Does<C> {
    /// Something that was there before us is used as it is.
    Use(Kind),
    /// What is there stays.
    Keep(Kind),
    Change(C),
}

impl<C> Does<C> {
    /// The change, if there is one.
    fn change(&self) -> Option<&C> {
        match self {
            Self::Change(change) => Some(change),
            Self::Use(_) | Self::Keep(_) => None,
        }
    }

    fn map<D>(self, with: impl FnOnce(C) -> D) -> Does<D> {
        match self {
            Self::Use(kind) => Does::Use(kind),
            Self::Keep(kind) => Does::Keep(kind),
            Self::Change(change) => Does::Change(with(change)),
        }
    }
}

impl<C> From<C> for Does<C> {
    fn from(change: C) -> Self {
        Self::Change(change)
    }
}

/// One line of a plan.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step<C> {
    pub does: Does<C>,
    pub arn: String,
    /// Ids of the parts that this step writes together (statements of one document).
    pub ids: Vec<String>,
    pub reason: Option<String>,
    pub done: bool,
    pub if_denied: IfDenied,
}

impl<C> Step<C> {
    /// A step on the resource with this ARN. A step without a change is done from the start.
    #[must_use]
    pub(crate) fn new(does: impl Into<Does<C>>, arn: impl Into<String>) -> Self {
        let does = does.into();
        Self {
            done: does.change().is_none(),
            does,
            arn: arn.into(),
            ids: Vec::new(),
            reason: None,
            if_denied: IfDenied::Stop,
        }
    }

    #[must_use]
    pub(crate) fn if_denied(mut self, then: IfDenied) -> Self {
        self.if_denied = then;
        self
    }

    #[must_use]
    pub(crate) fn with_ids(mut self, ids: Vec<String>) -> Self {
        self.ids = ids;
        self
    }

    #[must_use]
    pub(crate) fn because(mut self, reason: impl Into<Option<String>>) -> Self {
        self.reason = reason.into();
        self
    }

    /// The change, if there is one.
    pub(crate) fn change(&self) -> Option<&C> {
        self.does.change()
    }

    /// Whether the step writes to AWS.
    #[must_use]
    pub(crate) fn writes(&self) -> bool {
        self.change().is_some()
    }

    /// The same step in terms of another type of change: a family's change becomes a change of all families.
    #[must_use]
    pub(crate) fn map<D>(self, with: impl FnOnce(C) -> D) -> Step<D> {
        Step {
            does: self.does.map(with),
            arn: self.arn,
            ids: self.ids,
            reason: self.reason,
            done: self.done,
            if_denied: self.if_denied,
        }
    }
}

impl<C: Change> Step<C> {
    #[must_use]
    pub(crate) fn action(&self) -> Action {
        match &self.does {
            Does::Use(_) => Action::Use,
            Does::Keep(_) => Action::Keep,
            Does::Change(change) => change.facts().action,
        }
    }

    /// The kind of what the step is about: for a change, the kind that its facts name.
    #[must_use]
    pub(crate) fn kind(&self) -> Kind {
        match &self.does {
            Does::Use(kind) | Does::Keep(kind) => *kind,
            Does::Change(change) => change.facts().kind,
        }
    }

    /// If the step only mends and the caller may not make the change, the run goes on and names it at the end.
    #[must_use]
    pub(crate) fn mending(self) -> Self {
        match self.action() {
            Action::Modify => self.if_denied(IfDenied::Name),
            _ => self,
        }
    }

    /// The step as JSON: one entry for each part.
    #[must_use]
    pub(crate) fn to_json(&self) -> Vec<Value> {
        let entry = |id: Option<&String>| {
            let mut entry =
                json!({ "action": self.action().as_str(), "kind": self.kind(), "arn": self.arn });
            if let Some(id) = id {
                entry["id"] = id.clone().into();
            }
            entry["done"] = self.done.into();
            if let Some(reason) = &self.reason {
                entry["reason"] = reason.clone().into();
            }
            entry
        };
        if self.ids.is_empty() {
            vec![entry(None)]
        } else {
            self.ids.iter().map(|id| entry(Some(id))).collect()
        }
    }
}
