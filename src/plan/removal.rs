//! Plans `remove`: deletes what the manifest names, as far as AWS shows that it is ours.

use super::{across, claims, external, render::kind};
pub(crate) use across::{Others, User};

use crate::{
    connection::{Design, Kind, Resources},
    resources::{
        bucket,
        families::{Change, Observed, Step},
        planned::{Journal, Removing, Unseen, Wishes},
        settings::Settings,
        step::{Action, Does},
        trail,
    },
    ui::t,
};

/// What a run of `remove` is going to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Removal {
    pub steps: Vec<Step>,
    /// What everything that the design names is like besides its documents.
    pub settings: Vec<Settings>,
    /// What Central calls ours but AWS does not show as ours. If there is any, nothing is done.
    pub conflicts: Vec<String>,
    /// Who else uses what is ours and may go.
    pub users: Vec<User>,
    /// They lose it: it was asked for by force.
    pub forced: bool,
    /// What stays because others use it.
    pub shared: Vec<Step>,
    /// Our trail is the last one that logs management events.
    pub last_trail: bool,
    /// What a stack owns and is still there, in words: it is kept for the stack.
    pub of_stack: Vec<String>,
    /// What deletes it.
    pub stack_hint: Option<String>,
    /// What may be ours but cannot be read, in words: it is left.
    pub unread: Vec<String>,
    /// What is ours and stays as long as something else is unread, in words: it is left too.
    pub traces: Vec<String>,
}

impl Removal {
    /// Whether the plan makes a change.
    fn makes(&self, change: &Change) -> bool {
        let mut changes = self.steps.iter().filter_map(Step::change);
        changes.any(|one| one == change)
    }

    /// Who else uses what we created, so that it is kept for them.
    #[must_use]
    pub(crate) fn kept_for(&self) -> &[User] {
        if self.forced { &[] } else { &self.users }
    }

    /// What to know of the removal: a record that ends, and who else uses what it is about.
    #[must_use]
    pub(crate) fn warnings(&self) -> Vec<String> {
        let last = self.last_trail.then(|| t!("last-trail"));
        let users = self.users.iter().map(|user| match (user, self.forced) {
            (User::Unlisted(_), true) => t!("unlisted-forced"),
            (User::Unlisted(_), false) => t!("unlisted-kept"),
            (user, true) => t!("shared-forced", user = user.said()),
            (user, false) => t!("shared-with", user = user.said()),
        });
        last.into_iter().chain(users).collect()
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
        settings: seen.settings(design, Journal::default(), &across),
        users: across::users(design, seen, removing, others),
        forced: wishes.force_shared,
        ..Removal::default()
    };
    plan.conflicts
        .extend(claims::in_another_region(design, seen));
    for planned in seen.remove(design, removing, &across) {
        plan.steps.extend(planned.steps);
        plan.conflicts.extend(planned.conflicts);
    }
    // Of our own topic, all that is kept.
    let kept = |step: &&Step| {
        let of_topic = [Kind::Subscription, Kind::Topic].contains(&step.kind());
        of_topic && step.action() == Action::Keep
    };
    if let (Some(action), Some(step)) = (across.unlisted, plan.steps.iter().find(kept)) {
        plan.unread.push(said_of_unread(&Unseen {
            kind: Kind::Subscription,
            arn: step.arn.clone(),
            action: action.to_owned(),
        }));
    }
    // Whatever others use of it is kept as was wished, and not for them.
    let is_trail = |step: &Step| step.kind() == Kind::Trail && step.action() == Action::Keep;
    if wishes.keep_trail && plan.steps.iter().any(is_trail) {
        plan.users.clear();
    }
    plan.shared = kept_for_users(&plan, wishes);
    plan.last_trail =
        plan.makes(&Change::Trail(trail::Change::Delete)) && seen.trail.management.is_empty();
    if manifest.is_adopted() {
        external::keep(&mut plan, design, seen, manifest);
    }
    plan
}

/// What is kept for others. Log files stay anyway, unless they are to be deleted.
fn kept_for_users(plan: &Removal, wishes: Wishes) -> Vec<Step> {
    if plan.kept_for().is_empty() {
        return Vec::new();
    }
    let is_left = |step: &&Step| match step.kind() {
        Kind::Trail | Kind::Topic | Kind::BucketPolicyStatement => true,
        Kind::Bucket => wishes.delete_logs,
        _ => false,
    };
    let kept = plan
        .steps
        .iter()
        .filter(|step| step.action() == Action::Keep);
    kept.filter(is_left).cloned().collect()
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

/// Names the subscription of a function that is gone, if nothing shows which topic has it. It is left, and no step is about it.
pub(crate) fn name_unlisted(plan: &mut Removal, function: &str, action: &str) {
    let left = t!("left-unlisted", arn = function, action = action);
    plan.unread.push(left);
}

/// Keeps what a later run finds a connection by, if it is not known how that hears of log files. It is left.
pub(crate) fn keep_traces(plan: &mut Removal, traces: &[(Kind, String)]) {
    for (about, arn) in traces {
        let step = Step::new(Does::Keep(*about), arn);
        plan.steps.push(step.because(t!("reason-trace")));
        let left = t!("left-trace", kind = kind(*about), arn = arn);
        plan.traces.push(left);
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
