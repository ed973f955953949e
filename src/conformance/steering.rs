//! Checks of a connection that is active: pause and resume, what a pause has left out, and its end.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    answer::Answer,
    bench::Bench,
    change::{change, current, made},
    ingest::{BUCKET, by_forwarder, key, offer, skips, token},
    leases,
    proofs::{ingest_host, registered, sign_in},
};

const ENDS: &str = "ends an entry";

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    if bench.forwarder.is_err() {
        return Ok(());
    }
    let body = registered(bench, "is active", json!({}));
    let id = made(bench, body).await?;
    let host = ingest_host(bench, &id).await?;
    active(bench, &id, &host).await?;
    let skipped = paused(bench, &id, &host).await?;
    caught_up(bench, &id, &host, &skipped).await?;
    ended(bench, &id, &host).await
}

/// The connection becomes active.
async fn active(bench: &mut Bench, id: &str, host: &str) -> Result<(), String> {
    token(bench, id, host).await?;
    let before = current(bench, id).await?;
    // As it was saved: what is shown may have fields that nobody is to send back.
    let whole = registered(bench, "is active", json!({ "complete": true }));
    let completed = change(bench, id, json!({ "resources": whole["resources"] })).await?;
    let signed_in = sign_in(bench, id, host).await?;
    let now = current(bench, id).await?;
    let is_active = completed
        .is(200)
        .and(signed_in.served())
        .and_then(|()| before.has("/status", "pending"));
    let is_active = is_active.and_then(|()| now.has("/status", "active"));
    bench.note(
        "updateConnection",
        "becomes active with manifest and sign-in",
        is_active,
    );
    let same = signed_in.served().and_then(|()| completed.etag());
    let same = same.and_then(|one| match now.etag()? {
        other if other == one => Ok(()),
        other => Err(format!("ETag was {one} and is {other} after a sign-in")),
    });
    bench.note("updateConnection", "keeps its ETag at a sign-in", same);
    let ask = bench.of(
        "createInvitation",
        Method::POST,
        &format!("/{id}/invitations"),
    );
    let answer = bench.send(ask).await?;
    let refused = completed
        .served()
        .and(signed_in.served())
        .and_then(|()| answer.refuses(409, "notPending"));
    bench.note(
        "createInvitation",
        "is for pending connections alone",
        refused,
    );
    // Without its manifest, it does not become active.
    completed.served()
}

/// Pauses and resumes. Returns the key of a file that was skipped.
async fn paused(bench: &mut Bench, id: &str, host: &str) -> Result<String, String> {
    // Tokens may be short, so that each part has its own. After a pause, a sign-in would lease what it has left out.
    let token = token(bench, id, host).await?;
    let answer = change(bench, id, json!({ "status": "paused" })).await?;
    let is_paused = answer.is(200).and_then(|()| {
        answer.has("/status", "paused")?;
        answer.has("/pausedBecause", "user")
    });
    bench.note("updateConnection", "is paused by the user", is_paused);
    let pause = answer.served();
    let again = change(bench, id, json!({ "status": "paused" })).await?;
    let present = again.is(200).and_then(|()| again.has("/status", "paused"));
    bench.note("updateConnection", "takes the present status", present);
    let key = key(bench, "p");
    let answer = offer(bench, id, &token, &key).await?;
    let tried = pause.and(answer.served());
    let skipped = tried.clone().and_then(|()| skips(&answer, "paused"));
    bench.note("offerObject", "skips in a pause", skipped);
    let answer = change(bench, id, json!({ "status": "active" })).await?;
    let resumed = answer
        .is(200)
        .and_then(|()| answer.has("/status", "active"));
    bench.note("updateConnection", "is resumed", resumed);
    let resumed = answer.served();
    let body = json!({ "bucket": BUCKET, "keys": [key] });
    let answer = missing(bench, id, &token, body).await?;
    let wanted = tried.and(resumed).and_then(|()| {
        answer.is(200)?;
        answer.has("/missing", json!([key]))
    });
    bench.note("missingObjects", "wants what a pause has skipped", wanted);
    Ok(key)
}

async fn missing(bench: &Bench, id: &str, token: &str, body: Value) -> Result<Answer, String> {
    bench
        .send(by_forwarder(bench, "missingObjects", id, token, body))
        .await
}

/// What a pause has skipped is handed out, to one caller at a time.
async fn caught_up(bench: &mut Bench, id: &str, host: &str, skipped: &str) -> Result<(), String> {
    let prefix = skipped.rsplit_once('/').map_or("", |(folder, _)| folder);
    let covers = |entry: &Value| {
        let of = entry["prefix"].as_str().unwrap_or_default();
        entry["bucket"] == BUCKET && prefix.starts_with(of.trim_end_matches('/'))
    };
    let (first, leased) = leases::handed(bench, id, host, covers).await?;
    let (asked, alone) = (
        "is asked for what a pause has skipped",
        "hands an entry to one caller at a time",
    );
    let Some(leased) = leased else {
        for name in [asked, alone, ENDS] {
            bench.skip("missingObjects", name, leases::none());
        }
        return Ok(());
    };
    bench.note("missingObjects", asked, Ok(()));
    let second = sign_in(bench, id, host).await?;
    let same = |one: &Value| {
        let fields = ["bucket", "prefix", "startAfter"];
        fields.iter().all(|field| one[field] == leased[field])
    };
    let tried = match leases::entry(&second, same) {
        Some(_) => Err("two callers have the same entry".to_owned()),
        None => second.served(),
    };
    bench.note("missingObjects", alone, tried);
    let body = json!({
        "bucket": BUCKET, "keys": [], "prefix": leased["prefix"], "lease": leased["lease"], "end": true,
    });
    let token = first.text("/access_token").to_owned();
    let done = missing(bench, id, &token, body.clone()).await?;
    let over = missing(bench, id, &token, body).await?;
    let ends = done.is(200).and_then(|()| over.refuses(409, "leaseLost"));
    bench.note("missingObjects", ENDS, ends);
    Ok(())
}

/// The end of the connection is the end of ingest.
async fn ended(bench: &mut Bench, id: &str, host: &str) -> Result<(), String> {
    let token = token(bench, id, host).await?;
    let ask = bench.of("deleteConnection", Method::DELETE, &format!("/{id}"));
    let deleted = bench.send(ask.with("if-match", "*")).await?;
    let key = key(bench, "e");
    let answer = offer(bench, id, &token, &key).await?;
    let ends = deleted
        .served()
        .and_then(|()| answer.refuses(410, "deleted"));
    bench.note("deleteConnection", "ends ingest at once", ends);
    Ok(())
}
