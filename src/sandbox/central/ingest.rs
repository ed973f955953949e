//! Log ingest: the forwarder's sign-in, verified to the letter through STS; offers; uploads.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::write::MultiGzDecoder;
use futures::StreamExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sophos_ct_forwarder::event::LogKey;

use super::{
    Ctx, Refusal, bearer,
    catch_up::Entry,
    json_body,
    store::{Offer, Receipt, Store, Upload, now},
};
use crate::{aws::is_loopback, connection::Arn};

type Answer = Result<Response, Refusal>;

const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const HEADERS: &[&str] = &[
    "host",
    "content-type",
    "content-length",
    "accept",
    "user-agent",
    "authorization",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "x-sophos-connection-id",
    "x-sophos-ingest-host",
    "x-sophos-once",
];

fn refused(error: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, error, message)
}

/// What a sign-in says of itself, checked before STS is asked. Signature and `x-sophos-once`, so that each counts once.
fn check(request: &Value, id: &str, host: &str) -> Result<[String; 2], Refusal> {
    let invalid = |message: &str| refused("signatureInvalid", message);
    let text = |name: &str| {
        request
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    if text("method") != "POST" || text("body") != BODY {
        return Err(invalid(
            "only POST of exactly GetCallerIdentity is accepted",
        ));
    }
    let url = url::Url::parse(text("url")).map_err(|_| invalid("url is not a URL"))?;
    // In the sandbox every endpoint of this machine stands for STS: a proxy may stand in front of it.
    if url.path() != "/" || url.query().is_some() || !is_loopback(url.as_str()) {
        return Err(invalid(
            "url is not an STS endpoint that this Central knows",
        ));
    }
    let headers = request
        .get("headers")
        .and_then(Value::as_object)
        .ok_or_else(|| invalid("headers are missing"))?;
    let header = |wanted: &str| {
        headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .and_then(|(_, value)| value.as_str())
    };
    if let Some((name, _)) = headers
        .iter()
        .find(|(name, _)| !HEADERS.contains(&name.to_lowercase().as_str()))
    {
        return Err(invalid(&format!("header {name} is not accepted")));
    }
    let authorization = header("authorization").ok_or_else(|| invalid("it is not signed"))?;
    let part = |name: &str| {
        authorization
            .split([' ', ','])
            .find_map(|part| part.strip_prefix(&format!("{name}=")))
            .unwrap_or_default()
    };
    let signed: Vec<&str> = part("SignedHeaders").split(';').collect();
    let unsigned = headers
        .keys()
        .map(|name| name.to_lowercase())
        .find(|name| name.starts_with("x-") && !signed.contains(&name.as_str()));
    if let Some(name) = unsigned {
        return Err(invalid(&format!("header {name} is not signed")));
    }
    if header("x-sophos-connection-id") != Some(id) || header("x-sophos-ingest-host") != Some(host)
    {
        return Err(invalid(
            "it was signed for another connection or ingest host",
        ));
    }
    let once = header("x-sophos-once").unwrap_or_default();
    if once.len() != 32 || !once.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(invalid("x-sophos-once is not 128 bits in hex"));
    }
    if header("accept").is_some_and(|accept| accept.contains(';')) {
        return Err(invalid("accept has parameters"));
    }
    let at = header("x-amz-date")
        .and_then(|text| {
            jiff::Timestamp::strptime("%Y%m%dT%H%M%S%z", text.replace('Z', "+0000")).ok()
        })
        .ok_or_else(|| invalid("x-amz-date is not a time"))?;
    let age = jiff::Timestamp::now().duration_since(at).as_secs();
    if !(-30..=60).contains(&age) {
        return Err(refused(
            "signatureExpired",
            format!("it was signed {age} seconds ago"),
        ));
    }
    Ok([part("Signature").to_owned(), format!("once:{once}")])
}

/// The identity must be the registered role, its session the function.
fn identity_fits(arn: &str, role: &str, function: &str) -> bool {
    let (Ok(caller), Ok(role), Ok(function)) = (
        arn.parse::<Arn>(),
        role.parse::<Arn>(),
        function.parse::<Arn>(),
    ) else {
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

pub async fn token(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    let request = json_body(&body)?;
    {
        let mut store = ctx.store();
        let connection = store.connections.get(&id).ok_or_else(Refusal::not_found)?;
        if connection.deleted {
            return Err(Refusal::new(
                StatusCode::GONE,
                "deleted",
                "the connection is deleted",
            ));
        }
        for used in check(&request, &id, ctx.host())? {
            if !store.used.insert(used) {
                return Err(refused("signatureReused", "each signature counts once"));
            }
        }
    }
    let mut sts = ctx
        .http
        .post(request["url"].as_str().unwrap_or_default())
        .body(BODY);
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        sts = sts.header(name, value.as_str().unwrap_or_default());
    }
    let answer = sts
        .send()
        .await
        .map_err(|error| refused("signatureInvalid", error.without_url().to_string()))?;
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    let field = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0.to_owned())
    };
    let arn = field("Arn").unwrap_or_default();
    // `AROA…:session`.
    let user = field("UserId").unwrap_or_default();
    let role_id = user.split(':').next().unwrap_or_default();
    if !status.is_success() || arn.is_empty() {
        return Err(refused(
            "signatureInvalid",
            format!("STS answered {status}"),
        ));
    }

    let mut guard = ctx.store();
    let store = &mut *guard;
    {
        let connection = store
            .connections
            .get_mut(&id)
            .ok_or_else(Refusal::not_found)?;
        let of = |pointer: &str| {
            connection
                .resource(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let registered_id = of("/forwarderRoleId");
        let fits = identity_fits(&arn, &of("/forwarderRole"), &of("/forwarderFunction"))
            && (registered_id.is_empty() || registered_id == role_id);
        if !fits {
            connection.identity_mismatch = true;
            store.changed = true;
            return Err(refused(
                "identityMismatch",
                format!("{arn} ({role_id}) is not the registered role and function"),
            ));
        }
        connection.identity_mismatch = false;
        connection.seen_at = Some(jiff::Timestamp::now());
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        connection.forwarder_version = agent
            .split_whitespace()
            .find_map(|part| part.strip_prefix("sophos-ct-forwarder/"))
            .map(ToOwned::to_owned);
        if let Some(checks) = request.get("checks") {
            connection.checks = Some(checks.clone());
        }
        connection.activate();
    }
    store.recovered();
    let at = ctx.timing.now();
    let told = {
        let connection = store
            .connections
            .get_mut(&id)
            .ok_or_else(Refusal::not_found)?;
        connection.watch.heard(at, ctx.timing.silence);
        connection.watch.routine(at);
        connection.watch.lease(ctx.timing.lease)
    };
    let token = format!("ingest-{}", uuid::Uuid::new_v4().simple());
    store
        .ingest_tokens
        .insert(token.clone(), (id, Instant::now() + ctx.timing.token));
    store.changed = true;
    let mut answer = json!({ "access_token": token, "token_type": "bearer", "expires_in": ctx.timing.token.as_secs() });
    if !told.is_empty() {
        answer["catchUp"] = told.into();
    }
    Ok(Json(answer).into_response())
}

/// The caller is the forwarder, and nobody else.
fn authorize(store: &Store, headers: &HeaderMap, id: &str) -> Result<(), Refusal> {
    let connection = store.connections.get(id).ok_or_else(Refusal::not_found)?;
    if connection.deleted {
        return Err(Refusal::new(
            StatusCode::GONE,
            "deleted",
            "the connection is deleted",
        ));
    }
    let token = bearer(headers).and_then(|token| store.ingest_tokens.get(token));
    let fits = token.is_some_and(|(of, until)| of == id && Instant::now() < *until);
    fits.then_some(()).ok_or_else(Refusal::unauthorized)
}

fn registered(store: &Store, id: &str, bucket: &str) -> Result<(), Refusal> {
    let connection = store.connections.get(id).ok_or_else(Refusal::not_found)?;
    let buckets = connection.resource("/buckets").and_then(Value::as_array);
    if buckets.is_some_and(|buckets| buckets.iter().any(|one| one == bucket)) {
        Ok(())
    } else {
        Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "bucketNotRegistered",
            format!("{bucket} is not in the manifest"),
        ))
    }
}

/// Why an object is not wanted now.
fn unwanted(store: &Store, id: &str, key: &LogKey) -> Option<&'static str> {
    let connection = store.connections.get(id)?;
    if connection.activated && store.license_ended(&connection.tenant) {
        return Some("licenseEnded");
    }
    if connection.paused_by_user {
        return Some("paused");
    }
    let accounts = connection
        .fields
        .get("accounts")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty());
    accounts
        .is_some_and(|list| !list.iter().any(|one| *one == *key.account))
        .then_some("accountNotSelected")
}

pub async fn offer(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    let request = json_body(&body)?;
    let text = |name: &str| {
        request
            .get(name)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    let (Some(bucket), Some(key)) = (text("bucket"), text("key")) else {
        return Err(Refusal::invalid("bucket and key are required"));
    };
    let mut store = ctx.store();
    authorize(&store, &headers, &id)?;
    registered(&store, &id, &bucket)?;
    let parsed = LogKey::parse(&key)
        .ok_or_else(|| Refusal::invalid("the key is not that of a CloudTrail log file"))?;
    let at = ctx.timing.now();
    if let Some(connection) = store.connections.get_mut(&id) {
        connection.watch.saw(&bucket, &key, at);
        connection.watch.heard(at, ctx.timing.silence);
        connection.decided_at = Some(now());
    }
    let address = (id.clone(), bucket.clone(), key.clone());
    let mut answer = if store
        .receipts
        .get(&address)
        .is_some_and(|receipt| receipt.outcome == "stored")
    {
        json!({ "decision": "skip", "reason": "duplicate" })
    } else if let Some(reason) = unwanted(&store, &id, &parsed) {
        let receipt = Receipt {
            reason: Some(reason.to_owned()),
            etag: text("etag"),
            size: request.get("size").and_then(Value::as_u64),
            ..Receipt::new("skipped")
        };
        store.receipts.insert(address.clone(), receipt);
        store.open_offers.remove(&address);
        store.changed = true;
        json!({ "decision": "skip", "reason": reason })
    } else {
        let upload = uuid::Uuid::new_v4().simple().to_string();
        let expires = (jiff::Timestamp::now()
            + jiff::SignedDuration::try_from(ctx.timing.upload).expect("minutes fit"))
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
        let url = format!("{}/upload/{upload}", ctx.url);
        let until = Instant::now() + ctx.timing.upload;
        store.uploads.insert(
            upload,
            Upload {
                connection: id.clone(),
                bucket,
                key,
                etag: text("etag"),
                last_modified: text("lastModified").and_then(|text| text.parse().ok()),
                until,
            },
        );
        let overdue = ctx.timing.overdue;
        store
            .open_offers
            .entry(address.clone())
            .or_insert_with(|| Offer::new(overdue));
        let headers = json!({ "content-type": "application/gzip" });
        json!({ "decision": "upload", "upload": { "url": url, "headers": headers, "expiresAt": expires } })
    };
    let retry = asked_again(&mut store, &address, ctx.timing.day);
    if !retry.is_empty() {
        answer["retry"] = retry.into();
    }
    Ok(Json(answer).into_response())
}

/// Objects of the same connection that are to be offered again: the longest overdue first, each to one caller at a time.
fn asked_again(store: &mut Store, but: &(String, String, String), day: Duration) -> Vec<Value> {
    let mut due: Vec<_> = store
        .open_offers
        .iter_mut()
        .filter(|(other, offer)| other.0 == but.0 && *other != but && offer.is_due())
        .collect();
    due.sort_by_key(|(_, offer)| offer.due);
    due.into_iter()
        .take(10)
        .map(|((_, bucket, key), offer)| {
            offer.asked(day);
            json!({ "bucket": bucket, "key": key })
        })
        .collect()
}

/// What became of objects that were offered and cannot be delivered: all of them, or none.
pub async fn reports(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    let request = json_body(&body)?;
    let items = request.get("items").and_then(Value::as_array);
    let items = items.ok_or_else(|| Refusal::invalid("items are required"))?;
    if items.len() > 100 {
        return Err(Refusal::invalid("items: more than 100"));
    }
    let mut store = ctx.store();
    authorize(&store, &headers, &id)?;
    let mut noted = Vec::new();
    for item in items {
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let (bucket, key, outcome) = (text("bucket"), text("key"), text("outcome"));
        registered(&store, &id, bucket)?;
        if !["gone", "archived", "denied"].contains(&outcome) {
            return Err(Refusal::invalid(format!("outcome: {outcome}")));
        }
        if text("detail").chars().count() > 500 {
            return Err(Refusal::invalid("detail: more than 500 characters"));
        }
        let address = (id.clone(), bucket.to_owned(), key.to_owned());
        if !store.open_offers.contains_key(&address) && !store.receipts.contains_key(&address) {
            return Err(Refusal::invalid(format!("{key} was never offered")));
        }
        noted.push((address, outcome.to_owned()));
    }
    for (address, outcome) in noted {
        let decided = store.receipts.get(&address);
        if decided.is_some_and(|receipt| ["stored", "skipped"].contains(&receipt.outcome.as_str()))
        {
            continue;
        }
        if outcome == "gone" {
            store.open_offers.remove(&address);
        } else if let Some(offer) = store.open_offers.get_mut(&address) {
            offer.rest(ctx.timing.day);
        }
        store.receipts.insert(address, Receipt::new(&outcome));
    }
    store.changed = true;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn missing(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    let request = json_body(&body)?;
    let bucket = request
        .get("bucket")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let keys: Vec<String> = request
        .get("keys")
        .and_then(Value::as_array)
        .ok_or_else(|| Refusal::invalid("keys are required"))?
        .iter()
        .filter_map(|key| key.as_str().map(ToOwned::to_owned))
        .collect();
    if keys.len() > 1000 {
        return Err(Refusal::invalid("keys: more than 1000"));
    }
    if let Some(other) = keys.iter().find(|key| LogKey::parse(key).is_none()) {
        return Err(Refusal::invalid(format!(
            "{other} is not the key of a log file"
        )));
    }
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let mut store = ctx.store();
    authorize(&store, &headers, &id)?;
    registered(&store, &id, &bucket)?;
    match (text("prefix"), text("lease")) {
        (None, None) => {}
        (Some(prefix), Some(lease)) => {
            let up_to = text("upTo").map(ToOwned::to_owned);
            let at = Entry::new(bucket.clone(), prefix.to_owned(), up_to);
            let end = request.get("end").and_then(Value::as_bool) == Some(true);
            let connection = store.connections.get_mut(&id);
            let connection = connection.ok_or_else(Refusal::not_found)?;
            if !connection.watch.progress(&at, lease, end, ctx.timing.lease) {
                return Err(Refusal::new(
                    StatusCode::CONFLICT,
                    "leaseLost",
                    "the lease has ended, or another caller has the entry",
                ));
            }
            store.changed = true;
        }
        _ => return Err(Refusal::invalid("prefix and lease come together")),
    }
    let missing: Vec<String> = keys
        .into_iter()
        .filter(|key| {
            let Some(parsed) = LogKey::parse(key) else {
                return false;
            };
            let receipt = store
                .receipts
                .get(&(id.clone(), bucket.clone(), key.clone()));
            let decided =
                receipt.is_some_and(|receipt| receipt.reason.as_deref() != Some("paused"));
            !decided && unwanted(&store, &id, &parsed).is_none()
        })
        .collect();
    Ok(Json(json!({ "missing": missing })).into_response())
}

pub async fn upload(
    ctx: Ctx,
    Path(upload): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let expired = || {
        Refusal::new(
            StatusCode::FORBIDDEN,
            "expired",
            "the upload URL is used up or has ended",
        )
    };
    let length: u64 = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .ok_or_else(|| {
            Refusal::new(
                StatusCode::LENGTH_REQUIRED,
                "lengthRequired",
                "Content-Length is missing",
            )
        })?;
    {
        let store = ctx.store();
        let open = store.uploads.get(&upload).ok_or_else(expired)?;
        if open.until < Instant::now() {
            return Err(expired());
        }
    }
    let mut hash = Sha256::new();
    let mut content = Some(MultiGzDecoder::new(Digester(Sha256::new())));
    let mut size = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        // A connection that breaks half-way leaves no receipt.
        let chunk = chunk
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, "broken", error.to_string()))?;
        size += chunk.len() as u64;
        hash.update(&chunk);
        // What does not unpack has no content to digest.
        content = content.and_then(|mut content| content.write_all(&chunk).ok().map(|()| content));
    }
    if size != length {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "broken",
            "fewer bytes than announced",
        ));
    }
    let mut store = ctx.store();
    let done = store.uploads.remove(&upload).ok_or_else(expired)?;
    let address = (done.connection.clone(), done.bucket, done.key);
    store.open_offers.remove(&address);
    let at = now();
    if store
        .receipts
        .get(&address)
        .is_none_or(|receipt| receipt.outcome != "stored")
    {
        let content = content.and_then(|content| content.finish().ok());
        let delay = |modified: jiff::Timestamp| {
            let delay = jiff::Timestamp::now().duration_since(modified);
            delay.as_secs().max(0)
        };
        let receipt = Receipt {
            etag: done.etag,
            size: Some(size),
            sha256: Some(hex::encode(hash.finalize())),
            content_sha256: content.map(|digest| hex::encode(digest.0.finalize())),
            delay_seconds: done.last_modified.map(delay),
            ..Receipt::new("stored")
        };
        store.receipts.insert(address, receipt);
        if let Some(connection) = store.connections.get_mut(&done.connection) {
            connection.received_objects += 1;
            connection.received_bytes += size;
            connection.last_received_at = Some(at);
        }
    }
    store.changed = true;
    Ok(StatusCode::OK.into_response())
}

/// Digests what is written to it.
struct Digester(Sha256);

impl Write for Digester {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
