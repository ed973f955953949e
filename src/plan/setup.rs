//! Plans `setup`: compares what the design wants with what was seen.

use super::{Plan, across, claims, documents, evidence};
use crate::{
    connection::Design,
    resources::{
        families::{Change, Observed},
        planned::{Advice, Journal},
        trail,
    },
};

/// Plans `setup` for a design.
#[must_use]
pub(crate) fn setup(design: &Design, seen: &Observed, journal: Journal<'_>) -> Plan {
    let mut plan = Plan {
        role_id: seen.role.there().map(|role| role.id.clone()),
        ..Plan::default()
    };
    if let Some(manifest) = journal.manifest {
        plan.conflicts = claims::foreign(design, manifest);
    }
    plan.conflicts
        .extend(claims::in_another_region(design, seen));
    plan.advice = vec![Advice::CompareCentral; plan.conflicts.len()];
    let across = across::of_setup(design, seen);
    for planned in seen.setup(design, journal, &across) {
        plan.steps.extend(planned.steps);
        plan.items.extend(planned.items);
        plan.conflicts.extend(planned.conflicts);
        plan.advice.extend(planned.advice);
        plan.notes.extend(planned.notes);
        plan.findings.extend(planned.findings);
        plan.unseen.extend(planned.unseen);
    }
    plan.documents = documents::documents(design, seen, &plan.steps);
    plan.seen = documents::seen(design, seen);
    plan.settings = seen.settings(design, journal, &across);
    let creates_trail = |change: &Change| *change == Change::Trail(trail::Change::Create);
    if plan
        .steps
        .iter()
        .filter_map(|step| step.change())
        .any(creates_trail)
    {
        plan.trail_limit = seen.trail.full(design).is_some();
        plan.billed_beside.clone_from(&seen.trail.management);
    }
    // A connection that does not exist yet has no saved answers.
    if journal.manifest.is_some() {
        evidence::authorise(&mut plan, design, seen, journal);
    }
    plan
}
