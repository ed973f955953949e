//! Checks of offers, uploads, reports, receipts and statistics.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sophos_ct_forwarder::host::host_of;

use super::{
    answer::{Answer, Ask, Tried},
    bench::{Bench, new_id},
    change::{current, made},
    proofs::{ingest_host, registered, sign_in},
};

/// The bucket that the manifest names.
pub(super) const BUCKET: &str = "verify-central-logs";

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    strangers(bench).await?;
    let body = registered(bench, "takes files", json!({}));
    let id = made(bench, body).await?;
    let first = receipts(bench, &id, "").await?;
    let none = first.is(200).and_then(|()| first.has("/items", json!([])));
    bench.note("listReceipts", "has none at first", none);
    let wide = receipts(bench, &id, "?pageSize=1001").await?;
    bench.note(
        "listReceipts",
        "refuses a page size of 1001",
        wide.refuses(400, ""),
    );
    if bench.forwarder.is_err() {
        return Ok(());
    }
    let host = ingest_host(bench, &id).await?;
    let token = token(bench, &id, &host).await?;
    let keys = ["a", "b", "c"].map(|unique| key(bench, unique));
    stored(bench, &id, &token, &keys[0]).await?;
    refusals(bench, &id, &token).await?;
    reports(bench, &id, &token, &keys).await?;
    missing(bench, &id, &token, &keys).await?;
    listed(bench, &id, &token, &keys).await?;
    statistics(bench, &id).await
}

/// Signs in; returns the token.
pub(super) async fn token(bench: &Bench, id: &str, host: &str) -> Result<String, String> {
    let answer = sign_in(bench, id, host).await?;
    answer
        .is(200)
        .map_err(|how| format!("the registered role cannot sign in: {how}"))?;
    Ok(answer.text("/access_token").to_owned())
}

/// The key of a log file of today.
pub(super) fn key(bench: &Bench, unique: &str) -> String {
    let (account, now) = (bench.account(), jiff::Timestamp::now());
    let (day, time) = (now.strftime("%Y/%m/%d"), now.strftime("%Y%m%dT%H%MZ"));
    format!(
        "AWSLogs/{account}/CloudTrail/eu-west-1/{day}/{account}_CloudTrail_eu-west-1_{time}_{unique}VerifyCentral00.json.gz"
    )
}

/// A request of the forwarder.
pub(super) fn by_forwarder(
    bench: &Bench,
    operation: &'static str,
    id: &str,
    token: &str,
    body: Value,
) -> Ask {
    let rest = match operation {
        "offerObject" => "",
        "reportObjects" => "/reports",
        _ => "/missing",
    };
    let url = format!(
        "{}/log-ingest/v1/connections/{id}/objects{rest}",
        bench.ingest()
    );
    Ask::new(operation, Method::POST, url)
        .with("authorization", format!("Bearer {token}"))
        .json(body)
}

pub(super) async fn offer(
    bench: &Bench,
    id: &str,
    token: &str,
    key: &str,
) -> Result<Answer, String> {
    let body = json!({ "bucket": BUCKET, "key": key, "size": 100, "lastModified": jiff::Timestamp::now().to_string() });
    bench
        .send(by_forwarder(bench, "offerObject", id, token, body))
        .await
}

/// Calls for a connection that is not there, or without a token.
async fn strangers(bench: &mut Bench) -> Result<(), String> {
    let id = new_id();
    let unknown = offer(bench, &id, "none", &key(bench, "x")).await?;
    bench.note(
        "offerObject",
        "knows no other id",
        unknown.refuses(404, "notFound"),
    );
    let body = bench.new_connection("no token");
    let there = made(bench, body).await?;
    for (operation, body) in [
        (
            "offerObject",
            json!({ "bucket": BUCKET, "key": key(bench, "x") }),
        ),
        ("reportObjects", json!({ "items": [] })),
        ("missingObjects", json!({ "bucket": BUCKET, "keys": [] })),
    ] {
        let ask = by_forwarder(bench, operation, &there, "", body).without("authorization");
        let answer = bench.send(ask).await?;
        bench.note(
            operation,
            "refuses a call without a token",
            answer.refuses(401, ""),
        );
    }
    for (operation, rest) in [
        ("listReceipts", "receipts"),
        ("getStatistics", "statistics?since=2026-01-01T00:00:00Z"),
    ] {
        let ask = bench.of(operation, Method::GET, &format!("/{id}/{rest}"));
        let unknown = bench.send(ask).await?;
        bench.note(
            operation,
            "knows no other id",
            unknown.refuses(404, "notFound"),
        );
    }
    let ask = bench.of(
        "getStatistics",
        Method::GET,
        &format!("/{there}/statistics"),
    );
    let without = bench.send(ask).await?;
    bench.note("getStatistics", "requires since", without.refuses(400, ""));
    Ok(())
}

/// A file's content, and the bytes as S3 has them.
fn file() -> (Vec<u8>, Vec<u8>) {
    let content = br#"{"Records":[]}"#.to_vec();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let written = packed.write_all(&content).and_then(|()| packed.finish());
    (content, written.expect("memory takes all that is written"))
}

async fn upload(bench: &Bench, offered: &Answer, bytes: Vec<u8>) -> Result<Answer, String> {
    let url = offered.text("/upload/url").to_owned();
    let headers = offered
        .body
        .pointer("/upload/headers")
        .cloned()
        .unwrap_or_default();
    let send = |http: &reqwest::Client| {
        let mut request = http.put(&url).body(bytes);
        for (name, value) in headers.as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        request
    };
    bench.raw("upload", send).await
}

async fn stored(bench: &mut Bench, id: &str, token: &str, key: &str) -> Result<(), String> {
    let offered = offer(bench, id, token, key).await?;
    let takes = offered.is(200).and_then(|()| {
        offered.has("/decision", "upload")?;
        offered
            .body
            .get("upload")
            .map(drop)
            .ok_or_else(|| "/upload is missing".to_owned())
    });
    bench.note("offerObject", "takes a file in", takes);
    let connection = current(bench, id).await?;
    let hosts = host_of(offered.text("/upload/url")).and_then(|host| {
        let hosts = connection.list("uploadHosts")?;
        match hosts.iter().any(|one| *one == host.as_str()) {
            true => Ok(()),
            false => Err(format!("{host} is not among the uploadHosts")),
        }
    });
    bench.note(
        "offerObject",
        "has upload URLs on its upload hosts alone",
        hosts,
    );
    let (content, bytes) = file();
    let taken = upload(bench, &offered, bytes.clone()).await?;
    let listed = receipts(bench, id, "").await?;
    let receipt = taken.is(200).and_then(|()| {
        listed.has("/items/0/key", key)?;
        listed.has("/items/0/outcome", "stored")
    });
    bench.note("upload", "leaves a receipt", receipt);
    let sums = listed.has("/items/0/sha256", hex::encode(Sha256::digest(&bytes)));
    let sums = sums.and_then(|()| {
        listed.has(
            "/items/0/contentSha256",
            hex::encode(Sha256::digest(&content)),
        )
    });
    bench.note("listReceipts", "has the sums of what was stored", sums);
    let again = upload(bench, &offered, bytes.clone()).await?;
    bench.note("upload", "is used up by a complete upload", again.is(403));
    let mut other = offered;
    if let Some(url) = other.body.pointer_mut("/upload/url") {
        let base = url.as_str().unwrap_or_default();
        let base = base.split_once('?').map_or(base, |(base, _)| base);
        *url = format!("{base}0").into();
    }
    let unknown = upload(bench, &other, bytes).await?;
    bench.note(
        "upload",
        "refuses a URL that it has not given",
        unknown.is(403),
    );
    let twice = offer(bench, id, token, key).await?;
    bench.note(
        "offerObject",
        "skips what is stored",
        skips(&twice, "duplicate"),
    );
    Ok(())
}

pub(super) fn skips(answer: &Answer, reason: &str) -> Tried {
    answer.is(200)?;
    answer.has("/decision", "skip")?;
    answer.has("/reason", reason)
}

async fn refusals(bench: &mut Bench, id: &str, token: &str) -> Result<(), String> {
    let file = key(bench, "r");
    let admin = bench.token.clone();
    for (name, token, bucket, key, status, error) in [
        (
            "refuses another bucket",
            token,
            "verify-central-other",
            file.as_str(),
            403,
            "bucketNotRegistered",
        ),
        (
            "refuses the key of something else",
            token,
            BUCKET,
            "AWSLogs/digest.json.gz",
            422,
            "invalid",
        ),
        (
            "refuses an administrator's token",
            admin.as_str(),
            BUCKET,
            file.as_str(),
            401,
            "",
        ),
    ] {
        let body = json!({ "bucket": bucket, "key": key });
        let answer = bench
            .send(by_forwarder(bench, "offerObject", id, token, body))
            .await?;
        bench.note("offerObject", name, answer.refuses(status, error));
    }
    Ok(())
}

async fn reports(
    bench: &mut Bench,
    id: &str,
    token: &str,
    keys: &[String; 3],
) -> Result<(), String> {
    let [stored, gone, _] = keys;
    offer(bench, id, token, gone).await?;
    let item =
        |key: &str, outcome: &str| json!({ "bucket": BUCKET, "key": key, "outcome": outcome });
    let never = key(bench, "n");
    let elsewhere = json!({ "bucket": "verify-central-other", "key": gone, "outcome": "gone" });
    for (name, items, status, error) in [
        (
            "refuses what was never offered",
            json!([item(&never, "gone")]),
            422,
            "invalid",
        ),
        (
            "notes all or nothing",
            json!([item(gone, "gone"), item(&never, "gone")]),
            422,
            "invalid",
        ),
        (
            "refuses an outcome that is none",
            json!([item(gone, "lost")]),
            422,
            "invalid",
        ),
        (
            "refuses 101 objects",
            vec![item(gone, "gone"); 101].into(),
            422,
            "invalid",
        ),
        (
            "refuses another bucket",
            json!([elsewhere]),
            403,
            "bucketNotRegistered",
        ),
    ] {
        let ask = by_forwarder(bench, "reportObjects", id, token, json!({ "items": items }));
        let answer = bench.send(ask).await?;
        let mut tried = answer.refuses(status, error);
        let noted = receipts(bench, id, "?outcome=gone").await?;
        if tried.is_ok() && noted.list("items").is_ok_and(|items| !items.is_empty()) {
            tried = Err("a refused report leaves a receipt".to_owned());
        }
        bench.note("reportObjects", name, tried);
    }
    let body = json!({ "items": [item(gone, "gone")] });
    let answer = bench
        .send(by_forwarder(bench, "reportObjects", id, token, body))
        .await?;
    let noted = receipts(bench, id, "?outcome=gone").await?;
    let noted = answer
        .is(204)
        .and_then(|()| noted.has("/items/0/key", gone.as_str()));
    bench.note("reportObjects", "notes what is gone", noted);
    let body = json!({ "items": [item(stored, "gone")] });
    let answer = bench
        .send(by_forwarder(bench, "reportObjects", id, token, body))
        .await?;
    let kept = receipts(bench, id, "?outcome=stored").await?;
    let kept = answer
        .is(204)
        .and_then(|()| kept.has("/items/0/key", stored.as_str()));
    bench.note("reportObjects", "leaves what is stored as it is", kept);
    Ok(())
}

async fn missing(
    bench: &mut Bench,
    id: &str,
    token: &str,
    keys: &[String; 3],
) -> Result<(), String> {
    let body = json!({ "bucket": BUCKET, "keys": keys });
    let answer = bench
        .send(by_forwarder(bench, "missingObjects", id, token, body))
        .await?;
    let wants = answer
        .is(200)
        .and_then(|()| answer.has("/missing", json!([keys[2]])));
    bench.note("missingObjects", "says what it would still want", wants);
    let prefix = "AWSLogs/";
    for (name, body, status, error) in [
        (
            "refuses the key of something else",
            json!({ "bucket": BUCKET, "keys": ["AWSLogs/digest.json.gz"] }),
            422,
            "invalid",
        ),
        (
            "refuses a prefix without a lease",
            json!({ "bucket": BUCKET, "keys": [], "prefix": prefix }),
            422,
            "invalid",
        ),
        (
            "refuses a lease without a prefix",
            json!({ "bucket": BUCKET, "keys": [], "lease": "l" }),
            422,
            "invalid",
        ),
        (
            "refuses a lease that it has not given",
            json!({ "bucket": BUCKET, "keys": [], "prefix": prefix, "lease": "l" }),
            409,
            "leaseLost",
        ),
        (
            "refuses 1001 keys",
            json!({ "bucket": BUCKET, "keys": vec![&keys[2]; 1001] }),
            422,
            "invalid",
        ),
        (
            "refuses another bucket",
            json!({ "bucket": "verify-central-other", "keys": [] }),
            403,
            "bucketNotRegistered",
        ),
    ] {
        let answer = bench
            .send(by_forwarder(bench, "missingObjects", id, token, body))
            .await?;
        bench.note("missingObjects", name, answer.refuses(status, error));
    }
    Ok(())
}

/// A page of receipts.
pub(super) async fn receipts(bench: &Bench, id: &str, query: &str) -> Result<Answer, String> {
    let ask = bench.of(
        "listReceipts",
        Method::GET,
        &format!("/{id}/receipts{query}"),
    );
    bench.send(ask).await
}

fn keys_of(answer: &Answer) -> Result<Vec<String>, String> {
    answer.is(200)?;
    let keys = answer.list("items")?.iter();
    Ok(keys
        .map(|item| item["key"].as_str().unwrap_or_default().to_owned())
        .collect())
}

async fn listed(
    bench: &mut Bench,
    id: &str,
    token: &str,
    keys: &[String; 3],
) -> Result<(), String> {
    let (_, bytes) = file();
    // The last key is stored before one that sorts ahead of it.
    for unique in ["z", "0"] {
        let key = key(bench, unique);
        let offered = offer(bench, id, token, &key).await?;
        upload(bench, &offered, bytes.clone()).await?;
    }
    let all = keys_of(&receipts(bench, id, "").await?);
    let ordered = all
        .clone()
        .and_then(|all| match all.is_sorted() && all.len() == 4 {
            true => Ok(()),
            false => Err(format!("4 receipts come as {all:?}")),
        });
    bench.note("listReceipts", "is ordered by bucket and key", ordered);
    let paged = paged(bench, id).await;
    let once = all
        .and_then(|all| paged.map(|paged| (all, paged)))
        .and_then(|(all, paged)| match all == paged {
            true => Ok(()),
            false => Err(format!("one on a page, they come as {paged:?}")),
        });
    bench.note("listReceipts", "has pages, and each receipt once", once);
    let encoded =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    for (name, query, expected) in [
        (
            "finds by outcome",
            "outcome=gone".to_owned(),
            vec![keys[1].clone()],
        ),
        (
            "finds by prefix",
            format!("keyPrefix={}", encoded(&keys[0])),
            vec![keys[0].clone()],
        ),
        (
            "begins after a key",
            format!("startAfter={}&pageSize=1", encoded(&keys[0])),
            vec![keys[1].clone()],
        ),
    ] {
        let found = keys_of(&receipts(bench, id, &format!("?{query}")).await?);
        let tried = found.and_then(|found| match found == expected {
            true => Ok(()),
            false => Err(format!("finds {found:?}, not {expected:?}")),
        });
        bench.note("listReceipts", name, tried);
    }
    Ok(())
}

/// The keys of all receipts, one on a page.
async fn paged(bench: &Bench, id: &str) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    let mut next = String::new();
    for _ in 0..10 {
        let answer = receipts(bench, id, &format!("?pageSize=1{next}")).await?;
        all.extend(keys_of(&answer)?);
        let key = answer.text("/pages/nextKey");
        if key.is_empty() {
            return Ok(all);
        }
        let encoded: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        next = format!("&pageFromKey={encoded}");
    }
    Err("the listing does not end".to_owned())
}

async fn statistics(bench: &mut Bench, id: &str) -> Result<(), String> {
    let since = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(2);
    let since = since.strftime("%Y-%m-%dT%H:%M:%SZ");
    let ask = bench.of(
        "getStatistics",
        Method::GET,
        &format!("/{id}/statistics?since={since}"),
    );
    let answer = bench.send(ask).await?;
    let counts = answer.is(200).and_then(|()| {
        let hours = answer.list("hours")?.iter();
        let stored: u64 = hours.filter_map(|hour| hour["stored"].as_u64()).sum();
        if answer.text("/lastDecidedAt").is_empty() {
            return Err("/lastDecidedAt is missing".to_owned());
        }
        match stored {
            3 => Ok(()),
            other => Err(format!("counts {other} stored files, not 3")),
        }
    });
    bench.note("getStatistics", "counts what was stored", counts);
    Ok(())
}
