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
    audit::{Found, Gaps, Meter, Verdict, reconcile, replay::send},
    central::model::{Connection, Status},
    commands::states::lacks_license,
    ui::{Code, Failure, Result, progress::Running, t},
};

/// Refuses a replay that cannot work: Central takes nothing while the connection is paused, and nothing from a function that
/// signs in with another role.
pub(super) fn must_be_possible(connection: &Connection, argument: &str) -> Result<()> {
    let because = connection.because().unwrap_or_default();
    match (connection.status, connection.reason()) {
        _ if lacks_license(connection) => Err(Failure::new(
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
        )),
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
        let text = t!("audit-replay-sent", sent = sent.get(), count = total);
        let stopped = t!("audit-replay-stopped", sent = sent.get(), count = total);
        *audit.app.if_stopped.borrow_mut() = Some(stopped);
        text
    };
    let step = audit.app.progress().step(&t!("audit-replay-step"));
    told();
    let sending = send(audit.aws, audit.design, pass.keys.keys()?, &sent);
    if let Err(failure) = with_life(&step, told, sending).await {
        step.failed();
        return Err(failure.hinted(t!("audit-replay-stopped", sent = sent.get(), count = total)));
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

/// Looks again and again where files were missing. Returns whether all of them have arrived.
async fn watch(audit: &Audit<'_>, gaps: &Gaps, total: u64, step: &Running) -> Result<bool> {
    let begun = Instant::now();
    let (mut left, mut moved) = (total, begun);
    loop {
        let look = Instant::now();
        let missing = missing(audit, gaps).await?;
        if missing < left {
            (left, moved) = (missing, Instant::now());
        }
        step.tells(&arrived(total, left, begun.elapsed()));
        if left == 0 {
            return Ok(true);
        }
        if moved.elapsed() >= audit.asked.patience {
            return Ok(false);
        }
        // Looking takes at most a quarter of the time.
        let pause = (look.elapsed() * 3).clamp(Duration::from_secs(1), Duration::from_secs(30));
        tokio::time::sleep(pause).await;
    }
}

/// How many files are still missing where some were.
async fn missing(audit: &Audit<'_>, gaps: &Gaps) -> Result<u64> {
    let mut count = 0;
    let mut each = |verdict: Verdict<'_>| -> Result<()> {
        count += u64::from(verdict.found == Found::Missing);
        Ok(())
    };
    let (window, meter) = (&audit.asked.window, Meter::default());
    reconcile(audit.source, window, gaps.units(), &meter, &mut each).await?;
    Ok(count)
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
