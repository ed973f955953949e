//! Checks of a connection that is active: pause and resume, what a pause has left out, and its end.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    answer::{Answer, Tried},
    bench::Bench,
    change::{change, current, made},
    ingest::{BUCKET, by_forwarder, key, offer, skips, token},
    proofs::{ingest_host, registered, sign_in},
};

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    if bench.forwarder.is_err() {
        return Ok(());
    }
    let body = registered(bench, "is active", json!({}));
    let id = made(bench, body).await?;
    let host = ingest_host(bench, &id).await?;
    let token = active(bench, &id, &host).await?;
    let skipped = paused(bench, &id, &token).await?;
    caught_up(bench, &id, &host, &skipped).await?;
    ended(bench, &id, &token).await
}

/// The connection becomes active; returns the forwarder's token.
async fn active(bench: &mut Bench, id: &str, host: &str) -> Result<String, String> {
    let token = token(bench, id, host).await?;
    let before = current(bench, id).await?;
    let mut resources = before.body["resources"].clone();
    resources["complete"] = true.into();
    let completed = change(bench, id, json!({ "resources": resources })).await?;
    sign_in(bench, id, host).await?;
    let now = current(bench, id).await?;
    let is_active = completed
        .is(200)
        .and_then(|()| before.has("/status", "pending"));
    let is_active = is_active.and_then(|()| now.has("/status", "active"));
    bench.note(
        "updateConnection",
        "becomes active with manifest and sign-in",
        is_active,
    );
    let same: Tried = match (&completed.etag, &now.etag) {
        (Some(one), Some(other)) if one == other => Ok(()),
        (one, other) => Err(format!("ETag was {one:?} and is {other:?} after a sign-in")),
    };
    bench.note("updateConnection", "keeps its ETag at a sign-in", same);
    let ask = bench.of(
        "createInvitation",
        Method::POST,
        &format!("/{id}/invitations"),
    );
    let answer = bench.send(ask).await?;
    bench.note(
        "createInvitation",
        "is for pending connections alone",
        answer.refuses(409, "notPending"),
    );
    Ok(token)
}

/// Pauses and resumes. Returns the key of a file that was skipped.
async fn paused(bench: &mut Bench, id: &str, token: &str) -> Result<String, String> {
    let answer = change(bench, id, json!({ "status": "paused" })).await?;
    let is_paused = answer.is(200).and_then(|()| {
        answer.has("/status", "paused")?;
        answer.has("/pausedBecause", "user")
    });
    bench.note("updateConnection", "is paused by the user", is_paused);
    let again = change(bench, id, json!({ "status": "paused" })).await?;
    let present = again.is(200).and_then(|()| again.has("/status", "paused"));
    bench.note("updateConnection", "takes the present status", present);
    let key = key(bench, "p");
    let answer = offer(bench, id, token, &key).await?;
    bench.note("offerObject", "skips in a pause", skips(&answer, "paused"));
    let answer = change(bench, id, json!({ "status": "active" })).await?;
    let resumed = answer
        .is(200)
        .and_then(|()| answer.has("/status", "active"));
    bench.note("updateConnection", "is resumed", resumed);
    let answer = missing(bench, id, token, json!({ "bucket": BUCKET, "keys": [key] })).await?;
    let wanted = answer
        .is(200)
        .and_then(|()| answer.has("/missing", json!([key])));
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
    let first = sign_in(bench, id, host).await?;
    let prefix = skipped.rsplit_once('/').map_or("", |(folder, _)| folder);
    let entry = |answer: &Answer| -> Option<Value> {
        let entries = answer.body.get("catchUp")?.as_array()?;
        let covers = |entry: &&Value| {
            let of = entry["prefix"].as_str().unwrap_or_default();
            entry["bucket"] == BUCKET && prefix.starts_with(of.trim_end_matches('/'))
        };
        entries.iter().find(covers).cloned()
    };
    let leased = first.is(200).and_then(|()| {
        let none = || {
            format!(
                "catchUp has no entry for the time of a pause: {}",
                first.body["catchUp"]
            )
        };
        entry(&first).ok_or_else(none)
    });
    let asked = leased.as_ref().map(drop).map_err(Clone::clone);
    bench.note(
        "missingObjects",
        "is asked for what a pause has skipped",
        asked,
    );
    let Ok(leased) = leased else { return Ok(()) };
    let second = sign_in(bench, id, host).await?;
    let alone: Tried = match entry(&second) {
        Some(_) => Err("two callers have the same entry".to_owned()),
        None => Ok(()),
    };
    bench.note(
        "missingObjects",
        "hands an entry to one caller at a time",
        alone,
    );
    let body = json!({
        "bucket": BUCKET, "keys": [], "prefix": leased["prefix"], "lease": leased["lease"], "end": true,
    });
    let token = first.text("/access_token").to_owned();
    let done = missing(bench, id, &token, body.clone()).await?;
    let over = missing(bench, id, &token, body).await?;
    let ends = done.is(200).and_then(|()| over.refuses(409, "leaseLost"));
    bench.note("missingObjects", "ends an entry", ends);
    Ok(())
}

/// The end of the connection is the end of ingest.
async fn ended(bench: &mut Bench, id: &str, token: &str) -> Result<(), String> {
    let ask = bench.of("deleteConnection", Method::DELETE, &format!("/{id}"));
    bench.send(ask.with("if-match", "*")).await?;
    let key = key(bench, "e");
    let answer = offer(bench, id, token, &key).await?;
    bench.note(
        "deleteConnection",
        "ends ingest at once",
        answer.refuses(410, "deleted"),
    );
    Ok(())
}
