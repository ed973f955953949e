//! One look at a connection from both sides.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::common::Common;
use crate::{
    central::{
        Central, Versioned,
        model::{Connection, LicenseState, Status},
    },
    commands::{app::App, leaving, session},
    connection::Design,
    health::{
        self, Check, Evidence, Remedies,
        day::Day,
        facts::{licence_check, licence_json},
        path::{Hop, path},
    },
    resources::{bucket, families},
    ui::{Result, t},
};

/// What was found at one look.
pub(super) struct Looked {
    pub connection: Connection,
    /// The verdict in one sentence.
    pub verdict: String,
    pub checks: Vec<Check>,
    /// When it was.
    pub at: Timestamp,
    /// Nothing more is known of a deleted connection.
    pub more: Option<More>,
}

/// What is worth knowing besides the checks.
pub(super) struct More {
    pub path: Vec<Hop>,
    /// `None` if Central does not say what it received.
    pub day: Option<Day>,
    pub design: Design,
}

impl Looked {
    pub(super) fn to_json(&self, app: &App, license: &LicenseState) -> Value {
        let checks = self.checks.iter().map(Check::to_json);
        let mut document = json!({
            "connection": self.connection,
            "healthy": Check::healthy(&self.checks),
            "checks": checks.collect::<Vec<_>>(),
        });
        if let Some(More { path, day, design }) = &self.more {
            document["path"] = path.iter().map(Hop::to_json).collect();
            if let Some(day) = day {
                document["lastDay"] = day.to_json();
            }
            document["licence"] = licence_json(license);
            let words = leaving::command(app, design);
            document["withoutCentral"] = words.join(" ").into();
        }
        document
    }
}

/// Returns the state of the tenant's licence.
pub(super) async fn license(app: &App, central: &Central) -> LicenseState {
    let code = session::license_code(app);
    central.license(code.as_deref()).await
}

/// The commands that mend a connection.
pub(super) fn remedies(app: &App, connection: &Connection) -> Remedies {
    Remedies {
        setup: app.command("setup", &connection.name),
        resume: app.command("resume", &connection.name),
    }
}

/// Looks at a connection from both sides.
pub(super) async fn look(
    app: &App,
    central: &Central,
    found: &Versioned,
    license: &LicenseState,
    common: &Common,
) -> Result<Looked> {
    let connection = &found.connection;
    let now = Timestamp::now();
    let looked = |checks: Vec<Check>, more| Looked {
        connection: connection.clone(),
        verdict: health::verdict(connection, &checks),
        checks,
        at: now,
        more,
    };
    if connection.status == Status::Deleted {
        let name = app.argument(&connection.name);
        let id = app.argument(&connection.id);
        let deleted = health::deleted(connection, &name, &id);
        return Ok(looked(vec![deleted], None));
    }
    let home = connection.home_region.as_ref();
    let aws = common.aws(app, home).await?;
    session::same_account(&aws, found)?;
    let design = session::design_of(&aws, found)?;
    let trails = common.trails(&aws).await?;
    let day = now - SignedDuration::from_hours(24);
    let (observed, newest, statistics) = tokio::join!(
        families::observe(&aws, &design, trails, Vec::new()),
        bucket::newest(&aws, &design, now),
        central.statistics(connection.id, day),
    );
    let observed = observed?;
    let environment = session::environment(&aws, &design, connection);
    let known = statistics.as_ref().ok().and_then(Option::as_ref);
    let day = known.map(|known| Day::of(known, now));
    let evidence = Evidence {
        connection,
        // Without statistics there is only the last receipt, which shows less.
        statistics: statistics
            .map(Option::unwrap_or_default)
            .map_err(|failure| failure.message),
        newest,
        design: &design,
        observed: &observed,
        environment: &environment,
    };
    let mut checks = health::judge(&evidence, &remedies(app, connection));
    checks.extend(licence_check(license, t!("fix-licence")));
    let path = path(&evidence, &checks);
    Ok(looked(checks, Some(More { path, day, design })))
}
