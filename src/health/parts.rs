//! The parts of the connection in AWS, checked against the plan of `setup` and the manifest.

use super::{about::About, check::Check, evidence::Evidence};
use crate::{
    connection::{ConnectionId, Kind, Resources},
    plan::{self, Plan},
    resources::{
        bucket,
        cx::environment_digest,
        families::Step,
        function, package,
        planned::{Journal, Unseen},
        seen::Mark,
        step::Action,
    },
    ui::t,
};

/// Checks every part against the plan that setup would make.
pub(super) fn checks(evidence: &Evidence<'_>, rerun: &[String]) -> Vec<Check> {
    let Evidence {
        connection,
        design,
        observed,
        ..
    } = evidence;
    let manifest = connection.manifest();
    // The deployed code is compared with what the manifest recorded, not with this program's own.
    let digest = manifest
        .find(Kind::Function, &design.function_arn(), None)
        .and_then(|item| item.digest.clone());
    let journal = Journal {
        manifest: Some(&manifest),
        kept_from: kept_from(evidence, &manifest),
        deployment: None,
        package_digest: digest.as_deref().unwrap_or_default(),
    };
    let plan = plan::setup(design, observed, journal);
    // Setup does not mend what a stack owns.
    let adopted = evidence.is_of_stack();
    let mended = |check: Check| match adopted {
        true => check.fix(t!("external-hint-update")),
        false => check.run(rerun),
    };
    let steps = plan.steps.iter();
    let mut checks: Vec<Check> = steps
        .map(|step| match unseen(&plan, step) {
            Some(action) => unchecked(step, action),
            // That it is not logging is a check of its own.
            None if step.kind() == Kind::Trail && only_stopped(evidence) => as_planned(step),
            None => mended(of_step(step)),
        })
        .collect();
    if adopted {
        checks.push(Check::new(About::Stack, Some(true), plan::owner(observed)));
    }
    for (kind, finding) in plan.findings {
        checks.push(Check::new(About::Part(kind), Some(false), finding).fix(plan::hint(kind)));
    }
    for conflict in plan.conflicts {
        checks.push(
            Check::new(About::Conflict, Some(false), conflict).fix(t!("conflicts-hint-correct")),
        );
    }
    if let Some(state) = observed.function.there() {
        checks.push(of_code(state, digest.as_deref(), rerun));
        checks.push(mended(of_environment(evidence, state, journal)));
    }
    checks
}

/// The deleted connection that an unrecorded bucket is kept from, by the bucket's mark.
fn kept_from(evidence: &Evidence<'_>, manifest: &Resources) -> Option<ConnectionId> {
    let Some(Mark::Other(id)) = bucket::own_mark(&evidence.observed.bucket) else {
        return None;
    };
    let bucket = evidence.design.bucket_arn();
    if manifest.says_ours(Kind::Bucket, &bucket) || manifest.says_external(Kind::Bucket, &bucket) {
        return None;
    }
    id.parse().ok()
}

/// The action that the caller lacks to check a part, or the whole that it belongs to.
fn unseen<'a>(plan: &'a Plan, step: &Step) -> Option<&'a str> {
    let is_whole = |kind: Kind| {
        matches!(
            kind,
            Kind::Bucket | Kind::Function | Kind::Role | Kind::Topic
        )
    };
    let covers =
        |one: &&Unseen| one.arn == step.arn && (one.kind == step.kind() || is_whole(one.kind));
    let found = plan.unseen.iter().find(covers);
    found
        .filter(|_| !step.writes())
        .map(|one| one.action.as_str())
}

/// A part that is believed to be as planned, because access to it is denied.
fn unchecked(step: &Step, action: &str) -> Check {
    let found = t!("status-unseen", action = action);
    let at = t!("part-at", found = found, arn = step.arn);
    Check::new(About::Part(step.kind()), None, at).shown(found)
}

/// Whether nothing but logging is wrong with the trail.
fn only_stopped(evidence: &Evidence<'_>) -> bool {
    let own = evidence.observed.trail.own.there();
    own.is_some_and(|own| own.is_only_stopped(evidence.design))
}

fn as_planned(step: &Step) -> Check {
    Check::new(About::Part(step.kind()), Some(true), step.arn.clone())
}

/// Whether the reason of a step on such a part says how the part differs. Elsewhere it says what setup makes of it.
fn says_drift(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Alarm | Kind::Function | Kind::Role | Kind::Trail
    )
}

/// A part is right if setup would not write to it.
fn of_step(step: &Step) -> Check {
    let about = About::Part(step.kind());
    if !step.writes() {
        return as_planned(step);
    }
    let missing = step.action() == Action::Create;
    let found = match missing {
        true => t!("part-missing"),
        false => t!("part-drifted"),
    };
    let because = |text: &str| match &step.reason {
        Some(reason) if !missing && says_drift(step.kind()) => format!("{text}: {reason}"),
        _ => text.to_owned(),
    };
    let at = t!("part-at", found = found, arn = step.arn);
    let check = Check::new(about, Some(false), because(&at)).shown(because(&found));
    match missing {
        true => check.missing(),
        false => check,
    }
}

/// Compares the deployed code with what the manifest recorded.
fn of_code(state: &function::State, recorded: Option<&str>, rerun: &[String]) -> Check {
    let recorded = recorded.and_then(package::base64_of);
    let detail = t!("status-code", digest = state.code_sha256);
    let same = recorded.as_ref() == Some(&state.code_sha256);
    let check = Check::new(About::Code, Some(same), detail).run(rerun);
    check.shown(as_deployed(same))
}

/// Compares the function's environment with what it should be and what the manifest recorded.
fn of_environment(evidence: &Evidence<'_>, state: &function::State, journal: Journal<'_>) -> Check {
    let (design, made) = (evidence.design, evidence.environment);
    let digest = environment_digest(&state.environment);
    let recorded = journal.recorded(
        Kind::Function,
        &design.function_arn(),
        Some(function::ENVIRONMENT),
    );
    let recorded = recorded.and_then(|item| item.digest.as_ref());
    let as_made = match journal.newer_forwarder() {
        Some(_) => state.environment == function::of_newer(design, made, &state.environment),
        None => state.environment == *made,
    };
    let same = as_made && recorded.is_none_or(|recorded| *recorded == digest);
    let detail = t!("status-environment", digest = digest);
    Check::new(About::Environment, Some(same), detail).shown(as_deployed(same))
}

/// Whether something is as setup left it.
fn as_deployed(same: bool) -> String {
    if same {
        t!("status-as-deployed")
    } else {
        t!("status-changed-since")
    }
}
