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
        seen::{Mark, Owner, Seen, Stack},
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
    pub code: &'a str,
}

/// Leaves everything that the plan would make or change to the stack. What is missing or not as planned is a conflict or, of a
/// complete connection, a finding.
pub(crate) fn leave(plan: &mut Plan, design: &Design, seen: &Observed, adoption: Adoption<'_>) {
    let function = seen.function.there();
    plan.external = true;
    plan.version =
        function.and_then(|function| function.owner.tags.there()?.get(TAG_VERSION).cloned());
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

/// Whether AWS shows that a stack has made the connection and is still there. One part with the connection's mark is enough: a
/// stack makes all or nothing. The bucket does not count, since it outlives its stack.
#[must_use]
pub(crate) fn stack_stands(seen: &Observed) -> bool {
    standing(seen).next().is_some()
}

/// Gives to a stack, in a manifest, what AWS shows as the stack's: everything as long as the stack stands, otherwise only the bucket
/// that has outlived it. The statements in that bucket's policy went with the stack: those that are there were made since.
pub(crate) fn give_to_stack(items: &mut [Resource], seen: &Observed) {
    if stack_stands(seen) {
        give_all_to_stack(items);
    } else if stack_of_bucket(seen).is_some() {
        let of_bucket = |kind: Kind| matches!(kind, Kind::Bucket | Kind::Lifecycle);
        let items = items.iter_mut();
        items
            .filter(|item| of_bucket(item.kind))
            .for_each(give_item_to_stack);
    }
}

/// Says in a manifest that a stack owns everything that would be ours.
pub(super) fn give_all_to_stack(items: &mut [Resource]) {
    items.iter_mut().for_each(give_item_to_stack);
}

fn give_item_to_stack(item: &mut Resource) {
    if item.ownership.is_ours() {
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
    // Log files and the function's own log may outlive the stack, as log files outlive a connection.
    let bucket = design.bucket_arn();
    if manifest.says_external(Kind::Bucket, &bucket) && matches!(seen.bucket, Seen::There(Ok(_))) {
        plan.steps.push(keep(Kind::Bucket, &bucket));
    }
    let group = design.log_group_arn();
    if manifest.says_external(Kind::LogGroup, &group) && seen.log_group.there().is_some() {
        plan.steps.push(keep(Kind::LogGroup, &group));
    }
    // The trail is the stack's: who uses it does not matter here.
    if manifest.says_external(Kind::Trail, &design.trail_arn()) {
        plan.users.clear();
        plan.shared.clear();
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

/// The name of the stack, from whichever part shows it. The bucket is asked only if it has outlived its stack: otherwise it may be
/// another one's.
fn stack_name(seen: &Observed) -> Option<&str> {
    match stack_stands(seen) {
        true => standing(seen).find_map(|stack| stack.name.as_deref()),
        false => stack_of_bucket(seen)?.name.as_deref(),
    }
}

/// The stacks that are still there: those that have made anything but the bucket.
fn standing(seen: &Observed) -> impl Iterator<Item = &Stack> {
    let parts = parts(seen).into_iter();
    parts.filter_map(|part| part.found.there().copied()?.stack_of_ours())
}

/// The stack that has made the bucket.
fn stack_of_bucket(seen: &Observed) -> Option<&Stack> {
    seen.bucket.there()?.as_ref().ok()?.owner.stack_of_ours()
}

/// Something that a stack can have made, besides the bucket.
struct Part<'a> {
    kind: Kind,
    arn: fn(&Design) -> String,
    found: Seen<&'a Owner>,
}

impl<'a> Part<'a> {
    fn new(kind: Kind, arn: fn(&Design) -> String, found: Seen<&'a Owner>) -> Self {
        Self { kind, arn, found }
    }
}

/// Everything that a stack can have made, besides the bucket.
fn parts(seen: &Observed) -> [Part<'_>; 7] {
    let trail = seen.trail.own.as_ref().map(|own| &own.owner);
    let rule = seen.event_rule.as_ref().map(|rule| &rule.owner);
    let function = seen.function.as_ref().map(|function| &function.owner);
    let topic = seen.topic.as_ref().map(|topic| &topic.owner);
    let role = seen.role.as_ref().map(|role| &role.owner);
    let alarm = |which| seen.alarm.of(which).as_ref().map(|alarm| &alarm.owner);
    let (failures, silence) = (alarm(Which::Failures), alarm(Which::Silence));
    [
        Part::new(Kind::Trail, Design::trail_arn, trail),
        Part::new(Kind::EventRule, Design::rule_arn, rule),
        Part::new(Kind::Function, Design::function_arn, function),
        Part::new(Kind::Topic, Design::topic_arn, topic),
        Part::new(Kind::Role, Design::role_arn, role),
        Part::new(Kind::Alarm, |design| Which::Failures.arn(design), failures),
        Part::new(Kind::Alarm, |design| Which::Silence.arn(design), silence),
    ]
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
    let Some(function) = function else {
        return;
    };
    let (arn, found, right) = (&function.arn, &function.code_sha256, adoption.code);
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

/// The resources that a stack can have made besides the bucket, each with the mark on it.
pub(super) fn wholes<'a>(
    design: &Design,
    seen: &'a Observed,
) -> Vec<(Kind, String, Seen<&'a Mark>)> {
    let parts = parts(seen).into_iter();
    parts
        .map(|part| {
            let mark = part.found.map(|owner| &owner.mark);
            (part.kind, (part.arn)(design), mark)
        })
        .collect()
}
