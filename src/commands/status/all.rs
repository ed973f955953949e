//! `status --all`: a line for each connection of the tenant. Connections of other accounts than the caller's are judged by what
//! Central says of them.

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::{
    common::Common,
    look::{checks_from_afar, license, look},
};
use crate::{
    central::{
        Central, Versioned,
        model::{Connection, LicenseState},
    },
    commands::{app::App, session},
    connection::AccountId,
    health::{Check, screen::worst_first},
    ui::{Code, Exit, Failure, Result, human, t, table::table},
};

/// How many connections are looked at at the same time.
const AT_ONCE: usize = 8;

/// A connection and what was found.
struct Row {
    connection: Connection,
    /// Whether AWS could be asked too.
    from_aws: bool,
    /// The checks, or why the connection could not be looked at.
    found: Result<Vec<Check>>,
}

pub(super) async fn run(app: &App) -> Result<Exit> {
    let central = session::central(app).await?;
    let connections = central.list(&[]).await?;
    if connections.is_empty() {
        if app.printer.json() {
            app.printer.document(&json!({ "connections": [] }));
        } else {
            app.printer.say(&t!("status-none", flags = app.flags()));
        }
        return Ok(Exit::Done);
    }
    let common = Common::default();
    let account = account(app, &common, &connections).await;
    let license = license(app, &central).await;
    let rows = stream::iter(connections)
        .map(|connection| {
            let from_aws = account.as_ref().ok() == Some(&connection.aws_account_id);
            row(
                app,
                &central,
                from_aws.then_some(&common),
                &license,
                connection,
            )
        })
        .buffered(AT_ONCE);
    let rows: Vec<Row> = rows.collect().await;
    if app.printer.json() {
        let rows: Vec<Value> = rows.iter().map(Row::to_json).collect();
        app.printer.document(&json!({ "connections": rows }));
    } else {
        show(app, &rows);
        tell_of_accounts(app, &account, &rows);
    }
    let unhealthy = rows.iter().filter(|row| !row.is_healthy()).count();
    match unhealthy {
        0 => Ok(Exit::Done),
        count => Err(Failure::new(
            Code::Unhealthy,
            t!("all-not-healthy", count = count, all = rows.len()),
        )),
    }
}

/// The account of the AWS credentials, or why there are none that work. The home region of a connection will do for that.
async fn account(app: &App, common: &Common, connections: &[Connection]) -> Result<AccountId> {
    let mut homes = connections.iter().map(|one| &one.home_region);
    let aws = common.aws(app, homes.find_map(Option::as_ref)).await?;
    session::warn_of_aws(app, &aws);
    Ok(aws.caller.account)
}

/// Looks at one connection, from both sides if AWS is asked about it. That it cannot be looked at is a result too.
async fn row(
    app: &App,
    central: &Central,
    aws: Option<&Common>,
    license: &LicenseState,
    connection: Connection,
) -> Row {
    let found = find(central, &connection);
    let found = match (found.await, aws) {
        (Ok(found), Some(common)) => look(app, central, &found, license, common, false)
            .await
            .map(|looked| looked.checks),
        (Ok(found), None) => Ok(checks_from_afar(app, &found.connection, license)),
        (Err(failure), _) => Err(failure),
    };
    Row {
        connection,
        from_aws: aws.is_some(),
        found,
    }
}

/// Reads a connection whole. It may have gone since it was listed.
async fn find(central: &Central, listed: &Connection) -> Result<Versioned> {
    let found = central.by_id(listed.id).await?;
    found.ok_or_else(|| {
        let unknown = t!("connection-unknown", name = listed.name);
        Failure::new(Code::UnknownConnection, unknown)
    })
}

impl Row {
    /// Whether nothing wrong was found. What could not be looked at may be wrong.
    fn is_healthy(&self) -> bool {
        self.found.as_deref().is_ok_and(Check::healthy)
    }

    fn to_json(&self) -> Value {
        let mut value = json!({
            "connection": self.connection,
            "healthy": self.is_healthy(),
            "seen": if self.from_aws { "both" } else { "central" },
            "verdict": self.verdict(),
        });
        match &self.found {
            Ok(checks) => value["checks"] = checks.iter().map(Check::to_json).collect(),
            Err(failure) => value["error"] = failure.to_json(),
        }
        value
    }

    /// The verdict in some words: which checks found something wrong, the first of them.
    fn verdict(&self) -> String {
        const NAMED: usize = 3;
        let checks = match &self.found {
            Ok(checks) => checks,
            Err(failure) => return t!("all-unseen", cause = failure.message),
        };
        let mut wrong = checks.clone();
        wrong.retain(|check| check.ok == Some(false));
        worst_first(&mut wrong);
        let mut named: Vec<String> = wrong.iter().map(|check| check.about.label()).collect();
        named.dedup();
        let more = named.len().saturating_sub(NAMED);
        named.truncate(NAMED);
        if more > 0 {
            named.push(t!("all-more", count = more));
        }
        match named.join(&t!("counts-between")) {
            none if none.is_empty() => t!("all-healthy"),
            what => t!("all-wrong", what = what),
        }
    }

    fn cells(&self, words: bool) -> Vec<String> {
        let connection = &self.connection;
        let received = connection.last_received_at.as_deref().map(human::ago_of);
        let mark = match self.is_healthy() {
            true => "✓ ",
            false => "✗ ",
        };
        let mark = if words { "" } else { mark };
        let verdict = match self.from_aws {
            true => self.verdict(),
            false => t!("all-by-central", verdict = self.verdict()),
        };
        vec![
            connection.name.to_string(),
            connection.aws_account_id.to_string(),
            connection.status.shown(),
            received.unwrap_or_else(|| "-".to_owned()),
            format!("{mark}{verdict}"),
        ]
    }
}

fn show(app: &App, rows: &[Row]) {
    let headings = [
        t!("column-name"),
        t!("column-account"),
        t!("column-status"),
        t!("column-last-log"),
        t!("column-verdict"),
    ];
    let words = app.printer.words;
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.cells(words)).collect();
    let width = app.printer.data_width();
    app.printer.data(&table(&headings, &cells, width, words));
}

/// Says of which connections only Central's view is known, and why.
fn tell_of_accounts(app: &App, account: &Result<AccountId>, rows: &[Row]) {
    if rows.iter().all(|row| row.from_aws) {
        return;
    }
    match account {
        Ok(account) => app.printer.say(&t!("all-one-account", account = account)),
        Err(failure) => {
            let cause = &failure.message;
            app.printer.warn(&t!("all-no-account", cause = cause));
        }
    }
}
