//! Reports about objects that were offered and cannot be delivered (`reportObjects`).

use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use serde_json::Value;

use super::access::{authorize, registered};
use crate::sandbox::central::{
    refusal::{Answer, Refusal},
    request::json_body,
    state::{Central, Ctx},
    store::{Address, Receipt, Store},
};

/// Notes what became of objects: of all of them, or of none.
pub(crate) async fn reports(
    ctx: Ctx,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let request = json_body(&body)?;
    let items = request.get("items").and_then(Value::as_array);
    let items = items.ok_or_else(|| Refusal::invalid("items are required"))?;
    if items.len() > 100 {
        return Err(Refusal::invalid("items: more than 100"));
    }
    let mut store = ctx.store();
    authorize(&store, &headers, &id)?;
    let mut reported = Vec::new();
    for item in items {
        reported.push(read(&store, &id, item)?);
    }
    for (address, outcome) in reported {
        note(&ctx, &mut store, address, &outcome);
    }
    store.changed = true;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The object of a report and its outcome.
fn read(store: &Store, id: &str, item: &Value) -> Result<(Address, String), Refusal> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let (bucket, key, outcome) = (text("bucket"), text("key"), text("outcome"));
    registered(store, id, bucket)?;
    if !["gone", "archived", "denied"].contains(&outcome) {
        return Err(Refusal::invalid(format!("outcome: {outcome}")));
    }
    if text("detail").chars().count() > 500 {
        return Err(Refusal::invalid("detail: more than 500 characters"));
    }
    let address = (id.to_owned(), bucket.to_owned(), key.to_owned());
    if !store.open_offers.contains_key(&address) && !store.receipts.contains_key(&address) {
        return Err(Refusal::invalid(format!("{key} was never offered")));
    }
    Ok((address, outcome.to_owned()))
}

/// Replaces the open offer with a receipt. One that is stored or skipped stays as it is.
fn note(central: &Central, store: &mut Store, address: Address, outcome: &str) {
    let decided = store.receipts.get(&address);
    if decided.is_some_and(|receipt| ["stored", "skipped"].contains(&receipt.outcome.as_str())) {
        return;
    }
    if outcome == "gone" {
        store.open_offers.remove(&address);
    } else if let Some(offer) = store.open_offers.get_mut(&address) {
        offer.rest(central.timing.day);
    }
    store.receipts.insert(address, Receipt::new(outcome));
}
