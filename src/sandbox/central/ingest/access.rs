//! Who may offer files, from which buckets, and which files are wanted.

use std::time::Instant;

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::sandbox::central::{refusal::Refusal, request::bearer, store::Store};

/// Refuses everyone but the connection's forwarder.
pub(super) fn authorize(store: &Store, headers: &HeaderMap, id: &str) -> Result<(), Refusal> {
    let connection = store.connections.get(id).ok_or_else(Refusal::not_found)?;
    if connection.deleted {
        return Err(Refusal::gone());
    }
    let token = bearer(headers).and_then(|token| store.ingest_tokens.get(token));
    let fits = token.is_some_and(|(of, until)| of == id && Instant::now() < *until);
    fits.then_some(()).ok_or_else(Refusal::unauthorized)
}

/// Refuses buckets that the manifest does not name.
pub(super) fn registered(store: &Store, id: &str, bucket: &str) -> Result<(), Refusal> {
    let connection = store.connections.get(id).ok_or_else(Refusal::not_found)?;
    let buckets = connection.resource("/buckets").and_then(Value::as_array);
    if buckets.is_some_and(|buckets| buckets.iter().any(|one| one == bucket)) {
        Ok(())
    } else {
        Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "bucketNotRegistered",
            format!("{bucket} is not in the manifest"),
        ))
    }
}

/// Why a file of this account is not wanted at present.
pub(super) fn unwanted(store: &Store, id: &str, account: &str) -> Option<&'static str> {
    let connection = store.connections.get(id)?;
    if connection.activated && store.license_ended(&connection.tenant) {
        return Some("licenseEnded");
    }
    if connection.paused_by_user {
        return Some("paused");
    }
    let accounts = connection
        .fields
        .get("accounts")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty());
    accounts
        .is_some_and(|list| !list.iter().any(|one| one == account))
        .then_some("accountNotSelected")
}
