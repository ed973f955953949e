//! Who may see a connection, and who may manage connections.

use axum::http::HeaderMap;

use crate::sandbox::central::{
    refusal::Refusal,
    request::{principal, tenant},
    store::{Connection, Principal, Store},
};

/// The connection, if the caller may see it. An invitation is for one connection: whether there are others is not said.
pub(crate) fn visible(store: &Store, headers: &HeaderMap, id: &str) -> Result<Connection, Refusal> {
    let principal = principal(store, headers)?;
    if let Principal::Invited { connection } = principal
        && connection != id
    {
        return Err(Refusal::forbidden("not with this invitation"));
    }
    let tenant = tenant(store, headers)?;
    let connection = store
        .connections
        .get(id)
        .filter(|connection| connection.tenant == tenant);
    connection.cloned().ok_or_else(Refusal::not_found)
}

/// Returns the id of the client that calls. Refuses callers that hold only an invitation's token.
pub(crate) fn only_clients(store: &Store, headers: &HeaderMap) -> Result<String, Refusal> {
    match principal(store, headers)? {
        Principal::Client(id) => Ok(id),
        Principal::Invited { .. } => Err(Refusal::forbidden("not with an invitation")),
    }
}
