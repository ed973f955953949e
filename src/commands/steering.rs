//! `pause`, `resume` and `rename`. Only Central changes; what is so already is done.

use serde_json::{Value, json};

use super::{
    app::App,
    session,
    states::{lacks_license, must_be_steerable, must_live, remark},
};
use crate::{
    central::{
        Central, Versioned,
        model::{Connection, Status},
    },
    cli::{PauseArgs, RenameArgs},
    connection::ConnectionName,
    ui::{Code, Exit, Failure, Result, t},
};

pub(super) async fn pause(app: &App, arguments: &PauseArgs) -> Result<Exit> {
    let central = session::central(app).await?;
    let found = session::find(&central, &arguments.connection, true).await?;
    let is_so = |connection: &Connection| is_paused(app, connection);
    let wanted = json!({ "status": Status::Paused });
    let before = found.connection.status;
    let found = change(&central, found, &wanted, is_so).await?;
    let connection = &found.connection;
    let (name, argument) = (&connection.name, app.argument(&connection.name));
    let text = match before {
        Status::Paused => t!("paused-already", name = name, argument = argument),
        _ => t!("paused", name = name, argument = argument),
    };
    show(app, connection, &text);
    Ok(Exit::Done)
}

pub(super) async fn resume(app: &App, arguments: &PauseArgs) -> Result<Exit> {
    let central = session::central(app).await?;
    let found = session::find(&central, &arguments.connection, true).await?;
    let is_so = |connection: &Connection| is_active(app, connection);
    let wanted = json!({ "status": Status::Active });
    let before = found.connection.status;
    let found = change(&central, found, &wanted, is_so).await?;
    let connection = &found.connection;
    let name = &connection.name;
    let resumed = match before {
        Status::Active => t!("resumed-already", name = name),
        _ => t!("resumed", name = name),
    };
    // Without the pause, another reason may show why log files do not arrive.
    show(app, connection, &remark(app, connection).unwrap_or(resumed));
    Ok(Exit::Done)
}

pub(super) async fn rename(app: &App, arguments: &RenameArgs) -> Result<Exit> {
    let parsed = arguments.new_name.parse::<ConnectionName>();
    let new = parsed.map_err(|complaint| Failure::usage(format!("NEW-NAME: {complaint}")))?;
    let central = session::central(app).await?;
    let found = session::find(&central, &arguments.connection, true).await?;
    let is_so = |connection: &Connection| -> Result<bool> {
        must_live(app, connection)?;
        Ok(connection.name == new)
    };
    let old = found.connection.name.clone();
    let found = change(&central, found, &json!({ "name": new }), is_so).await?;
    let argument = app.argument(&new);
    let text = match old == new {
        true => t!("renamed-already", name = new),
        false => t!("renamed", old = old, name = new, argument = argument),
    };
    show(app, &found.connection, &text);
    Ok(Exit::Done)
}

/// Whether a user has paused the connection. Fails if the connection cannot be paused.
fn is_paused(app: &App, connection: &Connection) -> Result<bool> {
    must_be_steerable(app, connection)?;
    if lacks_license(connection) {
        return Err(of_license(t!("pause-licence", name = connection.name)));
    }
    Ok(connection.status == Status::Paused)
}

/// Whether the connection is active. Fails if its pause cannot be ended.
fn is_active(app: &App, connection: &Connection) -> Result<bool> {
    must_be_steerable(app, connection)?;
    if lacks_license(connection) {
        return Err(of_license(t!("resume-licence", name = connection.name)));
    }
    Ok(connection.status == Status::Active)
}

/// The refusal to touch a pause of Central's own (contract: `updateConnection`, `licensePaused`).
fn of_license(message: String) -> Failure {
    Failure::new(Code::LicenseRequired, message).hinted(t!("state-licence-hint"))
}

/// Changes the connection, unless it is so already. If it has become another one meanwhile, it is judged once more.
async fn change(
    central: &Central,
    found: Versioned,
    wanted: &Value,
    is_so: impl Fn(&Connection) -> Result<bool>,
) -> Result<Versioned> {
    if is_so(&found.connection)? {
        return Ok(found);
    }
    match central.update(&found, wanted).await {
        Err(failure) if failure.code == Code::Conflict => {
            let Some(newer) = central.by_id(found.connection.id).await? else {
                return Err(failure);
            };
            if is_so(&newer.connection)? {
                return Ok(newer);
            }
            // Nobody has changed it: trying again would end the same.
            if newer.etag == found.etag {
                return Err(failure);
            }
            central.update(&newer, wanted).await
        }
        done => done,
    }
}

/// Shows the connection as it is after the change.
fn show(app: &App, connection: &Connection, text: &str) {
    if app.printer.json() {
        app.printer.document(&json!({ "connection": connection }));
    } else {
        app.printer.say(text);
    }
}
