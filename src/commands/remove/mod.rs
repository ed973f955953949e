//! `remove`: plan of removal, confirm, take out what is ours, then delete the connection.

mod confirm;
mod journal;
mod left;
mod marks;
mod take_out;
mod target;

use super::{app::App, report::Report, session};
use crate::{
    central::{Central, Versioned, model::Status},
    cli::RemoveArgs,
    plan::render,
    ui::{Code, Exit, Failure, Result, t},
};
use journal::by_journal;
use left::nothing_left;
use marks::by_marks;
use take_out::take_out;

pub(super) async fn run(app: &App, arguments: RemoveArgs) -> Result<Exit> {
    app.report.replace(Some(Report::default()));
    if arguments.without_central {
        return without_central(app, &arguments).await;
    }
    let central = session::central(app).await?;
    let found = session::find(&central, &arguments.connection, true).await?;
    app.update_report(|report| report.connection = Some(found.connection.clone()));
    if arguments.central_only {
        central_only(app, &central, &found).await
    } else {
        everywhere(app, &central, &found, &arguments).await
    }
}

async fn without_central(app: &App, arguments: &RemoveArgs) -> Result<Exit> {
    let target = by_marks(app, arguments).await?;
    if take_out(app, &target, arguments, false).await?.is_some() {
        let name = &target.design.name;
        let argument = app.argument(name);
        removed(
            app,
            &t!("removed-without-central", name = name, argument = argument),
        );
    }
    Ok(Exit::Done)
}

async fn central_only(app: &App, central: &Central, found: &Versioned) -> Result<Exit> {
    for item in found.connection.manifest().items {
        app.printer.say(&t!(
            "stays-in-aws",
            kind = render::kind(item.kind),
            arn = item.arn
        ));
    }
    if !app.globals.yes {
        if !app.ask.possible() {
            return Err(Failure::new(
                Code::MissingAnswers,
                t!("remove-missing", flags = "--yes"),
            ));
        }
        if !app
            .ask
            .afresh()
            .confirm(&t!("ask-central-only"), false)
            .await?
        {
            return Err(Failure::new(Code::Declined, t!("declined")));
        }
    }
    app.if_stopped.replace(Some(t!("interrupted-removal")));
    central.delete(&found.connection, "*").await?;
    removed(app, &t!("removed", name = found.connection.name));
    Ok(Exit::Done)
}

async fn everywhere(
    app: &App,
    central: &Central,
    found: &Versioned,
    arguments: &RemoveArgs,
) -> Result<Exit> {
    let target = by_journal(app, central, found, &arguments.connection).await?;
    let live = found.connection.status != Status::Deleted;
    let Some(deleted) = take_out(app, &target, arguments, live).await? else {
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
