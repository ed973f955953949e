//! `setup`: ask, preflight, plan, confirm, journal, apply, verify.

mod apply;
mod cost;
mod equivalent;
mod find;
mod greeting;
mod meant;
mod prepare;
mod prepared;
mod refuse;
mod show;
mod verify;

use super::{app::App, report::Report};
use crate::{
    cli::SetupArgs,
    ui::{Exit, Result, t},
};
use apply::apply;
pub(super) use prepare::prepare;
use prepared::Prepared;
pub(super) use show::described;
use show::{confirm, show};
use verify::healthy;

pub(super) async fn run(app: &App, arguments: SetupArgs) -> Result<Exit> {
    app.report.replace(Some(Report::default()));
    let mut prepared = prepare(app, arguments).await?;
    if prepared.nothing_to_do() {
        return unchanged(app, prepared).await;
    }
    show(app, &prepared);
    confirm(app, &mut prepared).await?;
    prepared.save_answers()?;
    apply(app, &mut prepared).await
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
    healthy(app, &prepared, existing, false).await
}
