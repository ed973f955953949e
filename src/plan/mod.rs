//! Plans of `setup` and `remove`, put together from what the families of resources plan. The design and what was seen go in;
//! steps, conflicts and the manifest come out. All of it is pure: nothing here talks to AWS or Central.

mod across;
mod claims;
mod documents;
mod evidence;
mod external;
pub(crate) mod feed;
pub(crate) mod file;
mod placeholder;
pub(crate) mod removal;
pub(crate) mod render;
mod setup;
mod statement;
pub(crate) mod template;
#[cfg(test)]
mod tests;

pub(crate) use claims::{marked, marks, seen_marked, unread};
pub(crate) use documents::{documents, seen};
pub(crate) use external::{Adoption, give_to_stack, leave, owner, stack_stands};
pub(crate) use placeholder::Placeholder;
pub(crate) use setup::setup;

use crate::{
    connection::{ConnectionId, Design, Kind, Ownership, Resource, Resources},
    resources::{
        bucket::obstacles::{Obstacles, Who},
        cx::Deployment,
        document::Written,
        families::{Change, Step},
        function,
        planned::{Advice, Unseen},
        settings::Settings,
        trail,
    },
    ui::t,
};

/// What a run of `setup` is going to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub steps: Vec<Step>,
    /// The JSON documents that the steps write.
    pub documents: Vec<Written>,
    /// The documents of everything that the design names, as they were seen.
    pub seen: Vec<Written>,
    /// What everything that the design names is like besides its documents.
    pub settings: Vec<Settings>,
    /// What stands in the way, one by one. If there is any, nothing is done.
    pub conflicts: Vec<String>,
    /// What helps, for each conflict whose own words do not say it.
    pub advice: Vec<Advice>,
    /// The region has as many trails as it may have.
    pub trail_limit: bool,
    /// If the plan creates a trail: those that already log management events. The new copy costs money.
    pub billed_beside: Vec<trail::State>,
    /// Remarks that change nothing in the plan.
    pub notes: Vec<String>,
    /// What is wrong and not ours to remove or to mend. `setup` and `status` name it (exit 8).
    pub findings: Vec<(Kind, String)>,
    /// What is believed to be as planned, because access to it is denied.
    pub unseen: Vec<Unseen>,
    /// Something that is not ours would be changed because of saved answers alone: the user must be asked again.
    pub unanswered: bool,
    /// The unique id of the function's role, if the role exists.
    pub role_id: Option<String>,
    /// A stack has made what the plan is about: nothing of it is changed.
    pub external: bool,
    /// The version that the stack's function is tagged with.
    version: Option<String>,
    items: Vec<Resource>,
}

/// Returns what helps against a finding on something of this kind.
#[must_use]
pub(crate) fn hint(kind: Kind) -> String {
    match kind {
        Kind::Alarm => t!("findings-hint-alarm"),
        _ => t!("findings-hint"),
    }
}

/// Logs what was decided, for `-v` and `--log-file`.
pub(crate) fn trace(steps: &[Step]) {
    for step in steps {
        tracing::debug!(
            action = step.action().as_str(),
            kind = step.kind().as_str(),
            arn = step.arn,
            reason = step.reason,
            "planned"
        );
    }
}

impl Plan {
    /// Whether a step writes to AWS.
    #[must_use]
    pub(crate) fn has_writes(&self) -> bool {
        self.steps.iter().any(Step::writes)
    }

    /// Returns the manifest that the connection has once the plan is carried out. For a function whose code stays as it is, it keeps
    /// the recorded code and version.
    #[must_use]
    pub(crate) fn manifest(
        &self,
        design: &Design,
        recorded: Option<&Resources>,
        complete: bool,
    ) -> Resources {
        let makes = |change| {
            let mut changes = self.steps.iter().filter_map(Step::change);
            changes.any(|one| *one == Change::Function(change))
        };
        let deploys = makes(function::Change::Create) || makes(function::Change::Update);
        let configures = makes(function::Change::Configure);
        let mut items = self.items.clone();
        let mut version = self.version.clone();
        if let Some(recorded) = recorded.filter(|_| !deploys && !self.external) {
            version.clone_from(&recorded.forwarder_version);
            // The entry of the environment has an id.
            let stays = |item: &&mut Resource| {
                item.kind == Kind::Function && !(configures && item.id.is_some())
            };
            for item in items.iter_mut().filter(stays) {
                if let Some(before) = recorded.find(Kind::Function, &item.arn, item.id.as_deref()) {
                    item.digest.clone_from(&before.digest);
                }
            }
        }
        if self.external {
            external::give_all_to_stack(&mut items);
            // Who may not see the version knows it of code that has not changed.
            let known = recorded.filter(|recorded| self.is_same_code(recorded));
            version = version.or_else(|| known?.forwarder_version.clone());
        } else {
            version.get_or_insert_with(|| crate::VERSION.to_owned());
        }
        Resources {
            forwarder_role: Some(design.role_arn()),
            forwarder_role_id: self.role_id.clone(),
            forwarder_function: Some(design.function_arn()),
            forwarder_version: version,
            buckets: vec![design.bucket.to_string()],
            items,
            complete,
        }
    }

    /// Records the function's environment, which is known only after Central has said where log files go.
    pub(crate) fn record_environment(&mut self, design: &Design, deployment: &Deployment) {
        let item = function::environment_item(design, &deployment.environment);
        let same = |other: &Resource| {
            other.kind == item.kind && other.arn == item.arn && other.id == item.id
        };
        self.items.retain(|other| !same(other));
        let function = self.items.iter().position(|one| one.kind == Kind::Function);
        self.items
            .insert(function.map_or(0, |index| index + 1), item);
    }

    /// Whether the manifest says of the stack's function what AWS shows: its owner may deploy other code.
    #[must_use]
    pub(crate) fn is_recorded(&self, recorded: &Resources) -> bool {
        let known = self.version.is_none() || self.version == recorded.forwarder_version;
        !self.external || known && self.is_same_code(recorded)
    }

    fn is_same_code(&self, recorded: &Resources) -> bool {
        self.items.iter().all(|item| {
            let before = recorded.find(item.kind, &item.arn, item.id.as_deref());
            before.is_some_and(|before| before.digest == item.digest)
        })
    }

    /// Returns what stands for the connection's id as long as neither Central nor a stack has given it. `new`: Central has none.
    #[must_use]
    pub(crate) fn placeholder(&self, id: ConnectionId, new: bool) -> Placeholder {
        Placeholder::of(id, new && !self.external)
    }

    /// Whether something of a kind is only used.
    fn uses(&self, kind: Kind) -> bool {
        let mut items = self.items.iter();
        items.any(|item| item.kind == kind && item.ownership == Ownership::Used)
    }

    /// Adds what stands in the way, or may, in a bucket that was there before us.
    pub(crate) fn heed(&mut self, design: &Design, obstacles: &Obstacles) {
        let bucket = &design.bucket;
        for denial in obstacles.denials.there().into_iter().flatten() {
            let statement = &denial.statement;
            let who = match denial.who {
                Who::CloudTrail => t!("who-cloudtrail"),
                Who::Function => t!("who-function", role = design.role_arn()),
            };
            if denial.certain {
                self.conflicts.push(t!(
                    "conflict-deny-statement",
                    bucket = bucket,
                    statement = statement,
                    who = who
                ));
            } else {
                self.notes.push(t!(
                    "note-deny-statement",
                    bucket = bucket,
                    statement = statement,
                    who = who
                ));
            }
        }
        if obstacles.requester_pays.there().is_some() {
            self.conflicts
                .push(t!("conflict-requester-pays", bucket = bucket));
        }
        if obstacles.object_lock.there().is_some() {
            self.notes.push(t!("note-object-lock", bucket = bucket));
        }
        if obstacles.abac.there().is_some() {
            self.notes
                .push(t!("note-abac", bucket = bucket, role = design.role_arn()));
        }
        let hidden: Vec<&str> = [
            obstacles.denials.denied(),
            obstacles.requester_pays.denied(),
            obstacles.object_lock.denied(),
            obstacles.abac.denied(),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !hidden.is_empty() {
            let actions = hidden.join(", ");
            self.notes
                .push(t!("note-bucket-denied", bucket = bucket, actions = actions));
        }
    }
}
