//! Changing a connection (`updateConnection`).

use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
};
use serde_json::{Map, Value, json};

use super::{
    access::visible,
    checks::{check, check_name, has_organization},
    read::with_etag,
};
use crate::sandbox::central::{
    catch_up::{Entry, Watch},
    refusal::{Answer, Refusal},
    request::{json_body, value_of},
    state::Ctx,
    store::{Connection, Store},
    times::now,
};

/// Changes the fields that the body names.
pub(crate) async fn update(
    ctx: Ctx,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let mut store = ctx.store();
    let present = visible(&store, &headers, &id)?;
    let condition = value_of(&headers, header::IF_MATCH);
    let condition = condition.ok_or_else(|| Refusal::invalid("If-Match is missing"))?;
    let Value::Object(change) = json_body(&body)? else {
        return Err(Refusal::invalid("not an object"));
    };
    check(&change)?;
    check_status(&change)?;
    if present.deleted {
        return Err(Refusal::conflict("deleted", "the connection is deleted"));
    }
    if condition != present.etag() {
        return Err(Refusal::changed());
    }
    let mut next = present.clone();
    if let Some(status) = change.get("status").and_then(Value::as_str) {
        set_status(&store, &id, &mut next, status)?;
    }
    for (name, value) in change.iter().filter(|(name, _)| *name != "status") {
        check_field(&store, &id, &present, name, value)?;
        next.fields.insert(name.clone(), value.clone());
    }
    next.activate();
    if covered(&next) != covered(&present) {
        next.version += 1;
        next.updated_at = now();
    }
    *store.connections.get_mut(&id).expect("it was read above") = next.clone();
    store.changed = true;
    Ok(with_etag(StatusCode::OK, &store, &id, &next))
}

/// Refuses a status that a client cannot set.
fn check_status(change: &Map<String, Value>) -> Result<(), Refusal> {
    match change.get("status").map(Value::as_str) {
        None | Some(Some("active" | "paused")) => Ok(()),
        Some(_) => Err(Refusal::invalid("status: active or paused")),
    }
}

/// Pauses or resumes a connection.
fn set_status(store: &Store, id: &str, next: &mut Connection, wanted: &str) -> Result<(), Refusal> {
    let (is, because) = store.status(next);
    let by_license = because == Some(("pausedBecause", "license"));
    match (wanted, is) {
        (wanted, is) if wanted == is && !by_license => {}
        ("paused", "active") => next.paused_by_user = true,
        ("active", "paused") if by_license => {
            return Err(Refusal::conflict("licensePaused", "the licence has ended"));
        }
        ("active", "paused") => {
            next.paused_by_user = false;
            for entry in paused_days(store, id) {
                next.watch.add(entry);
            }
        }
        _ => return Err(Refusal::conflict("notActive", format!("it is {is}"))),
    }
    Ok(())
}

/// The days of the files that were skipped because of the user's pause.
fn paused_days(store: &Store, id: &str) -> Vec<Entry> {
    let paused = store.receipts.iter().filter(|((connection, ..), receipt)| {
        connection == id && receipt.reason.as_deref() == Some("paused")
    });
    Watch::days_of(paused.map(|((_, bucket, key), _)| (bucket.as_str(), key.as_str())))
}

/// Whether a field may be changed to this value.
fn check_field(
    store: &Store,
    id: &str,
    present: &Connection,
    name: &str,
    value: &Value,
) -> Result<(), Refusal> {
    match name {
        "name" => check_name(store, &present.tenant, Some(value), id),
        "accounts" if !has_organization(&present.fields) => {
            Err(Refusal::invalid("accounts: only with an organization"))
        }
        "partition" | "homeRegion" | "mode" => {
            let empty = present
                .resource("/items")
                .and_then(Value::as_array)
                .is_none_or(Vec::is_empty);
            if present.fields.get(name) != Some(value) && (present.activated || !empty) {
                return Err(Refusal::invalid(format!(
                    "{name}: only while pending and without resources"
                )));
            }
            Ok(())
        }
        "accounts" | "settings" | "resources" => Ok(()),
        other => Err(Refusal::invalid(format!("{other}: cannot be changed"))),
    }
}

/// What the ETag covers.
fn covered(connection: &Connection) -> Value {
    json!([connection.fields, connection.paused_by_user])
}
