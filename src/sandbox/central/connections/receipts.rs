//! A connection's receipts.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, Query},
    http::HeaderMap,
    response::IntoResponse,
};
use serde_json::{Value, json};

use super::access::visible;
use crate::sandbox::central::{
    refusal::{Answer, Refusal},
    state::Ctx,
    store::Receipt,
};

/// One page of the receipts, ordered by bucket and key.
pub(crate) async fn receipts(
    ctx: Ctx,
    Path(id): Path<String>,
    headers: HeaderMap,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let store = ctx.store();
    visible(&store, &headers, &id)?;
    let size = page_size(&query)?;
    let from = query.get("pageFromKey").map(|key| {
        let (bucket, key) = key.split_once('/').unwrap_or((key.as_str(), ""));
        (bucket.to_owned(), key.to_owned())
    });
    let of_id = (id.clone(), String::new(), String::new());
    let mut fitting = store
        .receipts
        .range(of_id..)
        .take_while(|((connection, ..), _)| *connection == id)
        .filter(|((_, bucket, key), receipt)| {
            from.as_ref().is_none_or(|(b, k)| (bucket, key) > (b, k)) && fits(key, receipt, &query)
        })
        .peekable();
    let mut items = Vec::new();
    let mut last = None;
    while items.len() < size
        && let Some(((_, bucket, key), receipt)) = fitting.next()
    {
        items.push(shown(bucket, key, receipt));
        last = Some(format!("{bucket}/{key}"));
    }
    let mut pages = json!({ "size": size });
    if fitting.peek().is_some() {
        pages["nextKey"] = json!(last);
    }
    Ok(Json(json!({ "items": items, "pages": pages })).into_response())
}

fn page_size(query: &HashMap<String, String>) -> Result<usize, Refusal> {
    let size: usize = query
        .get("pageSize")
        .and_then(|text| text.parse().ok())
        .unwrap_or(1000);
    if (1..=1000).contains(&size) {
        Ok(size)
    } else {
        Err(Refusal::bad_request("pageSize is from 1 to 1000"))
    }
}

/// Whether a receipt is among those that a query asks for.
fn fits(key: &str, receipt: &Receipt, query: &HashMap<String, String>) -> bool {
    query
        .get("keyPrefix")
        .is_none_or(|prefix| key.starts_with(prefix))
        && query
            .get("startAfter")
            .is_none_or(|after| key > after.as_str())
        && query
            .get("outcome")
            .is_none_or(|outcome| receipt.outcome == *outcome)
}

fn shown(bucket: &str, key: &str, receipt: &Receipt) -> Value {
    let mut item = json!({ "bucket": bucket, "key": key });
    if let (Value::Object(item), Value::Object(rest)) = (&mut item, json!(receipt)) {
        item.extend(rest.into_iter().filter(|(name, _)| name != "delaySeconds"));
    }
    item
}
