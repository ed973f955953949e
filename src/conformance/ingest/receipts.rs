//! Checks of receipts and statistics.

use std::time::{Duration, Instant};

use reqwest::Method;

use super::{
    encoded, key, offer,
    uploads::{file, upload},
};
use crate::conformance::{
    answer::{Answer, Tried},
    bench::Bench,
};

/// Statistics may be late, so that they are asked for again for this long, with a pause.
const LONGEST: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_secs(1);

/// How many files the checks have stored before the statistics are asked for.
const STORED: u64 = 3;

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
        upload(bench, &offered, bytes.clone()).await?.served()?;
    }
    let all = everything(bench, id, 1000, "").await;
    let ordered = all
        .clone()
        .and_then(|all| match all.is_sorted() && all.len() == 4 {
            true => Ok(()),
            false => Err(format!("4 receipts come as {all:?}")),
        });
    bench.note("listReceipts", "is ordered by bucket and key", ordered);
    let paged = everything(bench, id, 1, "").await;
    let once = all
        .and_then(|all| paged.map(|paged| (all, paged)))
        .and_then(|(all, paged)| match all == paged {
            true => Ok(()),
            false => Err(format!("one on a page, they come as {paged:?}")),
        });
    bench.note("listReceipts", "has pages, and each receipt once", once);
    let first = encoded(&keys[0]);
    let prefix = format!("&keyPrefix={first}");
    let after = receipts(bench, id, &format!("?startAfter={first}&pageSize=1")).await?;
    for (name, found, expected) in [
        (
            "finds by outcome",
            everything(bench, id, 1000, "&outcome=gone").await,
            vec![keys[1].clone()],
        ),
        (
            "finds by prefix",
            everything(bench, id, 1000, &prefix).await,
            vec![keys[0].clone()],
        ),
        ("begins after a key", keys_of(&after), vec![keys[1].clone()]),
    ] {
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

/// The keys of all receipts that a query finds, so many on a page at most. A page may have fewer, and others come after it.
async fn everything(
    bench: &Bench,
    id: &str,
    size: usize,
    query: &str,
) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    let mut next = String::new();
    for _ in 0..10 {
        let answer = receipts(bench, id, &format!("?pageSize={size}{query}{next}")).await?;
        let found = keys_of(&answer)?;
        if found.len() > size {
            return Err(format!("a page of {size} has {}", found.len()));
        }
        all.extend(found);
        let key = answer.text("/pages/nextKey");
        if key.is_empty() {
            return Ok(all);
        }
        next = format!("&pageFromKey={}", encoded(key));
    }
    Err("the listing does not end".to_owned())
}

pub(super) async fn statistics(bench: &mut Bench, id: &str) -> Result<(), String> {
    let name = "counts what was stored";
    let since = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(2);
    let since = since.strftime("%Y-%m-%dT%H:%M:%SZ");
    let path = format!("/{id}/statistics?since={since}");
    let ask = bench.of("getStatistics", Method::GET, &path);
    let end = Instant::now() + LONGEST;
    loop {
        let answer = bench.send(ask.clone()).await?;
        match counted(&answer) {
            Ok(stored) if stored < STORED && Instant::now() < end => {}
            // The contract does not say how soon a file is counted.
            Ok(stored) if stored < STORED => {
                let seconds = LONGEST.as_secs();
                let why = format!("{stored} of {STORED} files are counted after {seconds} seconds");
                bench.skip("getStatistics", name, why);
                return Ok(());
            }
            counted => {
                bench.note("getStatistics", name, exactly(counted));
                return Ok(());
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// How many stored files the hours count that fit.
fn counted(answer: &Answer) -> Result<u64, String> {
    answer.is(200)?;
    let hours = answer.list("hours")?;
    let mut stored = 0;
    for (at, hour) in hours.iter().enumerate() {
        answer.has_time(&format!("/hours/{at}/at"))?;
        for field in ["stored", "skipped", "bytes"] {
            if !hour[field].is_u64() {
                return Err(format!("/hours/{at}/{field} is no count"));
            }
        }
        stored += hour["stored"].as_u64().unwrap_or_default();
    }
    match answer.body.get("lastDecidedAt") {
        Some(_) => answer.has_time("/lastDecidedAt").map(|()| stored),
        None => Ok(stored),
    }
}

fn exactly(counted: Result<u64, String>) -> Tried {
    match counted? {
        STORED => Ok(()),
        other => Err(format!("counts {other} stored files, not {STORED}")),
    }
}
