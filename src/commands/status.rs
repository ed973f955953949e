//! `status`: shows Central's view and AWS's side together. Exits with 8 if something is wrong.

use std::time::Duration;

use serde_json::{Value, json};

use super::{app::App, session};
use crate::{
    central::{Central, Versioned, model::Status},
    health::{self, Check, Evidence},
    resources::{families, trail},
    ui::{Code, Exit, Failure, Printer, Result, t},
};

pub(super) async fn run(app: &App, connection: &str, watch: bool) -> Result<Exit> {
    if watch && app.printer.json() {
        return Err(Failure::usage(t!("watch-json")));
    }
    let central = session::central(app).await?;
    let mut found = session::find(&central, connection, true).await?;
    loop {
        let checks = look(app, &central, &found).await?;
        let healthy = Check::healthy(&checks);
        if app.printer.json() {
            let checks: Vec<Value> = checks.iter().map(Check::to_json).collect();
            app.printer.document(
                &json!({ "connection": found.connection, "healthy": healthy, "checks": checks }),
            );
        } else {
            app.printer.data(&t!(
                "status-heading",
                name = found.connection.name,
                id = found.connection.id
            ));
            app.printer.data(&Check::lines(&checks));
        }
        if watch && Printer::is_broken() {
            return Ok(Exit::Done);
        }
        if !watch {
            return if healthy {
                Ok(Exit::Done)
            } else {
                Err(Failure::new(Code::Unhealthy, t!("not-healthy")))
            };
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        if let Some(newer) = central.by_id(found.connection.id).await? {
            found = newer;
        }
    }
}

async fn look(app: &App, central: &Central, found: &Versioned) -> Result<Vec<Check>> {
    let connection = &found.connection;
    let name = app.argument(&connection.name);
    if connection.status == Status::Deleted {
        let id = app.argument(&connection.id);
        return Ok(vec![health::deleted(connection, &name, &id)]);
    }
    let aws = session::aws_of(app, found).await?;
    let design = session::design_of(&aws, found)?;
    let trails = trail::list(&aws).await?;
    let observed = families::observe(&aws, &design, trails, Vec::new()).await?;
    let day = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    // Without statistics there is only the last receipt, which shows less.
    let statistics = central.statistics(connection.id, day).await;
    let statistics = statistics.map(Option::unwrap_or_default);
    let environment = session::environment(&aws, &design, connection);
    let evidence = Evidence {
        connection,
        statistics: statistics.map_err(|failure| failure.message),
        design: &design,
        observed: &observed,
        environment: &environment,
    };
    Ok(health::judge(&evidence, &name))
}
