//! Checks of what ends by itself, where it says that it does so within a minute: tokens, upload URLs and leases.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    answer::Answer,
    bench::Bench,
    change::{change, made},
    ingest::{BUCKET, by_forwarder, file, key, offer, token, upload},
    leases,
    proofs::{ingest_host, registered},
    published::who,
    token as client,
};

type Name = (&'static str, &'static str);

const TOKEN: Name = ("token", "ends with its time");
const INGEST: Name = ("offerObject", "refuses a token whose time is over");
const UPLOAD: Name = ("upload", "refuses a URL whose time is over");
const LEASE: Name = ("missingObjects", "ends a lease with its time");
const AGAIN: Name = ("missingObjects", "hands an entry out again after its lease");

/// What ends by itself is waited for this long.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Times are told in whole seconds, and answers take time.
const GRACE: Duration = Duration::from_secs(2);

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    let mut wait = Duration::ZERO;
    // One of its own: the bench replaces those that it uses before they end.
    let (answer, api) = client::sign_in(bench).await?;
    answer.is(200)?;
    let api = ends_soon(bench, &mut wait, &[TOKEN], api.seconds).then_some(api.text);
    let ingest = match bench.forwarder.is_ok() {
        true => Some(begun(bench, &mut wait).await?),
        false => None,
    };
    if wait.is_zero() {
        return Ok(());
    }
    tokio::time::sleep(wait).await;
    if let Some(api) = api {
        let refused = who(bench, &api).await?.refuses(401, "");
        bench.note(TOKEN.0, TOKEN.1, refused);
    }
    match ingest {
        Some(ingest) => ended(bench, ingest).await,
        None => Ok(()),
    }
}

/// Whether something ends within the time that is waited for. Otherwise its checks are not tried.
fn ends_soon(
    bench: &mut Bench,
    wait: &mut Duration,
    checks: &[Name],
    seconds: Option<i64>,
) -> bool {
    let why = match seconds {
        None => "it does not say when it ends".to_owned(),
        Some(seconds) => {
            let ends = Duration::from_secs(seconds.max(0).unsigned_abs());
            if ends <= LONGEST_WAIT {
                *wait = (*wait).max(ends + GRACE);
                return true;
            }
            let most = LONGEST_WAIT.as_secs();
            format!("it ends after {seconds} seconds, and at most {most} are waited for")
        }
    };
    for &(operation, name) in checks {
        bench.skip(operation, name, why.clone());
    }
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
    let (signed_in, entry) = leases::handed(bench, &id, &host, |_| true).await?;
    let token = signed_in.text("/access_token").to_owned();
    let offered = offer(bench, &id, &token, &key(bench, "u")).await?;
    let seconds = signed_in.body["expires_in"].as_i64();
    let token = ends_soon(bench, wait, &[INGEST], seconds).then_some(token);
    let ends = offered.text("/upload/expiresAt").parse::<jiff::Timestamp>();
    // By the clock that it is told by.
    let now = offered.date.unwrap_or_else(jiff::Timestamp::now);
    let seconds = ends.map(|at| at.duration_since(now).as_secs());
    let offered = ends_soon(bench, wait, &[UPLOAD], seconds.ok()).then_some(offered);
    if entry.is_none() {
        for (operation, name) in [LEASE, AGAIN] {
            bench.skip(operation, name, leases::none());
        }
    }
    let entry = entry.filter(|entry| {
        let seconds = entry["leaseSeconds"].as_i64();
        ends_soon(bench, wait, &[LEASE, AGAIN], seconds)
    });
    Ok(Ingest {
        id,
        host,
        token,
        offered,
        entry,
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
    let same = |one: &Value| one["bucket"] == entry["bucket"] && one["prefix"] == entry["prefix"];
    let (anew, again) = leases::handed(bench, &id, &host, same).await?;
    match again {
        Some(_) => bench.note(AGAIN.0, AGAIN.1, Ok(())),
        None => bench.skip(AGAIN.0, AGAIN.1, leases::none()),
    }
    let body = json!({
        "bucket": BUCKET, "keys": [], "prefix": entry["prefix"], "lease": entry["lease"],
    });
    let token = anew.text("/access_token");
    let ask = by_forwarder(bench, "missingObjects", &id, token, body);
    let answer = bench.send(ask).await?;
    bench.note(LEASE.0, LEASE.1, answer.refuses(409, "leaseLost"));
    Ok(())
}
