//! Checks of log ingest: offers, uploads, reports, receipts and statistics.

mod offers;
mod receipts;
mod reports;
mod uploads;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    answer::{Answer, Ask, Bearer, Tried},
    bench::Bench,
    change::made,
    proofs::{ingest_host, registered, sign_in},
};
use receipts::receipts;
pub(super) use uploads::{file, upload};

/// The bucket that the manifest names.
pub(super) const BUCKET: &str = "verify-central-logs";

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    offers::strangers(bench).await?;
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
    let keys = ["a", "b", "c"].map(|unique| key(bench, unique));
    // Each part has a token of its own, since tokens may be short.
    let fresh = token(bench, &id, &host).await?;
    uploads::stored(bench, &id, &fresh, &keys[0]).await?;
    let fresh = token(bench, &id, &host).await?;
    offers::refusals(bench, &id, &fresh).await?;
    let fresh = token(bench, &id, &host).await?;
    reports::reports(bench, &id, &fresh, &keys).await?;
    let fresh = token(bench, &id, &host).await?;
    reports::missing(bench, &id, &fresh, &keys).await?;
    let fresh = token(bench, &id, &host).await?;
    receipts::listed(bench, &id, &fresh, &keys).await?;
    receipts::statistics(bench, &id).await?;
    uploads::halves(bench).await
}

/// Signs in; returns the token.
pub(super) async fn token(bench: &Bench, id: &str, host: &str) -> Result<String, String> {
    let answer = sign_in(bench, id, host).await?;
    answer.served()?;
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
        .by(Bearer::Other(token.to_owned()))
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

pub(super) fn skips(answer: &Answer, reason: &str) -> Tried {
    answer.is(200)?;
    answer.has("/decision", "skip")?;
    answer.has("/reason", reason)
}

/// A value of a query.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
