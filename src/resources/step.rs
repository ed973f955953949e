//! One line of a plan, and what is known of the change that it makes.

use serde_json::{Value, json};

use crate::connection::{Design, Kind};

/// What a step does, as plans name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Modify,
    /// Something that was there before us; untouched.
    Use,
    Delete,
    /// A shared document gets back to what it is without our part.
    Restore,
    /// Ours, and as it should be; or left where it is, with the reason.
    Keep,
}

impl Action {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Modify => "modify",
            Self::Use => "use",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Keep => "keep",
        }
    }
}

/// What is known of a change before it is made.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub action: Action,
    pub kind: Kind,
    /// Names of the events that it leaves in CloudTrail, as a security team will see them.
    pub events: &'static [&'static str],
    /// It sets the flow of log files going and cannot be undone under the published policy: it comes last, after one more
    /// look at Central.
    pub sets_going: bool,
}

impl Facts {
    #[must_use]
    pub fn new(action: Action, kind: Kind, events: &'static [&'static str]) -> Self {
        Self {
            action,
            kind,
            events,
            sets_going: false,
        }
    }

    /// The same of a change that sets the flow of log files going.
    #[must_use]
    pub fn setting_going(mut self) -> Self {
        self.sets_going = true;
        self
    }
}

/// What must be there before the flow of log files is set going: it cannot be undone under the published policy, and its
/// validation message must find everything.
pub const BEFORE_THE_FLOW: &[Kind] = &[
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
pub trait Change: Clone {
    fn facts(&self) -> Facts;

    /// Kinds whose changes of the same plan come first.
    fn after(&self, design: &Design) -> &'static [Kind];
}

/// What a step that the caller may not carry out means for the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfDenied {
    /// The run stops.
    #[default]
    Stop,
    /// A convenience is lost: newer code.
    Lose,
    /// The rest goes on, and what is not as it should be is named at the end (exit 8).
    Name,
}

/// What a step does: a change, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Does<C> {
    /// Something that was there before us is used as it is.
    Use,
    /// What is there stays.
    Keep,
    Change(C),
}

impl<C> From<C> for Does<C> {
    fn from(change: C) -> Self {
        Self::Change(change)
    }
}

/// One line of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<C> {
    pub does: Does<C>,
    pub kind: Kind,
    pub arn: String,
    /// Ids of the parts that this one step writes together (statements of one document).
    pub ids: Vec<String>,
    pub reason: Option<String>,
    pub done: bool,
    pub if_denied: IfDenied,
}

impl<C> Step<C> {
    /// A step of a kind. The kind of a change is that of its facts.
    #[must_use]
    pub fn new(does: impl Into<Does<C>>, kind: Kind, arn: impl Into<String>) -> Self {
        let does = does.into();
        Self {
            done: !matches!(does, Does::Change(_)),
            does,
            kind,
            arn: arn.into(),
            ids: Vec::new(),
            reason: None,
            if_denied: IfDenied::Stop,
        }
    }

    #[must_use]
    pub fn if_denied(mut self, then: IfDenied) -> Self {
        self.if_denied = then;
        self
    }

    #[must_use]
    pub fn with_ids(mut self, ids: Vec<String>) -> Self {
        self.ids = ids;
        self
    }

    #[must_use]
    pub fn because(mut self, reason: impl Into<Option<String>>) -> Self {
        self.reason = reason.into();
        self
    }

    /// The change, where there is one.
    pub fn change(&self) -> Option<&C> {
        match &self.does {
            Does::Change(change) => Some(change),
            Does::Use | Does::Keep => None,
        }
    }

    /// Whether the step writes to AWS.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.change().is_some()
    }

    /// The same step of all families' changes.
    #[must_use]
    pub fn map<D>(self, with: impl FnOnce(C) -> D) -> Step<D> {
        Step {
            does: match self.does {
                Does::Use => Does::Use,
                Does::Keep => Does::Keep,
                Does::Change(change) => Does::Change(with(change)),
            },
            kind: self.kind,
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
    pub fn action(&self) -> Action {
        match &self.does {
            Does::Use => Action::Use,
            Does::Keep => Action::Keep,
            Does::Change(change) => change.facts().action,
        }
    }

    /// A change that mends: where the caller may not make it, the rest goes on and it is named.
    #[must_use]
    pub fn mending(self) -> Self {
        match self.action() {
            Action::Modify => self.if_denied(IfDenied::Name),
            _ => self,
        }
    }

    /// The step as JSON: one entry a part.
    #[must_use]
    pub fn to_json(&self) -> Vec<Value> {
        let entry = |id: Option<&String>| {
            let mut entry =
                json!({ "action": self.action().as_str(), "kind": self.kind, "arn": self.arn });
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
