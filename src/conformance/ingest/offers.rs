//! Checks of offers, and of calls that are nobody's.

use reqwest::Method;
use serde_json::json;

use super::{BUCKET, by_forwarder, key, offer};
use crate::conformance::{answer::Bearer, bench::Bench, change::made, saved::new_id, token};

/// Calls for a connection that is not there, or without a token.
pub(super) async fn strangers(bench: &mut Bench) -> Result<(), String> {
    let id = new_id();
    let unknown = offer(bench, &id, "none", &key(bench, "x")).await?;
    bench.note(
        "offerObject",
        "knows no other id",
        unknown.refuses_by(&[(401, ""), (404, "notFound")]),
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
        let ask = by_forwarder(bench, operation, &there, "", body).by(Bearer::Nobody);
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

pub(super) async fn refusals(bench: &mut Bench, id: &str, token: &str) -> Result<(), String> {
    let file = key(bench, "r");
    for (name, bucket, key, status, error) in [
        (
            "refuses another bucket",
            "verify-central-other",
            file.as_str(),
            403,
            "bucketNotRegistered",
        ),
        (
            "refuses the key of something else",
            BUCKET,
            "AWSLogs/digest.json.gz",
            422,
            "invalid",
        ),
    ] {
        let body = json!({ "bucket": bucket, "key": key });
        let answer = bench
            .send(by_forwarder(bench, "offerObject", id, token, body))
            .await?;
        bench.note("offerObject", name, answer.refuses(status, error));
    }
    let admin = token::fresh(bench).await?;
    let answer = offer(bench, id, &admin, &file).await?;
    let name = "refuses an administrator's token";
    bench.note("offerObject", name, answer.keeps_out());
    let keyless = json!({ "bucket": BUCKET });
    let answer = bench
        .send(by_forwarder(bench, "offerObject", id, token, keyless))
        .await?;
    bench.note(
        "offerObject",
        "refuses a body without a key",
        answer.refuses(422, "invalid"),
    );
    Ok(())
}
