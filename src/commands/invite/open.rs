//! The invitations that are open: `invite --list`, and `invite --revoke`.

use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::{
    central::{
        Central, Open,
        model::{Connection, Status},
    },
    commands::{app::App, session, states::must_live},
    ui::{Exit, Result, human::ago_of, t, table::table},
};

/// Lists the open invitations to a connection, or to each of the tenant.
pub(super) async fn list(app: &App, connection: Option<&str>) -> Result<Exit> {
    let central = session::central(app).await?;
    let connections = match connection {
        Some(text) => vec![session::find(app, &central, text, false).await?.connection],
        None => pending(&central).await?,
    };
    let found = connections.iter().map(|one| central.invitations(one.id));
    let found: Vec<Vec<Open>> = try_join_all(found).await?;
    let each = connections.iter().zip(&found);
    let open: Vec<(&Connection, &Open)> = each
        .flat_map(|(connection, open)| open.iter().map(move |one| (connection, one)))
        .collect();
    if app.printer.json() {
        let items: Vec<Value> = open.iter().map(|(of, one)| to_json(of, one)).collect();
        app.printer.document(&json!({ "invitations": items }));
    } else if open.is_empty() {
        app.printer.say(&t!("invite-none"));
    } else {
        show(app, &open);
    }
    Ok(Exit::Done)
}

/// Takes the invitations to a connection back. What is taken back already is done.
pub(super) async fn revoke(app: &App, connection: &str) -> Result<Exit> {
    let central = session::central(app).await?;
    let connection = session::find(app, &central, connection, true)
        .await?
        .connection;
    must_live(app, &connection)?;
    central.revoke(connection.id).await?;
    if app.printer.json() {
        app.printer.document(&json!({ "connection": connection }));
        return Ok(Exit::Done);
    }
    let (name, argument) = (&connection.name, app.argument(&connection.name));
    app.printer.say(&match connection.status {
        Status::Pending => t!("invite-revoked", name = name, argument = argument),
        _ => t!("invite-revoked-set-up", name = name),
    });
    Ok(Exit::Done)
}

/// The connections that there may be invitations to.
async fn pending(central: &Central) -> Result<Vec<Connection>> {
    let query = [("status", Status::Pending.as_str().to_owned())];
    let mut found = central.list(&query).await?;
    // Central's filter is not trusted.
    found.retain(|connection| connection.status == Status::Pending);
    Ok(found)
}

fn to_json(connection: &Connection, open: &Open) -> Value {
    let mut item = json!({
        "name": connection.name,
        "id": connection.id,
        "awsAccountId": connection.aws_account_id,
        "createdAt": open.created_at,
        "expiresAt": open.expires_at,
    });
    if let Some(account) = &open.redeemed_by {
        item["redeemedBy"] = account.to_string().into();
    }
    item
}

fn show(app: &App, open: &[(&Connection, &Open)]) {
    let headings = [
        t!("column-name"),
        t!("column-account"),
        t!("column-made"),
        t!("column-good-until"),
        t!("column-begun"),
    ];
    let rows = open.iter().map(|(connection, open)| {
        vec![
            connection.name.to_string(),
            connection.aws_account_id.to_string(),
            ago_of(&open.created_at.to_string()),
            open.expires_at.to_string(),
            match open.redeemed_by {
                Some(_) => t!("invite-begun"),
                None => t!("invite-unused"),
            },
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let (width, words) = (app.printer.data_width(), app.printer.words);
    app.printer.data(&table(&headings, &rows, width, words));
}
