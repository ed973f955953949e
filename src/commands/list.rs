//! `list`: shows the connections of the tenant.

use serde_json::json;

use super::{app::App, session};
use crate::{
    central::model::{Connection, Status},
    ui::{Exit, Result, human, t, table::table},
};

pub(super) async fn run(
    app: &App,
    organization: bool,
    status: Option<Status>,
    all: bool,
) -> Result<Exit> {
    let central = session::central(app).await?;
    let mut query: Vec<(&str, String)> = Vec::new();
    if organization {
        query.push(("organization", "true".to_owned()));
    }
    if all || status == Some(Status::Deleted) {
        query.push(("includeDeleted", "true".to_owned()));
    }
    query.extend(status.map(|status| ("status", status.as_str().to_owned())));
    let connections = central.list(&query).await?;
    if app.printer.json() {
        app.printer.document(&json!({ "connections": connections }));
        return Ok(Exit::Done);
    }
    if connections.is_empty() {
        let (chosen, flags) = (organization || status.is_some(), app.flags());
        let text = match chosen {
            true => t!("list-none", flags = flags),
            false => t!("list-empty", flags = flags),
        };
        app.printer.say(&text);
        return Ok(Exit::Done);
    }
    show(app, &connections);
    Ok(Exit::Done)
}

/// Shows a table, and why connections in it are paused if the licence has ended.
fn show(app: &App, connections: &[Connection]) {
    let headings = [
        t!("column-name"),
        t!("column-account"),
        t!("column-region"),
        t!("column-status"),
        t!("column-last-log"),
        t!("column-log-files"),
    ];
    let rows: Vec<_> = connections.iter().map(row).collect();
    app.printer.data(&table(
        &headings,
        &rows,
        app.printer.data_width(),
        app.printer.words,
    ));
    let unlicensed = connections.iter().filter(|one| one.lacks_license()).count();
    if unlicensed > 0 {
        app.printer.warn(&t!("list-licence", count = unlicensed));
    }
}

fn row(connection: &Connection) -> Vec<String> {
    let account = connection.organization.as_ref().map_or_else(
        || connection.aws_account_id.to_string(),
        |organization| organization.id.clone(),
    );
    let region = connection.home_region.as_ref().map(ToString::to_string);
    let received = connection.last_received_at.as_deref().map(human::ago_of);
    vec![
        connection.name.to_string(),
        account,
        region.unwrap_or_default(),
        connection.status.shown(),
        received.unwrap_or_else(|| "-".to_owned()),
        connection.received_objects.to_string(),
    ]
}
