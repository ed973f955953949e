//! Pure: answers × what was observed → steps. Each step is described once and serves the plan's text, JSON, the
//! run and the manifest. Nothing here talks to AWS or Central.

pub mod apply;
mod existing;
pub mod removal;
pub mod render;
mod setup;

use serde_json::{Value, json};

use crate::{
    connection::{ConnectionId, Design, Kind, Ownership, Resource, Resources},
    resources::{Deployment, Mark, environment_digest, trail},
    ui::t,
};
pub use setup::setup;

/// What a step does.
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

    /// Whether the step writes to AWS.
    #[must_use]
    pub fn writes(self) -> bool {
        !matches!(self, Self::Use | Self::Keep)
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub action: Action,
    pub kind: Kind,
    pub arn: String,
    /// Ids of the parts that this one step writes together (statements of one document).
    pub ids: Vec<String>,
    pub reason: Option<String>,
    /// For parts: whether the document was absent before we came.
    pub was_absent: bool,
    pub done: bool,
    pub if_denied: IfDenied,
    /// A bucket kept from an earlier connection of ours.
    pub kept: bool,
}

/// What a step that the caller may not carry out means.
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

impl Step {
    fn new(action: Action, kind: Kind, arn: impl Into<String>) -> Self {
        Self {
            action,
            kind,
            arn: arn.into(),
            ids: Vec::new(),
            reason: None,
            was_absent: false,
            done: !action.writes(),
            if_denied: IfDenied::Stop,
            kept: false,
        }
    }

    fn if_denied(mut self, then: IfDenied) -> Self {
        self.if_denied = then;
        self
    }

    /// A change that mends: where the caller may not make it, the rest goes on and it is named.
    fn mending(self) -> Self {
        match self.action {
            Action::Modify => self.if_denied(IfDenied::Name),
            _ => self,
        }
    }

    fn with_ids(mut self, ids: Vec<String>) -> Self {
        self.ids = ids;
        self
    }

    fn because(mut self, reason: impl Into<Option<String>>) -> Self {
        self.reason = reason.into();
        self
    }

    /// The step as JSON: one entry a part.
    #[must_use]
    pub fn to_json(&self) -> Vec<Value> {
        let entry = |id: Option<&String>| {
            let mut entry =
                json!({ "action": self.action.as_str(), "kind": self.kind, "arn": self.arn });
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

/// What a plan is made from besides answers and observations: the connection as Central has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Journal<'a> {
    /// The manifest that Central holds; `None` for a connection that does not exist yet.
    pub manifest: Option<&'a Resources>,
    /// A deleted connection of this tenant and account whose bucket may be taken up again.
    pub kept_from: Option<ConnectionId>,
    /// What is to run in the function; `None` where the connection does not exist yet.
    pub deployment: Option<&'a Deployment>,
}

impl Journal<'_> {
    /// What cannot be seen is believed only once the manifest is complete.
    fn believed(&self, kind: Kind, arn: &str) -> bool {
        self.manifest
            .is_some_and(|manifest| manifest.complete && manifest.says_ours(kind, arn))
    }

    fn says_ours(&self, kind: Kind, arn: &str) -> bool {
        self.manifest
            .is_some_and(|manifest| manifest.says_ours(kind, arn))
    }

    /// Whether something unmarked that is there is meant to be used: named in this run, or used since an earlier one. What
    /// the manifest calls created is not, and what carries another connection's mark neither.
    fn is_used(&self, design: &Design, answer: &str, kind: Kind, arn: &str, mark: &Mark) -> bool {
        let recorded = self
            .manifest
            .and_then(|manifest| manifest.find(kind, arn, None))
            .map(|item| item.ownership);
        *mark == Mark::None
            && match recorded {
                Some(ownership) => ownership == Ownership::Used,
                None => design.given.contains(answer),
            }
    }
}

/// What a run of `setup` is going to do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// What stands in the way, one by one. With any, nothing is done.
    pub conflicts: Vec<String>,
    /// The region has as many trails as it may.
    pub trail_limit: bool,
    /// Trails that already log management events, where the plan creates a further one: the new copy costs money.
    pub billed_beside: Vec<trail::State>,
    /// Remarks that change nothing.
    pub notes: Vec<String>,
    /// What is not as it should be and not ours to take away, or not ours to mend: named by `setup` and `status` (exit 8).
    pub findings: Vec<(Kind, String)>,
    /// Something that is not ours would be changed on the word of saved answers alone: to be asked again.
    pub unanswered: bool,
    /// The unique id of the function's role, where the role is there.
    pub role_id: Option<String>,
    items: Vec<Resource>,
}

impl Plan {
    /// The steps that write to AWS.
    #[must_use]
    pub fn has_writes(&self) -> bool {
        self.steps.iter().any(|step| step.action.writes())
    }

    /// The manifest of the connection once the plan is carried out. Of a function that stays as it is, what was recorded
    /// of its code and version holds.
    #[must_use]
    pub fn manifest(
        &self,
        design: &Design,
        recorded: Option<&Resources>,
        complete: bool,
    ) -> Resources {
        let deploys = self
            .steps
            .iter()
            .any(|step| step.kind == Kind::Function && step.action.writes());
        let mut items = self.items.clone();
        let mut version = None;
        if let Some(recorded) = recorded.filter(|_| !deploys) {
            version.clone_from(&recorded.forwarder_version);
            for item in items.iter_mut().filter(|item| item.kind == Kind::Function) {
                if let Some(before) = recorded.find(Kind::Function, &item.arn, item.id.as_deref()) {
                    item.digest.clone_from(&before.digest);
                }
            }
        }
        Resources {
            forwarder_role: Some(design.role_arn()),
            forwarder_role_id: self.role_id.clone(),
            forwarder_function: Some(design.function_arn()),
            forwarder_version: version.or_else(|| Some(crate::VERSION.to_owned())),
            buckets: vec![design.bucket.clone()],
            items,
            complete,
        }
    }

    /// Notes what the function's environment is: known only once Central has told where logs go.
    pub fn record_environment(&mut self, design: &Design, deployment: &Deployment) {
        let arn = design.function_arn();
        let item = Resource {
            kind: Kind::Function,
            arn: arn.clone(),
            id: Some("environment".to_owned()),
            region: Some(design.region.to_string()),
            ownership: Ownership::Created,
            was_absent: None,
            digest: Some(environment_digest(&deployment.environment)),
        };
        self.items
            .retain(|other| !(other.kind == item.kind && other.arn == arn && other.id == item.id));
        let after = self
            .items
            .iter()
            .position(|other| other.kind == Kind::Function)
            .map_or(0, |index| index + 1);
        self.items.insert(after, item);
    }

    fn add(&mut self, step: Step, ownership: Ownership, region: Option<&str>) {
        let resource = |id: Option<String>| Resource {
            kind: step.kind,
            arn: step.arn.clone(),
            id,
            region: region.map(ToOwned::to_owned),
            ownership,
            was_absent: (ownership == Ownership::Modified).then_some(step.was_absent),
            digest: None,
        };
        if step.ids.is_empty() {
            self.items.push(resource(None));
        } else {
            self.items
                .extend(step.ids.iter().cloned().map(|id| resource(Some(id))));
        }
        self.steps.push(step);
    }

    fn set_digest(&mut self, digest: String) {
        if let Some(item) = self.items.last_mut() {
            item.digest = Some(digest);
        }
    }

    /// A resource whose mark decides: whether it is ours; the conflict is noted otherwise.
    fn marked(&mut self, mark: &Mark, arn: &str) -> bool {
        match mark.complaint(arn) {
            None => true,
            Some(complaint) => {
                self.conflicts.push(complaint);
                false
            }
        }
    }

    /// A resource that the caller may not see: believed to be there, or in the way.
    fn unseen(&mut self, journal: Journal<'_>, kind: Kind, arn: &str, action: &str) -> Action {
        if journal.believed(kind, arn) {
            self.notes
                .push(t!("note-unseen", arn = arn, action = action));
        } else {
            self.conflicts
                .push(t!("conflict-unseen", arn = arn, action = action));
        }
        Action::Keep
    }
}
