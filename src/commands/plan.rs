//! `plan`: what `setup` would do. Writes nothing, anywhere; the plan is the data.

use super::{App, setup};
use crate::{
    cli::SetupArgs,
    plan::render,
    ui::{Code, Exit, Failure, Result, t},
};

pub async fn run(app: &App, arguments: SetupArgs, detailed: bool) -> Result<Exit> {
    app.report.replace(Some(super::Report {
        result: "planned",
        ..super::Report::default()
    }));
    let prepared = setup::prepare(app, arguments).await?;
    let changes = prepared.plan.has_writes() || prepared.existing.is_none();
    if !app.printer.json() {
        if changes {
            app.printer
                .data(&t!("plan-heading", name = prepared.design.name));
            app.printer
                .data(&render::lines(&prepared.plan.steps).join("\n"));
            app.printer.data(&t!(
                "plan-events",
                events = render::events(&prepared.plan.steps).join(", ")
            ));
        } else {
            app.printer.data(&t!("nothing-to-do"));
        }
    }
    if changes && detailed {
        Err(Failure::new(Code::ChangesPending, t!("changes-pending")))
    } else {
        Ok(Exit::Done)
    }
}
