//! Whether a connection is as it should be: Central's view and AWS's side, judged from the same drift that `setup` plans from.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    central::model::{Connection, Statistics, Status},
    connection::{Design, Kind, Resources},
    plan::{self, render},
    policy,
    resources::{
        bucket,
        cx::environment_digest,
        families::Observed,
        function,
        planned::Journal,
        seen::{Mark, Seen},
    },
    ui::t,
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
        if self.ok == Some(false) {
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

/// What is judged.
pub struct Evidence<'a> {
    pub connection: &'a Connection,
    /// What Central received in the last day; why it does not say, otherwise.
    pub statistics: Result<Statistics, String>,
    pub design: &'a Design,
    pub observed: &'a Observed,
    /// The environment that the function should have.
    pub environment: &'a BTreeMap<String, String>,
}

/// A connection that was removed: what was read and received is past, and nothing else is said of it.
///
/// `name` and `id` are as the command line takes them.
#[must_use]
pub fn deleted(connection: &Connection, name: &str, id: &str) -> Check {
    let fix = t!("fix-deleted", name = name, id = id);
    Check::new("connection", Some(false), connection.status.as_str()).fix(fix)
}

/// Every check of a connection that is not deleted. `name` is as the command line takes it.
#[must_use]
pub fn judge(evidence: &Evidence<'_>, name: &str) -> Vec<Check> {
    let rerun = t!("fix-setup", name = name);
    let Evidence {
        connection,
        statistics,
        design,
        observed,
        ..
    } = evidence;
    let mut checks = of_central(connection, &rerun);
    checks.push(match statistics {
        Ok(statistics) => of_logs(connection, statistics, observed),
        Err(message) => Check::new("logs", None, message),
    });
    checks.extend(of_parts(evidence, &rerun));
    let topic = observed.topic.there();
    let topic = topic.and_then(|topic| topic.policy.as_ref());
    let may_publish =
        topic.is_some_and(|document| policy::contains(document, &design.topic_statements()));
    checks.push(of_trail(observed, may_publish));
    checks
}

fn of_central(connection: &Connection, rerun: &str) -> Vec<Check> {
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
    // The forwarder tells at a sign-in; what it has sent, it could read.
    let (read, detail) = match read {
        Some(true) => (read, t!("status-can-read")),
        Some(false) => (read, connection.cannot_read().unwrap_or_default()),
        None if connection.last_received_at.is_some() => (Some(true), t!("status-read-arrives")),
        None => (None, t!("status-read-unknown")),
    };
    checks.push(Check::new("read", read, detail).fix(t!("fix-read")));
    checks
}

/// How far Central may be behind the trail: CloudTrail delivers every five minutes on average, and Lambda tries again for some
/// minutes (their user guides).
const BEHIND: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

/// Whether log files arrive: the trail's last delivery against Central's last decision, which a filter does not make older.
/// `None` where it cannot be told.
fn arrives(
    delivered: Option<jiff::Timestamp>,
    decided: Option<jiff::Timestamp>,
    since: Option<jiff::Timestamp>,
) -> Option<bool> {
    // A file that was there before the connection was never offered.
    let known = decided.or(since)?;
    match (delivered, decided) {
        (Some(delivered), _) if delivered.duration_since(known) > BEHIND => Some(false),
        (_, None) => None,
        (Some(_), Some(_)) => Some(true),
        // The trail is out of sight: only the time since the last file tells.
        (None, Some(decided)) => {
            let day = jiff::SignedDuration::from_hours(24);
            let recent = jiff::Timestamp::now().duration_since(decided) < day;
            recent.then_some(true)
        }
    }
}

/// Whether log files arrive; where they do not, the first hop that is broken.
fn of_logs(connection: &Connection, statistics: &Statistics, observed: &Observed) -> Check {
    let status = observed
        .trail
        .own
        .there()
        .and_then(|own| own.status.there());
    let time = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
    let received: Option<jiff::Timestamp> = time(&connection.last_received_at);
    let decided = statistics.last_decided_at.max(received);
    let detail = match &connection.last_received_at {
        Some(at) => t!(
            "status-logs",
            at = at,
            count = connection.received_objects,
            bytes = connection.received_bytes
        ),
        None => t!("status-no-logs"),
    };
    if connection.status == Status::Paused {
        return Check::new("logs", None, t!("status-logs-paused", detail = detail));
    }
    let delivered = status.and_then(|status| status.delivered);
    let since = time(&Some(connection.created_at.clone()));
    let arrives = arrives(delivered, decided, since);
    if arrives != Some(false) {
        return Check::new("logs", arrives, detail);
    }
    let hop = match status {
        Some(status) if !status.logging => t!("hop-trail"),
        Some(status) if status.delivery_error.is_some() => t!("hop-bucket"),
        Some(status) if status.notification_error.is_some() => t!("hop-topic"),
        _ if observed.function.is_absent() => t!("hop-no-function"),
        _ if connection.status == Status::Disconnected => t!("hop-sign-in"),
        _ if connection.cannot_read().is_some() => t!("hop-read"),
        _ => t!("hop-function"),
    };
    let at = delivered.map(|at| at.to_string()).unwrap_or_default();
    let stale = t!("status-stale", delivered = at, detail = detail, hop = hop);
    Check::new("logs", Some(false), stale).fix(t!("fix-stale"))
}

/// Every part against the plan that setup would make now.
fn of_parts(evidence: &Evidence<'_>, rerun: &str) -> Vec<Check> {
    let Evidence {
        connection,
        design,
        observed,
        ..
    } = evidence;
    let manifest = connection.manifest();
    // The code as deployed is compared with what the manifest recorded, not with this program's own.
    let digest = manifest
        .find(Kind::Function, &design.function_arn(), None)
        .and_then(|item| item.digest.clone());
    let kept = match bucket::own_mark(&observed.bucket) {
        Some(Mark::Other(id)) if !manifest.says_ours(Kind::Bucket, &design.bucket_arn()) => {
            id.parse().ok()
        }
        _ => None,
    };
    let journal = Journal {
        manifest: Some(&manifest),
        kept_from: kept,
        deployment: None,
        package_digest: digest.as_deref().unwrap_or_default(),
    };
    let plan = plan::setup(design, observed, journal);
    let mut checks: Vec<Check> = plan
        .steps
        .iter()
        .map(|step| {
            let ok = !step.writes();
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
        checks.push(of_code(state, digest.as_deref(), rerun));
        checks.push(of_environment(evidence, state, &manifest, rerun));
    }
    checks
}

/// The deployed code against what the manifest recorded.
fn of_code(state: &function::State, recorded: Option<&str>, rerun: &str) -> Check {
    let recorded = recorded.and_then(|digest| hex::decode(digest).ok());
    let deployed = BASE64_STANDARD.decode(&state.code_sha256).ok();
    let detail = t!("status-code", digest = state.code_sha256);
    Check::new("code", Some(recorded == deployed), detail).fix(rerun)
}

/// The function's environment against what it should be, and what the manifest recorded.
fn of_environment(
    evidence: &Evidence<'_>,
    state: &function::State,
    manifest: &Resources,
    rerun: &str,
) -> Check {
    let digest = environment_digest(&state.environment);
    let arn = evidence.design.function_arn();
    let recorded = manifest.find(Kind::Function, &arn, Some(function::ENVIRONMENT));
    let recorded = recorded.and_then(|item| item.digest.as_ref());
    let same = state.environment == *evidence.environment
        && recorded.is_none_or(|recorded| *recorded == digest);
    let detail = t!("status-environment", digest = digest);
    Check::new("environment", Some(same), detail).fix(rerun)
}

/// `may_publish`: our statement in the topic's policy is as it should be.
fn of_trail(observed: &Observed, may_publish: bool) -> Check {
    match &observed.trail.own {
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
                // Its error stays until the next log file, also once the topic's policy is right again (recorded).
                let of_before = status.notification_error.as_deref() == Some("AuthorizationError")
                    && may_publish
                    && status.delivery_error.is_none();
                let ok = match (status.logging, errors.is_empty()) {
                    (true, false) if of_before => None,
                    (logging, fine) => Some(logging && fine),
                };
                Check::new("logging", ok, detail).fix(t!("fix-logging"))
            }
            _ => Check::new("logging", None, t!("status-unseen")),
        },
        Seen::Absent => Check::new("logging", Some(false), t!("status-no-trail")),
        Seen::Denied(_) => Check::new("logging", None, t!("status-unseen")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_stale_where_central_is_far_behind_the_trail() {
        let now = jiff::Timestamp::now();
        let ago = |minutes| Some(now - jiff::SignedDuration::from_mins(minutes));
        for (delivered, decided, since, expected) in [
            (ago(1), ago(2), ago(60), Some(true)),
            (ago(1), ago(40), ago(60), Some(false)),
            // The trail is as quiet as Central hears.
            (ago(300), ago(301), ago(600), Some(true)),
            // Nothing ever came, and something was delivered well after the connection was made.
            (ago(1), None, ago(60), Some(false)),
            (ago(1), None, ago(5), None),
            (ago(90), None, ago(60), None),
            (None, None, ago(60), None),
            (None, ago(5), ago(60), Some(true)),
            (None, ago(5000), ago(9000), None),
        ] {
            let found = arrives(delivered, decided, since);
            assert_eq!(found, expected, "{delivered:?} {decided:?} {since:?}");
        }
    }
}
