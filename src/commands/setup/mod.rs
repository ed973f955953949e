//! `setup`: ask, preflight, plan, confirm, journal, apply, verify.

mod adopt;
mod apply;
mod confirm;
mod cost;
mod equivalent;
mod find;
mod greeting;
mod handed;
mod meant;
mod prepare;
mod prepared;
mod prove;
mod refuse;
mod save;
mod show;
mod verify;

use super::{app::App, fleet, report::Report};
use crate::{
    cli::SetupVerb,
    ui::{Exit, Result, t},
};
use apply::apply;
use confirm::{Confirmed, confirm, unaccepted};
pub(super) use equivalent::adopting;
pub(super) use handed::plan_file;
pub(super) use prepare::prepare;
use prepare::prepare_again;
use prepared::Prepared;
use show::described_without_cost;
pub(super) use show::{as_markdown, described};
use verify::healthy;

pub(super) async fn run(app: &App, arguments: SetupVerb) -> Result<Exit> {
    let SetupVerb {
        setup: arguments,
        plan,
        fleet: many,
    } = arguments;
    if many.fleet.is_some() {
        return fleet::setup(app, &many, &arguments, plan.is_some()).await;
    }
    app.report.replace(Some(Report::default()));
    let mut prepared = match plan {
        Some(file) => handed::prepare(app, &arguments, &file).await?,
        None => prepare(app, &arguments).await?,
    };
    loop {
        if prepared.nothing_to_do() {
            return unchanged(app, prepared).await;
        }
        show_plan(app, &prepared);
        match confirm(app, &mut prepared).await? {
            Confirmed::Apply => break,
            Confirmed::Changed => prepared = prepare_again(app, &arguments, prepared).await?,
            Confirmed::Quit => {
                app.update_report(|report| report.result = "planned");
                return Ok(Exit::Declined);
            }
        }
    }
    prepared.save_answers()?;
    apply(app, &mut prepared).await
}

/// Shows the plan. A cost that ends the run is left to the error that says so.
fn show_plan(app: &App, prepared: &Prepared) {
    let width = app.printer.width();
    let page = if unaccepted(app, prepared).is_some() {
        described_without_cost(app, prepared, width)
    } else {
        described(app, prepared, width)
    };
    app.printer.say("");
    app.printer.show(&page);
}

async fn unchanged(app: &App, mut prepared: Prepared) -> Result<Exit> {
    app.update_report(|report| report.result = "unchanged");
    app.printer.say(&t!("nothing-to-do"));
    for note in &prepared.plan.notes {
        app.printer.warn(note);
    }
    let existing = prepared
        .existing
        .take()
        .expect("nothing to do on a connection that is there");
    healthy(app, &prepared, existing, None).await
}
