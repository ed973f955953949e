//! What the contract leaves open is no fault: a Central that does all of it in another way than the sandbox's conforms.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
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
}

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
        all_fit(&document, &[upload, lease, asked]);
        // It hands what is left to somebody else.
        let not_tried = those(&document, &Value::Null);
        let again = (operation.to_owned(), again.to_owned());
        assert!(not_tried.contains(&again), "{not_tried:?}");
    });
}

async fn otherwise(State(habits): State<Arc<Habits>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
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
    if let Some((other, error)) = refusal(request, asked, status) {
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
        _ => {}
    }
    // No field of an error but this one is required.
    if status >= 400 && body["error"].is_string() {
        body = json!({ "error": body["error"] });
    }
    parts.status = StatusCode::from_u16(status).unwrap();
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&(Timestamp::now() - BEHIND));
    let date = HeaderValue::from_str(&date.unwrap()).unwrap();
    parts.headers.insert(header::DATE, date);
    parts.headers.remove(header::CONTENT_LENGTH);
    let bytes = match body {
        Value::Null => bytes.to_vec(),
        body => body.to_string().into_bytes(),
    };
    Response::from_parts(parts, Body::from(bytes))
}

/// Another refusal that is right too.
fn refusal(request: &Parts, asked: &Value, status: u16) -> Option<(u16, &'static str)> {
    let path = request.uri.path();
    let is_ingest = path.starts_with("/log-ingest/");
    let has_token = request.headers.contains_key(header::AUTHORIZATION);
    match status {
        // It looks at the token or at the signature first.
        404 if is_ingest => Some((401, "signatureInvalid")),
        // The token is good, but not for this.
        401 if path.ends_with("/objects") && has_token => Some((403, "forbidden")),
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

fn gave(habits: &Habits, path: &str) -> bool {
    habits.uploads.lock().unwrap().contains(last(path))
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
