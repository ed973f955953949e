//! Checks of receipts and statistics.

use reqwest::Method;

use super::{
    encoded, key, offer,
    uploads::{file, upload},
};
use crate::conformance::{answer::Answer, bench::Bench};

/// A page of receipts.
pub(super) async fn receipts(bench: &Bench, id: &str, query: &str) -> Result<Answer, String> {
    let ask = bench.of(
        "listReceipts",
        Method::GET,
        &format!("/{id}/receipts{query}"),
    );
    bench.send(ask).await
}

pub(super) async fn listed(
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

fn keys_of(answer: &Answer) -> Result<Vec<String>, String> {
    answer.is(200)?;
    let keys = answer.list("items")?.iter();
    Ok(keys
        .map(|item| item["key"].as_str().unwrap_or_default().to_owned())
        .collect())
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
        next = format!("&pageFromKey={}", encoded(key));
    }
    Err("the listing does not end".to_owned())
}

pub(super) async fn statistics(bench: &mut Bench, id: &str) -> Result<(), String> {
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
