//! `list`: the connections of the tenant.

use serde_json::json;

use super::{App, session};
use crate::ui::{Exit, Result, t, table::table};

pub async fn run(app: &App, organization: bool, status: Option<String>, all: bool) -> Result<Exit> {
    let central = session::central(app).await?;
    let mut query: Vec<(&str, String)> = Vec::new();
    if organization {
        query.push(("organization", "true".to_owned()));
    }
    if all || status.as_deref() == Some("deleted") {
        query.push(("includeDeleted", "true".to_owned()));
    }
    query.extend(status.map(|status| ("status", status)));
    let connections = central.list(&query).await?;
    if app.printer.json() {
        app.printer.document(&json!({ "connections": connections }));
        return Ok(Exit::Done);
    }
    if connections.is_empty() {
        app.printer.say(&t!("list-empty"));
        return Ok(Exit::Done);
    }
    let headings = [
        t!("column-name"),
        t!("column-account"),
        t!("column-region"),
        t!("column-status"),
        t!("column-last-log"),
        t!("column-objects"),
    ];
    let rows = connections
        .iter()
        .map(|connection| {
            let of = connection.organization.as_ref().map_or_else(
                || connection.aws_account_id.to_string(),
                |organization| organization.id.clone(),
            );
            vec![
                connection.name.to_string(),
                of,
                connection
                    .home_region
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                connection.status.as_str().to_owned(),
                connection
                    .last_received_at
                    .clone()
                    .unwrap_or_else(|| "-".to_owned()),
                connection.received_objects.to_string(),
            ]
        })
        .collect();
    app.printer.data(&table(&headings, rows));
    Ok(Exit::Done)
}
