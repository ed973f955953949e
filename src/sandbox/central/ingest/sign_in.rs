//! The forwarder's sign-in (`ingestToken`).

use std::time::Instant;

use axum::{
    Json,
    body::Bytes,
    extract::Path,
    http::{HeaderMap, header},
    response::IntoResponse,
};
use serde_json::{Value, json};

use super::{
    signed::{check, refused},
    sts::{Signer, signer},
};
use crate::sandbox::{
    central::{
        refusal::{Answer, Refusal},
        request::{json_body, value_of},
        state::{Central, Ctx},
        store::{Connection, Store},
    },
    rules,
};

/// Signs the forwarder in. The answer is a token, and what Central knows to be missing.
pub(crate) async fn token(
    ctx: Ctx,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let request = json_body(&body)?;
    admit(&ctx, &id, &request)?;
    let signer = signer(&ctx, &request).await?;

    let mut guard = ctx.store();
    let store = &mut *guard;
    identify(store, &id, &signer)?;
    let connection = store
        .connections
        .get_mut(&id)
        .ok_or_else(Refusal::not_found)?;
    note(connection, &headers, &request);
    store.recovered();
    let catch_up = catch_up(&ctx, store, &id)?;
    let token = format!("ingest-{}", uuid::Uuid::new_v4().simple());
    store
        .ingest_tokens
        .insert(token.clone(), (id, Instant::now() + ctx.timing.token));
    store.changed = true;
    let mut answer = json!({ "access_token": token, "token_type": "bearer", "expires_in": ctx.timing.token.as_secs() });
    if !catch_up.is_empty() {
        answer["catchUp"] = catch_up.into();
    }
    Ok(Json(answer).into_response())
}

/// Checks a sign-in's request, and notes what may be used only once.
fn admit(central: &Central, id: &str, request: &Value) -> Result<(), Refusal> {
    let mut store = central.store();
    let connection = store.connections.get(id).ok_or_else(Refusal::not_found)?;
    if connection.deleted {
        return Err(Refusal::gone());
    }
    for used in check(request, id, central.host())? {
        if !store.used.insert(used) {
            return Err(refused("signatureReused", "each signature counts once"));
        }
    }
    Ok(())
}

/// Compares the signer with the registered role and function, and notes the result.
fn identify(store: &mut Store, id: &str, signer: &Signer) -> Result<(), Refusal> {
    let connection = store
        .connections
        .get_mut(id)
        .ok_or_else(Refusal::not_found)?;
    connection.identity_mismatch = !is_registered(connection, signer);
    if !connection.identity_mismatch {
        return Ok(());
    }
    store.changed = true;
    let Signer { arn, role_id } = signer;
    Err(refused(
        "identityMismatch",
        format!("{arn} ({role_id}) is not the registered role and function"),
    ))
}

/// Whether the signer is the registered role, and its session the registered function.
fn is_registered(connection: &Connection, signer: &Signer) -> bool {
    let of = |pointer: &str| {
        let registered = connection.resource(pointer).and_then(Value::as_str);
        registered.unwrap_or_default()
    };
    let id = of("/forwarderRoleId");
    is_session(&signer.arn, of("/forwarderRole"), of("/forwarderFunction"))
        && (id.is_empty() || id == signer.role_id)
}

/// Whether an assumed role's ARN is of this role, with a session that is named after this function.
fn is_session(arn: &str, role: &str, function: &str) -> bool {
    let (Some(caller), Some(role), Some(function)) =
        (rules::arn(arn), rules::arn(role), rules::arn(function))
    else {
        return false;
    };
    let role_name = role.resource.rsplit('/').next().unwrap_or_default();
    let function_name = function.resource.rsplit(':').next().unwrap_or_default();
    let session = caller
        .resource
        .strip_prefix("assumed-role/")
        .and_then(|rest| rest.split_once('/'));
    caller.partition == role.partition
        && caller.account == role.account
        && session == Some((role_name, function_name))
}

/// Notes what a sign-in says about the forwarder.
fn note(connection: &mut Connection, headers: &HeaderMap, request: &Value) {
    connection.seen_at = Some(jiff::Timestamp::now());
    let agent = value_of(headers, header::USER_AGENT).unwrap_or_default();
    connection.forwarder_version = agent
        .split_whitespace()
        .find_map(|part| part.strip_prefix("sophos-ct-forwarder/"))
        .map(ToOwned::to_owned);
    if let Some(checks) = request.get("checks") {
        connection.checks = Some(checks.clone());
    }
    connection.activate();
}

/// What the forwarder is to look through.
fn catch_up(central: &Central, store: &mut Store, id: &str) -> Result<Vec<Value>, Refusal> {
    let timing = &central.timing;
    let at = timing.now();
    let connection = store
        .connections
        .get_mut(id)
        .ok_or_else(Refusal::not_found)?;
    connection.watch.heard(at, timing.silence);
    connection.watch.routine(at);
    Ok(connection.watch.lease(timing.lease))
}
