//! Connections, invitations and receipts.

use std::{collections::HashMap, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    Ctx, Principal, Refusal,
    catch_up::{Entry, Watch},
    json_body, principal,
    store::{Connection, Invitation, Store, now},
    tenant,
};
use crate::connection::{AccountId, ConnectionId, ConnectionName, Partition, Region, Resources};

type Answer = Result<Response, Refusal>;

fn with_etag(status: StatusCode, store: &Store, id: &str, connection: &Connection) -> Response {
    let etag = [(header::ETAG, connection.etag())];
    (status, etag, Json(store.view(id, connection, false))).into_response()
}

/// The connection, if the caller may see it.
pub(super) fn visible(store: &Store, headers: &HeaderMap, id: &str) -> Result<Connection, Refusal> {
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

fn only_clients(store: &Store, headers: &HeaderMap) -> Result<(), Refusal> {
    match principal(store, headers)? {
        Principal::Client(_) => Ok(()),
        Principal::Invited { .. } => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "not with an invitation",
        )),
    }
}

pub async fn list(ctx: Ctx, headers: HeaderMap, query: Query<HashMap<String, String>>) -> Answer {
    let store = ctx.store();
    only_clients(&store, &headers)?;
    let tenant = tenant(&store, &headers)?;
    let number = |name: &str, default: usize, max: usize| match query.get(name) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .ok()
            .filter(|number| (1..=max).contains(number))
            .ok_or_else(|| {
                Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "badRequest",
                    format!("{name} is not a number from 1 to {max}"),
                )
            }),
    };
    let size = number("pageSize", 50, 200)?;
    let from = query
        .get("pageFromKey")
        .and_then(|key| key.parse::<usize>().ok())
        .unwrap_or_default();
    let deleted = query.get("includeDeleted").map(String::as_str) == Some("true");
    let wanted = |connection: &Connection| {
        let is = |name: &str, value: &str| {
            connection.fields.get(name).and_then(Value::as_str) == Some(value)
        };
        let organization = connection
            .fields
            .get("organization")
            .is_some_and(|value| !value.is_null());
        connection.tenant == tenant
            && (deleted || !connection.deleted)
            && query.get("name").is_none_or(|name| is("name", name))
            && query
                .get("awsAccountId")
                .is_none_or(|account| is("awsAccountId", account))
            && query
                .get("status")
                .is_none_or(|status| store.status(connection).0 == status)
            && query
                .get("organization")
                .is_none_or(|flag| flag != "true" || organization)
    };
    let all: Vec<Value> = store
        .connections
        .iter()
        .filter(|(_, connection)| wanted(connection))
        .map(|(id, connection)| store.view(id, connection, true))
        .collect();
    let mut pages = json!({ "size": size, "maxSize": 200 });
    if from + size < all.len() {
        pages["nextKey"] = (from + size).to_string().into();
    }
    let items: Vec<Value> = all.into_iter().skip(from).take(size).collect();
    Ok(Json(json!({ "items": items, "pages": pages })).into_response())
}

/// What a body may say, checked field by field.
fn check(fields: &Map<String, Value>) -> Result<(), Refusal> {
    fn fits<T: serde::de::DeserializeOwned>(
        fields: &Map<String, Value>,
        name: &str,
    ) -> Result<(), Refusal> {
        match fields.get(name) {
            None => Ok(()),
            Some(value) => serde_json::from_value::<T>(value.clone())
                .map(drop)
                .map_err(|error| Refusal::invalid(format!("{name}: {error}"))),
        }
    }
    fits::<ConnectionName>(fields, "name")?;
    fits::<AccountId>(fields, "awsAccountId")?;
    fits::<Partition>(fields, "partition")?;
    fits::<Region>(fields, "homeRegion")?;
    fits::<Vec<AccountId>>(fields, "accounts")?;
    fits::<Resources>(fields, "resources")?;
    let role_id = fields
        .get("resources")
        .and_then(|resources| resources.get("forwarderRoleId"))
        .and_then(Value::as_str);
    let fits = |id: &str| {
        let rest = id.strip_prefix("AROA");
        rest.is_some_and(|rest| {
            (12..=124).contains(&rest.len())
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
    };
    if role_id.is_some_and(|id| !fits(id)) {
        return Err(Refusal::invalid(
            "resources: forwarderRoleId: not a role's id",
        ));
    }
    if fields
        .get("settings")
        .is_some_and(|settings| settings.to_string().len() > 64 * 1024)
    {
        return Err(Refusal::invalid("settings: larger than 64 KiB"));
    }
    if fields
        .get("mode")
        .is_some_and(|mode| mode != "new" && mode != "existing")
    {
        return Err(Refusal::invalid("mode: new or existing"));
    }
    let accounts = fields
        .get("accounts")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    if accounts > 20_000 {
        return Err(Refusal::invalid("accounts: more than 20000"));
    }
    Ok(())
}

fn name_taken(store: &Store, tenant: &str, name: Option<&Value>, but: &str) -> bool {
    store.connections.iter().any(|(id, connection)| {
        id != but
            && connection.tenant == tenant
            && !connection.deleted
            && connection.fields.get("name") == name
    })
}

pub async fn create(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    let mut store = ctx.store();
    only_clients(&store, &headers)?;
    let tenant = tenant(&store, &headers)?;
    if headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        != Some("*")
    {
        return Err(Refusal::invalid("If-None-Match: * is missing"));
    }
    if id.parse::<ConnectionId>().is_err() || id != id.to_lowercase() {
        return Err(Refusal::invalid("id: not a UUID in lower case"));
    }
    if store.connections.get(&id).is_some() {
        return Err(Refusal::new(
            StatusCode::PRECONDITION_FAILED,
            "exists",
            "the id is there",
        ));
    }
    let Value::Object(mut fields) = json_body(&body)? else {
        return Err(Refusal::invalid("not an object"));
    };
    for required in ["name", "awsAccountId"] {
        if !fields.contains_key(required) {
            return Err(Refusal::invalid(format!("{required} is missing")));
        }
    }
    check(&fields)?;
    let organization = fields
        .get("organization")
        .is_some_and(|value| !value.is_null());
    if fields
        .get("accounts")
        .and_then(Value::as_array)
        .is_some_and(|list| !list.is_empty())
        && !organization
    {
        return Err(Refusal::invalid("accounts: only with an organization"));
    }
    if store.license_ended(&tenant) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "licenseRequired",
            "the licence has ended",
        ));
    }
    if name_taken(&store, &tenant, fields.get("name"), &id) {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "nameTaken",
            "a live connection has this name",
        ));
    }
    fields.insert("ingestUrl".to_owned(), ctx.url.as_ref().into());
    fields.insert("uploadHosts".to_owned(), json!([ctx.host()]));
    let at = now();
    let connection = Connection {
        tenant,
        fields,
        version: 1,
        activated: false,
        paused_by_user: false,
        deleted: false,
        identity_mismatch: false,
        created_at: at.clone(),
        updated_at: at,
        seen_at: None,
        forwarder_version: None,
        checks: None,
        last_received_at: None,
        received_objects: 0,
        received_bytes: 0,
        decided_at: None,
        watch: Watch::default(),
    };
    store.connections.push(id.clone(), connection.clone());
    store.changed = true;
    Ok(with_etag(StatusCode::CREATED, &store, &id, &connection))
}

pub async fn read(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let store = ctx.store();
    let connection = visible(&store, &headers, &id)?;
    Ok(with_etag(StatusCode::OK, &store, &id, &connection))
}

pub async fn update(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    let mut store = ctx.store();
    let present = visible(&store, &headers, &id)?;
    let Some(condition) = headers
        .get(header::IF_MATCH)
        .and_then(|value| value.to_str().ok())
    else {
        return Err(Refusal::invalid("If-Match is missing"));
    };
    let Value::Object(change) = json_body(&body)? else {
        return Err(Refusal::invalid("not an object"));
    };
    check(&change)?;
    if present.deleted {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "deleted",
            "the connection is deleted",
        ));
    }
    if condition != present.etag() {
        return Err(Refusal::new(
            StatusCode::PRECONDITION_FAILED,
            "changed",
            "it was changed meanwhile",
        ));
    }
    let mut next = present.clone();
    if let Some(status) = change.get("status").and_then(Value::as_str) {
        let (is, because) = store.status(&present);
        match (status, is) {
            (wanted, is) if wanted == is && because != Some(("pausedBecause", "license")) => {}
            ("paused", "active") => next.paused_by_user = true,
            ("active", "paused") if because == Some(("pausedBecause", "license")) => {
                return Err(Refusal::new(
                    StatusCode::CONFLICT,
                    "licensePaused",
                    "the licence has ended",
                ));
            }
            ("active", "paused") => {
                next.paused_by_user = false;
                for entry in paused_days(&store, &id) {
                    next.watch.add(entry);
                }
            }
            _ => {
                return Err(Refusal::new(
                    StatusCode::CONFLICT,
                    "notActive",
                    format!("it is {is}"),
                ));
            }
        }
    }
    let organization = present
        .fields
        .get("organization")
        .is_some_and(|value| !value.is_null());
    for (name, value) in &change {
        match name.as_str() {
            "status" => {}
            "name" => {
                if name_taken(&store, &present.tenant, Some(value), &id) {
                    return Err(Refusal::new(
                        StatusCode::CONFLICT,
                        "nameTaken",
                        "a live connection has this name",
                    ));
                }
                next.fields.insert(name.clone(), value.clone());
            }
            "accounts" if !organization => {
                return Err(Refusal::invalid("accounts: only with an organization"));
            }
            "partition" | "homeRegion" | "mode" => {
                let empty = present
                    .resource("/items")
                    .and_then(Value::as_array)
                    .is_none_or(Vec::is_empty);
                if present.fields.get(name) != Some(value) && (present.activated || !empty) {
                    return Err(Refusal::invalid(format!(
                        "{name}: only while pending and without resources"
                    )));
                }
                next.fields.insert(name.clone(), value.clone());
            }
            "accounts" | "settings" | "resources" => {
                next.fields.insert(name.clone(), value.clone());
            }
            other => return Err(Refusal::invalid(format!("{other}: cannot be changed"))),
        }
    }
    next.activate();
    let covered = |one: &Connection| json!([one.fields, one.paused_by_user]);
    if covered(&next) != covered(&present) {
        next.version += 1;
        next.updated_at = now();
    }
    *store.connections.get_mut(&id).expect("it was read above") = next.clone();
    store.changed = true;
    Ok(with_etag(StatusCode::OK, &store, &id, &next))
}

/// Where files were skipped because of the user's pause.
fn paused_days(store: &Store, id: &str) -> Vec<Entry> {
    let paused = store.receipts.iter().filter(|((connection, ..), receipt)| {
        connection == id && receipt.reason.as_deref() == Some("paused")
    });
    Watch::days_of(paused.map(|((_, bucket, key), _)| (bucket.as_str(), key.as_str())))
}

pub async fn delete(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let mut store = ctx.store();
    only_clients(&store, &headers)?;
    visible(&store, &headers, &id)?;
    let condition = headers.get(header::IF_MATCH);
    let condition = condition
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| Refusal::invalid("If-Match is missing"))?;
    let connection = store
        .connections
        .get_mut(&id)
        .ok_or_else(Refusal::not_found)?;
    if !connection.deleted && condition != "*" && condition != connection.etag() {
        return Err(Refusal::new(
            StatusCode::PRECONDITION_FAILED,
            "changed",
            "it was changed meanwhile",
        ));
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

pub async fn invite(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let mut store = ctx.store();
    only_clients(&store, &headers)?;
    let connection = visible(&store, &headers, &id)?;
    if store.status(&connection).0 != "pending" {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "notPending",
            "the connection is not pending",
        ));
    }
    store
        .invitations
        .retain(|_, invitation| invitation.connection != id);
    let code = uuid::Uuid::new_v4().to_string().to_uppercase();
    let expires_at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    store.invitations.insert(
        code.clone(),
        Invitation {
            connection: id,
            created_at: jiff::Timestamp::now(),
            expires_at,
            account: None,
        },
    );
    store.changed = true;
    let expires = expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Ok((
        StatusCode::CREATED,
        Json(json!({ "code": code, "expiresAt": expires })),
    )
        .into_response())
}

/// Open invitations, without their codes.
pub async fn invitations(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let store = ctx.store();
    only_clients(&store, &headers)?;
    visible(&store, &headers, &id)?;
    let time = |at: jiff::Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let now = jiff::Timestamp::now();
    let open = store
        .invitations
        .values()
        .filter(|one| one.connection == id && one.expires_at > now);
    let items: Vec<Value> = open
        .map(|one| {
            let mut item =
                json!({ "createdAt": time(one.created_at), "expiresAt": time(one.expires_at) });
            if let Some(account) = &one.account {
                item["redeemedBy"] = account.clone().into();
            }
            item
        })
        .collect();
    Ok(Json(json!({ "items": items })).into_response())
}

/// Takes the connection's invitations back, with the tokens made from them.
pub async fn revoke(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let mut store = ctx.store();
    only_clients(&store, &headers)?;
    visible(&store, &headers, &id)?;
    store.invitations.retain(|_, one| one.connection != id);
    let of_invitation = |principal: &Principal| matches!(principal, Principal::Invited { connection } if *connection == id);
    store
        .tokens
        .retain(|_, (principal, _)| !of_invitation(principal));
    store.changed = true;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Where log files of the tenant will go.
pub async fn endpoints(ctx: Ctx, headers: HeaderMap) -> Answer {
    let store = ctx.store();
    tenant(&store, &headers)?;
    let endpoints = json!({ "ingestUrl": ctx.url.as_ref(), "uploadHosts": [ctx.host()] });
    Ok(Json(endpoints).into_response())
}

pub async fn redeem(ctx: Ctx, body: Bytes) -> Answer {
    const LIFETIME: u64 = 2 * 3600;
    let refused = || {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "invitationInvalid",
            "the code cannot be redeemed",
        )
    };
    let body = json_body(&body)?;
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let account: AccountId = text("awsAccountId").parse().map_err(Refusal::invalid)?;
    let mut store = ctx.store();
    let invitation = store
        .invitations
        .get(&text("code"))
        .cloned()
        .ok_or_else(refused)?;
    let connection = store
        .connections
        .get(&invitation.connection)
        .cloned()
        .ok_or_else(refused)?;
    let of_account = connection
        .fields
        .get("awsAccountId")
        .and_then(Value::as_str)
        == Some(account.as_str());
    let other_account = invitation
        .account
        .as_deref()
        .is_some_and(|first| first != account.as_str());
    let over = invitation.expires_at < jiff::Timestamp::now()
        || connection.activated
        || connection.deleted;
    if !of_account || other_account || over {
        return Err(refused());
    }
    if let Some(invitation) = store.invitations.get_mut(&text("code")) {
        invitation.account = Some(account.to_string());
    }
    let principal = Principal::Invited {
        connection: invitation.connection.clone(),
    };
    let token = store.sign_in(principal, Duration::from_secs(LIFETIME));
    store.changed = true;
    Ok(Json(json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": LIFETIME,
        "connectionId": invitation.connection,
        "tenantId": connection.tenant,
        "apiHost": ctx.url.as_ref(),
    }))
    .into_response())
}

pub async fn receipts(
    ctx: Ctx,
    Path(id): Path<String>,
    headers: HeaderMap,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let store = ctx.store();
    visible(&store, &headers, &id)?;
    let size: usize = query
        .get("pageSize")
        .and_then(|text| text.parse().ok())
        .unwrap_or(1000);
    if !(1..=1000).contains(&size) {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "badRequest",
            "pageSize is from 1 to 1000",
        ));
    }
    let from = query.get("pageFromKey").map(|key| {
        let (bucket, key) = key.split_once('/').unwrap_or((key.as_str(), ""));
        (bucket.to_owned(), key.to_owned())
    });
    let of_id = (id.clone(), String::new(), String::new());
    let mut fitting = store
        .receipts
        .range(of_id..)
        .take_while(|((connection, ..), _)| *connection == id)
        .filter(|((_, bucket, key), receipt)| {
            from.as_ref().is_none_or(|(b, k)| (bucket, key) > (b, k))
                && query
                    .get("keyPrefix")
                    .is_none_or(|prefix| key.starts_with(prefix))
                && query.get("startAfter").is_none_or(|after| key > after)
                && query
                    .get("outcome")
                    .is_none_or(|outcome| receipt.outcome == *outcome)
        })
        .peekable();
    let mut items = Vec::new();
    let mut last = None;
    while items.len() < size
        && let Some(((_, bucket, key), receipt)) = fitting.next()
    {
        let mut item = json!({ "bucket": bucket, "key": key });
        if let (Value::Object(item), Value::Object(rest)) = (&mut item, json!(receipt)) {
            item.extend(rest.into_iter().filter(|(name, _)| name != "delaySeconds"));
        }
        items.push(item);
        last = Some(format!("{bucket}/{key}"));
    }
    let mut pages = json!({ "size": size });
    if fitting.peek().is_some() {
        pages["nextKey"] = json!(last);
    }
    Ok(Json(json!({ "items": items, "pages": pages })).into_response())
}
