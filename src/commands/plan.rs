//! `plan`: shows what `setup` would do. It writes nothing to AWS or Central; the plan is the data on stdout.

use super::{app::App, handover, report::Report, setup, template};
use crate::{
    cli::{Form, PlanVerb},
    plan::render,
    ui::{Code, Exit, Failure, Result, page::Page, t},
};

pub(super) async fn run(app: &App, arguments: PlanVerb) -> Result<Exit> {
    let PlanVerb {
        setup: arguments,
        detailed_exitcode: detailed,
        out,
        form,
    } = arguments;
    if form.is_some() && app.printer.json() {
        return Err(Failure::usage(t!("plan-as-json")));
    }
    app.report.replace(Some(Report {
        result: "planned",
        ..Report::default()
    }));
    let prepared = setup::prepare(app, &arguments).await?;
    let begun = prepared.existing.as_ref();
    let begun = begun.is_some_and(|found| !found.connection.is_prepared());
    let changes = prepared.plan.has_writes() || !begun;
    prepared.save_answers()?;
    if let Some(path) = &out {
        handover::write(app, path, &setup::plan_file(&prepared))?;
    }
    if !app.printer.json() {
        let printer = app.printer;
        if let Some(form) = form {
            match form {
                Form::Markdown => {
                    let mut page = Page::default();
                    page.verbatim(setup::as_markdown(app, &prepared, changes));
                    printer.show_data(&page);
                }
                Form::Cloudformation | Form::Terraform => template::show(
                    app,
                    form,
                    &template::Source {
                        plan: &prepared.plan,
                        design: &prepared.design,
                        existing: prepared.existing.as_ref(),
                        package: &prepared.package,
                        endpoints: prepared.endpoints.as_ref(),
                        loopback: prepared.session.aws.loopback_endpoint(),
                        forwarder: prepared.given.forwarder.get().map(ToString::to_string),
                        cost: prepared.cost.as_deref(),
                        adopt: setup::adopting(app, &prepared),
                    },
                )?,
            }
        } else if changes {
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
