//! Checks of reports, and of what would still be wanted.

use serde_json::json;

use super::{BUCKET, by_forwarder, key, offer, receipts};
use crate::conformance::bench::Bench;

pub(super) async fn reports(
    bench: &mut Bench,
    id: &str,
    token: &str,
    keys: &[String; 3],
) -> Result<(), String> {
    let [stored, gone, _] = keys;
    offer(bench, id, token, gone).await?.served()?;
    let item =
        |key: &str, outcome: &str| json!({ "bucket": BUCKET, "key": key, "outcome": outcome });
    let never = key(bench, "n");
    let elsewhere = json!({ "bucket": "verify-central-other", "key": gone, "outcome": "gone" });
    let invalid = (422, "invalid");
    for (name, items, refusals) in [
        (
            "refuses what was never offered",
            json!([item(&never, "gone")]),
            &[invalid][..],
        ),
        (
            "notes all or nothing",
            json!([item(gone, "gone"), item(&never, "gone")]),
            &[invalid][..],
        ),
        (
            "refuses an outcome that is none",
            json!([item(gone, "lost")]),
            &[invalid][..],
        ),
        (
            "refuses 101 objects",
            vec![item(gone, "gone"); 101].into(),
            &[invalid][..],
        ),
        (
            "refuses another bucket",
            json!([elsewhere]),
            // Nothing of another bucket was ever offered.
            &[(403, "bucketNotRegistered"), invalid][..],
        ),
    ] {
        let ask = by_forwarder(bench, "reportObjects", id, token, json!({ "items": items }));
        let answer = bench.send(ask).await?;
        let noted = receipts(bench, id, "?outcome=gone").await?;
        let tried = answer
            .refuses_by(refusals)
            .and_then(|()| match noted.list("items") {
                Ok(items) if !items.is_empty() => {
                    Err("a refused report leaves a receipt".to_owned())
                }
                _ => noted.served(),
            });
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
    // Later checks need it.
    answer.served()?;
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

pub(super) async fn missing(
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
