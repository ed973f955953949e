//! What Central reads from a request: its headers, its caller and tenant, and its body.

use axum::http::{
    HeaderMap,
    header::{self, AsHeaderName},
};
use serde_json::Value;

use super::{
    refusal::Refusal,
    store::{Principal, Store},
};

/// A header's value; `None` if it is absent or not a text.
pub(super) fn value_of(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The bearer token.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    value_of(headers, header::AUTHORIZATION)?.strip_prefix("Bearer ")
}

/// The principal of an API call.
pub(super) fn principal(store: &Store, headers: &HeaderMap) -> Result<Principal, Refusal> {
    bearer(headers)
        .and_then(|token| store.principal(token))
        .ok_or_else(Refusal::unauthorized)
}

/// The tenant that a call acts for: the caller's own, or one of a partner's or organization's.
pub(super) fn tenant(store: &Store, headers: &HeaderMap) -> Result<String, Refusal> {
    let principal = principal(store, headers)?;
    let tenant = value_of(headers, "x-tenant-id")
        .ok_or_else(|| Refusal::bad_request("X-Tenant-ID is missing"))?;
    let allowed = match &principal {
        Principal::Client(id) => store.may_act_for(id, tenant),
        Principal::Invited { connection } => store
            .connections
            .get(connection)
            .is_some_and(|connection| connection.tenant == tenant),
    };
    if allowed {
        Ok(tenant.to_owned())
    } else {
        Err(Refusal::forbidden("not your tenant"))
    }
}

/// The body of a request as JSON.
pub(super) fn json_body(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::invalid(format!("the body is not JSON: {error}")))
}
