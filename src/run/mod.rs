//! Carries steps out. Independent steps run at the same time, and each step runs after those that it needs.

use std::cell::Cell;

use futures::{StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};

use crate::{
    aws::{Aws, wait::Waiting},
    connection::{Design, Kind},
    plan::render,
    resources::{
        cx::{Cx, Deployment},
        families::{self, Change, Step},
        step::{Change as _, Does, IfDenied},
    },
    ui::{Code, Failure, Result, progress::Progress, t},
};

/// How steps are carried out.
#[derive(Clone, Copy)]
pub(crate) enum Manner<'a> {
    /// The step that starts the flow of log files comes last. If a step fails, steps that are running may finish, but no other
    /// step begins.
    Setup {
        deployment: &'a Deployment,
        /// Asked before the flow of log files starts: fails if it is not wanted any more.
        still_wanted: &'a (dyn Fn() -> LocalBoxFuture<'a, Result<()>> + 'a),
    },
    /// If a step fails, all steps go on that do not need it.
    Remove,
}

/// What became of a run.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub failures: Vec<(Kind, Failure)>,
    /// What is wrong and the caller has no permission to mend.
    pub unmended: Vec<(Kind, String)>,
    /// At least one write was sent.
    pub wrote: bool,
}

impl Outcome {
    /// Returns what could not be mended, or the first failure, marked as one after writing if that is so.
    pub(crate) fn into_result(self) -> Result<Vec<(Kind, String)>> {
        let wrote = self.wrote;
        match self.failures.into_iter().next() {
            None => Ok(self.unmended),
            Some((_, failure)) if wrote => Err(failure.after_writing()),
            Some((_, failure)) => Err(failure),
        }
    }
}

/// Runs the steps that write. After each step, its `done` and `reason` are brought up to date and `changed` is called.
pub(crate) async fn run(
    aws: &Aws,
    design: &Design,
    steps: &mut [Step],
    progress: &Progress,
    manner: Manner<'_>,
    mut changed: impl FnMut(&[Step]),
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut waiting: Vec<(usize, Step, Change)> = steps
        .iter()
        .enumerate()
        .filter_map(|(index, step)| Some((index, step.clone(), step.change()?.clone())))
        .collect();
    let wrote = Cell::new(false);
    let mut running = FuturesUnordered::new();
    loop {
        let may_begin = matches!(manner, Manner::Remove) || outcome.failures.is_empty();
        let ready = waiting.extract_if(.., |(_, _, change)| {
            let after = change.after(design);
            let mut others = steps.iter();
            may_begin && others.all(|other| other.done || !after.contains(&other.kind()))
        });
        for (index, step, change) in ready {
            let wrote = &wrote;
            running.push(async move {
                let shown = progress.step(&render::title(&step));
                let waiting = |what: &str, left| shown.waiting(what, left);
                let result = carry_out(aws, design, &change, manner, wrote, &waiting).await;
                match &result {
                    Ok(()) => shown.done(),
                    Err(_) => shown.failed(),
                }
                (index, result)
            });
        }
        let Some((index, result)) = running.next().await else {
            break;
        };
        settle(&mut steps[index], result, &mut outcome);
        changed(steps);
    }
    drop(running);
    outcome.wrote = wrote.get();
    outcome
}

/// Makes one change, if it is still wanted.
async fn carry_out(
    aws: &Aws,
    design: &Design,
    change: &Change,
    manner: Manner<'_>,
    wrote: &Cell<bool>,
    waiting: Waiting<'_>,
) -> Result<()> {
    let mut deployed = None;
    if let Manner::Setup {
        deployment,
        still_wanted,
    } = manner
    {
        deployed = Some(deployment);
        if change.facts().sets_going {
            still_wanted().await?;
        }
    }
    wrote.set(true);
    let cx = Cx {
        aws,
        design,
        deployment: deployed,
        waiting,
    };
    families::run(cx, change).await
}

/// Records what became of a step.
fn settle(step: &mut Step, result: Result<()>, outcome: &mut Outcome) {
    tracing::debug!(
        kind = step.kind().as_str(),
        arn = step.arn,
        refused = result.as_ref().err().map(|failure| failure.code.as_str()),
        "carried out"
    );
    let failure = match result {
        Ok(()) => {
            step.done = true;
            return;
        }
        Err(failure) => failure,
    };
    let denied = failure.code == Code::AwsPermission;
    let reason = match step.if_denied {
        IfDenied::Lose if denied => t!("reason-upgrade-refused"),
        IfDenied::Name if denied => {
            outcome
                .unmended
                .push((step.kind(), failure.message.clone()));
            failure.message
        }
        IfDenied::Stop | IfDenied::Lose | IfDenied::Name => {
            step.reason = Some(failure.message.clone());
            outcome.failures.push((step.kind(), failure));
            return;
        }
    };
    step.does = Does::Keep(step.kind());
    step.done = true;
    step.reason = Some(reason);
}
