//! A bucket in memory, and the STS of its account: signed requests, listings, faults, a permission that can be taken away.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{
    ACCOUNT, BUCKET, FUNCTION, corpus,
    dice::{Dice, Fault},
    pause, reset,
};

const FAULTS: [Fault; 5] = [
    Fault::Busy(503, None),
    Fault::Reset,
    Fault::Half,
    Fault::Slow,
    Fault::Lost,
];

#[derive(Clone)]
pub struct S3 {
    objects: Arc<Mutex<BTreeMap<String, corpus::Body>>>,
    /// How often each object was given out.
    reads: Arc<Mutex<HashMap<String, u32>>>,
    /// What the key begins with that may not be read.
    denied: Arc<Mutex<Option<String>>>,
    dice: Arc<Dice>,
    /// Before each answer.
    pub delay: Duration,
}

impl S3 {
    pub fn new(dice: Dice) -> Self {
        Self {
            objects: Arc::default(),
            reads: Arc::default(),
            denied: Arc::default(),
            dice: Arc::new(dice),
            delay: Duration::ZERO,
        }
    }

    pub fn put(&self, key: String, body: corpus::Body) {
        self.objects.lock().expect("no panic").insert(key, body);
    }

    pub fn delete(&self, key: &str) {
        self.objects.lock().expect("no panic").remove(key);
    }

    /// Takes the function's permission for these keys away, or gives all of it back.
    pub fn deny(&self, prefix: Option<&str>) {
        *self.denied.lock().expect("no panic") = prefix.map(ToOwned::to_owned);
    }

    pub fn rest(&self) {
        self.dice.rest();
    }

    pub fn reads(&self, key: &str) -> u32 {
        let reads = self.reads.lock().expect("no panic");
        reads.get(key).copied().unwrap_or_default()
    }

    pub fn router(self) -> Router {
        Router::new().fallback(handle).with_state(self)
    }
}

fn error(status: StatusCode, code: &str) -> Response {
    let body = format!("<Error><Code>{code}</Code><Message>as on AWS</Message></Error>");
    (status, body).into_response()
}

async fn handle(State(s3): State<S3>, request: Request) -> Response {
    pause(s3.delay).await;
    let signed = request.headers().get(header::AUTHORIZATION);
    if !signed.is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256 ")) {
        return error(StatusCode::FORBIDDEN, "MissingAuthenticationToken");
    }
    if request.method() == Method::POST {
        let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{FUNCTION}/{FUNCTION}");
        return format!("<Arn>{arn}</Arn>").into_response();
    }
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    let path = path.trim_start_matches('/');
    let Some((BUCKET, key)) = path.split_once('/') else {
        return error(StatusCode::NOT_FOUND, "NoSuchBucket");
    };
    let fault = s3.dice.roll(&FAULTS);
    match fault {
        Some(Fault::Busy(..)) => return error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
        Some(Fault::Reset) => reset(),
        _ => {}
    }
    let denied = s3.denied.lock().expect("no panic").clone();
    if denied.is_some_and(|prefix| key.starts_with(&prefix)) {
        return error(StatusCode::FORBIDDEN, "AccessDenied");
    }
    if key.is_empty() {
        return list(&s3, request.uri().query().unwrap_or_default());
    }
    let found = s3.objects.lock().expect("no panic").get(key).cloned();
    let Some(body) = found else {
        // The caller may list the log prefix alone.
        return error(StatusCode::FORBIDDEN, "AccessDenied");
    };
    *s3.reads
        .lock()
        .expect("no panic")
        .entry(key.to_owned())
        .or_default() += 1;
    let length = body.len();
    let parts: Vec<Bytes> = match fault {
        Some(Fault::Half | Fault::Lost) => half(&body),
        _ => body.parts,
    };
    let drip = Duration::from_millis(if fault == Some(Fault::Slow) { 30 } else { 0 });
    let breaks = matches!(fault, Some(Fault::Half | Fault::Lost));
    let broken = breaks.then(|| Err(std::io::Error::other("broken")));
    let chunks =
        stream::iter(parts.into_iter().map(Ok).chain(broken)).then(move |part| async move {
            pause(drip).await;
            part
        });
    let headers = [(header::CONTENT_LENGTH, length)];
    (headers, Body::from_stream(chunks)).into_response()
}

/// The first half of a body.
fn half(body: &corpus::Body) -> Vec<Bytes> {
    let mut left = body.len() / 2;
    let mut parts = Vec::new();
    for part in &body.parts {
        let taken = left.min(part.len());
        parts.push(part.slice(..taken));
        left -= taken;
    }
    parts
}

/// `ListObjectsV2` with `encoding-type=url`.
fn list(s3: &S3, query: &str) -> Response {
    let parameters: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let text = |name: &str| parameters.get(name).cloned().unwrap_or_default();
    let (prefix, after) = (text("prefix"), text("start-after"));
    let most: usize = text("max-keys").parse().unwrap_or(1000);
    if !prefix.contains("AWSLogs/") {
        return error(StatusCode::FORBIDDEN, "AccessDenied");
    }
    let objects = s3.objects.lock().expect("no panic");
    let mut keys = objects
        .range(prefix.clone()..)
        .map(|(key, _)| key)
        .take_while(|key| key.starts_with(&prefix))
        .filter(|key| **key > after);
    let page: Vec<&String> = keys.by_ref().take(most).collect();
    let truncated = keys.next().is_some();
    let contents: String = page
        .iter()
        .map(|key| {
            let key = utf8_percent_encode(key, NON_ALPHANUMERIC);
            format!("<Contents><Key>{key}</Key></Contents>")
        })
        .collect();
    format!("<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{contents}</ListBucketResult>")
        .into_response()
}
