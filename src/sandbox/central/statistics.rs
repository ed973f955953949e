//! What was decided and taken in, hour by hour (`getStatistics`).

use std::collections::{BTreeMap, HashMap};

use axum::{
    Json,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};

use super::{Ctx, Refusal, connections::visible};

/// The figures of an hour.
#[derive(Default)]
struct Hour {
    stored: u64,
    skipped: u64,
    bytes: u64,
    delays: Vec<i64>,
}

pub async fn read(
    ctx: Ctx,
    Path(id): Path<String>,
    headers: HeaderMap,
    query: Query<HashMap<String, String>>,
) -> Result<Json<Value>, Refusal> {
    let store = ctx.store();
    let connection = visible(&store, &headers, &id)?;
    let since = query
        .get("since")
        .and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let since = since.ok_or_else(|| {
        Refusal::new(StatusCode::BAD_REQUEST, "badRequest", "since is not a time")
    })?;
    let mut hours: BTreeMap<String, Hour> = BTreeMap::new();
    let first = (id.clone(), String::new(), String::new());
    let of_id = store.receipts.range(first..);
    for (_, receipt) in of_id.take_while(|((connection, ..), _)| *connection == id) {
        let late = |at: jiff::Timestamp| at >= since;
        if !receipt.at.parse().is_ok_and(late) {
            continue;
        }
        // `2026-11-24T09` of a time in UTC.
        let at = format!("{}:00:00Z", receipt.at.get(..13).unwrap_or_default());
        let hour = hours.entry(at).or_default();
        match receipt.outcome.as_str() {
            "stored" => {
                hour.stored += 1;
                hour.bytes += receipt.size.unwrap_or_default();
                hour.delays.extend(receipt.delay_seconds);
            }
            "skipped" => hour.skipped += 1,
            _ => {}
        }
    }
    let hours: Vec<Value> = hours
        .into_iter()
        .map(|(at, mut hour)| {
            let mut shown = json!({ "at": at, "stored": hour.stored, "skipped": hour.skipped, "bytes": hour.bytes });
            hour.delays.sort_unstable();
            if let Some(last) = hour.delays.len().checked_sub(1) {
                shown["delayMedianSeconds"] = hour.delays[last / 2].into();
                shown["delayP95Seconds"] = hour.delays[last * 95 / 100].into();
            }
            shown
        })
        .collect();
    let mut answer = json!({ "hours": hours });
    if let Some(at) = &connection.decided_at {
        answer["lastDecidedAt"] = at.clone().into();
    }
    Ok(Json(answer))
}
