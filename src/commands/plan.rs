//! `plan`: shows what `setup` would do. It writes nothing to AWS or Central; the plan is the data on stdout.

use super::{app::App, report::Report, setup};
use crate::{
    cli::SetupArgs,
    plan::render,
    ui::{Code, Exit, Failure, Result, t},
};

pub(super) async fn run(app: &App, arguments: SetupArgs, detailed: bool) -> Result<Exit> {
    app.report.replace(Some(Report {
        result: "planned",
        ..Report::default()
    }));
    let prepared = setup::prepare(app, &arguments).await?;
    let changes = prepared.plan.has_writes() || prepared.existing.is_none();
    prepared.save_answers()?;
    if !app.printer.json() {
        let printer = app.printer;
        if changes {
            printer.show_data(&setup::described(app, &prepared, printer.data_width()));
            let events = render::events(&prepared.plan.steps).join(", ");
            printer.data(&t!("plan-events", events = events));
        } else {
            printer.data(&t!("nothing-to-do"));
            for note in &prepared.plan.notes {
                printer.warn(note);
            }
            for (_, finding) in &prepared.plan.findings {
                printer.warn(finding);
            }
        }
    }
    if changes && detailed {
        Err(Failure::new(Code::ChangesPending, t!("changes-pending")))
    } else {
        Ok(Exit::Done)
    }
}
