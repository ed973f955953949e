//! Lambda as the function sees it: the Runtime API, one process for each concurrent invocation, asynchronous events that are
//! tried three times (Lambda developer guide, "Asynchronous invocation"), and processes that are killed at any moment.

use std::{
    collections::VecDeque,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;
use tokio::sync::Notify;

use super::{ACCOUNT, BUCKET, FUNCTION, REGION, central, serve};

/// How the function is run.
#[derive(Clone)]
pub struct Settings {
    pub program: PathBuf,
    pub aws_url: String,
    pub central_url: String,
    pub prefix: String,
    /// The function's time limit.
    pub timeout: Duration,
    /// Pauses before the second and the third attempt.
    pub retries: [Duration; 2],
    /// The file for the function's own log; `None` discards the log.
    pub log: Option<PathBuf>,
}

/// An asynchronous event.
struct Event {
    id: u64,
    payload: Bytes,
    attempt: usize,
    not_before: Instant,
}

/// What became of the events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub done: u64,
    pub failed: u64,
    /// Given up after the third attempt.
    pub dropped: u64,
    pub killed: u64,
}

#[derive(Default)]
struct Shared {
    queue: VecDeque<Event>,
    counts: Counts,
    next: u64,
    /// The answers of the invocations that succeeded.
    answers: Vec<Value>,
    /// How long each of them took, as Lambda bills it.
    billed: Vec<Duration>,
    /// When the first process was started, and when it asked for its first event.
    spawned: Option<Instant>,
    first_next: Option<Instant>,
}

/// The queue and its workers.
pub struct Lambda {
    shared: Arc<Mutex<Shared>>,
    wake: Arc<Notify>,
    workers: Vec<Worker>,
}

#[derive(Clone)]
struct Worker {
    shared: Arc<Mutex<Shared>>,
    wake: Arc<Notify>,
    settings: Settings,
    /// The event that the process is handling.
    current: Arc<Mutex<Option<Event>>>,
    process: Arc<Mutex<Option<Child>>>,
    port: Arc<Mutex<u16>>,
    /// How many processes were started so far. A request that an earlier process has left open gets no event.
    generation: Arc<AtomicU64>,
}

impl Lambda {
    /// Starts this many processes.
    pub async fn start(settings: &Settings, concurrency: usize) -> Self {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let wake = Arc::new(Notify::new());
        let mut workers = Vec::new();
        for _ in 0..concurrency {
            let worker = Worker {
                shared: Arc::clone(&shared),
                wake: Arc::clone(&wake),
                settings: settings.clone(),
                current: Arc::default(),
                process: Arc::default(),
                port: Arc::default(),
                generation: Arc::default(),
            };
            let address = serve(worker.clone().router()).await;
            *worker.port.lock().expect("no panic") = address.port();
            worker.spawn();
            workers.push(worker);
        }
        let lambda = Self {
            shared,
            wake,
            workers,
        };
        tokio::spawn(watch(lambda.workers.clone()));
        lambda
    }

    /// Queues an event. It runs when a process is free.
    pub fn invoke(&self, payload: &Value) {
        let mut shared = self.shared.lock().expect("no panic");
        shared.next += 1;
        let event = Event {
            id: shared.next,
            payload: payload.to_string().into(),
            attempt: 1,
            not_before: Instant::now(),
        };
        shared.queue.push_back(event);
        drop(shared);
        self.wake.notify_waiters();
    }

    pub fn counts(&self) -> Counts {
        self.shared.lock().expect("no panic").counts
    }

    /// The answers so far.
    pub fn answers(&self) -> Vec<Value> {
        self.shared.lock().expect("no panic").answers.clone()
    }

    /// How long each invocation that succeeded took.
    pub fn billed(&self) -> Vec<Duration> {
        self.shared.lock().expect("no panic").billed.clone()
    }

    /// The time from the start of the first process until it asked for an event.
    pub fn cold_start(&self) -> Option<Duration> {
        let shared = self.shared.lock().expect("no panic");
        Some(shared.first_next?.duration_since(shared.spawned?))
    }

    /// Whether no event waits and none runs.
    pub fn idle(&self) -> bool {
        let busy = |worker: &Worker| worker.current.lock().expect("no panic").is_some();
        self.shared.lock().expect("no panic").queue.is_empty() && !self.workers.iter().any(busy)
    }

    /// Kills one of the processes, whatever it is doing, and starts another in its place.
    pub fn kill(&self, which: usize) {
        let worker = &self.workers[which % self.workers.len()];
        worker.end();
        self.shared.lock().expect("no panic").counts.killed += 1;
        worker.failed();
        worker.spawn();
    }

    /// The ids of the processes.
    pub fn processes(&self) -> Vec<u32> {
        let id = |worker: &Worker| Some(worker.process.lock().expect("no panic").as_ref()?.id());
        self.workers.iter().filter_map(id).collect()
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        for worker in &self.workers {
            worker.end();
        }
    }
}

/// Ends invocations that run too long, and replaces processes that ended.
async fn watch(workers: Vec<Worker>) {
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        for worker in &workers {
            let ended = match worker.process.lock().expect("no panic").as_mut() {
                Some(process) => process.try_wait().is_ok_and(|status| status.is_some()),
                None => return,
            };
            let late = worker
                .current
                .lock()
                .expect("no panic")
                .as_ref()
                .is_some_and(|event| event.not_before.elapsed() > worker.settings.timeout);
            if ended || late {
                worker.end();
                worker.failed();
                worker.spawn();
            }
        }
    }
}

impl Worker {
    fn router(self) -> Router {
        let of = |path: &str| format!("/2018-06-01/runtime/{path}");
        Router::new()
            .route(&of("invocation/next"), get(next))
            .route(&of("invocation/{id}/response"), post(response))
            .route(&of("invocation/{id}/error"), post(error))
            .route(&of("init/error"), post(|| async { StatusCode::ACCEPTED }))
            .with_state(self)
    }

    fn spawn(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        let settings = &self.settings;
        let port = *self.port.lock().expect("no panic");
        let log = match &settings.log {
            Some(path) => {
                let file = std::fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path);
                Stdio::from(file.expect("a log"))
            }
            None => Stdio::null(),
        };
        let now = Instant::now();
        let mut shared = self.shared.lock().expect("no panic");
        shared.spawned.get_or_insert(now);
        drop(shared);
        let process = Command::new(&settings.program)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{port}"))
            .env("AWS_LAMBDA_FUNCTION_NAME", FUNCTION)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/forwarder")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "rig")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_SESSION_TOKEN", "session")
            .env("AWS_REGION", REGION)
            .env("AWS_ENDPOINT_URL", &settings.aws_url)
            .env("SOPHOS_CT_CONNECTION_ID", central::ID)
            .env("SOPHOS_CT_INGEST_URL", &settings.central_url)
            .env(
                "SOPHOS_CT_UPLOAD_HOSTS",
                settings.central_url.trim_start_matches("http://"),
            )
            .env("SOPHOS_CT_BUCKET", BUCKET)
            .env("SOPHOS_CT_BUCKET_OWNER", ACCOUNT)
            .env("SOPHOS_CT_PREFIX", &settings.prefix)
            .env("SOPHOS_CT_PARTITION", "aws")
            .stdin(Stdio::null())
            .stdout(log)
            .spawn()
            .expect("the function starts");
        *self.process.lock().expect("no panic") = Some(process);
    }

    fn end(&self) {
        if let Some(mut process) = self.process.lock().expect("no panic").take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Queues the current event for another attempt after a pause, or gives it up after the third attempt.
    fn failed(&self) {
        let Some(mut event) = self.current.lock().expect("no panic").take() else {
            return;
        };
        let mut shared = self.shared.lock().expect("no panic");
        shared.counts.failed += 1;
        match self.settings.retries.get(event.attempt - 1) {
            Some(pause) => {
                event.attempt += 1;
                event.not_before = Instant::now() + *pause;
                shared.queue.push_back(event);
            }
            None => shared.counts.dropped += 1,
        }
    }

    fn take(&self) -> Option<Bytes> {
        let mut shared = self.shared.lock().expect("no panic");
        let now = Instant::now();
        shared.first_next.get_or_insert(now);
        let due = shared
            .queue
            .iter()
            .position(|event| event.not_before <= now)?;
        let mut event = shared.queue.remove(due)?;
        event.not_before = now;
        let payload = event.payload.clone();
        *self.current.lock().expect("no panic") = Some(event);
        Some(payload)
    }

    /// Whether the process is handling this event.
    fn has(&self, id: &str) -> bool {
        let current = self.current.lock().expect("no panic");
        current
            .as_ref()
            .is_some_and(|event| event.id.to_string() == id)
    }
}

async fn next(State(worker): State<Worker>) -> Response {
    let generation = worker.generation.load(Ordering::Relaxed);
    let payload = loop {
        if worker.generation.load(Ordering::Relaxed) != generation {
            return StatusCode::GONE.into_response();
        }
        let woken = worker.wake.notified();
        if let Some(payload) = worker.take() {
            break payload;
        }
        // Woken by a new event, or when the pause of an older one may be over.
        let _ = tokio::time::timeout(Duration::from_millis(20), woken).await;
    };
    let id = {
        let current = worker.current.lock().expect("no panic");
        current.as_ref().map(|event| event.id).unwrap_or_default()
    };
    let deadline = SystemTime::now() + worker.settings.timeout;
    let deadline = deadline
        .duration_since(UNIX_EPOCH)
        .expect("a time")
        .as_millis();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", id.to_string()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"),
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5759e988-bd862e3fe1be46a994272793".to_owned(),
        ),
    ] {
        headers.insert(name, value.parse().expect("a value"));
    }
    (headers, payload).into_response()
}

async fn response(State(worker): State<Worker>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    if worker.has(&id) {
        let event = worker.current.lock().expect("no panic").take();
        let mut shared = worker.shared.lock().expect("no panic");
        shared.counts.done += 1;
        shared
            .billed
            .extend(event.map(|event| event.not_before.elapsed()));
        shared.answers.extend(serde_json::from_slice(&body).ok());
    }
    StatusCode::ACCEPTED
}

async fn error(State(worker): State<Worker>, Path(id): Path<String>) -> StatusCode {
    if worker.has(&id) {
        worker.failed();
    }
    StatusCode::ACCEPTED
}
