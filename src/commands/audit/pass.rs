//! One pass over bucket and receipts, with a sign of life.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use super::Audit;
use crate::{
    audit::{Found, Gaps, Meter, Others, Spool, Tally, Verdict, reconcile, units},
    ui::{Result, progress::Running, t},
};

/// The time between two looks at how far a step has come.
const TICK: Duration = Duration::from_millis(500);

/// What a pass has found.
pub(super) struct Pass {
    pub(super) tally: Tally,
    /// Receipts for files that are not in the bucket any more.
    pub(super) gone: u64,
    pub(super) others: Others,
    /// The keys of missing files, if someone wants them.
    pub(super) keys: Spool,
    /// Where they are.
    pub(super) gaps: Gaps,
}

/// Compares all of the bucket with all receipts.
pub(super) async fn pass(audit: &Audit<'_>, keep_keys: bool) -> Result<Pass> {
    let window = &audit.asked.window;
    let mut found = Pass {
        tally: Tally::new(window, audit.folders),
        gone: 0,
        others: Others::default(),
        keys: Spool::new(),
        gaps: Gaps::default(),
    };
    let step = audit.app.progress().step(&t!("audit-step"));
    let (meter, begun) = (Meter::default(), Instant::now());
    let units = units(audit.folders, &window.days());
    let mut each = |verdict: Verdict<'_>| -> Result<()> {
        found.tally.add(&verdict);
        if verdict.found == Found::Missing && keep_keys {
            found.keys.push(&verdict.object.key)?;
            found.gaps.add(verdict.folder, verdict.object);
        }
        Ok(())
    };
    let compared = reconcile(audit.source, window, units, &meter, &mut each);
    let told = || progress(&meter, begun.elapsed());
    let compared = with_life(&step, told, compared).await;
    tracing::debug!(
        calls = meter.calls.get(),
        objects = meter.objects.get(),
        receipts = meter.receipts.get(),
        "bucket and receipts are compared"
    );
    let others = match compared {
        Ok(others) => others,
        Err(failure) => {
            step.failed();
            return Err(failure);
        }
    };
    step.done();
    found.gone = meter.gone.get();
    found.others = others;
    Ok(found)
}

fn progress(meter: &Meter, passed: Duration) -> String {
    let (objects, receipts) = (meter.objects.get(), meter.receipts.get());
    let rate = objects as f64 / passed.as_secs_f64().max(0.001);
    t!(
        "audit-progress",
        objects = objects,
        receipts = receipts,
        rate = rate.round()
    )
}

/// Does some work, and shows meanwhile how far it has come.
pub(super) async fn with_life<T>(
    step: &Running,
    told: impl Fn() -> String,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(TICK) => step.tells(&told()),
        }
    }
}
