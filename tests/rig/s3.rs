//! A bucket in memory, and the STS of its account: signed requests, listings, faults, a permission that can be taken away.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
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
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{
    ACCOUNT, BUCKET, FUNCTION, ROLE_ID, corpus,
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
    /// How often each object was sent.
    reads: Arc<Mutex<HashMap<String, u32>>>,
    /// The prefix of the keys that the function may not read.
    denied: Arc<Mutex<Option<String>>>,
    /// Objects that S3 refuses, each with its own status, code and message.
    refused: Arc<Mutex<HashMap<String, Refusal>>>,
    /// The object that S3 begins to send and never finishes.
    stalled: Arc<Mutex<Option<String>>>,
    requests: Arc<AtomicU32>,
    dice: Arc<Dice>,
    /// The pause before each answer.
    pub delay: Duration,
    /// The pause before each part of an object.
    pub drip: Duration,
}

/// Status, code and message of an answer of S3.
pub type Refusal = (u16, &'static str, &'static str);

/// S3's answer for an object in an archive class that was not restored (recorded).
pub const ARCHIVED: Refusal = (
    403,
    "InvalidObjectState",
    "The operation is not valid for the object's storage class",
);
/// S3's answer for an object whose KMS key is disabled (recorded: 400, not 403).
pub const DISABLED_KEY: Refusal = (
    400,
    "KMS.DisabledException",
    "arn:aws:kms:eu-west-1:111122223333:key/k is disabled.",
);
/// S3's answer for an object that a statement of the bucket's policy denies.
pub const DENIED: Refusal = (403, "AccessDenied", "Access Denied");

impl S3 {
    pub fn new(dice: Dice) -> Self {
        Self {
            objects: Arc::default(),
            reads: Arc::default(),
            denied: Arc::default(),
            refused: Arc::default(),
            stalled: Arc::default(),
            requests: Arc::default(),
            dice: Arc::new(dice),
            delay: Duration::ZERO,
            drip: Duration::ZERO,
        }
    }

    pub fn put(&self, key: String, body: corpus::Body) {
        self.objects.lock().expect("no panic").insert(key, body);
    }

    pub fn delete(&self, key: &str) {
        self.objects.lock().expect("no panic").remove(key);
    }

    /// Takes away the function's permission for keys with this prefix; `None` gives it back.
    pub fn deny(&self, prefix: Option<&str>) {
        *self.denied.lock().expect("no panic") = prefix.map(ToOwned::to_owned);
    }

    /// Answers requests for this object with this refusal from now on; `None` ends that.
    pub fn refuse(&self, key: &str, refusal: Option<Refusal>) {
        let mut refused = self.refused.lock().expect("no panic");
        match refusal {
            Some(refusal) => drop(refused.insert(key.to_owned(), refusal)),
            None => drop(refused.remove(key)),
        }
    }

    /// Makes S3 begin to send this object and never finish, from now on.
    pub fn stall(&self, key: &str) {
        *self.stalled.lock().expect("no panic") = Some(key.to_owned());
    }

    /// Puts in what CloudTrail leaves in a bucket besides log files: two zero-byte markers, and a digest (one every hour).
    pub fn leave_traces(&self, folder: &str, region: &str) {
        let empty = || corpus::Body { parts: Vec::new() };
        for kind in ["CloudTrail", "CloudTrail-Digest"] {
            self.put(format!("{folder}{kind}/"), empty());
        }
        let digest = format!("{folder}CloudTrail-Digest/{region}/2026/01/01/digest.json.gz");
        self.put(digest, empty());
    }

    /// How many requests came so far.
    pub fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
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
    refusal((status.as_u16(), code, "as on AWS"))
}

fn refusal((status, code, message): (u16, &str, &str)) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    (status, body).into_response()
}

async fn handle(State(s3): State<S3>, request: Request) -> Response {
    pause(s3.delay).await;
    let owner = request
        .headers()
        .get("x-amz-expected-bucket-owner")
        .cloned();
    let signed = request.headers().get(header::AUTHORIZATION);
    if !signed.is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256 ")) {
        return error(StatusCode::FORBIDDEN, "MissingAuthenticationToken");
    }
    if request.method() == Method::POST {
        let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{FUNCTION}/{FUNCTION}");
        let user = format!("{ROLE_ID}:{FUNCTION}");
        return format!("<Arn>{arn}</Arn><UserId>{user}</UserId>").into_response();
    }
    s3.requests.fetch_add(1, Ordering::Relaxed);
    if owner.is_some_and(|owner| owner != ACCOUNT) {
        return error(StatusCode::FORBIDDEN, "AccessDenied");
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
    // The role's policy allows only `AWSLogs/*/CloudTrail/*`.
    if !key.contains("/CloudTrail/") {
        return error(StatusCode::FORBIDDEN, "AccessDenied");
    }
    let found = s3.objects.lock().expect("no panic").get(key).cloned();
    let Some(body) = found else {
        // 403 and not 404, because the caller may list only the log prefix.
        return error(StatusCode::FORBIDDEN, "AccessDenied");
    };
    let refused = s3.refused.lock().expect("no panic").get(key).copied();
    if let Some(refused) = refused {
        return refusal(refused);
    }
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
    let drip = match fault {
        _ if s3.stalled.lock().expect("no panic").as_deref() == Some(key) => {
            Duration::from_secs(3600)
        }
        Some(Fault::Slow) => Duration::from_millis(30),
        _ => s3.drip,
    };
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

/// When the objects landed, as listings have it.
const LANDED: &str = "2026-01-01T00:00:00.000Z";

/// What S3 leaves unencoded in a listing with `encoding-type=url`; a space is `+` (recorded).
const LISTED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*')
    .remove(b'/')
    .remove(b' ');

fn listed(key: &str) -> String {
    utf8_percent_encode(key, LISTED)
        .to_string()
        .replace(' ', "+")
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
    let mut contents = String::new();
    let (mut taken, mut folder) = (0, String::new());
    while taken < most
        && let Some(key) = keys.next()
    {
        let below = key[prefix.len()..]
            .find('/')
            .filter(|_| text("delimiter") == "/");
        match below.map(|at| &key[..=prefix.len() + at]) {
            // All keys in one folder are one entry.
            Some(same) if same == folder => continue,
            Some(new) => {
                folder = new.to_owned();
                let name = listed(new);
                contents += &format!("<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>");
            }
            None => {
                let (key, at) = (listed(key), LANDED);
                contents += &format!(
                    "<Contents><Key>{key}</Key><LastModified>{at}</LastModified></Contents>"
                );
            }
        }
        taken += 1;
    }
    let truncated = keys.next().is_some();
    format!("<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{contents}</ListBucketResult>")
        .into_response()
}
