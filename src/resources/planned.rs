//! What a family plans from (the journal, and what it needs to know about other families), and what it plans.

use super::{
    cx::Deployment,
    seen::{Mark, Seen},
    step::{Change, Does, Step},
};
use crate::{
    connection::{ConnectionId, Design, Kind, Named, Ownership, Region, Resource, Resources},
    ui::t,
};

/// The connection as Central has it: `setup` plans from it, from the design and from what was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Journal<'a> {
    /// The manifest that Central holds; `None` for a connection that does not exist yet.
    pub manifest: Option<&'a Resources>,
    /// A deleted connection of this tenant and account whose bucket may be used again.
    pub kept_from: Option<ConnectionId>,
    /// What the function is to run; `None` for a connection that does not exist yet.
    pub deployment: Option<&'a Deployment>,
    /// SHA-256 (hex) of the function's zip, for the manifest.
    pub package_digest: &'a str,
}

impl<'a> Journal<'a> {
    /// The version that the function runs, if it is newer than this program: its code stays.
    #[must_use]
    pub(crate) fn newer_forwarder(&self) -> Option<&'a str> {
        let deployed = self.manifest?.forwarder_version.as_deref();
        deployed.filter(|deployed| is_older(crate::VERSION, deployed))
    }

    /// Whether a resource that the caller may not see is believed to be the connection's: only once the manifest is complete.
    #[must_use]
    pub(crate) fn believed(&self, kind: Kind, arn: &str) -> bool {
        self.manifest.is_some_and(|manifest| {
            let claimed = manifest.says_ours(kind, arn) || manifest.says_external(kind, arn);
            manifest.complete && claimed
        })
    }

    #[must_use]
    pub(crate) fn says_ours(&self, kind: Kind, arn: &str) -> bool {
        self.manifest
            .is_some_and(|manifest| manifest.says_ours(kind, arn))
    }

    /// The manifest's entry that an earlier run recorded.
    #[must_use]
    pub(crate) fn recorded(&self, kind: Kind, arn: &str, id: Option<&str>) -> Option<&Resource> {
        self.manifest?.find(kind, arn, id)
    }

    /// Whether a resource that is there without a mark is meant to be used: because an answer of this run names it, or because
    /// an earlier run used it. A resource that the manifest calls created, or that carries another connection's mark, is not.
    #[must_use]
    pub(crate) fn is_used(
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

/// Whether a version is older than another, as 0.9.0 is older than 0.10.0.
fn is_older(version: &str, than: &str) -> bool {
    let parsed = (
        semver::Version::parse(version),
        semver::Version::parse(than),
    );
    matches!(parsed, (Ok(version), Ok(than)) if version < than)
}

/// What the flags of `remove` keep or delete beyond the default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes {
    pub keep_trail: bool,
    pub force_shared: bool,
    pub delete_logs: bool,
}

/// What `remove` plans from, in addition to the design and what was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Removing<'a> {
    /// Central's manifest, or one made from the marks in AWS.
    pub manifest: &'a Resources,
    pub wishes: Wishes,
}

impl Removing<'_> {
    #[must_use]
    pub(crate) fn claims(&self, kind: Kind, arn: &str) -> bool {
        self.manifest.says_ours(kind, arn)
    }
}

/// What families need to know about each other: `plan` finds it out once and hands it to each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Across {
    /// The function's name is ours, and so are its log group and subscription, which cannot be tagged.
    pub owns_function_name: bool,
    /// The function carries our mark.
    pub function_is_ours: bool,
    pub topic_is_there: bool,
    /// Access to the topic is denied.
    pub topic_is_unseen: bool,
    /// The topic carries our mark.
    pub topic_is_ours: bool,
    /// The topic is not ours and carries other messages too.
    pub topic_is_shared: bool,
    /// The topic is ours by its mark, by our statement in its policy or, if it is gone, by its name.
    pub owns_topic: bool,
    /// Number of subscriptions of the topic, if it can be seen.
    pub subscriptions: u32,
    /// The action that the caller lacks to list subscriptions, if ours has to stay for that.
    pub unlisted: Option<&'static str>,
    /// The bucket is there and usable.
    pub bucket_is_there: bool,
    /// Whether the bucket's events go to EventBridge.
    pub bridged: Seen<bool>,
    /// Whether the tag of our rule says that we turned the bucket's events on; `None` if there is no rule.
    pub turned_on: Option<bool>,
    /// Others that use the topic, if it is ours.
    pub topic_users: Vec<String>,
    /// Other trails that write into our bucket.
    pub bucket_users: Vec<String>,
    /// Another trail that writes into the bucket, also with `--force-shared`.
    pub bucket_trail: Option<String>,
    /// Another connection that collects from the bucket.
    pub bucket_connection: Option<String>,
    /// Why our trail stays, if it does. What it needs stays too.
    pub trail_stays: Option<String>,
    /// As far as can be seen, others listen to the bucket's events in EventBridge, so the events stay on.
    pub others_listen: bool,
}

impl Across {
    /// Why something that our trail needs stays: because the trail stays.
    #[must_use]
    pub(crate) fn stays_with_trail(&self) -> Option<String> {
        self.trail_stays.as_ref().map(|_| t!("reason-trail-stays"))
    }
}

/// How surely AWS alone shows that something of a connection is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    No,
    /// Perhaps: the document itself has to be read.
    Perhaps,
    /// It carries our mark, or belongs to something that does.
    Surely,
}

impl Shown {
    /// How surely a resource is there that is ours only if it carries our mark.
    #[must_use]
    pub(crate) fn by_mark(mark: Option<&Mark>) -> Self {
        if mark == Some(&Mark::Ours) {
            Self::Surely
        } else {
            Self::No
        }
    }
}

/// Something that a connection of this design can have, so that a manifest may claim it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub kind: Kind,
    pub arn: String,
    /// Ids of its parts, which we compute; `None` for a whole resource.
    pub ids: Option<Vec<String>>,
}

impl Claim {
    #[must_use]
    pub(crate) fn whole(kind: Kind, arn: String) -> Self {
        Self {
            kind,
            arn,
            ids: None,
        }
    }

    #[must_use]
    pub(crate) fn parts(kind: Kind, arn: String, ids: Vec<String>) -> Self {
        Self {
            kind,
            arn,
            ids: Some(ids),
        }
    }
}

/// What helps against a conflict whose own words do not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Advice {
    /// Something that is not ours has the name: another name, or its owner removes it.
    OtherNames,
    /// What cannot be seen decides: the permission to see it.
    Permission,
    /// Central says something that AWS does not show: someone has to find out which of the two is right.
    CompareCentral,
    /// Only Central says what is not ours and is to be changed: an answer of this run that says the same.
    SayAgain,
    /// What a stack has made is not as planned: whoever owns the stack updates it.
    Stack,
}

/// What a family plans.
#[derive(Clone, Debug)]
pub(crate) struct Planned<C> {
    pub steps: Vec<Step<C>>,
    /// What the manifest will say about them.
    pub items: Vec<Resource>,
    /// What stands in the way, one by one.
    pub conflicts: Vec<String>,
    /// What helps, for each conflict whose own words do not say it.
    pub advice: Vec<Advice>,
    /// Remarks that change nothing.
    pub notes: Vec<String>,
    /// What is wrong but not ours to take away.
    pub findings: Vec<(Kind, String)>,
    /// What `setup` believes to be as planned, because access to it is denied.
    pub unseen: Vec<Unseen>,
}

/// A resource, or a part of one, that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unseen {
    pub kind: Kind,
    pub arn: String,
    /// The action that the caller lacks.
    pub action: String,
}

impl<C> Default for Planned<C> {
    fn default() -> Self {
        Self {
            steps: Vec::new(),
            items: Vec::new(),
            conflicts: Vec::new(),
            advice: Vec::new(),
            notes: Vec::new(),
            findings: Vec::new(),
            unseen: Vec::new(),
        }
    }
}

impl<C> Planned<C> {
    /// Adds a step of `remove`.
    pub(crate) fn step(&mut self, step: Step<C>) {
        self.steps.push(step);
    }

    /// A resource has to carry our mark: any other mark, or none, is a conflict.
    pub(crate) fn must_be_ours(&mut self, mark: &Mark, arn: &str) {
        let advice = match mark {
            Mark::Denied(_) => Advice::Permission,
            Mark::Ours | Mark::None | Mark::Other(_) => Advice::OtherNames,
        };
        if let Some(complaint) = mark.complaint(arn) {
            self.advised(complaint, advice);
        }
    }

    /// Adds a conflict, and what helps against it.
    pub(crate) fn advised(&mut self, conflict: String, advice: Advice) {
        self.conflicts.push(conflict);
        self.advice.push(advice);
    }

    /// `setup` may not see a resource (access denied): it is believed to be ours and stays, or it is a conflict.
    pub(crate) fn denied(
        &mut self,
        journal: Journal<'_>,
        kind: Kind,
        arn: &str,
        action: &str,
    ) -> Does<C> {
        if journal.believed(kind, arn) {
            self.cannot_check(kind, arn, action);
        } else {
            self.cannot_look(arn, action);
        }
        Does::Keep(kind)
    }

    /// Something may not be seen (access denied), and is believed to be as planned: a note.
    pub(crate) fn cannot_check(&mut self, kind: Kind, arn: &str, action: &str) {
        let note = t!("note-denied", arn = arn, action = action);
        self.notes.push(note);
        self.believe(kind, arn, action);
    }

    /// Something may not be seen (access denied), and is believed to be as planned without a word: `status` tells.
    pub(crate) fn believe(&mut self, kind: Kind, arn: &str, action: &str) {
        self.unseen.push(Unseen {
            kind,
            arn: arn.to_owned(),
            action: action.to_owned(),
        });
    }

    /// A resource may not be seen (access denied): a conflict.
    pub(crate) fn cannot_look(&mut self, arn: &str, action: &str) {
        let denied = t!("conflict-denied", arn = arn, action = action);
        self.advised(denied, Advice::Permission);
    }

    /// A resource carries no mark: a conflict.
    pub(crate) fn unmarked(&mut self, arn: &str) {
        self.advised(t!("conflict-unmarked", arn = arn), Advice::OtherNames);
    }
}

impl<C: Change> Planned<C> {
    /// Adds a step of `setup`, and what the manifest will say about it.
    pub(crate) fn add(&mut self, step: Step<C>, ownership: Ownership, region: Option<&Region>) {
        self.add_part(step, ownership, region, None);
    }

    /// Adds a step on a part of a document. `was_absent`: whether the whole document was absent before we came.
    pub(crate) fn add_part(
        &mut self,
        step: Step<C>,
        ownership: Ownership,
        region: Option<&Region>,
        was_absent: Option<bool>,
    ) {
        let kind = step.kind();
        let resource = |id: Option<String>| Resource {
            kind,
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

    /// The same plan in terms of all families' changes.
    pub(crate) fn map<D>(self, with: impl Fn(C) -> D) -> Planned<D> {
        Planned {
            steps: self.steps.into_iter().map(|step| step.map(&with)).collect(),
            items: self.items,
            conflicts: self.conflicts,
            advice: self.advice,
            notes: self.notes,
            findings: self.findings,
            unseen: self.unseen,
        }
    }
}

/// The ownership of a whole resource: `Used` or `Created`.
#[must_use]
pub(crate) fn whose(used: bool) -> Ownership {
    if used {
        Ownership::Used
    } else {
        Ownership::Created
    }
}

/// Why something is kept, if others use it.
#[must_use]
pub(crate) fn shared(users: &[String]) -> Option<String> {
    (!users.is_empty()).then(|| t!("reason-shared", users = users.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_older("0.9.0", "0.10.0"));
        assert!(is_older("0.99.99", "1.0.0"));
        assert!(!is_older("0.1.0", "0.1.0"));
        assert!(!is_older("0.2.0", "0.1.9"));
        assert!(!is_older("0.1.0", "unknown"));
    }
}
