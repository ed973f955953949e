//! What a family plans from, and what it plans: its own state, the journal, and what it needs to know of the others.

use super::{
    cx::Deployment,
    seen::{Mark, Seen},
    step::{Change, Does, Step},
};
use crate::{
    connection::{ConnectionId, Design, Kind, Named, Ownership, Region, Resource, Resources},
    ui::t,
};

/// What a plan of `setup` is made from besides the design and what was seen: the connection as Central has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Journal<'a> {
    /// The manifest that Central holds; `None` for a connection that does not exist yet.
    pub manifest: Option<&'a Resources>,
    /// A deleted connection of this tenant and account whose bucket may be taken up again.
    pub kept_from: Option<ConnectionId>,
    /// What is to run in the function; `None` where the connection does not exist yet.
    pub deployment: Option<&'a Deployment>,
    /// SHA-256 (hex) of the function's zip, for the manifest.
    pub package_digest: &'a str,
}

impl Journal<'_> {
    /// Whether what cannot be seen is believed to be ours: only once the manifest is complete.
    #[must_use]
    pub fn believed(&self, kind: Kind, arn: &str) -> bool {
        self.manifest
            .is_some_and(|manifest| manifest.complete && manifest.says_ours(kind, arn))
    }

    #[must_use]
    pub fn says_ours(&self, kind: Kind, arn: &str) -> bool {
        self.manifest
            .is_some_and(|manifest| manifest.says_ours(kind, arn))
    }

    /// The manifest's entry, as an earlier run recorded it.
    #[must_use]
    pub fn recorded(&self, kind: Kind, arn: &str, id: Option<&str>) -> Option<&Resource> {
        self.manifest?.find(kind, arn, id)
    }

    /// Whether something unmarked that is there is meant to be used: named in this run, or used since an earlier one. What
    /// the manifest calls created is not, and what carries another connection's mark neither.
    #[must_use]
    pub fn is_used(
        &self,
        design: &Design,
        answer: Named,
        kind: Kind,
        arn: &str,
        mark: &Mark,
    ) -> bool {
        let recorded = self.recorded(kind, arn, None).map(|item| item.ownership);
        *mark == Mark::None
            && match recorded {
                Some(ownership) => ownership == Ownership::Used,
                None => design.given.contains(&answer),
            }
    }
}

/// What is to be kept or deleted beyond the default, by the flags of `remove`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    pub keep_trail: bool,
    pub force_shared: bool,
    pub delete_logs: bool,
}

/// What a plan of `remove` is made from besides the design and what was seen.
#[derive(Clone, Copy, Debug)]
pub struct Removing<'a> {
    /// Central's manifest, or what marks in AWS tell.
    pub manifest: &'a Resources,
    pub wishes: Wishes,
}

impl Removing<'_> {
    #[must_use]
    pub fn claims(&self, kind: Kind, arn: &str) -> bool {
        self.manifest.says_ours(kind, arn)
    }
}

/// What families need to know of each other: found out once by `plan`, and handed to each.
#[derive(Clone, Debug, Default)]
pub struct Across {
    /// The function's name is ours, and with it its log group and subscription, which cannot be tagged.
    pub owns_function_name: bool,
    /// The function carries our mark.
    pub function_is_ours: bool,
    pub topic_is_there: bool,
    /// The topic carries our mark.
    pub topic_is_ours: bool,
    /// The topic is ours by its mark, by our statement in its policy or, where it is gone, by its name.
    pub owns_topic: bool,
    /// Subscriptions of the topic, where it can be seen.
    pub subscriptions: u32,
    /// The bucket is there and can be used.
    pub bucket_is_there: bool,
    /// Whether the bucket's events go to EventBridge.
    pub bridged: Seen<bool>,
    /// Our rule, where it is there: whether its tag says that we turned the bucket's events on.
    pub turned_on: Option<bool>,
    /// Others that use our topic, where it is ours.
    pub topic_users: Vec<String>,
    /// Other trails that write into our bucket.
    pub bucket_users: Vec<String>,
    /// Another trail that writes into the bucket, whatever was wished.
    pub bucket_trail: Option<String>,
    /// Another connection that collects from the bucket.
    pub bucket_connection: Option<String>,
    /// Why our trail stays, where it does: what it needs stays too.
    pub trail_stays: Option<String>,
    /// Others listen to the bucket's events in EventBridge, as far as can be seen: they stay on.
    pub others_listen: bool,
}

/// How surely AWS shows that something of a connection is there, without a word of Central's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    No,
    /// It may be: a look into the document will tell.
    Perhaps,
    /// Our mark is on it, or on what it belongs to.
    Surely,
}

impl Shown {
    /// Of a resource that is ours only if it carries our mark.
    #[must_use]
    pub fn by_mark(mark: Option<&Mark>) -> Self {
        if mark == Some(&Mark::Ours) {
            Self::Surely
        } else {
            Self::No
        }
    }
}

/// Something that a connection of a design can have: what a manifest may claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub kind: Kind,
    pub arn: String,
    /// Ids of its parts, computed by us; `None` for a whole resource.
    pub ids: Option<Vec<String>>,
}

impl Claim {
    #[must_use]
    pub fn whole(kind: Kind, arn: String) -> Self {
        Self {
            kind,
            arn,
            ids: None,
        }
    }

    #[must_use]
    pub fn parts(kind: Kind, arn: String, ids: Vec<String>) -> Self {
        Self {
            kind,
            arn,
            ids: Some(ids),
        }
    }
}

/// What a family plans.
#[derive(Clone, Debug)]
pub struct Planned<C> {
    pub steps: Vec<Step<C>>,
    /// What the manifest will say of them.
    pub items: Vec<Resource>,
    /// What stands in the way, one by one.
    pub conflicts: Vec<String>,
    /// Remarks that change nothing.
    pub notes: Vec<String>,
    /// What is not as it should be and not ours to take away.
    pub findings: Vec<(Kind, String)>,
}

impl<C> Default for Planned<C> {
    fn default() -> Self {
        Self {
            steps: Vec::new(),
            items: Vec::new(),
            conflicts: Vec::new(),
            notes: Vec::new(),
            findings: Vec::new(),
        }
    }
}

impl<C> Planned<C> {
    /// A step of `remove`.
    pub fn step(&mut self, step: Step<C>) {
        self.steps.push(step);
    }

    /// A step of `setup`, with what the manifest will say of it.
    pub fn add(&mut self, step: Step<C>, ownership: Ownership, region: Option<&Region>) {
        self.add_part(step, ownership, region, None);
    }

    /// The same of a part of a document: whether the whole document was absent before we came.
    pub fn add_part(
        &mut self,
        step: Step<C>,
        ownership: Ownership,
        region: Option<&Region>,
        was_absent: Option<bool>,
    ) {
        let resource = |id: Option<String>| Resource {
            kind: step.kind,
            arn: step.arn.clone(),
            id,
            region: region.map(ToString::to_string),
            ownership,
            was_absent,
            digest: None,
        };
        if step.ids.is_empty() {
            self.items.push(resource(None));
        } else {
            let ids = step.ids.iter().cloned();
            self.items.extend(ids.map(|id| resource(Some(id))));
        }
        self.steps.push(step);
    }

    /// A resource whose mark decides: one that is not ours is a conflict.
    pub fn must_be_ours(&mut self, mark: &Mark, arn: &str) {
        self.conflicts.extend(mark.complaint(arn));
    }

    /// A resource of `setup` that the caller may not see: believed to be there, or in the way.
    pub fn denied(&mut self, journal: Journal<'_>, kind: Kind, arn: &str, action: &str) -> Does<C> {
        if journal.believed(kind, arn) {
            self.notes
                .push(t!("note-unseen", arn = arn, action = action));
        } else {
            self.conflicts
                .push(t!("conflict-unseen", arn = arn, action = action));
        }
        Does::Keep
    }

    /// A resource of `remove` that the caller may not see.
    pub fn cannot_look(&mut self, arn: &str, action: &str) {
        self.conflicts
            .push(t!("conflict-unseen", arn = arn, action = action));
    }

    /// A resource of `remove` that carries no mark.
    pub fn unmarked(&mut self, arn: &str) {
        self.conflicts.push(t!("conflict-unmarked", arn = arn));
    }
}

impl<C: Change> Planned<C> {
    /// The same plan in terms of all families' changes.
    pub fn map<D>(self, with: impl Fn(C) -> D) -> Planned<D> {
        Planned {
            steps: self.steps.into_iter().map(|step| step.map(&with)).collect(),
            items: self.items,
            conflicts: self.conflicts,
            notes: self.notes,
            findings: self.findings,
        }
    }
}

/// Whose a whole resource is, by whether it is only used.
#[must_use]
pub fn whose(used: bool) -> Ownership {
    if used {
        Ownership::Used
    } else {
        Ownership::Created
    }
}

/// Why something that others use is kept.
#[must_use]
pub fn shared(users: &[String]) -> Option<String> {
    (!users.is_empty()).then(|| t!("reason-shared", users = users.join(", ")))
}
