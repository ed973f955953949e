//! Where the plans of a fleet apply and what they cost: what whoever agrees to them needs to know besides their steps.

use super::{
    looked::{Looked, Row},
    member::Member,
    whole::Fleet,
};
use crate::{
    plan::file::{PlanFile, Tenant},
    ui::{
        page::{Page, Tone},
        t,
    },
};

/// Reads the plan of a member, if there is one.
pub(super) fn plan(looked: &Looked) -> Option<PlanFile> {
    let path = match looked {
        Looked::Planned { plan, .. } | Looked::Unproved { plan } => plan,
        Looked::Done(_) | Looked::Refused(_) => return None,
    };
    let text = std::fs::read_to_string(path).ok()?;
    serde_json::from_str(&text).ok()
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

/// Adds a line for each tenant, and how many accounts get a further, billed copy of management events.
pub(super) fn show(page: &mut Page, plans: &[Option<PlanFile>], attention: &str) {
    let plans = plans.iter().flatten();
    let mut tenants: Vec<&Tenant> = Vec::new();
    for plan in plans.clone() {
        if !tenants.contains(&&plan.tenant) {
            tenants.push(&plan.tenant);
        }
    }
    for tenant in tenants {
        let name = match tenant.name.as_str() {
            "" => tenant.id.clone(),
            name => format!("{name} ({})", tenant.id),
        };
        let region = &tenant.data_region;
        page.plain(t!("greeting-tenant", tenant = name, region = region));
    }
    let billed = plans.filter(|plan| plan.cost.is_some()).count();
    if billed > 0 {
        let cost = t!("fleet-cost", count = billed);
        page.line(Tone::Changed, format!("{attention} {cost}"));
    }
}
