//! The operations that Sophos publishes: token, whoami, tenants and licences.

use std::collections::HashMap;

use axum::{
    Form, Json,
    extract::Query,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    connections::only_clients,
    refusal::Refusal,
    request::{tenant, value_of},
    state::Ctx,
    store::{LICENSE_CODE, Principal},
};

/// Signs a client in. Errors have a form of their own.
pub(super) async fn token(
    ctx: Ctx,
    form: Result<Form<HashMap<String, String>>, axum::extract::rejection::FormRejection>,
) -> Response {
    let refused = |code: &str| {
        let body = json!({ "errorCode": code, "message": "Unauthorized", "trackingId": uuid::Uuid::new_v4() });
        (StatusCode::UNAUTHORIZED, Json(body)).into_response()
    };
    let Ok(Form(form)) = form else {
        return refused("oauth.invalid_request");
    };
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if field("grant_type") != "client_credentials" || field("scope") != "token" {
        return refused("oauth.invalid_request");
    }
    let mut store = ctx.store();
    let Some(client) = store
        .tenants
        .values()
        .find(|tenant| tenant.client_id == field("client_id"))
        .cloned()
    else {
        return refused("oauth.invalid_client_id");
    };
    if client.client_secret != field("client_secret") {
        return refused("oauth.invalid_client_secret");
    }
    let lifetime = ctx.timing.api_token;
    let token = store.sign_in(Principal::Client(client.id), lifetime);
    Json(json!({
        "access_token": token,
        "refresh_token": uuid::Uuid::new_v4(),
        "token_type": "bearer",
        "expires_in": lifetime.as_secs(),
        "message": "OK",
        "errorCode": "success",
        "trackingId": uuid::Uuid::new_v4(),
    }))
    .into_response()
}

/// Who the credential belongs to.
pub(super) async fn whoami(ctx: Ctx, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    let store = ctx.store();
    let id = only_clients(&store, &headers)?;
    let client = store.tenants.get(&id).ok_or_else(Refusal::unauthorized)?;
    let mut hosts = json!({ "global": format!("{}/", ctx.url) });
    if client.kind == "tenant" {
        hosts["dataRegion"] = format!("{}/", ctx.url).into();
    }
    Ok(Json(
        json!({ "id": id, "idType": client.kind, "apiHosts": hosts }),
    ))
}

/// The tenants of a partner.
pub(super) async fn partner_tenants(
    ctx: Ctx,
    headers: HeaderMap,
    query: Query<HashMap<String, String>>,
) -> Result<Json<Value>, Refusal> {
    tenants(&ctx, &headers, &query, "partner", "x-partner-id")
}

/// The tenants of an organization.
pub(super) async fn organization_tenants(
    ctx: Ctx,
    headers: HeaderMap,
    query: Query<HashMap<String, String>>,
) -> Result<Json<Value>, Refusal> {
    tenants(&ctx, &headers, &query, "organization", "x-organization-id")
}

fn tenants(
    ctx: &Ctx,
    headers: &HeaderMap,
    query: &HashMap<String, String>,
    kind: &str,
    header: &str,
) -> Result<Json<Value>, Refusal> {
    let store = ctx.store();
    let id = only_clients(&store, headers)?;
    if value_of(headers, header) != Some(id.as_str())
        || store
            .tenants
            .get(&id)
            .is_none_or(|client| client.kind != kind)
    {
        return Err(Refusal::forbidden("not your tenants"));
    }
    let number = |name: &str, default: usize| {
        query
            .get(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let page = number("page", 1).max(1);
    let size = number("pageSize", 50).clamp(1, 100);
    let all: Vec<Value> = store
        .tenants
        .values()
        .filter(|tenant| tenant.parent.as_deref() == Some(id.as_str()))
        .map(|tenant| json!({ "id": tenant.id, "name": tenant.name, "dataRegion": "sandbox", "apiHost": ctx.url.as_ref() }))
        .collect();
    let mut pages = json!({ "current": page, "size": size, "maxSize": 100 });
    if query.get("pageTotal").map(String::as_str) == Some("true") {
        pages["total"] = all.len().div_ceil(size).into();
        pages["items"] = all.len().into();
    }
    let items: Vec<Value> = all.into_iter().skip((page - 1) * size).take(size).collect();
    Ok(Json(json!({ "items": items, "pages": pages })))
}

/// The licence of a tenant.
pub(super) async fn licenses(ctx: Ctx, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    let store = ctx.store();
    only_clients(&store, &headers)?;
    let tenant = tenant(&store, &headers)?;
    let ends = store
        .tenants
        .get(&tenant)
        .and_then(|tenant| tenant.license_ends.clone());
    let mut license = json!({
        "id": uuid::Uuid::new_v4(),
        "licenseIdentifier": "L0000000001",
        "product": { "code": LICENSE_CODE, "name": "Public Cloud integrations pack" },
        "startDate": "2026-01-01",
        "perpetual": ends.is_none(),
        "type": if ends.is_none() { "perpetual" } else { "term" },
    });
    if let Some(ends) = ends {
        license["endDate"] = ends.into();
    }
    Ok(Json(
        json!({ "tenant": { "id": tenant }, "licenses": [license] }),
    ))
}
