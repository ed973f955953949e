//! Tries an implementation of Central's contract, operation by operation, and says what differs.
//!
//! It knows the contract and nothing of an implementation, the sandbox's included. It does not use the client of `central`: it must
//! send what that client never would. What it makes in the tenant carries names of its own, and is deleted at the end.

mod answer;
mod bench;
mod change;
mod checks;
mod clean_up;
mod connections;
mod contract;
mod delete;
mod endings;
mod ingest;
mod invitations;
mod invited;
mod leases;
mod made;
mod proofs;
mod published;
mod report;
mod saved;
mod signing;
mod spoilt;
mod steering;
mod target;
#[cfg(test)]
mod tests;
mod token;

use std::{collections::BTreeSet, pin::pin, time::Duration};

use sophos_ct_forwarder::host::host_of;
use tokio::time::{Instant, timeout_at};

pub(crate) use made::Made;
pub(crate) use report::{Outcome, Report, junit};
pub(crate) use target::{Forwarder, Target};

use crate::ui::Result;
use bench::Bench;

/// The longest that the end of a run takes which was told to stop.
const LONGEST_END: Duration = Duration::from_secs(10);
/// Of that, the longest that the answer to a request is waited for which saves a connection.
const LONGEST_ANSWER: Duration = Duration::from_secs(5);

/// Tries every operation of the contract. Without a forwarder's identity, what needs a sign-in by AWS is not tried; the text says
/// why.
///
/// Before anything goes to a host that the implementation names, `agree` is asked, at a time when nothing was made yet. Once `stop`
/// is ready, what was made is deleted, as far as that is quickly done. Then there is no report, however much was tried, and `made` has
/// what is left.
pub(crate) async fn verify(
    target: Target,
    forwarder: Result<Forwarder, String>,
    made: Made,
    agree: impl AsyncFn(BTreeSet<String>) -> Result<()>,
    stop: impl Future<Output = ()>,
) -> Result<Option<Report>> {
    let mut bench = Bench::new(target, forwarder, made.clone());
    let mut stop = pin!(stop);
    let ended = {
        let mut trial = pin!(trial(&mut bench, &agree));
        tokio::select! {
            biased;
            () = &mut stop => Err(breaks_off(&made, trial).await),
            ended = &mut trial => Ok(ended),
        }
    };
    let end = match ended {
        Ok(ended) => {
            ended?;
            let mut cleaned = pin!(clean_up::run(&bench));
            tokio::select! {
                biased;
                () = &mut stop => {}
                () = &mut cleaned => return Ok(Some(bench.report())),
            }
            Instant::now() + LONGEST_END
        }
        Err(end) => end,
    };
    // What is not deleted by then is named.
    let _ = timeout_at(end, clean_up::run(&bench)).await;
    Ok(None)
}

/// Breaks a trial off, once the connection that it asks for has its answer: it might be saved after all else is deleted. Returns
/// when the run must be at its end.
async fn breaks_off(made: &Made, trial: impl Future<Output = Result<()>>) -> Instant {
    let begun = Instant::now();
    made.close();
    let settled = async {
        tokio::select! {
            biased;
            () = made.settled() => {}
            _ = trial => {}
        }
    };
    let _ = timeout_at(begun + LONGEST_ANSWER, settled).await;
    begun + LONGEST_END
}

/// Tries what is published, then everything else. Fails if a host is not agreed to.
async fn trial(
    bench: &mut Bench,
    agree: &impl AsyncFn(BTreeSet<String>) -> Result<()>,
) -> Result<()> {
    if let Err(reason) = published::sign_in(bench).await {
        bench.stop(reason);
        return Ok(());
    }
    let host = host_of(&bench.host).unwrap_or_default();
    agreed(bench, agree, vec![host]).await?;
    match published::endpoints(bench).await {
        Ok(hosts) => agreed(bench, agree, hosts).await?,
        Err(reason) => {
            bench.stop(reason);
            return Ok(());
        }
    }
    groups(bench).await;
    Ok(())
}

/// Asks for the hosts that nobody has agreed to yet.
async fn agreed(
    bench: &mut Bench,
    agree: &impl AsyncFn(BTreeSet<String>) -> Result<()>,
    hosts: Vec<String>,
) -> Result<()> {
    let strange = bench.strange(hosts);
    if !strange.is_empty() {
        agree(strange.clone()).await?;
    }
    bench.admit(strange);
    Ok(())
}

/// Tries one group after the other. One that cannot go on does not keep the next from being tried.
async fn groups(bench: &mut Bench) {
    let ended = [
        connections::run(bench).await,
        change::run(bench).await,
        invitations::run(bench).await,
        delete::run(bench).await,
        proofs::run(bench).await,
        ingest::run(bench).await,
        steering::run(bench).await,
        endings::run(bench).await,
    ];
    let ended = ended.into_iter();
    let mut reasons: Vec<String> = ended.filter_map(|one| one.err()).collect();
    reasons.dedup();
    if !reasons.is_empty() {
        bench.stop(reasons.join("; "));
    }
}
