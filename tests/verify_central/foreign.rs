//! What the contract leaves open is no fault: a Central that does all of it in another way than the sandbox's conforms.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimePrinter};
use serde_json::{Value, json};
use sophos_ct::testing::Timing;

use super::{ENDINGS, NOTHING, Served, all_fit, block_on, differing, those};
use crate::support::World;

/// Its clock is so far behind.
const BEHIND: SignedDuration = SignedDuration::from_secs(30);

/// The id that the checks try, which is not a UUID of version 4.
const NO_VERSION_4: &str = "/c232ab00-9414-11ec-b3c8-9f6bdeced846";

/// What it must remember.
#[derive(Default)]
struct Habits {
    /// The upload URLs that it has given, each from the last slash on.
    uploads: Mutex<HashSet<String>>,
    /// How often the forwarder of a connection could have been handed something, by the path of its sign-in.
    handed: Mutex<HashMap<String, usize>>,
    /// Whether it was busy once.
    busy: AtomicBool,
    /// The names of the connections that it has saved, by path.
    saved: Mutex<HashMap<String, Value>>,
    /// How often it was asked for statistics.
    counted: AtomicUsize,
}

/// The account that the checks invent, which is busy for so long that nobody waits for it.
const NOBODYS: &str = "999999999999";

#[test]
fn what_the_contract_leaves_open_is_no_fault() {
    let world = World::new();
    let role = world.role(NOTHING);
    let timing = Timing {
        upload: Duration::from_secs(8),
        lease: Duration::from_secs(4),
        ..Timing::default()
    };
    block_on(async {
        let habits = Arc::new(Habits::default());
        let other = middleware::from_fn_with_state(habits, otherwise);
        let central = Served::changed(timing, |router| router.layer(other)).await;
        let ran = central.verify(&world, &role, &["--format", "json"]).await;
        let document = ran.json();
        let differing = differing(&document);
        assert!(differing.is_empty(), "{differing:?}");
        assert_eq!(ran.code, 0, "{document}");
        assert!(!central.has_connections());
        let [_, _, upload, lease, (operation, again)] = ENDINGS;
        let asked = ("missingObjects", "is asked for what a pause has skipped");
        let counted = ("getStatistics", "counts what was stored");
        let told = ("redeemInvitation", "says how long to wait where it is busy");
        all_fit(&document, &[upload, lease, asked, counted, told]);
        let not_tried = those(&document, &Value::Null);
        // It hands what is left to somebody else, and asks to wait for longer than the checks do.
        let busy = ("redeemInvitation", "refuses another account");
        for (operation, name) in [(operation, again), busy] {
            let one = (operation.to_owned(), name.to_owned());
            assert!(not_tried.contains(&one), "{one:?}: {not_tried:?}");
        }
    });
}

async fn otherwise(State(habits): State<Arc<Habits>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // The bodies of uploads may break off.
    let (asked, body) = if parts.uri.path().starts_with("/upload/") {
        (Value::Null, body)
    } else {
        let bytes = to_bytes(body, 8 << 20).await.unwrap();
        let asked = serde_json::from_slice(&bytes).unwrap_or_default();
        (asked, Body::from(bytes))
    };
    let kept = parts.clone();
    // An id of another form is none to it, whatever is asked of it.
    if kept.uri.path().ends_with(NO_VERSION_4) {
        let refusal = json!({ "error": "invalid" });
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(refusal)).into_response();
    }
    if kept.method == Method::GET && kept.uri.path().ends_with("/receipts") {
        parts.uri = short_page(&kept.uri);
    }
    let answer = next.run(Request::from_parts(parts, body)).await;
    changed(&habits, &kept, &asked, answer).await
}

/// The same answer, as it might be too.
async fn changed(habits: &Habits, request: &Parts, asked: &Value, answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let bytes = to_bytes(body, 8 << 20).await.unwrap();
    let path = request.uri.path();
    let mut status = parts.status.as_u16();
    let mut body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if let Some((other, error)) = refusal(habits, request, asked, status) {
        (status, body["error"]) = (other, error.into());
    }
    let is_sign_in = path.starts_with("/log-ingest/") && path.ends_with("/token");
    match status {
        200 if is_sign_in && !habits.busy.swap(true, Ordering::SeqCst) => {
            (status, body) = (503, json!({ "error": "busy" }));
            parts
                .headers
                .insert(header::RETRY_AFTER, HeaderValue::from_static("0"));
        }
        200 if is_sign_in => hands_out(habits, path, &mut body),
        200 if path.ends_with("/objects") => told_by_its_clock(habits, &mut body),
        200 if path.starts_with("/upload/") => status = 201,
        403 if path.starts_with("/upload/") && !gave(habits, path) => status = 404,
        401 if path.ends_with("/redeem") && is_nobodys(asked) => {
            (status, body) = (429, json!({ "error": "tooMany" }));
            parts
                .headers
                .insert(header::RETRY_AFTER, HeaderValue::from_static("15"));
        }
        200 if path.ends_with("/statistics") => counts_late(habits, &mut body),
        201 if request.method == Method::PUT => {
            let mut saved = habits.saved.lock().unwrap();
            saved.insert(path.to_owned(), asked["name"].clone());
        }
        _ => {}
    }
    shown(&mut body);
    // No field of an error but this one is required.
    if status >= 400 && body["error"].is_string() {
        body = json!({ "error": body["error"] });
    }
    parts.status = StatusCode::from_u16(status).unwrap();
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&(Timestamp::now() - BEHIND));
    let date = HeaderValue::from_str(&date.unwrap()).unwrap();
    parts.headers.insert(header::DATE, date);
    parts.headers.remove(header::CONTENT_LENGTH);
    let is_api = !path.starts_with("/log-ingest/") && !path.contains("/oauth2/");
    let bytes = match body {
        // Something in front of it refuses who has no token.
        _ if status == 401 && is_api && !path.ends_with("/redeem") => Vec::new(),
        Value::Null => bytes.to_vec(),
        body => body.to_string().into_bytes(),
    };
    Response::from_parts(parts, Body::from(bytes))
}

/// The same request for at most two receipts.
fn short_page(uri: &Uri) -> Uri {
    let query = uri.query().unwrap_or_default();
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let asked = pairs.iter_mut().find(|(name, _)| name == "pageSize");
    match asked {
        Some((_, size)) => {
            if size
                .parse::<u32>()
                .is_ok_and(|size| (3..=1000).contains(&size))
            {
                "2".clone_into(size);
            }
        }
        None => pairs.push(("pageSize".into(), "2".into())),
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{}?{query}", uri.path()).parse().unwrap()
}

/// The same body with a field more in each item of a manifest, each with its region, and without what is not required.
fn shown(body: &mut Value) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(shown),
        Value::Object(fields) => {
            if fields.contains_key("ownership") {
                fields.insert("note".to_owned(), "seen".into());
                fields.entry("region").or_insert("eu-west-1".into());
            }
            fields.retain(|name, value| match name.as_str() {
                "accounts" => *value != json!([]),
                name => name != "lastDecidedAt",
            });
            fields.values_mut().for_each(shown);
        }
        _ => {}
    }
}

fn is_nobodys(asked: &Value) -> bool {
    asked["awsAccountId"] == NOBODYS && asked["code"] != "VERIFY-CENTRAL-0000"
}

/// What it has counted is not there at once.
fn counts_late(habits: &Habits, body: &mut Value) {
    if habits.counted.fetch_add(1, Ordering::SeqCst) < 2 {
        body["hours"] = json!([]);
    }
}

/// Another refusal that is right too.
fn refusal(
    habits: &Habits,
    request: &Parts,
    asked: &Value,
    status: u16,
) -> Option<(u16, &'static str)> {
    let path = request.uri.path();
    let is_ingest = path.starts_with("/log-ingest/");
    let has_token = request.headers.contains_key(header::AUTHORIZATION);
    match status {
        // It looks at the id first, which is not one of a partner or an organization.
        401 | 403 | 404 if path.ends_with("/v1/tenants") && has_token => Some((400, "badRequest")),
        // It looks at the body first.
        401 if path.ends_with("/objects/missing") && has_token => Some((422, "invalid")),
        // It looks at the token or at the signature first.
        404 if is_ingest => Some((401, "signatureInvalid")),
        // The token is good, but not for this.
        401 if path.ends_with("/objects") && has_token => Some((403, "forbidden")),
        // It looks at the name first, which the connection itself has.
        412 if request.method == Method::PUT && had(habits, path, &asked["name"]) => {
            Some((409, "nameTaken"))
        }
        // The call does not fit its schema.
        401 if path.ends_with("/token") && asked["method"] == "GET" => Some((422, "invalid")),
        // It looks for the offer first.
        403 if path.ends_with("/reports") => Some((422, "invalid")),
        // It looks at the present status first.
        422 if request.method == Method::PATCH && asked["status"] == "disconnected" => {
            Some((409, "notActive"))
        }
        _ => None,
    }
}

/// Of all that it could hand to a forwarder, it hands out the second alone.
fn hands_out(habits: &Habits, path: &str, body: &mut Value) {
    if body.get("catchUp").is_none() {
        return;
    }
    let mut handed = habits.handed.lock().unwrap();
    let count = handed.entry(path.to_owned()).or_default();
    *count += 1;
    if *count != 2 {
        body.as_object_mut().unwrap().remove("catchUp");
    }
}

/// The end of an upload URL, by a clock that is behind.
fn told_by_its_clock(habits: &Habits, body: &mut Value) {
    let Some(upload) = body.get_mut("upload") else {
        return;
    };
    let ends: Timestamp = upload["expiresAt"].as_str().unwrap().parse().unwrap();
    upload["expiresAt"] = (ends - BEHIND).to_string().into();
    let url = upload["url"].as_str().unwrap();
    let given = last(url).to_owned();
    habits.uploads.lock().unwrap().insert(given);
}

fn had(habits: &Habits, path: &str, name: &Value) -> bool {
    habits.saved.lock().unwrap().get(path) == Some(name)
}

fn gave(habits: &Habits, path: &str) -> bool {
    habits.uploads.lock().unwrap().contains(last(path))
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
