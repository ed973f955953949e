//! `pause`, `resume` and `rename`. Only Central changes; what is so already is done.

use serde_json::json;

use super::{
    app::App,
    session,
    states::{must_be_steerable, must_live, remark},
};
use crate::{
    central::model::{Connection, Status},
    cli::{PauseArgs, RenameArgs},
    connection::ConnectionName,
    ui::{Code, Exit, Failure, Result, t},
};

pub(super) async fn pause(app: &App, arguments: &PauseArgs) -> Result<Exit> {
    let (before, connection) = set(app, arguments, Status::Paused).await?;
    let (name, argument) = (&connection.name, app.argument(&connection.name));
    let text = match before {
        Status::Paused => t!("paused-already", name = name, argument = argument),
        _ => t!("paused", name = name, argument = argument),
    };
    show(app, &connection, &text);
    Ok(Exit::Done)
}

pub(super) async fn resume(app: &App, arguments: &PauseArgs) -> Result<Exit> {
    let (before, connection) = set(app, arguments, Status::Active).await?;
    let name = &connection.name;
    let resumed = match before {
        Status::Active => t!("resumed-already", name = name),
        _ => t!("resumed", name = name, argument = app.argument(name)),
    };
    // Without the pause, another reason may show why log files do not arrive.
    show(
        app,
        &connection,
        &remark(app, &connection).unwrap_or(resumed),
    );
    Ok(Exit::Done)
}

/// Gives the connection a status, unless it has it already. Returns the status before, and the connection as it is then.
async fn set(app: &App, arguments: &PauseArgs, status: Status) -> Result<(Status, Connection)> {
    let central = session::central(app).await?;
    let found = session::find(app, &central, &arguments.connection, true).await?;
    let before = found.connection.status;
    let wanted = |connection: &Connection| {
        must_be_steerable(app, connection)?;
        if connection.lacks_license() {
            return Err(of_license(connection, status));
        }
        Ok((connection.status != status).then(|| json!({ "status": status })))
    };
    let found = central.change(found, wanted).await?;
    Ok((before, found.connection))
}

pub(super) async fn rename(app: &App, arguments: &RenameArgs) -> Result<Exit> {
    let parsed = arguments.new_name.parse::<ConnectionName>();
    let new = parsed.map_err(|complaint| Failure::usage(format!("NEW-NAME: {complaint}")))?;
    let central = session::central(app).await?;
    let found = session::find(app, &central, &arguments.connection, true).await?;
    let wanted = |connection: &Connection| {
        must_live(app, connection)?;
        Ok((connection.name != new).then(|| json!({ "name": new })))
    };
    let old = found.connection.name.clone();
    let found = central.change(found, wanted).await?;
    let argument = app.argument(&new);
    let text = match old == new {
        true => t!("renamed-already", name = new),
        false => t!("renamed", old = old, name = new, argument = argument),
    };
    show(app, &found.connection, &text);
    Ok(Exit::Done)
}

/// The refusal to touch a pause of Central's own (contract: `updateConnection`, `licensePaused`).
fn of_license(connection: &Connection, wanted: Status) -> Failure {
    let name = &connection.name;
    let message = match wanted {
        Status::Paused => t!("pause-licence", name = name),
        _ => t!("resume-licence", name = name),
    };
    Failure::new(Code::LicenseRequired, message).hinted(t!("state-licence-hint"))
}

/// Shows the connection as it is after the change.
fn show(app: &App, connection: &Connection, text: &str) {
    if app.printer.json() {
        app.printer.document(&json!({ "connection": connection }));
    } else {
        app.printer.say(text);
    }
}
