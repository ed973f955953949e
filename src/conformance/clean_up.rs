//! What a run has made is deleted at its end.

use std::time::{Duration, Instant};

use reqwest::Method;

use super::bench::Bench;

/// So long after everything else, a connection may be saved that was asked for without an answer.
const LATEST: Duration = Duration::from_secs(10);
/// The time between two attempts to delete such a one.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes invitations back, and deletes all that was made. What could not be deleted is in `made`.
pub(super) async fn run(bench: &Bench) {
    for (id, invited) in bench.made.to_delete() {
        if invited {
            let path = format!("/{id}/invitations");
            let ask = bench.of("revokeInvitations", Method::DELETE, &path);
            // The code ends with the connection, or after a day.
            let _ = bench.send(ask).await;
        }
        delete(bench, &id).await;
    }
    let end = Instant::now() + LATEST;
    while bench.made.is_pending() && Instant::now() < end {
        tokio::time::sleep(PAUSE).await;
        for id in bench.made.pending() {
            delete(bench, &id).await;
        }
    }
}

async fn delete(bench: &Bench, id: &str) {
    let ask = bench.of("deleteConnection", Method::DELETE, &format!("/{id}"));
    let url = ask.url.clone();
    let answer = bench.send(ask.with("if-match", "*")).await;
    if answer.is_ok_and(|answer| answer.status == 404) {
        bench.made.absent(&url);
    }
}
