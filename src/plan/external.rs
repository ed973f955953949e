//! A connection whose parts a stack has made, from the template that `plan --as` prints. `setup` changes none of them and names
//! what is not as planned; `remove` keeps them.

use std::collections::BTreeMap;

use super::{Plan, documents, removal::Removal, render::kind};
use crate::{
    connection::{Design, Kind, Ownership, Resource, Resources, TAG_VERSION},
    resources::{
        alarm::Which,
        families::{Observed, Step},
        planned::Advice,
        seen::{Mark, Seen},
        step::{Action, Does},
    },
    ui::{shell::quoted, t},
};

/// What is known of a stack's connection besides what AWS shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Adoption<'a> {
    /// Central has the connection with all its parts: what is amiss is named, and does not end the run.
    pub complete: bool,
    /// The environment that the function should have, as far as Central says where log files go.
    pub environment: Option<&'a BTreeMap<String, String>>,
}

/// Leaves everything that the plan would make or change to the stack. What is missing or not as planned is a conflict or, of a
/// complete connection, a finding.
pub(crate) fn leave(plan: &mut Plan, design: &Design, seen: &Observed, adoption: Adoption<'_>) {
    let function = seen.function.there();
    plan.external = true;
    plan.version = function.and_then(|function| function.tags.get(TAG_VERSION).cloned());
    let owner = owner(seen);
    let mut amiss = Vec::new();
    for step in &mut plan.steps {
        let about = step.kind();
        // Who may not list subscriptions cannot tell whether this one is there.
        let unseen = about == Kind::Subscription && matches!(seen.subscription, Seen::Denied(_));
        if unseen {
            step.does = Does::Use(about);
            step.done = true;
            step.reason = Some(owner.clone());
        } else if step.writes() {
            let wrong = wrong(step);
            step.does = Does::Keep(about);
            step.done = true;
            step.reason = Some(wrong.clone());
            amiss.push((about, wrong));
        } else if step.action() == Action::Keep {
            step.does = Does::Use(about);
            step.reason = Some(owner.clone());
        }
    }
    if let (Some(function), Some(expected)) = (function, adoption.environment) {
        let names = differing(&function.environment, expected);
        if !names.is_empty() {
            let names = names.join(", ");
            let wrong = t!("external-environment", arn = function.arn, names = names);
            amiss.push((Kind::Function, wrong));
        }
    }
    plan.documents = documents::documents(design, seen, &plan.steps);
    plan.billed_beside.clear();
    plan.trail_limit = false;
    plan.unanswered = false;
    if adoption.complete {
        plan.findings.extend(amiss);
        return;
    }
    for (_, wrong) in amiss {
        plan.conflicts.push(wrong);
        plan.advice.push(Advice::Stack);
    }
}

/// Who owns the parts: the stack by its name, if AWS shows it.
#[must_use]
pub(crate) fn owner(seen: &Observed) -> String {
    match stack(seen) {
        Some(stack) => t!("external-of-stack", stack = stack),
        None => t!("external-of-some-stack"),
    }
}

/// Says in a manifest that a stack owns what would be ours.
pub(super) fn give_to_stack(items: &mut [Resource]) {
    for item in items.iter_mut().filter(|item| item.ownership.is_ours()) {
        item.ownership = Ownership::External;
    }
}

/// Keeps in a removal what a stack owns. Whatever stands there under the names of the connection and does not carry another
/// one's mark counts, so that the connection is never deleted while its function runs.
pub(super) fn keep(plan: &mut Removal, design: &Design, seen: &Observed, manifest: &Resources) {
    let owner = owner(seen);
    let keep = |about: Kind, arn: &str| Step::new(Does::Keep(about), arn).because(owner.clone());
    for (about, arn, found) in wholes(design, seen) {
        if !manifest.says_external(about, &arn) {
            continue;
        }
        match found {
            Seen::Absent | Seen::There(Mark::Other(_)) => {}
            Seen::There(_) => {
                plan.steps.push(keep(about, &arn));
                let standing = t!("external-standing", kind = kind(about), arn = arn);
                plan.of_stack.push(standing);
            }
            Seen::Denied(action) => {
                let denied = t!("conflict-denied", arn = arn, action = action);
                plan.conflicts.push(denied);
            }
        }
    }
    // The log files may outlive the stack, as they outlive a connection.
    let bucket = design.bucket_arn();
    if manifest.says_external(Kind::Bucket, &bucket) && matches!(seen.bucket, Seen::There(Ok(_))) {
        plan.steps.push(keep(Kind::Bucket, &bucket));
    }
    // The trail is the stack's: who uses it does not matter here.
    if manifest.says_external(Kind::Trail, &design.trail_arn()) {
        plan.shared_with.clear();
    }
    if !plan.of_stack.is_empty() {
        plan.stack_hint = Some(hint(design, seen));
    }
}

/// What takes the stack's part away.
fn hint(design: &Design, seen: &Observed) -> String {
    let Some(stack) = stack(seen) else {
        return t!("external-hint");
    };
    let (name, region) = (quoted(stack), &design.region);
    let command = format!("aws cloudformation delete-stack --stack-name {name} --region {region}");
    t!("external-hint-stack", command = command)
}

fn stack(seen: &Observed) -> Option<&str> {
    seen.function.there()?.stack()
}

/// What is wrong with what a step would make or change.
fn wrong(step: &Step) -> String {
    let arn = match step.ids.is_empty() {
        true => step.arn.clone(),
        false => format!("{} ({})", step.arn, step.ids.join(", ")),
    };
    let kind = kind(step.kind());
    match (step.action(), &step.reason) {
        (Action::Create, _) => t!("external-missing", kind = kind, arn = arn),
        (_, Some(how)) => t!("external-differs-in", kind = kind, arn = arn, how = how),
        (_, None) => t!("external-differs", kind = kind, arn = arn),
    }
}

/// Names of the variables that are not as they should be.
fn differing<'a>(
    found: &'a BTreeMap<String, String>,
    expected: &'a BTreeMap<String, String>,
) -> Vec<&'a str> {
    let mut names: Vec<&str> = found
        .keys()
        .chain(expected.keys())
        .map(String::as_str)
        .collect();
    names.retain(|name| found.get(*name) != expected.get(*name));
    names.sort_unstable();
    names.dedup();
    names
}

/// The resources that a stack can have made, each with the mark on it.
fn wholes<'a>(design: &Design, seen: &'a Observed) -> Vec<(Kind, String, Seen<&'a Mark>)> {
    let mut wholes = vec![
        (
            Kind::Trail,
            design.trail_arn(),
            mark(&seen.trail.own, |own| &own.mark),
        ),
        (
            Kind::EventRule,
            design.rule_arn(),
            mark(&seen.event_rule, |rule| &rule.mark),
        ),
        (
            Kind::Function,
            design.function_arn(),
            mark(&seen.function, |function| &function.mark),
        ),
        (
            Kind::Topic,
            design.topic_arn(),
            mark(&seen.topic, |topic| &topic.mark),
        ),
        (
            Kind::Role,
            design.role_arn(),
            mark(&seen.role, |role| &role.mark),
        ),
    ];
    wholes.extend(Which::BOTH.map(|which| {
        let found = mark(seen.alarm.of(which), |alarm| &alarm.mark);
        (Kind::Alarm, which.arn(design), found)
    }));
    wholes
}

/// The mark on what was seen.
fn mark<T>(seen: &Seen<T>, of: impl Fn(&T) -> &Mark) -> Seen<&Mark> {
    match seen {
        Seen::There(state) => Seen::There(of(state)),
        Seen::Absent => Seen::Absent,
        Seen::Denied(action) => Seen::Denied(action),
    }
}
