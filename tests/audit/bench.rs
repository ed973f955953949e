//! Measures an audit of a million files against local servers that page as AWS and Central do, each page 100 ms late, beside a
//! plain recursive listing over the same servers. This is a benchmark and is run by hand, best with the release build.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::{rig::serve, support::Ran};

const ACCOUNTS: usize = 20;
/// In the order of their names.
const REGIONS: [&str; 5] = [
    "ap-northeast-1",
    "eu-central-1",
    "eu-west-1",
    "us-east-1",
    "us-west-2",
];
const DAYS: usize = 30;
/// Files of an account and region.
const FILES: usize = 10_000;
const TOTAL: usize = ACCOUNTS * REGIONS.len() * FILES;
/// So many files have no receipt.
const LOST: usize = 1000;
const PAGE: usize = 1000;
const LATE: Duration = Duration::from_millis(100);
const ID: &str = "0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d21";
const ACCOUNT: &str = "111122223333";

/// A bucket and a Central that make up each page when it is asked for.
#[derive(Clone)]
struct Servers {
    /// The first of the days, in seconds since 1970.
    start: i64,
    /// When the files of each folder landed.
    landings: Arc<Vec<Landing>>,
    lost: Arc<Mutex<BTreeSet<usize>>>,
    /// The files that were sent through the function.
    sent: Arc<Mutex<BTreeSet<String>>>,
    s3_pages: Arc<AtomicU64>,
    receipt_pages: Arc<AtomicU64>,
    url: Arc<Mutex<String>>,
}

/// When a file landed, as it is written in its key and in answers.
struct Landing {
    folder: String,
    name: String,
    at: String,
}

impl Servers {
    fn new() -> Self {
        let day = 24 * 3600;
        let today = Timestamp::now().as_second().div_euclid(day) * day;
        let start = today - 31 * day;
        Self {
            start,
            landings: Arc::new((0..FILES).map(|file| landing(start, file)).collect()),
            lost: Arc::new(Mutex::new(lost().collect())),
            sent: Arc::default(),
            s3_pages: Arc::default(),
            receipt_pages: Arc::default(),
            url: Arc::default(),
        }
    }

    fn landing(&self, number: usize) -> &Landing {
        &self.landings[number % FILES]
    }

    /// The key of a file. Keys have the order of the numbers.
    fn key(&self, number: usize) -> String {
        let folder = number / FILES;
        let account = 100_000_000_000 + folder / REGIONS.len();
        let region = REGIONS[folder % REGIONS.len()];
        let Landing { folder, name, .. } = self.landing(number);
        format!(
            "AWSLogs/{account}/CloudTrail/{region}/{folder}/{account}_CloudTrail_{region}_{name}_{number:016x}.json.gz"
        )
    }

    /// The number of the first file whose key fits. Keys that do not fit come before those that do.
    fn first(&self, fits: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, TOTAL);
        while low < high {
            let middle = low.midpoint(high);
            if fits(&self.key(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// The files behind a key that begin with a prefix, each with its key.
    fn behind(&self, prefix: &str, after: &str) -> impl Iterator<Item = (usize, String)> {
        let start = self.first(|key| key > after && key >= prefix);
        let keys = (start..TOTAL).map(|number| (number, self.key(number)));
        keys.take_while(move |(_, key)| key.starts_with(prefix))
    }

    async fn answer(self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let query = parts.uri.query().unwrap_or_default();
        let query: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let path = parts.uri.path();
        match path {
            "/" => caller().into_response(),
            "/api/v2/oauth2/token" => Json(token()).into_response(),
            "/whoami/v1" => Json(self.whoami()).into_response(),
            _ if path.ends_with("/connections") => {
                Json(json!({ "items": [connection()], "pages": {} })).into_response()
            }
            _ if path.ends_with("/receipts") => {
                tokio::time::sleep(LATE).await;
                let json = [("content-type", "application/json")];
                (json, self.receipts(&query)).into_response()
            }
            _ if path.ends_with(ID) => ([("etag", "\"1\"")], Json(connection())).into_response(),
            _ if path.ends_with("/invocations") => self.invoked(&body),
            _ if query.contains_key("list-type") => {
                tokio::time::sleep(LATE).await;
                self.objects(&query).into_response()
            }
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }

    fn whoami(&self) -> Value {
        let url = self.url.lock().unwrap().clone();
        json!({ "id": ID, "idType": "tenant", "apiHosts": { "global": url, "dataRegion": url } })
    }

    /// `ListObjectsV2`.
    fn objects(&self, query: &HashMap<String, String>) -> String {
        self.s3_pages.fetch_add(1, Ordering::Relaxed);
        let text = |name: &str| query.get(name).cloned().unwrap_or_default();
        // The token is the key behind which a page begins.
        let after = text("start-after").max(text("continuation-token"));
        let prefix = text("prefix");
        if !text("delimiter").is_empty() {
            return folders(&prefix);
        }
        let mut files: Vec<_> = self.behind(&prefix, &after).take(PAGE + 1).collect();
        let more = files.len() > PAGE;
        files.truncate(PAGE);
        let contents: String = files
            .iter()
            .map(|(number, key)| {
                let at = &self.landing(*number).at;
                format!(
                    "<Contents><Key>{key}</Key><LastModified>{at}</LastModified><ETag>\"5d41402abc4b2a76b9719d911017c592\"</ETag><Size>2048</Size><StorageClass>STANDARD</StorageClass></Contents>"
                )
            })
            .collect();
        let token = files
            .last()
            .filter(|_| more)
            .map(|(_, key)| format!("<NextContinuationToken>{key}</NextContinuationToken>"));
        let token = token.unwrap_or_default();
        format!(
            "<ListBucketResult><IsTruncated>{more}</IsTruncated>{token}{contents}</ListBucketResult>"
        )
    }

    /// `listReceipts`.
    fn receipts(&self, query: &HashMap<String, String>) -> String {
        self.receipt_pages.fetch_add(1, Ordering::Relaxed);
        let text = |name: &str| query.get(name).cloned().unwrap_or_default();
        let (prefix, from) = (text("keyPrefix"), text("pageFromKey"));
        let after = match from.strip_prefix("logs/") {
            Some(key) => key.to_owned(),
            None => text("startAfter"),
        };
        let lost = self.lost.lock().unwrap().clone();
        let files = self.behind(&prefix, &after);
        let files = files.filter(|(number, _)| !lost.contains(number));
        let mut files: Vec<_> = files.take(PAGE + 1).collect();
        let more = files.len() > PAGE;
        files.truncate(PAGE);
        let items: Vec<String> = files
            .iter()
            .map(|(number, key)| {
                let at = &self.landing(*number).at;
                format!(
                    r#"{{"bucket":"logs","key":"{key}","outcome":"stored","size":2048,"at":"{at}","etag":"5d41402abc4b2a76b9719d911017c592","sha256":"{number:064x}","contentSha256":"{number:064x}"}}"#
                )
            })
            .collect();
        let next = files.last().filter(|_| more);
        let next = next.map(|(_, key)| format!(r#","nextKey":"logs/{key}""#));
        format!(
            r#"{{"items":[{}],"pages":{{"size":{PAGE}{}}}}}"#,
            items.join(","),
            next.unwrap_or_default()
        )
    }

    /// `Invoke`: Central has the files of the event at once.
    fn invoked(&self, body: &Bytes) -> Response {
        let event: Value = serde_json::from_slice(body).unwrap();
        for record in event["Records"].as_array().unwrap() {
            let key = record["s3"]["object"]["key"].as_str().unwrap();
            let key = percent_decode_str(key).decode_utf8().unwrap().into_owned();
            let number = self.first(|other| other >= key.as_str());
            self.lost.lock().unwrap().remove(&number);
            self.sent.lock().unwrap().insert(key);
        }
        StatusCode::ACCEPTED.into_response()
    }
}

/// The landing of a file of a folder. They are spread over all days.
fn landing(start: i64, file: usize) -> Landing {
    let passed = i64::try_from(file * DAYS * 24 * 3600 / FILES).unwrap();
    let at = Timestamp::from_second(start + passed).unwrap();
    Landing {
        folder: at.strftime("%Y/%m/%d").to_string(),
        name: at.strftime("%Y%m%dT%H%MZ").to_string(),
        at: at.to_string(),
    }
}

/// The numbers of the files without a receipt.
fn lost() -> impl Iterator<Item = usize> {
    (0..LOST).map(|number| number * (TOTAL / LOST) + number % 977)
}

fn folders(prefix: &str) -> String {
    let names: Vec<String> = match prefix {
        "AWSLogs/" => (0..ACCOUNTS)
            .map(|number| (100_000_000_000 + number).to_string())
            .collect(),
        _ if prefix.ends_with("/CloudTrail/") => REGIONS.map(ToOwned::to_owned).to_vec(),
        _ => Vec::new(),
    };
    let names = names.iter();
    let entries: String = names
        .map(|name| format!("<CommonPrefixes><Prefix>{prefix}{name}/</Prefix></CommonPrefixes>"))
        .collect();
    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>")
}

fn caller() -> String {
    format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:root</Arn><Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
}

fn token() -> Value {
    json!({ "access_token": "token", "token_type": "bearer", "expires_in": 3600, "errorCode": "success" })
}

/// A connection of a bucket alone, whose function hears of every file in it.
fn connection() -> Value {
    json!({
        "id": ID, "name": "demo", "awsAccountId": ACCOUNT, "partition": "aws", "homeRegion": "eu-west-1",
        "settings": { "resources": "existing", "notify": "bucket", "bucket": "logs" },
        "status": "active", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
    })
}

/// What a run took.
struct Cost {
    wall: Duration,
    cpu: Duration,
    /// In megabytes.
    peak: f64,
    s3_pages: u64,
    receipt_pages: u64,
}

impl fmt::Display for Cost {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            to,
            "{:.1} s, {:.1} s of a processor, {:.1} MB at most, {} pages of objects, {} of receipts",
            self.wall.as_secs_f64(),
            self.cpu.as_secs_f64(),
            self.peak,
            self.s3_pages,
            self.receipt_pages
        )
    }
}

fn audit(servers: &Servers, more: &[&str]) -> (Ran, Cost) {
    let url = servers.url.lock().unwrap().clone();
    let program = std::env::var_os("SOPHOS_CT_PROGRAM").map(PathBuf::from);
    let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_sophos-ct").into());
    let at = |days: i64| Timestamp::from_second(servers.start + days * 24 * 3600).unwrap();
    let (since, until) = (at(0).to_string(), at(30).to_string());
    let pages = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
    pages(&servers.s3_pages);
    pages(&servers.receipt_pages);
    let home = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let child = Command::new(std::path::absolute(program).unwrap())
        .args(["audit", "demo", "--since", &since, "--until", &until])
        .args(["--format", "json"])
        .args(more)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_ACCESS_KEY_ID", ACCOUNT)
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ENDPOINT_URL", &url)
        .env("SOPHOS_CENTRAL_ID_URL", &url)
        .env("SOPHOS_CENTRAL_API_URL", &url)
        .env("SOPHOS_CENTRAL_CLIENT_ID", "client")
        .env("SOPHOS_CENTRAL_CLIENT_SECRET", "secret")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (cpu, peak, ran) = watched(child);
    let cost = Cost {
        wall: begun.elapsed(),
        cpu,
        peak,
        s3_pages: pages(&servers.s3_pages),
        receipt_pages: pages(&servers.receipt_pages),
    };
    (ran, cost)
}

/// Waits for a process, and returns its processor time and its peak memory in megabytes, as last seen before it ended.
fn watched(child: Child) -> (Duration, f64, Ran) {
    let id = child.id();
    let output = std::thread::spawn(|| child.wait_with_output().unwrap());
    let (mut cpu, mut peak) = (Duration::ZERO, 0.0);
    while !output.is_finished() {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{id}/{file}"));
        if let Ok(text) = read("schedstat")
            && let Some(nanoseconds) = text.split(' ').next()
            && let Ok(nanoseconds) = nanoseconds.parse()
        {
            cpu = Duration::from_nanos(nanoseconds).max(cpu);
        }
        let status = read("status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(line) = line {
            let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
            peak = kilobytes / 1024.0;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    (cpu, peak, output.join().unwrap().into())
}

/// Lists all objects, page by page, and returns how long that took and how many pages there were.
async fn plainly(url: &str) -> (Duration, u64) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let (begun, mut pages, mut after) = (Instant::now(), 0, String::new());
    loop {
        let list = http.get(format!("{url}/logs")).query(&[
            ("list-type", "2"),
            ("prefix", "AWSLogs/"),
            ("start-after", after.as_str()),
        ]);
        let page = list.send().await.unwrap().text().await.unwrap();
        pages += 1;
        if !page.contains("<IsTruncated>true") {
            return (begun.elapsed(), pages);
        }
        let (_, last) = page.rsplit_once("<Key>").unwrap();
        last.split_once('<').unwrap().0.clone_into(&mut after);
    }
}

#[test]
#[ignore = "a benchmark: see CONTRIBUTING"]
fn a_million_files() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap();
    let servers = Servers::new();
    let router = Router::new()
        .fallback(|State(servers): State<Servers>, request: Request| servers.answer(request))
        .with_state(servers.clone());
    let url = format!("http://{}", runtime.block_on(serve(router)));
    servers.url.lock().unwrap().clone_from(&url);

    let (ran, cost) = audit(&servers, &["--keys"]);
    let found = ran.exits(8).json();
    let expected: Vec<String> = lost().map(|number| servers.key(number)).collect();
    let named = found["keys"].as_array().unwrap().iter();
    let mut named: Vec<&str> = named.map(|key| key.as_str().unwrap()).collect();
    named.sort_unstable();
    assert_eq!(named, expected);
    assert_eq!(found["objects"], TOTAL);
    println!("audit of {TOTAL} files: {cost}");
    let (plain, pages) = runtime.block_on(plainly(&url));
    let ratio = cost.wall.as_secs_f64() / plain.as_secs_f64();
    println!(
        "plain listing of the bucket alone: {plain:?}, {pages} pages; the audit takes {ratio:.2} of that"
    );
    assert!(cost.peak <= 64.0, "{cost}");
    assert!(ratio <= 0.3, "{ratio}");

    let (ran, cost) = audit(&servers, &["--replay"]);
    assert_eq!(ran.exits(0).json()["replayed"], LOST);
    let sent: Vec<String> = servers.sent.lock().unwrap().iter().cloned().collect();
    assert_eq!(sent, expected);
    println!("audit, replay of {LOST} files, and audit: {cost}");
}
