//! Carries steps out: independent ones at the same time, each after those it needs.

use std::cell::Cell;

use futures::{StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};

use super::{Action, IfDenied, Step, render};
use crate::{
    aws::Aws,
    connection::{Design, Kind},
    resources::{self, Cx, Deployment},
    ui::{Code, Failure, Result, progress::Progress, t},
};

/// How steps are carried out.
#[derive(Clone, Copy)]
pub enum Manner<'a> {
    /// What sets the flow of log files going comes last, and only where this look still agrees. When a step fails, what runs
    /// is let finish, and nothing more is begun.
    Setup(&'a (dyn Fn() -> LocalBoxFuture<'a, Result<()>> + 'a)),
    /// When a step fails, everything goes on that does not need it.
    Remove,
}

/// The kinds whose steps come first.
fn needs(design: &Design, action: Action, kind: Kind) -> &'static [Kind] {
    use Kind::{
        Bucket, BucketNotification, BucketPolicyStatement, EventRule, Function, FunctionPermission,
        Lifecycle, LogGroup, Role, RolePolicy, ServiceLinkedRole, Subscription, Topic,
        TopicPolicyStatement, Trail, TrailTopic, TrustedAccess,
    };
    let undone = matches!(action, Action::Delete | Action::Restore);
    if !design.own_role {
        // Without a role policy of ours, it is the function that shows whose the log group is.
        match (undone, kind) {
            (false, LogGroup) => return &[Function],
            (true, LogGroup) => return &[Subscription, EventRule, Trail],
            (true, Function | FunctionPermission) => {
                return &[Subscription, EventRule, LogGroup];
            }
            _ => {}
        }
    }
    if undone {
        return match kind {
            EventRule => &[BucketNotification],
            Function | FunctionPermission => &[Subscription, EventRule],
            LogGroup => &[Function, Trail],
            RolePolicy => &[LogGroup, Function],
            Role => &[RolePolicy],
            Topic | TopicPolicyStatement => &[Subscription, Trail, TrailTopic, BucketNotification],
            BucketPolicyStatement => &[Trail],
            Bucket | Lifecycle => &[Trail, BucketPolicyStatement],
            _ => &[],
        };
    }
    match kind {
        RolePolicy | Function => &[Role],
        // The role's policy names the log group, which cannot be tagged: it shows whose it is after a run was stopped.
        LogGroup => &[RolePolicy],
        TopicPolicyStatement => &[Topic],
        BucketPolicyStatement => &[Bucket],
        // S3 takes one change of a bucket at a time.
        Lifecycle => &[Bucket, BucketPolicyStatement],
        // A subscription before its permission would lose early messages as client errors, which SNS does not retry.
        FunctionPermission => &[Function],
        Subscription => &[FunctionPermission, Topic],
        EventRule => &[FunctionPermission],
        // Last: it cannot be undone under the published policy, and its validation message must find everything there.
        Trail | TrailTopic | BucketNotification => &[
            EventRule,
            TrustedAccess,
            ServiceLinkedRole,
            BucketPolicyStatement,
            TopicPolicyStatement,
            Subscription,
            RolePolicy,
            LogGroup,
        ],
        _ => &[],
    }
}

/// What became of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    pub failures: Vec<(Kind, Failure)>,
    /// What the caller may not bring back to what it should be.
    pub unmended: Vec<(Kind, String)>,
    /// At least one write was sent.
    pub wrote: bool,
}

impl Outcome {
    /// What could not be mended; the first failure, marked as one after writing.
    pub fn into_result(self) -> Result<Vec<(Kind, String)>> {
        let wrote = self.wrote;
        match self.failures.into_iter().next() {
            None => Ok(self.unmended),
            Some((_, failure)) if wrote => Err(failure.after_writing()),
            Some((_, failure)) => Err(failure),
        }
    }
}

/// Steps that set the flow of log files going, and that cannot be undone under the published policy.
fn sets_going(step: &Step) -> bool {
    let kinds = [Kind::Trail, Kind::TrailTopic, Kind::BucketNotification];
    matches!(step.action, Action::Create | Action::Modify) && kinds.contains(&step.kind)
}

/// Runs the steps that write. `done` and `reason` of each are brought up to date, and `changed` is told after each.
pub async fn run(
    aws: &Aws,
    design: &Design,
    steps: &mut [Step],
    deployment: Option<&Deployment>,
    progress: &Progress,
    manner: Manner<'_>,
    mut changed: impl FnMut(&[Step]),
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut waiting: Vec<usize> = (0..steps.len())
        .filter(|&index| steps[index].action.writes())
        .collect();
    let planned: Vec<Step> = steps.to_vec();
    let wrote = Cell::new(false);
    let mut running = FuturesUnordered::new();
    loop {
        let may_begin = matches!(manner, Manner::Remove) || outcome.failures.is_empty();
        let ready: Vec<usize> = waiting
            .iter()
            .copied()
            .filter(|&index| {
                let needed = needs(design, steps[index].action, steps[index].kind);
                may_begin
                    && steps
                        .iter()
                        .all(|other| other.done || !needed.contains(&other.kind))
            })
            .collect();
        waiting.retain(|index| !ready.contains(index));
        for index in ready {
            let step = &planned[index];
            let wrote = &wrote;
            running.push(async move {
                let shown = progress.step(&render::title(step));
                let waiting = |what: &str, left| shown.waiting(what, left);
                let agreed = match manner {
                    Manner::Setup(look) if sets_going(step) => look().await,
                    _ => Ok(()),
                };
                if let Err(failure) = agreed {
                    shown.failed();
                    return (index, Err(failure));
                }
                wrote.set(true);
                let result = resources::apply(
                    Cx {
                        aws,
                        design,
                        waiting: &waiting,
                    },
                    step,
                    deployment,
                )
                .await;
                if result.is_ok() {
                    shown.done()
                } else {
                    shown.failed()
                }
                (index, result)
            });
        }
        let Some((index, result)) = running.next().await else {
            break;
        };
        match result {
            Ok(()) => steps[index].done = true,
            Err(failure)
                if failure.code == Code::AwsPermission
                    && steps[index].if_denied != IfDenied::Stop =>
            {
                let step = &mut steps[index];
                step.action = Action::Keep;
                step.done = true;
                step.reason = Some(match step.if_denied {
                    IfDenied::Lose => t!("reason-upgrade-refused"),
                    _ => {
                        outcome.unmended.push((step.kind, failure.message.clone()));
                        failure.message
                    }
                });
            }
            Err(failure) => {
                steps[index].reason = Some(failure.message.clone());
                outcome.failures.push((steps[index].kind, failure));
            }
        }
        changed(steps);
    }
    drop(running);
    outcome.wrote = wrote.get();
    outcome
}
