//! Deleting a connection (`deleteConnection`).

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};

use super::access::{only_clients, visible};
use crate::sandbox::central::{
    refusal::{Answer, Refusal},
    request::value_of,
    state::Ctx,
    times::now,
};

/// Deletes a connection. Its record stays, and its tokens end.
pub(crate) async fn delete(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let mut store = ctx.store();
    only_clients(&store, &headers)?;
    visible(&store, &headers, &id)?;
    let condition = value_of(&headers, header::IF_MATCH);
    let condition = condition.ok_or_else(|| Refusal::invalid("If-Match is missing"))?;
    let connection = store
        .connections
        .get_mut(&id)
        .ok_or_else(Refusal::not_found)?;
    if !connection.deleted && condition != "*" && condition != connection.etag() {
        return Err(Refusal::changed());
    }
    if !connection.deleted {
        connection.deleted = true;
        connection.version += 1;
        connection.updated_at = now();
    }
    store
        .ingest_tokens
        .retain(|_, (connection, _)| *connection != id);
    store.changed = true;
    Ok(StatusCode::NO_CONTENT.into_response())
}
