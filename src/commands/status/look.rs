//! One look at a connection from both sides.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::common::Common;
use crate::{
    aws::Aws,
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
    plan,
    resources::{bucket, families, function},
    ui::{Code, Failure, Result, t},
};

/// What was found at one look.
pub(super) struct Looked {
    pub connection: Connection,
    /// The verdict in one sentence.
    pub verdict: String,
    pub checks: Vec<Check>,
    /// Whether only Central could be asked.
    pub from_afar: bool,
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
            // What a stack owns, its owner takes away.
            if !self.connection.manifest().is_adopted() {
                let words = leaving::command(app, design);
                document["withoutCentral"] = words.join(" ").into();
            }
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
fn remedies(app: &App, connection: &Connection) -> Remedies {
    Remedies {
        setup: app.command("setup", &connection.name),
        resume: app.command("resume", &connection.name),
        invite: None,
    }
}

/// Looks at a connection from both sides. `from_afar`: the look before could only ask Central, so AWS is not asked again.
pub(super) async fn look(
    app: &App,
    central: &Central,
    found: &Versioned,
    license: &LicenseState,
    common: &Common,
    from_afar: bool,
) -> Result<Looked> {
    let connection = &found.connection;
    let now = Timestamp::now();
    let looked = |checks: Vec<Check>, more| Looked {
        connection: connection.clone(),
        verdict: health::verdict(connection, &checks),
        checks,
        from_afar: false,
        at: now,
        more,
    };
    if connection.status == Status::Deleted {
        let name = app.argument(&connection.name);
        let id = app.argument(&connection.id);
        let deleted = health::deleted(connection, &name, &id);
        return Ok(looked(vec![deleted], None));
    }
    if from_afar || connection.is_prepared() {
        return Ok(look_from_afar(app, connection, license));
    }
    let aws = match signed_in(app, common, found).await {
        Err(failure) if is_elsewhere(connection, &failure) => {
            return Ok(look_from_afar(app, connection, license));
        }
        signed_in => signed_in?,
    };
    let design = session::design_of(&aws, found)?;
    let trails = common.trails(&aws).await?;
    let day = now - SignedDuration::from_hours(24);
    let (observed, newest, statistics) = tokio::join!(
        families::observe(&aws, &design, trails, Vec::new()),
        bucket::newest(&aws, &design, now),
        central.statistics(connection.id, day),
    );
    let mut observed = observed?;
    if connection.manifest().is_adopted() || plan::stack_stands(&observed) {
        function::recognise(&design, &mut observed.function);
    }
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

/// Whether a connection is being set up by somebody else, who has the AWS account: whoever has invited sees what Central says.
fn is_elsewhere(connection: &Connection, failure: &Failure) -> bool {
    let without_aws = [Code::AwsSignIn, Code::WrongTarget];
    connection.status == Status::Pending && without_aws.contains(&failure.code)
}

/// Signs in to AWS in the connection's region, with credentials of its account.
async fn signed_in(app: &App, common: &Common, found: &Versioned) -> Result<Aws> {
    let aws = common
        .aws(app, found.connection.home_region.as_ref())
        .await?;
    session::same_account(&aws, found)?;
    Ok(aws)
}

/// Judges a connection by what Central alone says of it. What is only prepared waits for somebody else.
pub(super) fn checks_from_afar(
    app: &App,
    connection: &Connection,
    license: &LicenseState,
) -> Vec<Check> {
    let prepared = connection.is_prepared();
    let remedies = Remedies {
        invite: prepared.then(|| app.command("invite", &connection.name)),
        ..remedies(app, connection)
    };
    let mut checks = health::judge_from_afar(connection, &remedies);
    checks.extend(licence_check(license, t!("fix-licence")));
    checks
}

/// Looks at a connection from Central's side alone.
fn look_from_afar(app: &App, connection: &Connection, license: &LicenseState) -> Looked {
    let checks = checks_from_afar(app, connection, license);
    let verdict = match connection.is_prepared() {
        true => t!("status-prepared", name = connection.name),
        false if connection.status == Status::Pending => {
            t!("status-elsewhere", name = connection.name)
        }
        false => health::verdict(connection, &checks),
    };
    Looked {
        connection: connection.clone(),
        verdict,
        checks,
        from_afar: true,
        at: Timestamp::now(),
        more: None,
    }
}
