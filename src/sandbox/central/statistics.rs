//! Decisions and stored files, hour by hour (`getStatistics`).

use std::collections::{BTreeMap, HashMap};

use axum::{
    Json,
    extract::{Path, Query},
    http::HeaderMap,
};
use serde_json::{Value, json};

use super::{
    connections::{only_clients, visible},
    refusal::Refusal,
    state::Ctx,
    store::{Receipt, Store},
};

/// The statistics of a connection.
pub(super) async fn read(
    ctx: Ctx,
    Path(id): Path<String>,
    headers: HeaderMap,
    query: Query<HashMap<String, String>>,
) -> Result<Json<Value>, Refusal> {
    let store = ctx.store();
    only_clients(&store, &headers)?;
    let connection = visible(&store, &headers, &id)?;
    let since = query
        .get("since")
        .and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let since = since.ok_or_else(|| Refusal::bad_request("since is not a time"))?;
    let hours = hours(&store, &id, since);
    let hours: Vec<Value> = hours
        .into_iter()
        .map(|(at, hour)| hour.shown(&at))
        .collect();
    let mut answer = json!({ "hours": hours });
    if let Some(at) = &connection.decided_at {
        answer["lastDecidedAt"] = at.clone().into();
    }
    Ok(Json(answer))
}

/// The figures of an hour.
#[derive(Default)]
struct Hour {
    stored: u64,
    skipped: u64,
    bytes: u64,
    delays: Vec<i64>,
}

impl Hour {
    fn count(&mut self, receipt: &Receipt) {
        match receipt.outcome.as_str() {
            "stored" => {
                self.stored += 1;
                self.bytes += receipt.size.unwrap_or_default();
                self.delays.extend(receipt.delay_seconds);
            }
            "skipped" => self.skipped += 1,
            _ => {}
        }
    }

    fn shown(mut self, at: &str) -> Value {
        let mut shown = json!({ "at": at, "stored": self.stored, "skipped": self.skipped, "bytes": self.bytes });
        self.delays.sort_unstable();
        if let Some(last) = self.delays.len().checked_sub(1) {
            shown["delayMedianSeconds"] = self.delays[last / 2].into();
            shown["delayP95Seconds"] = self.delays[last * 95 / 100].into();
        }
        shown
    }
}

/// The hours of a connection's receipts since a time, by their beginning.
fn hours(store: &Store, id: &str, since: jiff::Timestamp) -> BTreeMap<String, Hour> {
    let mut hours: BTreeMap<String, Hour> = BTreeMap::new();
    let first = (id.to_owned(), String::new(), String::new());
    let of_id = store.receipts.range(first..);
    for (_, receipt) in of_id.take_while(|((connection, ..), _)| connection == id) {
        let late = |at: jiff::Timestamp| at >= since;
        if !receipt.at.parse().is_ok_and(late) {
            continue;
        }
        // The first 13 characters of a time in UTC are its date and hour: `2026-11-24T09`.
        let at = format!("{}:00:00Z", receipt.at.get(..13).unwrap_or_default());
        hours.entry(at).or_default().count(receipt);
    }
    hours
}
