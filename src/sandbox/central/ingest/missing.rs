//! Which of the objects in a bucket are missing, and how far a catch-up has come (`missingObjects`).

use axum::{Json, body::Bytes, extract::Path, http::HeaderMap, response::IntoResponse};
use serde_json::{Value, json};

use super::access::{authorize, registered, unwanted};
use crate::sandbox::{
    central::{
        catch_up::Entry,
        refusal::{Answer, Refusal},
        request::json_body,
        state::{Central, Ctx},
        store::Store,
    },
    rules,
};

/// Says which objects Central would still want, and notes how far a catch-up has come.
pub(crate) async fn missing(
    ctx: Ctx,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let request = json_body(&body)?;
    let bucket = request
        .get("bucket")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let keys = keys_of(&request)?;
    let mut store = ctx.store();
    authorize(&store, &headers, &id)?;
    registered(&store, &id, bucket)?;
    progress(&ctx, &mut store, &id, bucket, &request)?;
    let missing: Vec<&str> = keys
        .into_iter()
        .filter(|key| is_missing(&store, &id, bucket, key))
        .collect();
    Ok(Json(json!({ "missing": missing })).into_response())
}

/// The keys that a call asks about. All of them must be those of log files.
fn keys_of(request: &Value) -> Result<Vec<&str>, Refusal> {
    let keys: Vec<&str> = request
        .get("keys")
        .and_then(Value::as_array)
        .ok_or_else(|| Refusal::invalid("keys are required"))?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if keys.len() > 1000 {
        return Err(Refusal::invalid("keys: more than 1000"));
    }
    let other = keys
        .iter()
        .find(|key| rules::account_of_log_file(key).is_none());
    match other {
        Some(other) => Err(Refusal::invalid(format!(
            "{other} is not the key of a log file"
        ))),
        None => Ok(keys),
    }
}

/// Notes how far a catch-up has come, if the call belongs to one.
fn progress(
    central: &Central,
    store: &mut Store,
    id: &str,
    bucket: &str,
    request: &Value,
) -> Result<(), Refusal> {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let (prefix, lease) = match (text("prefix"), text("lease")) {
        (None, None) => return Ok(()),
        (Some(prefix), Some(lease)) => (prefix, lease),
        _ => return Err(Refusal::invalid("prefix and lease come together")),
    };
    let up_to = text("upTo").map(ToOwned::to_owned);
    let at = Entry::new(bucket.to_owned(), prefix.to_owned(), up_to);
    let end = request.get("end").and_then(Value::as_bool) == Some(true);
    let connection = store.connections.get_mut(id);
    let connection = connection.ok_or_else(Refusal::not_found)?;
    let lasts = central.timing.lease;
    if !connection.watch.progress(&at, lease, end, lasts) {
        return Err(Refusal::conflict(
            "leaseLost",
            "the lease has ended, or another caller has the entry",
        ));
    }
    store.changed = true;
    Ok(())
}

/// Whether Central still wants an object: it is not decided about, or was skipped only because of a pause, and it is wanted now.
fn is_missing(store: &Store, id: &str, bucket: &str, key: &str) -> bool {
    let address = (id.to_owned(), bucket.to_owned(), key.to_owned());
    let receipt = store.receipts.get(&address);
    let decided = receipt.is_some_and(|receipt| receipt.reason.as_deref() != Some("paused"));
    let account = rules::account_of_log_file(key);
    !decided && account.is_some_and(|account| unwanted(store, id, account).is_none())
}
