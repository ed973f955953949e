//! Whether it works: the forwarder signs in, can read the bucket, and log files arrive.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{prepared::Prepared, prove::prove};
use crate::{
    answers::Answers,
    audit::Proof,
    aws,
    central::{
        Versioned,
        model::{Connection, Status},
    },
    commands::{app::App, leaving, session::Session, states::remark},
    connection::{Design, Feed},
    health::screen::View,
    plan,
    resources::{cx::Cx, function, notification, trail},
    ui::{
        Code, Exit, Failure, Result, command::command, human::span, page::Page, progress::Running,
        t,
    },
};

/// How long an event of this run is looked for once log files arrive. CloudTrail delivers an event about five minutes after its
/// call, without a promise (CloudTrail user guide, "How CloudTrail works").
const PROOF: Duration = Duration::from_secs(10 * 60);

/// Waits until the forwarder has signed in and can read the bucket. `since` is when this run began to make changes, if it has
/// made any.
pub(super) async fn healthy(
    app: &App,
    prepared: &Prepared,
    found: Versioned,
    since: Option<Timestamp>,
) -> Result<Exit> {
    let given = &prepared.given;
    let begun = Instant::now();
    let step =
        (!is_ready(given, &found.connection)).then(|| app.progress().step(&t!("verify-step")));
    let found = wait(prepared, found, since.is_some(), step.as_ref()).await?;
    let connection = &found.connection;
    app.update_report(|report| report.connection = Some(connection.clone()));
    let findings = prepared.plan.findings.iter();
    let findings: Vec<String> = findings.map(|(_, text)| text.clone()).collect();
    if is_ready(given, connection) {
        if let Some(step) = step {
            step.done();
        }
        let mut proof = None;
        if let Some(since) = since.filter(|_| given.wait_for_logs.is(&true)) {
            let left = given.wait(true).saturating_sub(begun.elapsed());
            proof = prove(app, prepared, connection, since, left.min(PROOF)).await;
        }
        app.update_report(|report| report.proof.clone_from(&proof));
        set_up(app, prepared, connection, proof.as_ref(), findings)
    } else {
        if let Some(step) = step {
            step.failed();
        }
        Err(not_set_up(app, connection, findings))
    }
}

fn is_ready(given: &Answers, connection: &Connection) -> bool {
    let logs = given.wait_for_logs.is(&true);
    connection.signed_in() && (!logs || connection.last_received_at.is_some())
}

/// Waits until the connection is ready, or the time for it is over. Returns the connection as Central has it then.
async fn wait(
    prepared: &Prepared,
    mut found: Versioned,
    fresh: bool,
    step: Option<&Running>,
) -> Result<Versioned> {
    let Prepared {
        session,
        given,
        design,
        plan,
        ..
    } = prepared;
    // What could not be mended may be why Central refuses the sign-in. Waiting does not help then.
    let in_vain = |connection: &Connection| {
        connection.status == Status::Disconnected && !plan.findings.is_empty()
    };
    let begun = Instant::now();
    // What a stack owns is not touched, so that nothing sends a message.
    let silent = function::must_be_provoked(design) || plan.external;
    let mut message = Message::new(!fresh || silent);
    let mut only_a_file = false;
    while !is_ready(given, &found.connection) && !in_vain(&found.connection) {
        // Once the forwarder has signed in, only the log files are missing.
        let signed_in = found.connection.signed_in();
        let time = given.wait(only_a_file || signed_in);
        let left = time.saturating_sub(begun.elapsed());
        if left.is_zero() {
            break;
        }
        if let Some(step) = step {
            let what = match signed_in {
                true => t!("verify-waiting-logs"),
                false => t!("verify-waiting"),
            };
            step.waiting(&what, left);
        }
        tokio::time::sleep(pause(begun.elapsed())).await;
        if message.is_due() && !signed_in {
            // If this call is refused, the run goes on: the next log file makes the forwarder sign in as well.
            let sent = message.send(session, design, plan.external).await;
            tracing::debug!(refused = sent.is_err(), "the forwarder was called again");
            if sent.is_err() && silent {
                only_a_file = true;
            }
        }
        if let Some(newer) = session.central.by_id(design.id).await? {
            found = newer;
        }
        tracing::debug!(
            status = found.connection.status.as_str(),
            signed_in = found.connection.signed_in(),
            "waited for the sign-in"
        );
    }
    Ok(found)
}

fn pause(elapsed: Duration) -> Duration {
    Duration::from_millis(if elapsed < Duration::from_secs(10) {
        250
    } else {
        2000
    })
}

/// The message that makes the forwarder sign in. It is sent again in case it was lost.
struct Message {
    /// The changes of this run have not sent one.
    missing: bool,
    sent_at: Instant,
    /// How often it was sent again.
    count: u32,
}

impl Message {
    fn new(missing: bool) -> Self {
        Self {
            missing,
            sent_at: Instant::now(),
            count: 0,
        }
    }

    fn is_due(&self) -> bool {
        const AGAIN: Duration = Duration::from_secs(30);
        const MOST: u32 = 3;
        let due = self.sent_at.elapsed() > AGAIN || (self.missing && self.count == 0);
        due && self.count < MOST
    }

    /// Makes AWS send the message, by a change of something that is ours, or by invoking the function. What is `external` is only
    /// invoked.
    async fn send(&mut self, session: &Session, design: &Design, external: bool) -> Result<()> {
        self.count += 1;
        self.sent_at = Instant::now();
        let cx = Cx {
            aws: &session.aws,
            design,
            deployment: None,
            waiting: &aws::wait::quietly,
        };
        match design.feed {
            _ if external => Ok(function::provoke(cx).await?),
            Feed::New => trail::update(cx).await,
            Feed::Trail { .. } => trail::set_topic(cx).await,
            Feed::Bucket { .. } => notification::merge(cx).await,
            Feed::Subscribe { .. } | Feed::EventBridge { .. } => Ok(function::provoke(cx).await?),
        }
    }
}

/// Says that the connection is set up, and what proves it. Fails if something is wrong that setup could not mend.
fn set_up(
    app: &App,
    prepared: &Prepared,
    connection: &Connection,
    proof: Option<&Proof>,
    findings: Vec<String>,
) -> Result<Exit> {
    app.printer.say(&t!(
        "set-up",
        name = connection.name,
        status = connection.status.shown()
    ));
    if let Some(Proof { event, seconds, .. }) = proof {
        let time = span(*seconds);
        app.printer.say(&t!("proved", event = event, time = time));
    }
    if let Some(text) = remark(app, connection) {
        app.printer.warn(&text);
    }
    app.printer.show(&next(app, prepared, connection));
    if findings.is_empty() {
        return Ok(Exit::Done);
    }
    let mut failure = Failure::list(Code::Unhealthy, t!("findings"), findings);
    let kinds = prepared.plan.findings.iter().map(|(kind, _)| *kind);
    let hint = |kind| match prepared.plan.external {
        true => t!("external-hint-update"),
        false => plan::hint(kind),
    };
    let hints: BTreeSet<String> = kinds.map(hint).collect();
    failure.hints.extend(hints);
    Err(failure)
}

/// How to see that logs arrive, and what to keep.
fn next(app: &App, prepared: &Prepared, connection: &Connection) -> Page {
    let mut page = Page::default();
    if prepared.session.central.invited.is_some() {
        page.plain(t!("set-up-invited"));
    } else {
        let words = app.command("status", &connection.name);
        page.plain(t!("set-up-next"));
        page.verbatim(command(&words, app.printer.width(), 2));
    }
    let view = View {
        parts: false,
        words: app.printer.words,
        width: app.printer.width(),
    };
    // What a stack owns, its owner takes away.
    if !prepared.plan.external {
        leaving::show(&mut page, app, &prepared.design, view);
    }
    page
}

/// The failure that says what is missing.
fn not_set_up(app: &App, connection: &Connection, findings: Vec<String>) -> Failure {
    let message = match connection.cannot_read() {
        Some(detail) => t!("verify-cannot-read", detail = detail),
        None if connection.status == Status::Pending => t!("verify-no-sign-in"),
        None if connection.status == Status::Disconnected => {
            let because = connection.because().unwrap_or_default();
            t!("verify-disconnected", because = because)
        }
        None => t!("verify-no-logs"),
    };
    let failure = if findings.is_empty() {
        Failure::new(Code::Unhealthy, message)
    } else {
        Failure::list(Code::Unhealthy, message, findings)
    };
    failure.hinted(t!("verify-hint", name = app.argument(&connection.name)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::answers::Origin;

    fn connection(status: &str, more: &Value) -> Connection {
        let mut fields = more.clone();
        fields["status"] = status.into();
        Connection::fixture(&fields)
    }

    #[test]
    fn a_connection_is_ready_once_its_forwarder_has_signed_in_and_can_read() {
        let given = Answers::default();
        let mut with_logs = Answers::default();
        with_logs
            .answer("wait-for-logs", "true", Origin::Flag)
            .unwrap();
        let received = json!({ "lastReceivedAt": "2026-11-24T00:05:00Z" });
        let unreadable = json!({ "forwarderChecks": { "read": false } });
        for (status, more, ready, ready_with_logs) in [
            ("active", &json!({}), true, false),
            ("active", &received, true, true),
            ("active", &unreadable, false, false),
            ("paused", &json!({}), true, false),
            ("pending", &received, false, false),
            ("disconnected", &received, false, false),
        ] {
            let found = connection(status, more);
            assert_eq!(is_ready(&given, &found), ready, "{found:?}");
            assert_eq!(is_ready(&with_logs, &found), ready_with_logs, "{found:?}");
        }
    }
}
