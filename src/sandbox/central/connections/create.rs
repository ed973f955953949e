//! Saving a new connection (`putConnection`).

use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
};
use serde_json::{Map, Value, json};

use super::{
    access::only_clients,
    checks::{check, check_name, has_organization},
    read::with_etag,
};
use crate::sandbox::{
    central::{
        refusal::{Answer, Refusal},
        request::{json_body, tenant, value_of},
        state::Ctx,
        store::{Connection, Store},
    },
    rules,
};

/// Saves a new connection, which is pending.
pub(crate) async fn create(
    ctx: Ctx,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let mut store = ctx.store();
    only_clients(&store, &headers)?;
    let tenant = tenant(&store, &headers)?;
    check_id(&store, &headers, &id)?;
    let mut fields = fields_of(&body)?;
    if store.license_ended(&tenant) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "licenseRequired",
            "the licence has ended",
        ));
    }
    check_name(&store, &tenant, fields.get("name"), &id)?;
    fields.insert("ingestUrl".to_owned(), ctx.url.as_ref().into());
    fields.insert("uploadHosts".to_owned(), json!([ctx.host()]));
    let connection = Connection::new(tenant, fields);
    store.connections.push(id.clone(), connection.clone());
    store.changed = true;
    Ok(with_etag(StatusCode::CREATED, &store, &id, &connection))
}

/// Refuses an id that is not a UUID or that is there already. This operation only creates.
fn check_id(store: &Store, headers: &HeaderMap, id: &str) -> Result<(), Refusal> {
    if value_of(headers, header::IF_NONE_MATCH) != Some("*") {
        return Err(Refusal::invalid("If-None-Match: * is missing"));
    }
    if !rules::is_connection_id(id) {
        return Err(Refusal::invalid("id: not a UUID v4 in lower case"));
    }
    if store.connections.get(id).is_some() {
        return Err(Refusal::new(
            StatusCode::PRECONDITION_FAILED,
            "exists",
            "the id is there",
        ));
    }
    Ok(())
}

/// The fields of a new connection.
fn fields_of(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let Value::Object(fields) = json_body(body)? else {
        return Err(Refusal::invalid("not an object"));
    };
    for required in ["name", "awsAccountId"] {
        if !fields.contains_key(required) {
            return Err(Refusal::invalid(format!("{required} is missing")));
        }
    }
    check(&fields)?;
    let accounts = fields.get("accounts").and_then(Value::as_array);
    if accounts.is_some_and(|list| !list.is_empty()) && !has_organization(&fields) {
        return Err(Refusal::invalid("accounts: only with an organization"));
    }
    Ok(fields)
}
