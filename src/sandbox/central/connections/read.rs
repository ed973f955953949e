//! Reading connections: one, many, and where their files go.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    access::{only_clients, visible},
    checks::has_organization,
};
use crate::sandbox::central::{
    refusal::{Answer, Refusal},
    request::tenant,
    state::Ctx,
    store::{Connection, Store},
};

/// One page of the connections of a tenant.
pub(crate) async fn list(
    ctx: Ctx,
    headers: HeaderMap,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let store = ctx.store();
    only_clients(&store, &headers)?;
    let tenant = tenant(&store, &headers)?;
    let size = page_size(&query)?;
    let from = query
        .get("pageFromKey")
        .and_then(|key| key.parse::<usize>().ok())
        .unwrap_or_default();
    let found: Vec<_> = store
        .connections
        .iter()
        .filter(|(_, connection)| connection.tenant == tenant && fits(&store, connection, &query))
        .collect();
    let mut pages = json!({ "size": size, "maxSize": 200 });
    if from + size < found.len() {
        pages["nextKey"] = (from + size).to_string().into();
    }
    let items = found.iter().skip(from).take(size);
    let items: Vec<Value> = items
        .map(|(id, connection)| store.view(id, connection, true))
        .collect();
    Ok(Json(json!({ "items": items, "pages": pages })).into_response())
}

fn page_size(query: &HashMap<String, String>) -> Result<usize, Refusal> {
    let Some(text) = query.get("pageSize") else {
        return Ok(50);
    };
    text.parse()
        .ok()
        .filter(|number| (1..=200).contains(number))
        .ok_or_else(|| Refusal::bad_request("pageSize is not a number from 1 to 200"))
}

/// Whether a connection is among those that a query asks for.
fn fits(store: &Store, connection: &Connection, query: &HashMap<String, String>) -> bool {
    let is = |name: &str, value: &str| {
        connection.fields.get(name).and_then(Value::as_str) == Some(value)
    };
    let deleted = query.get("includeDeleted").map(String::as_str) == Some("true");
    (deleted || !connection.deleted)
        && query.get("name").is_none_or(|name| is("name", name))
        && query
            .get("awsAccountId")
            .is_none_or(|account| is("awsAccountId", account))
        && query
            .get("status")
            .is_none_or(|status| store.status(connection).0 == status)
        && query
            .get("organization")
            .is_none_or(|flag| flag != "true" || has_organization(&connection.fields))
}

/// One connection, with its ETag.
pub(crate) async fn read(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let store = ctx.store();
    let connection = visible(&store, &headers, &id)?;
    Ok(with_etag(StatusCode::OK, &store, &id, &connection))
}

/// Where log files of the tenant will go.
pub(crate) async fn endpoints(ctx: Ctx, headers: HeaderMap) -> Answer {
    let store = ctx.store();
    only_clients(&store, &headers)?;
    tenant(&store, &headers)?;
    let endpoints = json!({ "ingestUrl": ctx.url.as_ref(), "uploadHosts": [ctx.host()] });
    Ok(Json(endpoints).into_response())
}

/// A connection as an answer.
pub(super) fn with_etag(
    status: StatusCode,
    store: &Store,
    id: &str,
    connection: &Connection,
) -> Response {
    let etag = [(header::ETAG, connection.etag())];
    (status, etag, Json(store.view(id, connection, false))).into_response()
}
