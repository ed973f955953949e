//! The sandbox's Central behind a network with faults, with one organization's connection in it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sophos_ct::testing::{Central, Entry, Store, Timing};

use super::{
    ACCOUNT, BUCKET, FUNCTION, REGION, ROLE_ID, at_once, bind,
    dice::{Dice, Fault},
    pause, reset,
};

const FAULTS: [Fault; 8] = [
    Fault::Busy(429, Some(1)),
    Fault::Busy(503, Some(0)),
    Fault::Busy(503, None),
    Fault::Reset,
    Fault::Lost,
    Fault::Half,
    Fault::Slow,
    Fault::Expired,
];
pub const ID: &str = "11111111-2222-4333-8444-555555555555";

pub struct Rig {
    pub url: String,
    pub store: Arc<Mutex<Store>>,
    net: Net,
}

#[derive(Clone)]
struct Net {
    dice: Arc<Dice>,
    away: Arc<AtomicBool>,
    /// The status of every answer: 200 for Central's own answer, 0 for no answer at all.
    answers: Arc<AtomicU16>,
    requests: Arc<AtomicU32>,
    store: Arc<Mutex<Store>>,
    timing: Timing,
    delay: Duration,
}

impl Rig {
    /// Starts a Central that collects these accounts of an organization, or all of its accounts if none are given.
    pub async fn start(dice: Dice, timing: Timing, delay: Duration, accounts: &[String]) -> Self {
        let store = Arc::new(Mutex::new(Store::default()));
        let listener = bind().await;
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let net = Net {
            dice: Arc::new(dice),
            away: Arc::default(),
            answers: Arc::new(AtomicU16::new(200)),
            requests: Arc::default(),
            store: Arc::clone(&store),
            timing: timing.clone(),
            delay,
        };
        let central = Central::new(Arc::clone(&store), &url, timing.clone());
        let router = central
            .router()
            .layer(middleware::from_fn_with_state(net.clone(), between));
        tokio::spawn(async move { axum::serve(at_once(listener), router).await });
        let rig = Self { url, store, net };
        rig.connect(accounts).await;
        rig
    }

    async fn connect(&self, accounts: &[String]) {
        let tenant = {
            let mut store = self.store.lock().expect("no panic");
            store.add_tenant("rig", "tenant", None)
        };
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &tenant.client_id),
            ("client_secret", &tenant.client_secret),
            ("scope", "token"),
        ];
        let token = http.post(format!("{}/api/v2/oauth2/token", self.url));
        let token = token.form(&form).send().await.expect("Central");
        let token: Value = token.json().await.expect("a token");
        let connection = json!({
            "name": "rig", "awsAccountId": ACCOUNT, "partition": "aws", "homeRegion": REGION, "mode": "new",
            "organization": { "id": "o-0123456789", "managementAccountId": ACCOUNT },
            "accounts": accounts, "settings": {},
            "resources": {
                "forwarderRole": format!("arn:aws:iam::{ACCOUNT}:role/{FUNCTION}"),
                "forwarderRoleId": ROLE_ID,
                "forwarderFunction": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"),
                "buckets": [BUCKET], "items": [], "complete": true,
            },
        });
        let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{ID}");
        let put = http
            .put(format!("{}{path}", self.url))
            .bearer_auth(token["access_token"].as_str().expect("a token"))
            .header("X-Tenant-ID", &tenant.id)
            .header("If-None-Match", "*");
        let put = put.json(&connection).send().await.expect("Central");
        assert!(put.status().is_success(), "{:?}", put.text().await);
    }

    /// Makes Central answer every request with 503 and remember the outage; `false` ends the outage.
    pub fn away(&self, away: bool) {
        self.net.away.store(away, Ordering::Relaxed);
    }

    /// Answers every request with this status from now on; 0: accepts requests and never answers; 200: Central's own answers.
    pub fn answers(&self, status: u16) {
        self.net.answers.store(status, Ordering::Relaxed);
    }

    /// How many requests the function has sent so far.
    pub fn requests(&self) -> u32 {
        self.net.requests.load(Ordering::Relaxed)
    }

    /// The receipt of a file.
    pub fn receipt(&self, key: &str) -> Option<Value> {
        let store = self.store.lock().expect("no panic");
        let address = (ID.to_owned(), BUCKET.to_owned(), key.to_owned());
        store.receipts.get(&address).map(|receipt| json!(receipt))
    }

    /// The connection, as its owner sees it.
    pub fn connection(&self) -> Value {
        let store = self.store.lock().expect("no panic");
        let connection = store.connections.get(ID).expect("it was made");
        store.view(ID, connection, false)
    }

    /// Makes every ingest token invalid.
    pub fn forget_tokens(&self) {
        self.store.lock().expect("no panic").ingest_tokens.clear();
    }

    /// Registers another role id for the connection.
    pub fn register_role(&self, id: &str) {
        let mut store = self.store.lock().expect("no panic");
        let connection = store.connections.get_mut(ID).expect("it was made");
        connection.fields["resources"]["forwarderRoleId"] = id.into();
    }

    /// Opens a prefix for catch-up: the function has to look through it for missing files.
    pub fn open(&self, prefix: &str) {
        let mut store = self.store.lock().expect("no panic");
        let connection = store.connections.get_mut(ID).expect("it was made");
        let entry = Entry::new(BUCKET.to_owned(), prefix.to_owned(), None);
        connection.watch.add(entry);
    }

    /// Whether no prefix is left to look through.
    pub fn is_caught_up(&self) -> bool {
        let store = self.store.lock().expect("no panic");
        let connection = store.connections.get(ID).expect("it was made");
        connection.watch.is_empty()
    }

    pub fn delete(&self) {
        let mut store = self.store.lock().expect("no panic");
        store.connections.get_mut(ID).expect("it was made").deleted = true;
    }

    pub fn rest(&self) {
        self.net.dice.rest();
    }
}

async fn between(State(net): State<Net>, request: Request, next: Next) -> Response {
    pause(net.delay).await;
    let path = request.uri().path().to_owned();
    let ingest = path.starts_with("/log-ingest/") || path.starts_with("/upload/");
    if !ingest {
        return next.run(request).await;
    }
    net.requests.fetch_add(1, Ordering::Relaxed);
    match net.answers.load(Ordering::Relaxed) {
        200 => {}
        0 => return std::future::pending().await,
        status => {
            return StatusCode::from_u16(status)
                .expect("a status")
                .into_response();
        }
    }
    if net.away.load(Ordering::Relaxed) {
        let now = net.timing.now();
        net.store.lock().expect("no panic").refused(now);
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, 1)]).into_response();
    }
    match net.dice.roll(&FAULTS) {
        None => next.run(request).await,
        Some(Fault::Busy(status, after)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let mut answer = status.into_response();
            if let Some(seconds) = after {
                answer
                    .headers_mut()
                    .insert(header::RETRY_AFTER, seconds.into());
            }
            answer
        }
        Some(Fault::Reset) => reset(),
        Some(Fault::Lost) => {
            next.run(request).await;
            reset()
        }
        Some(Fault::Half) => {
            let (parts, body) = next.run(request).await.into_parts();
            let bytes = axum::body::to_bytes(body, 1 << 20)
                .await
                .unwrap_or_default();
            let half = bytes.slice(..bytes.len() / 2);
            let stream = futures::stream::iter([Ok(half), Err(std::io::Error::other("broken"))]);
            Response::from_parts(parts, Body::from_stream(stream))
        }
        Some(Fault::Expired) if path.starts_with("/upload/") => {
            let id = path.rsplit('/').next().unwrap_or_default();
            net.store.lock().expect("no panic").uploads.remove(id);
            next.run(request).await
        }
        Some(_) => {
            tokio::time::sleep(Duration::from_millis(150)).await;
            next.run(request).await
        }
    }
}
