//! The plan as `setup` shows it, and the question whether to go on.

use super::{equivalent::equivalent, prepared::Prepared};
use crate::{
    commands::app::App,
    connection::{AccountId, Design, names::OrganizationId},
    plan::render::{self, Summary},
    ui::{
        command::command,
        layout::{Width, sides},
        page::{Page, Tone},
        t,
    },
};

/// Returns the plan as a screen: where it applies, the way of the log files, the steps in groups, remarks, what flows where, the
/// command line that gives the same plan, and what it costs.
pub(crate) fn described(app: &App, prepared: &Prepared, width: Width) -> Page {
    let mut page = described_without_cost(app, prepared, width);
    if let Some(cost) = &prepared.cost {
        let mark = app.printer.attention();
        page.line(Tone::Changed, format!("{mark} {cost}"));
    }
    page
}

/// The same without what it costs.
pub(super) fn described_without_cost(app: &App, prepared: &Prepared, width: Width) -> Page {
    let Prepared {
        session,
        given,
        design,
        plan,
        ..
    } = prepared;
    let mut page = Page::default();
    let heading = t!("plan-heading", name = design.name);
    page.heading(sides(&heading, &scope(prepared), width));
    let words = app.printer.words;
    let tenant = session.central.tenant().short();
    page.plain(render::path(design, &plan.steps, &tenant, words));
    page.blank();
    page.lines
        .extend(render::groups(&prepared.shown_steps(), false, width, words).lines);
    for note in &plan.notes {
        page.plain(format!("  {note}"));
    }
    for (_, finding) in &plan.findings {
        let mark = app.printer.attention();
        page.line(Tone::Changed, format!("{mark} {finding}"));
    }
    page.plain(flow(prepared));
    if is_of_organization(design) {
        let remark = t!("note-organization-prefix", prefix = design.prefix);
        let mark = app.printer.attention();
        page.line(Tone::Changed, format!("{mark} {remark}"));
    }
    if let Some(endpoints) = &prepared.endpoints {
        page.plain(t!("flow-hosts", hosts = endpoints.hosts().join(", ")));
    }
    // What a stack runs, it has deployed itself.
    if let Some(file) = given.forwarder.get().filter(|_| !plan.external) {
        page.plain(t!(
            "flow-forwarder",
            file = file,
            digest = prepared.package.sha256_hex()
        ));
    }
    page.plain(t!("equivalent"));
    let costs = prepared.cost.is_some();
    let words = equivalent(app, given, &design.name, session, costs);
    page.verbatim(command(&words, width, 2));
    page
}

/// Returns the plan as Markdown. `changes`: there is something to do.
pub(crate) fn as_markdown(app: &App, prepared: &Prepared, changes: bool) -> String {
    let Prepared {
        session,
        given,
        design,
        plan,
        cost,
        endpoints,
        ..
    } = prepared;
    let mut summary = Summary {
        heading: t!("plan-heading", name = design.name),
        scope: scope(prepared),
        flow: vec![flow(prepared)],
        cost: cost.as_deref(),
        warnings: &plan.notes,
        ..Summary::default()
    };
    if let Some(endpoints) = endpoints {
        let hosts = endpoints.hosts().join(", ");
        summary.flow.push(t!("flow-hosts", hosts = hosts));
    }
    if is_of_organization(design) {
        let remark = t!("note-organization-prefix", prefix = design.prefix);
        summary.advice.push(remark);
    }
    if !changes {
        summary.advice.push(t!("nothing-to-do"));
        return render::markdown(&summary);
    }
    let (steps, documents) = (prepared.shown_steps(), prepared.shown_documents());
    let settings = prepared.shown_settings();
    let events = render::events(&plan.steps).join(", ");
    summary.advice.push(t!("plan-events", events = events));
    let words = equivalent(app, given, &design.name, session, cost.is_some());
    render::markdown(&Summary {
        steps: &steps,
        settings: &settings,
        documents: &documents,
        command: Some(words.join(" ")),
        ..summary
    })
}

/// Where the plan applies: account, region, and which accounts are collected.
fn scope(prepared: &Prepared) -> String {
    let design = &prepared.design;
    let accounts = match (&design.organization, collected(prepared)) {
        (None, _) if is_of_organization(design) => t!("scope-organization", id = design.prefix),
        (None, _) => t!("flow-accounts", count = 1),
        (Some(organization), None) => t!("scope-organization", id = organization.id),
        (Some(_), Some(some)) => t!("flow-accounts", count = some.len()),
    };
    t!(
        "plan-scope",
        account = design.account,
        region = design.region,
        accounts = accounts
    )
}

/// Whether the log files are those of an organization, although the connection is not for it by name. An organization's trail
/// writes below its id (CloudTrail User Guide, "Finding your CloudTrail log files"); Control Tower has the id as the key prefix
/// too.
fn is_of_organization(design: &Design) -> bool {
    design.organization.is_none() && design.prefix.parse::<OrganizationId>().is_ok()
}

/// Says which accounts' log files go to which tenant.
fn flow(prepared: &Prepared) -> String {
    let Prepared {
        session, design, ..
    } = prepared;
    let tenant = session.central.tenant();
    if is_of_organization(design) {
        return t!(
            "flow-bucket",
            id = design.prefix,
            tenant = tenant,
            region = tenant.data_region
        );
    }
    let Some(organization) = &design.organization else {
        return t!(
            "flow",
            account = design.account,
            tenant = tenant,
            region = tenant.data_region
        );
    };
    let (accounts, later) = match collected(prepared) {
        Some(some) => (
            t!("flow-accounts", count = some.len()),
            t!("flow-later-none"),
        ),
        None => (t!("flow-accounts-all"), t!("flow-later-all")),
    };
    t!(
        "flow-organization",
        accounts = accounts,
        later = later,
        id = organization.id,
        management = organization.management,
        tenant = tenant,
        region = tenant.data_region
    )
}

/// The accounts of the organization to collect from; `None` for all of them.
fn collected(prepared: &Prepared) -> Option<Vec<AccountId>> {
    prepared.given.account_list().or_else(|| {
        let collected = prepared.existing.as_ref()?.connection.accounts.clone();
        collected.filter(|accounts| !accounts.is_empty())
    })
}
