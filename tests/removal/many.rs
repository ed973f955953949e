//! A bucket with many log files is emptied in parallel batches, the run tells how far it is, and the next run continues one that was
//! killed.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Bound,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, Uri, request::Parts},
    response::{IntoResponse, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::left;
use crate::{
    rig::serve,
    support::{Ran, World, endpoint},
};

/// How many versions a call lists or deletes (S3 API Reference, `ListObjectVersions` and `DeleteObjects`).
const PAGE: usize = 1000;
/// How much longer it takes to delete so many than to list them.
const DELETION: u32 = 5;
/// The day of the log files that only the stand-in has. It is before every day of the sandbox's.
const DAY: &str = "/2020/01/01/";

/// A stand-in for S3, in front of the sandbox's. It has many log files in the bucket of the world's connection, which are listed
/// before those of the sandbox. Calls that are not about them go on to the sandbox.
#[derive(Clone)]
struct Store {
    bucket: Arc<str>,
    client: Client<HttpConnector, Body>,
    keys: Arc<Mutex<BTreeSet<String>>>,
    /// How long a list of these log files takes.
    late: Duration,
    lists: Arc<AtomicUsize>,
    deletions: Arc<AtomicUsize>,
    /// How many deletions are on their way, and how many have been at once.
    busy: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

/// A deletion on its way.
struct Busy<'a>(&'a AtomicUsize);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Store {
    fn of(world: &World, files: usize, late: Duration) -> Self {
        let account = &world.account;
        let keys = (0..files).map(|number| {
            format!(
                "AWSLogs/{account}/CloudTrail/eu-west-1{DAY}{account}_CloudTrail_eu-west-1_20200101T0000Z_{number:016x}.json.gz"
            )
        });
        Self {
            bucket: bucket(world).into(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            keys: Arc::new(Mutex::new(keys.collect())),
            late,
            lists: Arc::default(),
            deletions: Arc::default(),
            busy: Arc::default(),
            most: Arc::default(),
        }
    }

    fn count(&self) -> usize {
        self.keys.lock().unwrap().len()
    }

    async fn answer(self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 24).await.unwrap();
        let query = parts.uri.query().unwrap_or_default();
        let query: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let text = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let of_bucket = parts.uri.path().trim_matches('/') == &*self.bucket;
        if of_bucket && query.contains_key("versions") && text("delimiter").is_empty() {
            let page = self.page(text("prefix"), text("key-marker"));
            if let Some(page) = page {
                self.lists.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(self.late).await;
                return page.into_response();
            }
        }
        let deletes = parts.method == Method::POST && query.contains_key("delete");
        let listed = String::from_utf8_lossy(&body);
        if of_bucket && deletes && listed.contains(DAY) {
            return self.delete(&listed).await.into_response();
        }
        self.pass(parts, body.clone()).await
    }

    /// The versions behind a key; `None` if there are none of the stand-in. Those of the sandbox may follow.
    fn page(&self, prefix: &str, after: &str) -> Option<String> {
        let keys = self.keys.lock().unwrap();
        let behind = keys.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        let fitting = behind.filter(|key| key.starts_with(prefix));
        let page: Vec<&String> = fitting.take(PAGE).collect();
        let last = page.last()?;
        let entries: String = page
            .iter()
            .map(|key| {
                format!(
                    "<Version><Key>{key}</Key><VersionId>null</VersionId><IsLatest>true</IsLatest><LastModified>2020-01-01T00:00:00.000Z</LastModified><Size>2048</Size></Version>"
                )
            })
            .collect();
        Some(format!(
            "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>{last}</NextKeyMarker>{entries}</ListVersionsResult>"
        ))
    }

    /// Deletes what a `Delete` document lists. A caller that is gone before the answer has deleted nothing.
    async fn delete(&self, document: &str) -> &'static str {
        self.deletions.fetch_add(1, Ordering::Relaxed);
        let at_once = self.busy.fetch_add(1, Ordering::Relaxed) + 1;
        let _busy = Busy(&self.busy);
        self.most.fetch_max(at_once, Ordering::Relaxed);
        tokio::time::sleep(DELETION * self.late).await;
        let mut keys = self.keys.lock().unwrap();
        for part in document.split("<Key>").skip(1) {
            let key = part.split("</Key>").next().unwrap_or_default();
            keys.remove(key);
        }
        "<DeleteResult/>"
    }

    /// Passes a call on to the sandbox with its headers, `Host` included, so that its signature stays valid.
    async fn pass(&self, mut parts: Parts, body: Bytes) -> Response {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri: Uri = format!("{}{path}", endpoint()).parse().unwrap();
        parts.uri = uri;
        let request = Request::from_parts(parts, Body::from(body));
        match self.client.request(request).await {
            Ok(answer) => answer.map(Body::new),
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }
}

fn bucket(world: &World) -> String {
    format!("sophos-ct-demo-{}-eu-west-1", world.account)
}

/// The removal of the connection `demo` with its logs.
fn removal(world: &World, aws: &str) -> Command {
    let bucket = bucket(world);
    let logs = ["--delete-logs", "--confirm-bucket", &bucket];
    let mut command = world.command(&[&world.removal()[..], &logs].concat());
    command.env("AWS_ENDPOINT_URL", aws);
    command
}

/// Runs the removal and kills it when half of the log files are gone.
fn killed_half_way(world: &World, aws: &str, store: &Store) {
    let half = store.count() / 2;
    let mut run = removal(world, aws)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while store.count() > half {
        assert!(run.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(store.count() > 0, "it was killed too late");
}

/// Removes a connection whose bucket has so many log files, kills the run half-way, and runs it again.
fn emptied(files: usize, late: Duration) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let world = World::new();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    let store = Store::of(&world, files, late);
    let router = Router::new()
        .fallback(|State(store): State<Store>, request: Request| store.answer(request))
        .with_state(store.clone());
    let url = format!("http://{}", runtime.block_on(serve(router)));

    let begun = Instant::now();
    killed_half_way(&world, &url, &store);
    let (kept, until_killed) = (store.count(), begun.elapsed());
    let begun = Instant::now();
    let again: Ran = removal(&world, &url).output().unwrap().into();
    let took = begun.elapsed();
    let again = again.exits(0);
    assert!(
        again.stderr.contains(" versions of log files deleted"),
        "{}",
        again.stderr
    );
    assert_eq!(store.count(), 0);
    assert_eq!(left(&world), [""; 0]);
    let read = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    let (lists, deletions, most) = (
        read(&store.lists),
        read(&store.deletions),
        read(&store.most),
    );
    println!(
        "{files} files: killed after {until_killed:.1?} with {kept} left; then {took:.1?}, {:.0} files a second; {lists} calls list, {deletions} delete, up to {most} at once",
        kept as f64 / took.as_secs_f64()
    );
    assert!(most > 1, "one batch after the other");
    // What was on its way when the run was killed is deleted by the next one.
    assert!(deletions <= files.div_ceil(PAGE) + most, "{deletions}");
}

#[test]
fn a_bucket_with_many_files_is_emptied_in_parallel_and_after_a_kill() {
    emptied(8 * PAGE, Duration::from_millis(50));
}

#[test]
#[ignore = "takes a minute or two: see CONTRIBUTING"]
fn a_bucket_with_two_hundred_thousand_files_is_emptied() {
    emptied(200 * PAGE, Duration::from_millis(100));
}
