//! What `setup` does with the function and the permission to invoke it.

use std::collections::BTreeMap;

use super::{
    change::Change,
    environment::{environment_item, of_newer},
    policy::{foreign_statements, permits},
    state::{Drift, Observed, State, drift},
};
use crate::{
    connection::{Design, Kind, Ownership},
    resources::{
        cx::Deployment,
        planned::{Across, Journal, Planned},
        seen::Seen,
        step::{Does, IfDenied, Step},
    },
    ui::t,
};

/// Plans the steps on the function and on the permission to invoke it.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let (arn, region) = (design.function_arn(), Some(&design.region));
    let (function, permission) = match seen {
        Seen::Absent => (Step::new(Change::Create, &arn), Change::Permit.into()),
        Seen::There(state) => {
            planned.must_be_ours(&state.owner.mark, &arn);
            report_foreign(&mut planned, design, state);
            let function = update(&mut planned, design, state, journal);
            let permission = permission(&mut planned, design, state, journal);
            (function, permission)
        }
        Seen::Denied(action) => {
            let does = planned.denied(journal, Kind::Function, &arn, action);
            (Step::new(does, &arn), Does::Keep(Kind::FunctionPermission))
        }
    };
    planned.add(function, Ownership::Created, region);
    if let Some(item) = planned.items.last_mut() {
        item.digest = Some(journal.package_digest.to_owned());
    }
    if let Some(deployment) = journal.deployment {
        let environment = wanted(design, seen.there(), journal, deployment);
        planned.items.push(environment_item(design, &environment));
    }
    if let Some(note) = dead_letter_note(design) {
        planned.notes.push(note);
    }
    let ids = vec![design.permission_id()];
    let step = Step::new(permission, &arn).with_ids(ids);
    planned.add(step, Ownership::Created, region);
    planned
}

/// The step on the function that is there: an update if code or settings are not as planned.
fn update(
    planned: &mut Planned<Change>,
    design: &Design,
    state: &State,
    journal: Journal<'_>,
) -> Step<Change> {
    let arn = design.function_arn();
    let (mut reasons, newer) = of_deployment(planned, design, state, journal);
    let newer_version = journal.newer_forwarder();
    let differing = drift(state, design, newer_version.is_some()).into_iter();
    reasons.extend(differing.map(|drift| match drift {
        Drift::Role => t!("reason-role", role = state.role),
        Drift::Runtime => t!("reason-runtime", runtime = state.runtime),
        Drift::DeadLetter => t!("reason-dead-letter"),
    }));
    if reasons.is_empty() {
        return Step::new(Does::Keep(Kind::Function), &arn);
    }
    // Newer code alone is a convenience; everything else has to be as it was created.
    let then = if newer && reasons.len() == 1 {
        IfDenied::Lose
    } else {
        IfDenied::Name
    };
    let change = match newer_version {
        Some(_) => Change::Configure,
        None => Change::Update,
    };
    Step::new(change, &arn)
        .because(reasons.join(", "))
        .if_denied(then)
}

/// How the function differs from the deployment: the reasons to update it, and whether there is newer code.
fn of_deployment(
    planned: &mut Planned<Change>,
    design: &Design,
    state: &State,
    journal: Journal<'_>,
) -> (Vec<String>, bool) {
    let mut reasons = Vec::new();
    let mut newer = false;
    let Some(deployment) = journal.deployment else {
        return (reasons, newer);
    };
    let newer_version = journal.newer_forwarder();
    if let Some(version) = newer_version {
        let note = t!("note-newer-forwarder", version = version);
        planned.notes.push(note);
    } else if state.code_sha256 != deployment.package.sha256_base64() {
        newer = true;
        reasons.push(t!("reason-code", version = crate::VERSION));
    }
    if newer_version.is_none() && state.architectures != [deployment.package.architecture.clone()] {
        reasons.push(t!("reason-architecture"));
    }
    if state.environment != wanted(design, Some(state), journal, deployment) {
        reasons.push(t!("reason-environment"));
    }
    (reasons, newer)
}

/// The environment that the function is to have.
fn wanted(
    design: &Design,
    state: Option<&State>,
    journal: Journal<'_>,
    deployment: &Deployment,
) -> BTreeMap<String, String> {
    let made = &deployment.environment;
    match state.filter(|_| journal.newer_forwarder().is_some()) {
        Some(state) => of_newer(design, made, &state.environment),
        None => made.clone(),
    }
}

/// Reports what is not ours at the function: layers, and others who may invoke or change it.
fn report_foreign(planned: &mut Planned<Change>, design: &Design, state: &State) {
    let (arn, id) = (design.function_arn(), design.permission_id());
    for layer in &state.layers {
        let found = t!("finding-layer", arn = arn, layer = layer);
        planned.findings.push((Kind::Function, found));
    }
    let others = state.policy.there();
    let others = others.map(|document| foreign_statements(document, &id));
    for statement in others.into_iter().flatten() {
        let found = t!("finding-statement", arn = arn, statement = statement);
        planned.findings.push((Kind::FunctionPermission, found));
    }
}

/// What the permission to invoke the function needs.
fn permission(
    planned: &mut Planned<Change>,
    design: &Design,
    state: &State,
    journal: Journal<'_>,
) -> Does<Change> {
    let (arn, id) = (design.function_arn(), design.permission_id());
    match &state.policy {
        Seen::Absent => Change::Permit.into(),
        Seen::There(document) => match permits(document, &id, &design.invoker().1) {
            Some(true) => Does::Keep(Kind::FunctionPermission),
            None => Change::Permit.into(),
            Some(false) => {
                let other = t!("conflict-permission", arn = arn, id = id);
                planned.conflicts.push(other);
                Does::Keep(Kind::FunctionPermission)
            }
        },
        Seen::Denied(action) => planned.denied(journal, Kind::FunctionPermission, &arn, action),
    }
}

/// The note on who has to be allowed to send to the dead-letter target: the function with its role and, if it is a queue, also
/// the service that could not deliver.
fn dead_letter_note(design: &Design) -> Option<String> {
    let target = design.dead_letter.as_ref()?;
    let by = match design.redrive() {
        Some(_) => format!("{}, {}", design.role_arn(), design.invoker().0),
        None => design.role_arn(),
    };
    Some(t!("note-dead-letter", arn = target, services = by))
}
