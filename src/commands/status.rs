//! `status`: Central's view and AWS's side by side; exit 8 when something is not as it should be.

use std::time::Duration;

use serde_json::{Value, json};

use super::{App, session, setup};
use crate::{
    aws::Aws,
    central::{Versioned, model::Status},
    connection::{Design, Kind},
    observe::{self, Observed},
    plan::{self, Action, Journal, render},
    resources::{Seen, environment_digest, trail},
    ui::{Code, Exit, Failure, Printer, Result, t},
};

/// One finding.
#[derive(Clone, Debug)]
pub struct Check {
    pub name: &'static str,
    /// `None`: cannot be told.
    pub ok: Option<bool>,
    pub detail: String,
    pub fix: Option<String>,
}

impl Check {
    #[must_use]
    pub fn new(name: &'static str, ok: Option<bool>, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok,
            detail: detail.into(),
            fix: None,
        }
    }

    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        if self.ok != Some(true) {
            self.fix = Some(fix.into());
        }
        self
    }

    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut value = json!({ "name": self.name, "ok": self.ok, "detail": self.detail });
        if let Some(fix) = &self.fix {
            value["fix"] = fix.clone().into();
        }
        value
    }

    /// The findings below each other.
    #[must_use]
    pub fn lines(checks: &[Self]) -> String {
        let width = checks.iter().map(|check| check.name.len()).max();
        let lines: Vec<String> = checks
            .iter()
            .map(|check| check.line(width.unwrap_or_default()))
            .collect();
        lines.join("\n")
    }

    fn line(&self, width: usize) -> String {
        let mark = match self.ok {
            Some(true) => '✓',
            Some(false) => '✗',
            None => '?',
        };
        let fix = self
            .fix
            .as_ref()
            .map(|fix| format!("\n      → {fix}"))
            .unwrap_or_default();
        format!("  {mark} {:<width$}  {}{fix}", self.name, self.detail)
    }
}

pub async fn run(app: &App, connection: &str, watch: bool) -> Result<Exit> {
    if watch && app.printer.json() {
        return Err(Failure::usage(t!("watch-json")));
    }
    let central = session::central(app).await?;
    let mut found = session::find(&central, connection, false).await?;
    loop {
        let checks = look(app, &found).await?;
        let healthy = checks.iter().all(|check| check.ok != Some(false));
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

async fn look(app: &App, found: &Versioned) -> Result<Vec<Check>> {
    let name = app.argument(&found.connection.name);
    let rerun = t!("fix-setup", name = name);
    let mut checks = of_central(found, &rerun);
    if found.connection.status == Status::Deleted {
        return Ok(checks);
    }
    let aws = session::aws_of(app, found).await?;
    let design = session::design_of(&aws, found)?;
    let trails = trail::list(&aws).await?;
    let observed = observe::observe(&aws, &design, trails, Vec::new()).await?;
    checks.extend(of_parts(&aws, &design, &observed, found, &rerun));
    checks.push(of_trail(&observed));
    Ok(checks)
}

fn of_central(found: &Versioned, rerun: &str) -> Vec<Check> {
    let connection = &found.connection;
    let because = connection
        .paused_because
        .as_deref()
        .or(connection.disconnected_because.as_deref());
    let status = match because {
        Some(because) => format!("{} ({because})", connection.status.as_str()),
        None => connection.status.as_str().to_owned(),
    };
    let mut checks = vec![
        Check::new(
            "connection",
            Some(connection.status == Status::Active),
            status,
        )
        .fix(rerun),
    ];
    // What signed in last may be what ran before an upgrade: whether the code is right, its digest tells.
    let deployed = connection.manifest().forwarder_version;
    if let (Some(runs), Some(deployed)) = (&connection.forwarder_version, &deployed) {
        let detail = t!("status-version", runs = runs, deployed = deployed);
        checks.push(Check::new("version", (runs == deployed).then_some(true), detail).fix(rerun));
    }
    let seen = match &connection.forwarder_seen_at {
        Some(at) => {
            let version = connection.forwarder_version.as_deref().unwrap_or("?");
            Check::new(
                "sign-in",
                Some(true),
                t!("status-signed-in", at = at, version = version),
            )
        }
        None => Check::new("sign-in", Some(false), t!("status-no-sign-in")).fix(rerun),
    };
    checks.push(seen);
    let read = connection
        .forwarder_checks
        .as_ref()
        .and_then(|checks| checks.read);
    let detail = match read {
        Some(true) => t!("status-can-read"),
        Some(false) => connection.cannot_read().unwrap_or_default(),
        None => t!("status-read-unknown"),
    };
    checks.push(Check::new("read", read, detail).fix(t!("fix-read")));
    checks.push(match &connection.last_received_at {
        Some(at) => {
            let detail = t!(
                "status-logs",
                at = at,
                count = connection.received_objects,
                bytes = connection.received_bytes
            );
            Check::new("logs", Some(true), detail)
        }
        None => Check::new("logs", None, t!("status-no-logs")),
    });
    checks
}

/// Every part against the plan that setup would make now.
fn of_parts(
    aws: &Aws,
    design: &Design,
    observed: &Observed,
    found: &Versioned,
    rerun: &str,
) -> Vec<Check> {
    let manifest = found.connection.manifest();
    // The code as deployed is compared with what the manifest recorded, not with this program's own.
    let digest = manifest
        .find(Kind::Function, &design.function_arn(), None)
        .and_then(|item| item.digest.clone());
    let environment = setup::environment(aws, design, &found.connection);
    let kept = observed.bucket.there().and_then(|bucket| match bucket {
        Ok(state) => match &state.mark {
            crate::resources::Mark::Other(id)
                if !manifest.says_ours(Kind::Bucket, &design.bucket_arn()) =>
            {
                id.parse().ok()
            }
            _ => None,
        },
        Err(_) => None,
    });
    let journal = Journal {
        manifest: Some(&manifest),
        kept_from: kept,
        deployment: None,
    };
    let plan = plan::setup(
        design,
        observed,
        journal,
        digest.as_deref().unwrap_or_default(),
    );
    let mut checks: Vec<Check> = plan
        .steps
        .iter()
        .map(|step| {
            let ok = matches!(step.action, Action::Keep | Action::Use);
            let detail = if ok {
                step.arn.clone()
            } else {
                format!(
                    "{}: {}",
                    render::title(step),
                    step.reason.clone().unwrap_or_default()
                )
            };
            Check::new(
                step.kind.as_str(),
                Some(ok),
                detail.trim_end_matches(": ").to_owned(),
            )
            .fix(rerun)
        })
        .collect();
    for (kind, finding) in plan.findings {
        checks.push(Check::new(kind.as_str(), Some(false), finding).fix(t!("findings-hint")));
    }
    for conflict in plan.conflicts {
        checks.push(Check::new("conflict", Some(false), conflict));
    }
    if let Some(state) = observed.function.there() {
        let recorded = digest.and_then(|digest| hex::decode(digest).ok());
        let deployed =
            base64::Engine::decode(&base64::prelude::BASE64_STANDARD, &state.code_sha256).ok();
        checks.push(
            Check::new(
                "code",
                Some(recorded == deployed),
                t!("status-code", digest = state.code_sha256),
            )
            .fix(rerun),
        );
        let digest = environment_digest(&state.environment);
        let recorded = manifest.find(Kind::Function, &design.function_arn(), Some("environment"));
        let recorded = recorded.and_then(|item| item.digest.as_ref());
        let same =
            state.environment == environment && recorded.is_none_or(|recorded| *recorded == digest);
        checks.push(
            Check::new(
                "environment",
                Some(same),
                t!("status-environment", digest = digest),
            )
            .fix(rerun),
        );
    }
    checks
}

fn of_trail(observed: &Observed) -> Check {
    match &observed.trails.own {
        Seen::There(own) => match &own.status {
            Seen::There(status) => {
                let errors: Vec<String> = [
                    status
                        .delivery_error
                        .as_ref()
                        .map(|code| t!("status-delivery-error", code = code)),
                    status
                        .notification_error
                        .as_ref()
                        .map(|code| t!("status-notification-error", code = code)),
                ]
                .into_iter()
                .flatten()
                .collect();
                let detail = match (status.logging, errors.is_empty()) {
                    (true, true) => t!("status-logging"),
                    (true, false) => errors.join(", "),
                    (false, _) => t!("status-not-logging"),
                };
                Check::new("logging", Some(status.logging && errors.is_empty()), detail)
                    .fix(t!("fix-logging"))
            }
            _ => Check::new("logging", None, t!("status-unseen")),
        },
        Seen::Absent => Check::new("logging", Some(false), t!("status-no-trail")),
        Seen::Unseen(_) => Check::new("logging", None, t!("status-unseen")),
    }
}
