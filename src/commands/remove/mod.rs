//! `remove`: plan of removal, confirm, take out what is ours, then delete the connection.

mod central_only;
mod confirm;
mod handed;
mod journal;
mod left;
mod marks;
mod take_out;
mod target;

use super::{app::App, fleet, handover, report::Report, session};
use crate::{
    central::{Central, Versioned, model::Status},
    cli::RemoveArgs,
    plan::file::{PlanFile, Purpose},
    ui::{Exit, Result, t},
};
use central_only::central_only;
use journal::by_journal;
use left::nothing_left;
use marks::by_marks;
use take_out::{How, take_out};

pub(super) async fn run(app: &App, arguments: RemoveArgs) -> Result<Exit> {
    if arguments.fleet.fleet.is_some() {
        return fleet::remove(app, &arguments).await;
    }
    app.report.replace(Some(Report::default()));
    if arguments.without_central {
        return without_central(app, &arguments).await;
    }
    let plan = arguments.plan.as_deref();
    let plan = plan.map(|path| handover::read(path, Purpose::Remove));
    let plan = plan.transpose()?;
    let arguments = match &plan {
        Some(plan) => handed::arguments(app, plan, arguments)?,
        None => arguments,
    };
    let central = session::central(app).await?;
    if let Some(plan) = &plan {
        handover::must_be_of_tenant(plan, &central)?;
    }
    let found = session::find(app, &central, named(&arguments), true).await?;
    app.update_report(|report| report.connection = Some(found.connection.clone()));
    if arguments.central_only {
        central_only(app, &central, &found).await
    } else {
        everywhere(app, &central, &found, &arguments, plan.as_ref()).await
    }
}

/// The connection as it was named.
fn named(arguments: &RemoveArgs) -> &str {
    arguments.connection.as_deref().unwrap_or_default()
}

async fn without_central(app: &App, arguments: &RemoveArgs) -> Result<Exit> {
    let target = by_marks(app, arguments).await?;
    let by_marks = How {
        live: false,
        central: None,
        plan: None,
    };
    if let Some(deleted) = take_out(app, &target, arguments, by_marks).await? {
        let result = if deleted { "removed" } else { "unchanged" };
        app.update_report(|report| report.result = result);
        let name = &target.design.name;
        let argument = app.argument(name);
        let gone = t!("removed-without-central", name = name, argument = argument);
        app.printer.say(&gone);
    }
    Ok(Exit::Done)
}

async fn everywhere(
    app: &App,
    central: &Central,
    found: &Versioned,
    arguments: &RemoveArgs,
    plan: Option<&PlanFile>,
) -> Result<Exit> {
    let target = by_journal(app, central, found, named(arguments)).await?;
    let live = found.connection.status != Status::Deleted;
    let how = How {
        live,
        central: Some(central),
        plan,
    };
    let Some(deleted) = take_out(app, &target, arguments, how).await? else {
        return Ok(Exit::Done);
    };
    nothing_left(&target, arguments).await?;
    if live {
        let ended = central.delete(&found.connection, &found.etag).await;
        ended.map_err(|failure| match deleted {
            true => failure.after_writing(),
            false => failure,
        })?;
    }
    if let Ok(Some(gone)) = central.by_id(found.connection.id).await {
        app.update_report(|report| report.connection = Some(gone.connection));
    }
    removed(app, &t!("removed", name = found.connection.name));
    Ok(Exit::Done)
}

fn removed(app: &App, message: &str) {
    app.update_report(|report| report.result = "removed");
    app.printer.say(message);
}
