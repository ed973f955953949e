//! Checks of what ends by itself, where it says that it does so within a minute: tokens, upload URLs and leases.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    answer::{Answer, Tried},
    bench::Bench,
    change::{change, made},
    ingest::{BUCKET, by_forwarder, file, key, offer, token, upload},
    proofs::{ingest_host, registered, sign_in},
    published,
};

type Name = (&'static str, &'static str);

const TOKEN: Name = ("token", "ends with its time");
const INGEST: Name = ("offerObject", "refuses a token whose time is over");
const UPLOAD: Name = ("upload", "refuses a URL whose time is over");
const LEASE: Name = ("missingObjects", "ends a lease with its time");
const AGAIN: Name = ("missingObjects", "hands an entry out again after its lease");

/// What ends by itself is waited for this long.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Times are told in whole seconds, and clocks differ.
const GRACE: Duration = Duration::from_secs(2);

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    let mut wait = Duration::ZERO;
    let (api, seconds) = published::another_token(bench).await?;
    let api = ends_soon(bench, &mut wait, TOKEN, seconds).then_some(api);
    let ingest = match bench.forwarder.is_ok() {
        true => Some(begun(bench, &mut wait).await?),
        false => None,
    };
    if wait.is_zero() {
        return Ok(());
    }
    tokio::time::sleep(wait).await;
    if let Some(api) = api {
        let refused = published::who(bench, &api).await?.refuses(401, "");
        bench.note(TOKEN.0, TOKEN.1, refused);
        bench.token = published::another_token(bench).await?.0;
    }
    match ingest {
        Some(ingest) => ended(bench, ingest).await,
        None => Ok(()),
    }
}

/// Whether something ends within the time that is waited for. Otherwise its check is not tried.
fn ends_soon(bench: &mut Bench, wait: &mut Duration, name: Name, seconds: Option<i64>) -> bool {
    let Some(seconds) = seconds else {
        let why = "it does not say when it ends".to_owned();
        bench.skip(name.0, name.1, why);
        return false;
    };
    let ends = Duration::from_secs(seconds.max(0).unsigned_abs());
    if ends <= LONGEST_WAIT {
        *wait = (*wait).max(ends + GRACE);
        return true;
    }
    let most = LONGEST_WAIT.as_secs();
    let why = format!("it ends after {seconds} seconds, and at most {most} are waited for");
    bench.skip(name.0, name.1, why);
    false
}

/// What ends by itself on the side of the forwarder; nothing, where that takes too long.
struct Ingest {
    id: String,
    host: String,
    token: Option<String>,
    offered: Option<Answer>,
    entry: Option<Value>,
}

/// Signs in, has an offer taken, and is handed what a pause has skipped.
async fn begun(bench: &mut Bench, wait: &mut Duration) -> Result<Ingest, String> {
    let body = registered(bench, "ends", json!({ "complete": true }));
    let id = made(bench, body).await?;
    let host = ingest_host(bench, &id).await?;
    let first = token(bench, &id, &host).await?;
    change(bench, &id, json!({ "status": "paused" })).await?;
    offer(bench, &id, &first, &key(bench, "s")).await?;
    change(bench, &id, json!({ "status": "active" })).await?;
    let signed_in = sign_in(bench, &id, &host).await?;
    signed_in.is(200)?;
    let token = signed_in.text("/access_token").to_owned();
    let offered = offer(bench, &id, &token, &key(bench, "u")).await?;
    let seconds = signed_in.body["expires_in"].as_i64();
    let token = ends_soon(bench, wait, INGEST, seconds).then_some(token);
    let ends = offered.text("/upload/expiresAt").parse::<jiff::Timestamp>();
    let seconds = ends.map(|at| at.duration_since(jiff::Timestamp::now()).as_secs());
    let offered = ends_soon(bench, wait, UPLOAD, seconds.ok()).then_some(offered);
    let entry = signed_in.body.pointer("/catchUp/0").cloned();
    let seconds = entry
        .as_ref()
        .and_then(|entry| entry["leaseSeconds"].as_i64());
    let lease = ends_soon(bench, wait, LEASE, seconds);
    let again = ends_soon(bench, wait, AGAIN, seconds);
    Ok(Ingest {
        id,
        host,
        token,
        offered,
        entry: entry.filter(|_| lease && again),
    })
}

/// Tries what has ended meanwhile.
async fn ended(bench: &mut Bench, ingest: Ingest) -> Result<(), String> {
    let Ingest { id, host, .. } = ingest;
    if let Some(token) = ingest.token {
        let answer = offer(bench, &id, &token, &key(bench, "t")).await?;
        bench.note(INGEST.0, INGEST.1, answer.refuses(401, ""));
    }
    if let Some(offered) = ingest.offered {
        let answer = upload(bench, &offered, file().1).await?;
        bench.note(UPLOAD.0, UPLOAD.1, answer.is(403));
    }
    let Some(entry) = ingest.entry else {
        return Ok(());
    };
    let anew = sign_in(bench, &id, &host).await?;
    bench.note(AGAIN.0, AGAIN.1, has_entry(&anew, &entry));
    let body = json!({
        "bucket": BUCKET, "keys": [], "prefix": entry["prefix"], "lease": entry["lease"],
    });
    let token = anew.text("/access_token");
    let ask = by_forwarder(bench, "missingObjects", &id, token, body);
    let answer = bench.send(ask).await?;
    bench.note(LEASE.0, LEASE.1, answer.refuses(409, "leaseLost"));
    Ok(())
}

/// Whether a sign-in hands an entry out.
fn has_entry(signed_in: &Answer, entry: &Value) -> Tried {
    signed_in.is(200)?;
    let entries = signed_in.body["catchUp"].as_array();
    let same = |one: &Value| one["bucket"] == entry["bucket"] && one["prefix"] == entry["prefix"];
    match entries.into_iter().flatten().any(same) {
        true => Ok(()),
        false => Err(format!("{} is not handed out again", entry["prefix"])),
    }
}
