//! Where the plans of a fleet apply and what they cost: what whoever agrees to them needs to know besides their steps.

use super::{
    looked::{Looked, Row},
    member::Member,
    whole::Fleet,
};
use crate::{
    commands::handover,
    plan::file::{PlanFile, Purpose, Tenant},
    ui::{
        Result,
        page::{Page, Tone},
        t,
    },
};

/// Reads the plan of a member, if there is one.
pub(super) fn plan(looked: &Looked, purpose: Purpose) -> Result<Option<PlanFile>> {
    match looked {
        Looked::Planned { plan } | Looked::Unproved { plan } => {
            handover::read(plan, purpose).map(Some)
        }
        Looked::Done(_) | Looked::Refused(_) => Ok(None),
    }
}

/// The regions of these rows, in their order; `None` if there is only one in the whole file.
pub(super) fn regions(
    fleet: &Fleet<'_>,
    rows: &[Row],
    plans: &[Option<PlanFile>],
) -> Option<Vec<String>> {
    let wanted = |member: &Member| {
        let region = member.region.as_ref().unwrap_or(&fleet.aws.region);
        region.to_string()
    };
    let regions = rows.iter().zip(plans).map(|(row, plan)| match plan {
        Some(plan) => plan.region.to_string(),
        None => wanted(&fleet.members[row.number]),
    });
    let regions: Vec<String> = regions.collect();
    let others = fleet.members.iter().enumerate();
    let others = others.filter(|(number, _)| rows.iter().all(|row| row.number != *number));
    let mut all = others
        .map(|(_, member)| wanted(member))
        .chain(regions.clone());
    let several = all.any(|region| region != regions[0]);
    several.then_some(regions)
}

/// Adds a line for each tenant, where log files go, how many accounts get a further, billed copy of management events, and what the
/// plans say besides, such as who loses what.
pub(super) fn show(page: &mut Page, plans: &[Option<PlanFile>], attention: &str) {
    let plans: Vec<&PlanFile> = plans.iter().flatten().collect();
    let mut tenants: Vec<&Tenant> = Vec::new();
    let mut hosts: Vec<&str> = Vec::new();
    for plan in &plans {
        if !tenants.contains(&&plan.tenant) {
            tenants.push(&plan.tenant);
        }
        let others = plan.hosts.iter().map(String::as_str);
        hosts.extend(
            others
                .filter(|host| !hosts.contains(host))
                .collect::<Vec<_>>(),
        );
    }
    for tenant in tenants {
        let name = match tenant.name.as_str() {
            "" => tenant.id.clone(),
            name => format!("{name} ({})", tenant.id),
        };
        let region = &tenant.data_region;
        page.plain(t!("greeting-tenant", tenant = name, region = region));
    }
    if !hosts.is_empty() {
        page.plain(t!("flow-hosts", hosts = hosts.join(", ")));
    }
    let billed = plans.iter().filter(|plan| plan.cost.is_some()).count();
    if billed > 0 {
        let cost = t!("fleet-cost", count = billed);
        page.line(Tone::Changed, format!("{attention} {cost}"));
    }
    for (note, accounts) in notes(&plans) {
        let said = t!("fleet-why", account = accounts.join(", "), why = note);
        page.line(Tone::Changed, format!("{attention} {said}"));
    }
}

/// What plans say besides their steps, each note once, with the accounts whose plans say it.
fn notes<'a>(plans: &[&'a PlanFile]) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut notes: Vec<(&str, Vec<&str>)> = Vec::new();
    for plan in plans {
        for note in &plan.notes {
            let account = plan.account.as_str();
            match notes.iter_mut().find(|(said, _)| said == note) {
                Some((_, accounts)) => accounts.push(account),
                None => notes.push((note, vec![account])),
            }
        }
    }
    notes
}
