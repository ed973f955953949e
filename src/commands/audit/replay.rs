//! `audit --replay`: sends what is missing through the connection's function, and watches it arrive.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use super::{
    Audit,
    pass::{Pass, with_life},
};
use crate::{
    audit::{Found, Gaps, Meter, Spool, Verdict, reconcile, replay::send},
    central::model::{Connection, Status},
    ui::{Code, Failure, Result, progress::Running, t},
};

/// Lambda gives an event up after three attempts, with one and two minutes between them (Lambda developer guide, "How Lambda handles
/// errors and retries with asynchronous invocation"). If nothing has arrived for so long, what is missing is sent again.
const GIVEN_UP: Duration = Duration::from_secs(240);

/// Refuses a replay that cannot work: Central takes nothing while the connection is paused, and nothing from a function that
/// signs in with another role.
pub(super) fn must_be_possible(connection: &Connection, argument: &str) -> Result<()> {
    let because = connection.because().unwrap_or_default();
    match (connection.status, connection.reason()) {
        _ if connection.lacks_license() => Err(Failure::new(
            Code::LicenseRequired,
            t!("audit-replay-licence", name = connection.name),
        )
        .hinted(t!("license-required-hint"))),
        (Status::Paused, _) => Err(Failure::new(
            Code::Conflict,
            t!(
                "audit-replay-paused",
                name = connection.name,
                because = because
            ),
        )
        .hinted(t!("audit-replay-paused-hint", argument = argument))),
        // A function that is only silent signs in when it is invoked.
        (Status::Disconnected, Some(reason)) if reason != "silent" => Err(Failure::new(
            Code::Conflict,
            t!(
                "audit-replay-disconnected",
                name = connection.name,
                because = because
            ),
        )
        .hinted(t!("audit-replay-disconnected-hint", name = argument))),
        _ => Ok(()),
    }
}

/// Sends the missing files and waits until they have arrived, or until nothing has arrived for a while. Returns how many files
/// were sent.
pub(super) async fn replay(audit: &Audit<'_>, pass: &mut Pass) -> Result<u64> {
    let (total, sent) = (pass.keys.count(), Cell::new(0));
    let told = || {
        *audit.app.if_stopped.borrow_mut() = Some(stopped(sent.get(), total));
        t!("audit-replay-sent", sent = sent.get(), count = total)
    };
    let step = audit.app.progress().step(&t!("audit-replay-step"));
    told();
    let sending = send(audit.aws, audit.design, pass.keys.keys()?, &sent);
    if let Err(failure) = with_life(&step, told, sending).await {
        step.failed();
        let failure = failure.hinted(stopped(sent.get(), total));
        return Err(match failure.code {
            // Lambda has refused it.
            Code::Aws => {
                let argument = audit.app.argument(&audit.source.connection.name);
                failure.hinted(t!("audit-replay-function-hint", argument = argument))
            }
            _ => failure,
        });
    }
    told();
    step.done();
    let step = audit.app.progress().step(&t!("audit-watch-step"));
    match watch(audit, &pass.gaps, total, &step).await {
        Ok(true) => step.done(),
        Ok(false) => step.failed(),
        Err(failure) => {
            step.failed();
            return Err(failure);
        }
    }
    Ok(sent.get())
}

/// What has become of the files if it ends in the middle.
fn stopped(sent: u64, total: u64) -> String {
    match sent {
        0 => t!("audit-replay-nothing"),
        _ => t!("audit-replay-stopped", sent = sent, count = total),
    }
}

/// Looks again and again where files were missing, and sends once more what Lambda has given up. Returns whether all of them have
/// arrived.
async fn watch(audit: &Audit<'_>, gaps: &Gaps, total: u64, step: &Running) -> Result<bool> {
    let begun = Instant::now();
    let (mut left, mut moved, mut sent) = (total, begun, begun);
    loop {
        let look = Instant::now();
        let mut missing = missing(audit, gaps).await?;
        if missing.count() < left {
            (left, moved) = (missing.count(), Instant::now());
        }
        step.tells(&arrived(total, left, begun.elapsed()));
        if left == 0 {
            return Ok(true);
        }
        if moved.elapsed() >= audit.asked.patience {
            return Ok(false);
        }
        if moved.max(sent).elapsed() >= GIVEN_UP {
            send(audit.aws, audit.design, missing.keys()?, &Cell::new(0)).await?;
            sent = Instant::now();
        }
        // Looking takes at most a quarter of the time.
        let pause = (look.elapsed() * 3).clamp(Duration::from_secs(1), Duration::from_secs(30));
        tokio::time::sleep(pause).await;
    }
}

/// The files that are still missing where some were.
async fn missing(audit: &Audit<'_>, gaps: &Gaps) -> Result<Spool> {
    let mut keys = Spool::new();
    let mut each = |verdict: Verdict<'_>| -> Result<()> {
        if verdict.found == Found::Missing {
            keys.push(&verdict.object.key)?;
        }
        Ok(())
    };
    let (window, meter) = (&audit.asked.window, Meter::default());
    reconcile(audit.source, window, gaps.units(), &meter, &mut each).await?;
    Ok(keys)
}

/// How many files have arrived, how fast, and how long the rest takes at that rate.
fn arrived(total: u64, left: u64, passed: Duration) -> String {
    let here = total - left;
    let rate = here as f64 / passed.as_secs_f64().max(0.001);
    if here == 0 {
        return t!("audit-watch-none", count = total);
    }
    t!(
        "audit-watch",
        arrived = here,
        count = total,
        rate = rate.round(),
        seconds = (left as f64 / rate).ceil()
    )
}
