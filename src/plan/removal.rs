//! Plans `remove`: deletes what the manifest names, as far as AWS shows that it is ours.

use super::{across, claims, external, render::kind};
pub(crate) use across::Others;

use crate::{
    connection::{Design, Kind, Resources},
    resources::{
        bucket,
        families::{Change, Observed, Step},
        planned::{Removing, Unseen, Wishes},
        step::Does,
        trail,
    },
    ui::t,
};

/// What a run of `remove` is going to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Removal {
    pub steps: Vec<Step>,
    /// What Central calls ours but AWS does not show as ours. If there is any, nothing is done.
    pub conflicts: Vec<String>,
    /// Who else uses what we created: it is kept for them.
    pub shared_with: Vec<String>,
    /// Our trail is the last one that logs management events.
    pub last_trail: bool,
    /// What a stack owns and is still there, in words: it is kept for the stack.
    pub of_stack: Vec<String>,
    /// What deletes it.
    pub stack_hint: Option<String>,
    /// What may be ours but cannot be read, in words: it is left.
    pub unread: Vec<String>,
}

impl Removal {
    /// Whether the plan makes a change.
    fn makes(&self, change: &Change) -> bool {
        let mut changes = self.steps.iter().filter_map(Step::change);
        changes.any(|one| one == change)
    }

    /// Whether log files are deleted.
    #[must_use]
    pub(crate) fn deletes_logs(&self) -> bool {
        self.makes(&Change::Bucket(bucket::Change::DeleteWithLogs))
    }
}

/// Plans the removal.
#[must_use]
pub(crate) fn removal(
    design: &Design,
    seen: &Observed,
    manifest: &Resources,
    wishes: Wishes,
    others: &Others,
) -> Removal {
    let removing = Removing { manifest, wishes };
    let across = across::of_removal(design, seen, removing, others);
    let mut plan = Removal {
        conflicts: claims::foreign(design, manifest),
        ..Removal::default()
    };
    plan.conflicts
        .extend(claims::in_another_region(design, seen));
    for planned in seen.remove(design, removing, &across) {
        plan.steps.extend(planned.steps);
        plan.conflicts.extend(planned.conflicts);
    }
    plan.last_trail =
        plan.makes(&Change::Trail(trail::Change::Delete)) && seen.trail.management.is_empty();
    plan.shared_with = across::trail_users(&across, removing, others);
    if removing.claims(Kind::Bucket, &design.bucket_arn()) {
        let users = across.bucket_users.iter();
        let more = users.filter(|user| !across.topic_users.contains(user));
        plan.shared_with.extend(more.cloned());
    }
    if manifest.is_adopted() {
        external::keep(&mut plan, design, seen, manifest);
    }
    plan
}

/// Keeps what may be ours but cannot be read. It is left, except for the bucket, which stays anyway unless its log files are to be
/// deleted.
pub(crate) fn keep_unread(plan: &mut Removal, unread: &[Unseen], wishes: Wishes) {
    for one in unread {
        let reason = t!("reason-unread", action = one.action);
        let step = Step::new(Does::Keep(one.kind), &one.arn);
        plan.steps.push(step.because(reason));
        if one.kind != Kind::Bucket || wishes.delete_logs {
            plan.unread.push(said_of_unread(one));
        }
    }
}

/// Names what cannot be read, and the permission that is missing.
#[must_use]
pub(crate) fn said_of_unread(one: &Unseen) -> String {
    let kind = kind(one.kind);
    t!(
        "left-unread",
        kind = kind,
        arn = one.arn,
        action = one.action
    )
}
