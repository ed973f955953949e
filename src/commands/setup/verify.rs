//! Whether it works: the forwarder signs in, can read the bucket, and log files arrive.

use std::time::Duration;

use tokio::time::Instant;

use super::{Prepared, report};
use crate::{
    aws,
    central::{
        Versioned,
        model::{Connection, Status},
    },
    commands::{App, session::Session},
    connection::{Design, Feed},
    resources::{cx::Cx, function, notification, trail},
    ui::{Code, Exit, Failure, Result, t},
};

/// Makes AWS send the forwarder a message: on what is ours, or by invoking the function.
async fn provoke(session: &Session, design: &Design) -> Result<()> {
    let cx = Cx {
        aws: &session.aws,
        design,
        deployment: None,
        waiting: &aws::wait::quietly,
    };
    match design.feed {
        Feed::New => trail::update(cx).await,
        Feed::Trail { .. } => trail::set_topic(cx).await,
        Feed::Bucket { .. } => notification::merge(cx).await,
        Feed::Subscribe { .. } | Feed::EventBridge { .. } => Ok(function::provoke(cx).await?),
    }
}

/// Waits until the forwarder has signed in and can read the bucket; sends the validation message again where it was lost.
pub(super) async fn healthy(
    app: &App,
    prepared: &Prepared,
    mut found: Versioned,
    fresh: bool,
) -> Result<Exit> {
    const AGAIN: Duration = Duration::from_secs(30);
    let Prepared {
        session,
        given,
        design,
        ..
    } = prepared;
    let logs = given.wait_for_logs.is(&true);
    let ready = |connection: &Connection| {
        connection.signed_in() && (!logs || connection.last_received_at.is_some())
    };
    let findings = prepared.plan.findings.iter().map(|(_, text)| text.clone());
    let findings: Vec<String> = findings.collect();
    // What could not be mended may be why Central refuses the sign-in: no time mends it.
    let in_vain =
        |connection: &Connection| connection.status == Status::Disconnected && !findings.is_empty();
    let begun = Instant::now();
    let mut sent = Instant::now();
    let mut again = 0;
    let step = (!ready(&found.connection)).then(|| app.progress().step(&t!("verify-step")));
    let silent = function::must_be_provoked(design);
    let mut wait = given.wait(false);
    while !ready(&found.connection) && !in_vain(&found.connection) && begun.elapsed() < wait {
        let left = wait.saturating_sub(begun.elapsed());
        if let Some(step) = &step {
            step.waiting(&t!("verify-waiting"), left);
        }
        tokio::time::sleep(Duration::from_millis(
            if begun.elapsed() < Duration::from_secs(10) {
                250
            } else {
                2000
            },
        ))
        .await;
        let due = sent.elapsed() > AGAIN || ((!fresh || silent) && again == 0);
        if due && again < 3 && !found.connection.signed_in() {
            again += 1;
            sent = Instant::now();
            // Its refusal costs the repetition, not the run: the next log file tells as well.
            if provoke(session, design).await.is_err() && silent {
                wait = given.wait(true);
            }
        }
        if let Some(newer) = session.central.by_id(design.id).await? {
            found = newer;
        }
    }
    report(app, |report| {
        report.connection = Some(found.connection.clone())
    });
    let connection = &found.connection;
    if ready(connection) {
        if let Some(step) = step {
            step.done();
        }
        app.printer.say(&t!(
            "set-up",
            name = connection.name,
            status = connection.status.as_str()
        ));
        app.printer
            .say(&t!("set-up-next", name = app.argument(&connection.name)));
        if !findings.is_empty() {
            let failure = Failure::list(Code::Unhealthy, t!("findings"), findings);
            return Err(failure.hinted(t!("findings-hint")));
        }
        return Ok(Exit::Done);
    }
    if let Some(step) = step {
        step.failed();
    }
    let message = match connection.cannot_read() {
        Some(detail) => t!("verify-cannot-read", detail = detail),
        None if connection.status == Status::Pending => t!("verify-no-sign-in"),
        None if connection.status == Status::Disconnected => {
            let because = connection.disconnected_because.as_deref();
            t!("verify-disconnected", because = because.unwrap_or_default())
        }
        None => t!("verify-no-logs"),
    };
    let failure = if findings.is_empty() {
        Failure::new(Code::Unhealthy, message)
    } else {
        Failure::list(Code::Unhealthy, message, findings)
    };
    Err(failure.hinted(t!("verify-hint", name = app.argument(&connection.name))))
}
