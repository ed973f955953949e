//! Tries an implementation of Central's contract, operation by operation, and says what differs.
//!
//! It knows the contract and nothing of an implementation, the sandbox's included. It does not use the client of `central`: it must
//! send what that client never would. What it makes in the tenant carries names of its own, and is deleted at the end.

mod answer;
mod bench;
mod change;
mod checks;
mod connections;
mod contract;
mod delete;
mod ingest;
mod invitations;
mod proofs;
mod published;
mod report;
mod steering;
#[cfg(test)]
mod tests;

pub(crate) use bench::{Forwarder, Target};
pub(crate) use report::{Outcome, Report, junit};

use bench::Bench;

/// Tries every operation of the contract. Without a forwarder's identity, what needs a sign-in by AWS is not tried; the text says
/// why.
pub(crate) async fn verify(target: Target, forwarder: Result<Forwarder, String>) -> Report {
    let mut bench = Bench::new(target, forwarder);
    if let Err(reason) = published::run(&mut bench).await {
        bench.stop(reason);
    } else {
        groups(&mut bench).await;
    }
    let left = bench.clean_up().await;
    bench.report(left)
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
    ];
    let reasons: Vec<String> = ended.into_iter().filter_map(Result::err).collect();
    if !reasons.is_empty() {
        bench.stop(reasons.join("; "));
    }
}
