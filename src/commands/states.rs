//! What the state of a connection means for whoever steers it, in words.

use super::app::App;
use crate::{
    central::model::{Connection, Status},
    ui::{Code, Failure, Result, t},
};

/// Says why log files do not arrive at present, and what helps. `None` if the state does not keep them from arriving.
pub(super) fn remark(app: &App, connection: &Connection) -> Option<String> {
    let name = &connection.name;
    let argument = app.argument(name);
    match connection.status {
        Status::Pending | Status::Active => None,
        Status::Paused if connection.lacks_license() => Some(t!("state-licence", name = name)),
        Status::Paused => Some(t!("state-paused", name = name, argument = argument)),
        Status::Disconnected => Some(t!(
            "state-disconnected",
            name = name,
            because = connection.because().unwrap_or_default(),
            argument = argument
        )),
        Status::Deleted => Some(t!("connection-deleted", name = name, id = connection.id)),
        Status::Unknown => Some(t!("state-unknown", name = name)),
    }
}

/// Fails if the connection is deleted: it cannot be changed any more.
pub(super) fn must_live(app: &App, connection: &Connection) -> Result<()> {
    if connection.status != Status::Deleted {
        return Ok(());
    }
    let (name, id) = (&connection.name, connection.id);
    let deleted = t!("connection-deleted", name = name, id = id);
    let argument = app.argument(name);
    Err(Failure::new(Code::UnknownConnection, deleted)
        .hinted(t!("connection-deleted-hint", name = argument)))
}

/// Fails if the connection can be neither paused nor resumed: only a connection whose function signs in can (contract:
/// `updateConnection`).
pub(super) fn must_be_steerable(app: &App, connection: &Connection) -> Result<()> {
    must_live(app, connection)?;
    let name = &connection.name;
    let argument = app.argument(name);
    match connection.status {
        Status::Pending => {
            let pending = t!("state-pending", name = name);
            Err(Failure::new(Code::Conflict, pending)
                .hinted(t!("state-pending-hint", argument = argument)))
        }
        Status::Disconnected => {
            let because = connection.because().unwrap_or_default();
            let disconnected = t!("state-unsteerable", name = name, because = because);
            Err(Failure::new(Code::Conflict, disconnected)
                .hinted(t!("state-unsteerable-hint", argument = argument)))
        }
        // What an unknown state allows, only Central knows.
        Status::Active | Status::Paused | Status::Deleted | Status::Unknown => Ok(()),
    }
}
