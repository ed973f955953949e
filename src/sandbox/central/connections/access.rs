//! Who may see a connection, and who may manage connections.

use axum::http::HeaderMap;

use crate::sandbox::central::{
    refusal::Refusal,
    request::{principal, tenant},
    store::{Connection, Principal, Store},
};

/// The connection, if the caller may see it.
pub(crate) fn visible(store: &Store, headers: &HeaderMap, id: &str) -> Result<Connection, Refusal> {
    let principal = principal(store, headers)?;
    let tenant = tenant(store, headers)?;
    if let Principal::Invited { connection } = principal
        && connection != id
    {
        return Err(Refusal::not_found());
    }
    let connection = store
        .connections
        .get(id)
        .filter(|connection| connection.tenant == tenant);
    connection.cloned().ok_or_else(Refusal::not_found)
}

/// Refuses callers that hold only an invitation's token.
pub(super) fn only_clients(store: &Store, headers: &HeaderMap) -> Result<(), Refusal> {
    match principal(store, headers)? {
        Principal::Client(_) => Ok(()),
        Principal::Invited { .. } => Err(Refusal::forbidden("not with an invitation")),
    }
}
