//! A connection whose parts a stack has made, from the template that `plan --as` prints. `setup` changes none of them and names
//! what is not as planned; `remove` keeps them.

use std::collections::BTreeMap;

use super::{Plan, documents, removal::Removal, render::kind};
use crate::{
    connection::{Design, Kind, Ownership, Resource, Resources, TAG_VERSION},
    resources::{
        alarm::Which,
        families::{Observed, Step},
        function,
        planned::Advice,
        seen::{Mark, Seen, Stack},
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
    /// SHA-256 (base64) of the zip that the function should run.
    pub code: Option<&'a str>,
}

/// Leaves everything that the plan would make or change to the stack. What is missing or not as planned is a conflict or, of a
/// complete connection, a finding.
pub(crate) fn leave(plan: &mut Plan, design: &Design, seen: &Observed, adoption: Adoption<'_>) {
    let function = seen.function.there();
    plan.external = true;
    plan.version = function.and_then(|function| function.tags.there()?.get(TAG_VERSION).cloned());
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
    heed_code(plan, function, adoption);
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
    match stack_name(seen) {
        Some(stack) => t!("external-of-stack", stack = stack),
        None => t!("external-of-some-stack"),
    }
}

/// Whether AWS shows that a stack has made what carries the connection's mark. One part is enough: a stack makes all or nothing.
#[must_use]
pub(super) fn is_of_stack(seen: &Observed) -> bool {
    !stacks(seen).is_empty()
}

/// The same of what goes with its stack. The bucket may outlive it.
#[must_use]
pub(crate) fn is_standing(seen: &Observed) -> bool {
    standing(seen).next().is_some()
}

/// Says in a manifest that a stack owns what would be ours.
pub(crate) fn give_to_stack(items: &mut [Resource]) {
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
        plan.users.clear();
    }
    if !plan.of_stack.is_empty() {
        plan.stack_hint = Some(hint(design, seen));
    }
}

/// What takes the stack's part away.
fn hint(design: &Design, seen: &Observed) -> String {
    let Some(stack) = stack_name(seen) else {
        return t!("external-hint");
    };
    let (name, region) = (quoted(stack), &design.region);
    let command = format!("aws cloudformation delete-stack --stack-name {name} --region {region}");
    t!("external-hint-stack", command = command)
}

/// The name of the stack, from whichever part shows it.
fn stack_name(seen: &Observed) -> Option<&str> {
    let mut stacks = stacks(seen).into_iter();
    stacks.find_map(|stack| stack.name.as_deref())
}

/// The stacks that have made what carries the connection's mark. What is not marked may be of any stack.
fn stacks(seen: &Observed) -> Vec<&Stack> {
    let bucket = seen.bucket.there().and_then(|bucket| bucket.as_ref().ok());
    let bucket = bucket.and_then(|bucket| of_marked(&bucket.mark, bucket.stack.as_ref()));
    standing(seen).chain(bucket).collect()
}

/// The same without the bucket.
fn standing(seen: &Observed) -> impl Iterator<Item = &Stack> {
    let trail = seen.trail.own.there();
    let whole = [
        trail.map(|own| (&own.mark, own.stack.as_ref())),
        seen.event_rule
            .there()
            .map(|rule| (&rule.mark, rule.stack.as_ref())),
        seen.function
            .there()
            .map(|function| (&function.mark, function.stack.as_ref())),
        seen.topic
            .there()
            .map(|topic| (&topic.mark, topic.stack.as_ref())),
        seen.role
            .there()
            .map(|role| (&role.mark, role.stack.as_ref())),
    ];
    let alarms = seen.alarm.there();
    let alarms = alarms.map(|alarm| (&alarm.mark, alarm.stack.as_ref()));
    let all = whole.into_iter().flatten().chain(alarms);
    all.filter_map(|(mark, stack)| of_marked(mark, stack))
}

fn of_marked<'a>(mark: &Mark, stack: Option<&'a Stack>) -> Option<&'a Stack> {
    stack.filter(|_| *mark == Mark::Ours)
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

/// Names the code that the function runs, if it is other code than it should be. Once the connection is adopted, the stack's owner
/// deploys the code of other versions too.
fn heed_code(plan: &mut Plan, function: Option<&function::State>, adoption: Adoption<'_>) {
    let (Some(function), Some(right)) = (function, adoption.code) else {
        return;
    };
    let (arn, found) = (&function.arn, &function.code_sha256);
    if found == right {
        return;
    }
    let other = t!("external-code", arn = arn, found = found, right = right);
    match adoption.complete {
        true => plan.notes.push(other),
        false => plan.conflicts.push(other),
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
pub(super) fn wholes<'a>(
    design: &Design,
    seen: &'a Observed,
) -> Vec<(Kind, String, Seen<&'a Mark>)> {
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
