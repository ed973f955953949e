//! Offers of log files, and Central's decisions (`offerObject`).

use std::time::{Duration, Instant};

use axum::{Json, body::Bytes, extract::Path, http::HeaderMap, response::IntoResponse};
use serde_json::{Value, json};

use super::access::{authorize, registered, unwanted};
use crate::sandbox::{
    central::{
        refusal::{Answer, Refusal},
        request::json_body,
        state::{Central, Ctx},
        store::{Address, Offer, Receipt, Store, Upload},
        times::{now, to_the_second},
    },
    rules,
};

/// Decides about a file, and asks for others that are overdue.
pub(crate) async fn offer(
    ctx: Ctx,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let request = json_body(&body)?;
    let offered = Offered::read(&request)?;
    let mut store = ctx.store();
    authorize(&store, &headers, &id)?;
    registered(&store, &id, &offered.bucket)?;
    let account = rules::account_of_log_file(&offered.key)
        .ok_or_else(|| Refusal::invalid("the key is not that of a CloudTrail log file"))?;
    let at = ctx.timing.now();
    if let Some(connection) = store.connections.get_mut(&id) {
        connection.watch.saw(&offered.bucket, &offered.key, at);
        connection.watch.heard(at, ctx.timing.silence);
        connection.decided_at = Some(now());
    }
    let address = (id.clone(), offered.bucket.clone(), offered.key.clone());
    let mut answer = if is_stored(&store, &address) {
        json!({ "decision": "skip", "reason": "duplicate" })
    } else if let Some(reason) = unwanted(&store, &id, account) {
        skip(&mut store, &address, &offered, reason)
    } else {
        accept(&ctx, &mut store, &address, &offered)
    };
    let retry = asked_again(&mut store, &address, ctx.timing.day);
    if !retry.is_empty() {
        answer["retry"] = retry.into();
    }
    Ok(Json(answer).into_response())
}

/// What an offer says about a file.
struct Offered {
    bucket: String,
    key: String,
    etag: Option<String>,
    last_modified: Option<String>,
    size: Option<u64>,
}

impl Offered {
    fn read(request: &Value) -> Result<Self, Refusal> {
        let text = |name: &str| {
            request
                .get(name)
                .and_then(Value::as_str)
                .map(ToOwned::to_owned)
        };
        let (Some(bucket), Some(key)) = (text("bucket"), text("key")) else {
            return Err(Refusal::invalid("bucket and key are required"));
        };
        Ok(Self {
            bucket,
            key,
            etag: text("etag"),
            last_modified: text("lastModified"),
            size: request.get("size").and_then(Value::as_u64),
        })
    }
}

fn is_stored(store: &Store, address: &Address) -> bool {
    let receipt = store.receipts.get(address);
    receipt.is_some_and(|receipt| receipt.outcome == "stored")
}

/// Decides not to take a file.
fn skip(store: &mut Store, address: &Address, offered: &Offered, reason: &str) -> Value {
    let receipt = Receipt {
        reason: Some(reason.to_owned()),
        etag: offered.etag.clone(),
        size: offered.size,
        ..Receipt::new("skipped")
    };
    store.receipts.insert(address.clone(), receipt);
    store.open_offers.remove(address);
    store.changed = true;
    json!({ "decision": "skip", "reason": reason })
}

/// Decides to take a file: opens an upload for it.
fn accept(central: &Central, store: &mut Store, address: &Address, offered: &Offered) -> Value {
    let timing = &central.timing;
    let upload = uuid::Uuid::new_v4().simple().to_string();
    let lasts = jiff::SignedDuration::try_from(timing.upload).expect("minutes fit");
    let expires = to_the_second(jiff::Timestamp::now() + lasts);
    let url = format!("{}/upload/{upload}", central.url);
    let modified = offered.last_modified.as_ref();
    store.uploads.insert(
        upload,
        Upload {
            connection: address.0.clone(),
            bucket: offered.bucket.clone(),
            key: offered.key.clone(),
            etag: offered.etag.clone(),
            last_modified: modified.and_then(|text| text.parse().ok()),
            until: Instant::now() + timing.upload,
        },
    );
    store
        .open_offers
        .entry(address.clone())
        .or_insert_with(|| Offer::new(timing.overdue));
    let headers = json!({ "content-type": "application/gzip" });
    json!({ "decision": "upload", "upload": { "url": url, "headers": headers, "expiresAt": expires } })
}

/// Objects of the same connection that are to be offered again: the longest overdue first, each asked of one caller at a time.
fn asked_again(store: &mut Store, but: &Address, day: Duration) -> Vec<Value> {
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
