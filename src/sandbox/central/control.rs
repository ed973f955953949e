//! The sandbox's own switches, for tests and demonstrations: tenants, licence, faults. They are not part of the contract.

use std::{collections::BTreeSet, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::{delete, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    refusal::Refusal,
    request::value_of,
    state::{Central, Ctx},
    store::Fault,
};
use crate::sandbox::switches::locked;

/// The switches, for callers that know the secret of this run.
pub(super) fn router(secret: &str) -> Router<Central> {
    let switches = Router::new()
        .route("/_sandbox/tenants", post(add_tenant))
        .route("/_sandbox/tenants/{id}/license", put(set_license))
        .route("/_sandbox/faults", put(set_faults))
        .route("/_sandbox/connections/{id}", put(rewrite).delete(unmake))
        .route("/_sandbox/connections/{id}/invitations", delete(expire))
        .route("/_sandbox/connections/{id}/receipts", delete(forget));
    locked(switches, secret)
}

#[derive(Deserialize)]
struct NewTenant {
    name: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    parent: Option<String>,
}

async fn add_tenant(ctx: Ctx, Json(new): Json<NewTenant>) -> Json<Value> {
    let kind = new.kind.as_deref().unwrap_or("tenant");
    Json(json!(ctx.store().add_tenant(
        &new.name,
        kind,
        new.parent.as_deref()
    )))
}

#[derive(Deserialize)]
struct License {
    ends: Option<String>,
}

async fn set_license(
    ctx: Ctx,
    Path(id): Path<String>,
    Json(license): Json<License>,
) -> Result<StatusCode, Refusal> {
    let mut store = ctx.store();
    let tenant = store.tenants.get_mut(&id).ok_or_else(Refusal::not_found)?;
    tenant.license_ends = license.ends;
    store.changed = true;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_faults(ctx: Ctx, Json(faults): Json<Vec<Fault>>) -> StatusCode {
    ctx.store().faults = faults;
    StatusCode::NO_CONTENT
}

/// Replaces fields of a connection without the client: a Central that lies.
async fn rewrite(
    ctx: Ctx,
    Path(id): Path<String>,
    Json(fields): Json<Value>,
) -> Result<StatusCode, Refusal> {
    let mut store = ctx.store();
    let connection = store
        .connections
        .get_mut(&id)
        .ok_or_else(Refusal::not_found)?;
    let Value::Object(mut fields) = fields else {
        return Err(Refusal::invalid("not an object"));
    };
    if let Some(Value::String(at)) = fields.remove("createdAt") {
        connection.created_at = at;
    }
    connection.fields.extend(fields);
    connection.version += 1;
    store.changed = true;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a connection, as if nobody had ever saved it.
async fn unmake(ctx: Ctx, Path(id): Path<String>) -> StatusCode {
    let mut store = ctx.store();
    store.connections.remove(&id);
    store.ingest_tokens.retain(|_, (of, _)| *of != id);
    store.receipts.retain(|(of, ..), _| *of != id);
    store.open_offers.retain(|(of, ..), _| *of != id);
    store.changed = true;
    StatusCode::NO_CONTENT
}

/// Lets the time of a connection's invitations be over.
async fn expire(ctx: Ctx, Path(id): Path<String>) -> StatusCode {
    let mut store = ctx.store();
    let of_id = store.invitations.values_mut();
    for invitation in of_id.filter(|invitation| invitation.connection == id) {
        invitation.expires_at = jiff::Timestamp::now();
    }
    store.changed = true;
    StatusCode::NO_CONTENT
}

/// Forgets the receipts for these keys, as if the files had never been offered.
async fn forget(
    ctx: Ctx,
    Path(id): Path<String>,
    Json(keys): Json<BTreeSet<String>>,
) -> Result<StatusCode, Refusal> {
    let mut store = ctx.store();
    store.connections.get(&id).ok_or_else(Refusal::not_found)?;
    let forgotten = |of: &str, key: &str| of == id && keys.contains(key);
    store.receipts.retain(|(of, _, key), _| !forgotten(of, key));
    store
        .open_offers
        .retain(|(of, _, key), _| !forgotten(of, key));
    store.changed = true;
    Ok(StatusCode::NO_CONTENT)
}

/// Applies the faults that are switched on to requests.
pub(super) async fn faults(
    State(central): State<Central>,
    request: Request,
    next: Next,
) -> Response {
    let fault = fitting(&central, &request);
    let Some(fault) = fault else {
        return next.run(request).await;
    };
    if request.uri().path().starts_with("/log-ingest/") && fault.kind != "slow" {
        central.store().refused(central.timing.now());
    }
    match fault.kind.as_str() {
        "slow" => {
            tokio::time::sleep(Duration::from_millis(fault.milliseconds)).await;
            next.run(request).await
        }
        "reset" => (StatusCode::OK, broken_body()).into_response(),
        "lost" => {
            next.run(request).await;
            (StatusCode::OK, broken_body()).into_response()
        }
        _ => {
            let status =
                StatusCode::from_u16(fault.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            let mut response =
                Refusal::new(status, "fault", "switched on in the sandbox").into_response();
            if let Some(seconds) = fault.retry_after {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
    }
}

/// The first fault that matches a request. Counts one use of it.
fn fitting(central: &Central, request: &Request) -> Option<Fault> {
    let tenant = value_of(request.headers(), "x-tenant-id").map(ToOwned::to_owned);
    let mut store = central.store();
    let fault = store.faults.iter_mut().find(|fault| {
        fault.times > 0
            && fault
                .method
                .as_deref()
                .is_none_or(|method| method == request.method().as_str())
            && request.uri().path().contains(&fault.path)
            && (fault.tenant.is_none() || fault.tenant == tenant)
    })?;
    fault.times -= 1;
    Some(fault.clone())
}

/// A body that breaks at once.
fn broken_body() -> Body {
    Body::from_stream(futures::stream::once(async {
        Err::<Vec<u8>, _>(std::io::Error::other("reset"))
    }))
}
