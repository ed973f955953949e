//! The plan as `setup` shows it, and the question whether to go on.

use super::{equivalent::equivalent, prepared::Prepared};
use crate::{
    answers::Origin,
    commands::app::App,
    connection::AccountId,
    plan::render,
    ui::{Code, Failure, Result, t},
};

/// Prints the plan on stderr.
pub(super) fn show(app: &App, prepared: &Prepared) {
    let printer = app.printer;
    printer.say("");
    printer.heading(&t!("plan-heading", name = prepared.design.name));
    for line in described(app, prepared) {
        printer.say(&line);
    }
    if let Some(cost) = &prepared.cost {
        printer.warn(cost);
    }
}

/// Returns the plan in words: steps, remarks, what flows where, and the command line that gives the same plan.
pub(crate) fn described(app: &App, prepared: &Prepared) -> Vec<String> {
    let Prepared {
        session,
        given,
        design,
        plan,
        ..
    } = prepared;
    let mut lines = render::lines(&plan.steps);
    lines.extend(plan.notes.iter().map(|note| format!("  {note}")));
    lines.push(flow(prepared));
    if let Some(endpoints) = &prepared.endpoints {
        lines.push(t!("flow-hosts", hosts = endpoints.hosts().join(", ")));
    }
    if let Some(file) = given.forwarder.get() {
        lines.push(t!(
            "flow-forwarder",
            file = file,
            digest = prepared.package.sha256_hex()
        ));
    }
    let costs = prepared.cost.is_some();
    let command = equivalent(given, &design.name, session, app.globals.sandbox, costs);
    lines.push(t!("equivalent", command = command));
    lines
}

/// Says which accounts' log files go to which tenant.
fn flow(prepared: &Prepared) -> String {
    let Prepared {
        session, design, ..
    } = prepared;
    let tenant = session.central.tenant();
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

/// Asks about the cost, then about the plan.
pub(super) async fn confirm(app: &App, prepared: &mut Prepared) -> Result<()> {
    accept_cost(app, prepared).await?;
    if app.globals.yes {
        return Ok(());
    }
    if !app.ask.possible() {
        return Err(Failure::new(Code::MissingAnswers, t!("confirm-missing")));
    }
    loop {
        let items = vec![t!("confirm-yes"), t!("confirm-no"), t!("confirm-explain")];
        match app.ask.select(&t!("ask-apply"), items, Some(0)).await? {
            0 => return Ok(()),
            1 => return Err(Failure::new(Code::Declined, t!("declined"))),
            _ => explain(app, prepared),
        }
    }
}

async fn accept_cost(app: &App, prepared: &mut Prepared) -> Result<()> {
    let accepted = prepared.given.accept_cost.is(&true);
    let Some(cost) = prepared.cost.as_ref().filter(|_| !accepted) else {
        return Ok(());
    };
    let asked = app.ask.possible() && !app.globals.yes;
    if !asked {
        return Err(Failure::new(Code::MissingAnswers, cost.clone()).hinted(t!("cost-hint")));
    }
    if !app.ask.confirm(&t!("ask-cost"), false).await? {
        return Err(Failure::new(Code::Declined, t!("declined")));
    }
    prepared.given.accept_cost.set(true, Origin::Prompt);
    Ok(())
}

fn explain(app: &App, prepared: &Prepared) {
    let steps = &prepared.plan.steps;
    for line in render::explanation(&prepared.design, steps) {
        app.printer.say(&line);
    }
    let events = render::events(steps).join(", ");
    app.printer.say(&t!("plan-events", events = events));
}
