//! A proxy in front of AWS and Central, one for a world: it knows each call by name, tells writes from reads, and on
//! request is late, refuses, breaks, loses an answer, or kills the program right after a write was answered.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

/// What is done to one call, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// AWS's throttling error of the service, 429 of Central.
    Throttled,
    Denied,
    /// A denial by a policy of the organization.
    Guarded,
    Internal,
    /// 400 with this code, of a service that speaks JSON.
    Code(&'static str),
    /// The connection breaks; the server has not seen the call.
    Reset,
    /// The connection breaks after the server has acted.
    Lost,
}

/// A call of the program, as it went by.
#[derive(Clone, Debug)]
pub struct Call {
    /// `iam:CreateRole`, `s3:PutBucketPolicy`, `central:PUT connection`.
    pub name: String,
    pub write: bool,
    pub status: u16,
    /// Since the wire was laid.
    pub begun: Duration,
    pub ended: Duration,
}

/// A call that waits, and how it is let go.
type Waiting = (String, tokio::sync::oneshot::Sender<()>);

#[derive(Clone)]
struct Watch {
    tell: tokio::sync::mpsc::UnboundedSender<Waiting>,
    /// Calls pass one at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Rules {
    calls: Vec<Call>,
    /// Paths of the objects that the function read.
    read: Vec<String>,
    faults: HashMap<String, Fault>,
    delay: Duration,
    /// Kill after so many writes were answered; 0: when the first one comes.
    kill_after: Option<usize>,
    victim: Option<Pid>,
    /// Changes some of what Central answers, at random.
    liar: Option<fastrand::Rng>,
    /// The lies so far.
    lies: Vec<String>,
    /// Nothing passes any more.
    cut: bool,
    /// Is told of each call of the program to AWS before it goes on.
    watch: Option<Watch>,
    /// Signatures and tokens that calls carried, and tokens and addresses of code that answers did.
    secrets: BTreeSet<String>,
}

#[derive(Clone)]
struct Side {
    central: bool,
    upstream: Arc<str>,
    /// What the upstream calls itself, and what it is called through the wire.
    own: Arc<str>,
    account: Arc<str>,
    client: Client<HttpConnector, Body>,
    begun: Instant,
    rules: Arc<Mutex<Rules>>,
}

/// The proxy; gone when dropped.
pub struct Wire {
    pub aws: String,
    pub central: String,
    rules: Arc<Mutex<Rules>>,
    _end: tokio::sync::oneshot::Sender<()>,
}

fn lock(rules: &Mutex<Rules>) -> MutexGuard<'_, Rules> {
    rules.lock().expect("no handler panics")
}

impl Wire {
    pub fn lay(aws: &str, central: &str, account: &str) -> Self {
        let rules = Arc::new(Mutex::new(Rules::default()));
        let (end, ended) = tokio::sync::oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let side = |is_central, upstream: &str| Side {
            central: is_central,
            upstream: upstream.into(),
            own: "".into(),
            account: account.into(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            begun: Instant::now(),
            rules: Arc::clone(&rules),
        };
        let sides = [side(false, aws), side(true, central)];
        std::thread::spawn(move || {
            super::blocking(async move {
                let mut servers = Vec::new();
                for mut side in sides {
                    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
                        .await
                        .expect("a port");
                    let url = format!("http://{}", listener.local_addr().expect("an address"));
                    side.own = url.as_str().into();
                    tell.send(url).expect("the test waits for it");
                    let router = Router::new().fallback(handle).with_state(side);
                    servers.push(async move { axum::serve(listener, router).await });
                }
                tokio::select! {
                    _ = ended => {}
                    _ = futures::future::join_all(servers) => {}
                }
            });
        });
        let url = || told.recv().expect("the wire stands");
        Self {
            aws: url(),
            central: url(),
            rules,
            _end: end,
        }
    }

    /// Every reply comes this much later.
    pub fn delay(&self, delay: Duration) {
        lock(&self.rules).delay = delay;
    }

    pub fn fault(&self, name: &str, fault: Fault) {
        lock(&self.rules).faults.insert(name.to_owned(), fault);
    }

    /// What went by and must never be shown.
    pub fn secrets(&self) -> BTreeSet<String> {
        lock(&self.rules).secrets.clone()
    }

    /// From now on Central lies, about one field in about every second answer; or is honest again.
    pub fn lie(&self, seed: Option<u64>) {
        let mut rules = lock(&self.rules);
        rules.liar = seed.map(fastrand::Rng::with_seed);
        rules.lies.clear();
        rules.calls.clear();
    }

    /// What it has lied about since.
    pub fn lies(&self) -> Vec<String> {
        lock(&self.rules).lies.clone()
    }

    /// From now on the program's calls to AWS pass one at a time, and before each this is done: somebody else acts in between.
    pub fn before_each(&self, mut act: impl FnMut(&str) + Send + 'static) {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel::<Waiting>();
        let turn = Arc::default();
        lock(&self.rules).watch = Some(Watch { tell, turn });
        std::thread::spawn(move || {
            while let Some((name, go)) = told.blocking_recv() {
                act(&name);
                // Nobody waits any more where the program was killed.
                let _ = go.send(());
            }
        });
    }

    /// Faults that no call has met.
    pub fn unmet(&self) -> Vec<String> {
        lock(&self.rules).faults.keys().cloned().collect()
    }

    /// Ends this process with SIGKILL when so many writes have been answered, and lets nothing pass from then on.
    pub fn kill_after(&self, writes: usize, process: u32) {
        let mut rules = lock(&self.rules);
        rules.kill_after = Some(writes);
        rules.victim = i32::try_from(process).ok().and_then(Pid::from_raw);
    }

    /// Lets everything pass again, and forgets the calls so far.
    pub fn mend(&self) {
        *lock(&self.rules) = Rules::default();
    }

    pub fn calls(&self) -> Vec<Call> {
        lock(&self.rules).calls.clone()
    }

    /// Paths of the objects that somebody else than the program read: the function.
    pub fn read_by_function(&self) -> Vec<String> {
        lock(&self.rules).read.clone()
    }

    pub fn writes(&self) -> Vec<String> {
        let calls = self.calls().into_iter().filter(|call| call.write);
        calls.map(|call| call.name).collect()
    }
}

async fn handle(State(side): State<Side>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 100 << 20).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let name = if side.central {
        central_call(&parts)
    } else {
        aws_call(&parts, &body)
    };
    let by_program = side.central || key_of(&parts.headers) == Some(&side.account);
    let write = is_write(&name);
    let begun = side.begun.elapsed();
    // All in one: once the victim is dead, the wire may be mended before this call goes on.
    let (delay, fault, cut) = {
        let mut rules = lock(&side.rules);
        if write && rules.kill_after == Some(0) {
            kill(&mut rules);
        }
        let fault = rules.faults.remove(&name);
        (rules.delay, fault, rules.cut)
    };
    if !by_program && name == "s3:GetObject" {
        let path = parts.uri.path().to_owned();
        lock(&side.rules).read.push(path);
    }
    if cut {
        return std::future::pending().await;
    }
    note_secrets(&side, &parts);
    let watch = lock(&side.rules).watch.clone();
    let _turn = match watch.filter(|_| by_program && !side.central) {
        Some(watch) => {
            let turn = watch.turn.lock_owned().await;
            let (go, gone) = tokio::sync::oneshot::channel();
            let told = watch.tell.send((name.clone(), go));
            told.expect("the watching thread lives as long as the wire");
            gone.await.expect("it lets each call go");
            Some(turn)
        }
        None => None,
    };
    let answer = match fault {
        Some(Fault::Reset) => Err(Broken),
        Some(Fault::Lost) => {
            pass(&side, parts, body).await;
            Err(Broken)
        }
        Some(fault) => Ok(refusal(&name, fault)),
        None => Ok(pass(&side, parts, body).await),
    };
    tokio::time::sleep(delay).await;
    let mut rules = lock(&side.rules);
    if by_program {
        rules.calls.push(Call {
            name,
            write,
            status: answer.as_ref().map_or(0, |answer| answer.status().as_u16()),
            begun,
            ended: side.begun.elapsed(),
        });
    }
    let written = rules.calls.iter().filter(|call| call.write).count();
    if write && rules.kill_after == Some(written) {
        kill(&mut rules);
    }
    drop(rules);
    match answer {
        Ok(answer) => answer,
        // Ends the connection's task without a word: the program sees a reset. No panic message is printed.
        Err(Broken) => std::panic::resume_unwind(Box::new(Broken)),
    }
}

/// The connection is to be broken.
struct Broken;

fn kill(rules: &mut Rules) {
    rules.cut = true;
    if let Some(victim) = rules.victim.take() {
        let _ = rustix::process::kill_process(victim, Signal::KILL);
    }
}

/// The secrets of a call: what comes after `Signature=` or `Bearer`, and the session token.
fn note_secrets(side: &Side, parts: &Parts) {
    let text = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let authorization = text("authorization").unwrap_or_default();
    let signed = ["Signature=", "Bearer "]
        .iter()
        .filter_map(|before| authorization.split(before).nth(1));
    let found = signed.chain(text("x-amz-security-token"));
    lock(&side.rules)
        .secrets
        .extend(found.map(ToOwned::to_owned));
}

/// Passes a call on with its headers, `Host` included, so that its signature stays valid.
async fn pass(side: &Side, parts: Parts, body: Bytes) -> Response {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let tells_hosts = side.central && !path.starts_with("/cloud-integrations");
    let gives_code = !side.central && parts.method == Method::GET && path.contains("/functions/");
    let uri: Uri = format!("{}{path}", side.upstream).parse().expect("a URL");
    let mut request = Request::from_parts(parts, Body::from(body));
    *request.uri_mut() = uri;
    let lies = side.central && lock(&side.rules).liar.is_some();
    if lies {
        return lying(side, request).await;
    }
    match side.client.request(request).await {
        // Central tells its own addresses: they lead through the wire as well.
        Ok(answer) if tells_hosts => {
            let (mut parts, body) = answer.into_parts();
            let body = axum::body::to_bytes(Body::new(body), 1 << 20)
                .await
                .unwrap_or_default();
            let text = String::from_utf8_lossy(&body).replace(&*side.upstream, &side.own);
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(text))
        }
        Ok(answer) if gives_code => {
            let (parts, body) = answer.into_parts();
            let body = axum::body::to_bytes(Body::new(body), 1 << 20)
                .await
                .unwrap_or_default();
            let function: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            if let Some(url) = function["Code"]["Location"].as_str() {
                lock(&side.rules).secrets.insert(url.to_owned());
            }
            Response::from_parts(parts, Body::from(body))
        }
        Ok(answer) => answer.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

/// The access key that signed a call.
fn key_of(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    text.split("Credential=").nth(1)?.split('/').next()
}

fn service_of(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    text.split("Credential=").nth(1)?.split('/').nth(3)
}

fn aws_call(parts: &Parts, body: &Bytes) -> String {
    let service = service_of(&parts.headers).unwrap_or("unsigned");
    let target = parts
        .headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    let operation = match (service, target) {
        (_, Some(target)) => target.rsplit('.').next().unwrap_or_default().to_owned(),
        ("s3", None) => s3_operation(parts),
        ("lambda", None) => lambda_operation(parts),
        _ => String::from_utf8_lossy(body)
            .split('&')
            .find_map(|pair| pair.strip_prefix("Action="))
            .unwrap_or_default()
            .to_owned(),
    };
    format!("{service}:{operation}")
}

fn s3_operation(parts: &Parts) -> String {
    let query = parts.uri.query().unwrap_or_default();
    let has = |name: &str| {
        query
            .split('&')
            .any(|pair| pair.split('=').next() == Some(name))
    };
    let on_object = parts.uri.path().trim_matches('/').contains('/');
    let part = [
        ("tagging", "BucketTagging"),
        ("policy", "BucketPolicy"),
        ("lifecycle", "BucketLifecycleConfiguration"),
        ("publicAccessBlock", "PublicAccessBlock"),
        ("location", "BucketLocation"),
        ("versioning", "BucketVersioning"),
        ("object-lock", "ObjectLockConfiguration"),
        ("notification", "BucketNotificationConfiguration"),
        ("requestPayment", "BucketRequestPayment"),
        ("abac", "BucketAbac"),
    ]
    .into_iter()
    .find(|(name, _)| has(name));
    let verb = match parts.method {
        Method::GET => "Get",
        Method::PUT => "Put",
        Method::DELETE => "Delete",
        Method::HEAD => "Head",
        _ => "Post",
    };
    match (part, verb) {
        (Some((_, part)), verb) => format!("{verb}{part}"),
        (None, "Post") if has("delete") => "DeleteObjects".to_owned(),
        (None, "Get") if !on_object => "ListObjects".to_owned(),
        (None, "Put") if !on_object => "CreateBucket".to_owned(),
        (None, verb) if on_object => format!("{verb}Object"),
        (None, verb) => format!("{verb}Bucket"),
    }
}

fn lambda_operation(parts: &Parts) -> String {
    let words: Vec<&str> = parts
        .uri
        .path()
        .trim_matches('/')
        .split('/')
        .skip(1)
        .collect();
    match (parts.method.as_str(), &words[..]) {
        ("POST", ["functions"]) => "CreateFunction",
        ("GET", ["functions", _]) => "GetFunction",
        ("DELETE", ["functions", _]) => "DeleteFunction",
        ("POST", ["functions", _, "policy"]) => "AddPermission",
        ("GET", ["functions", _, "policy"]) => "GetPolicy",
        ("DELETE", ["functions", _, "policy", ..]) => "RemovePermission",
        ("PUT", ["functions", _, "code"]) => "UpdateFunctionCode",
        ("PUT", ["functions", _, "configuration"]) => "UpdateFunctionConfiguration",
        (method, _) => return format!("{method} {}", parts.uri.path()),
    }
    .to_owned()
}

fn central_call(parts: &Parts) -> String {
    let words: Vec<&str> = parts.uri.path().trim_matches('/').split('/').collect();
    let what = match words[..] {
        [.., "token"] => "token",
        ["whoami", ..] => "whoami",
        ["licenses", ..] => "licenses",
        [.., "tenants"] => "tenants",
        [.., "connections"] => "connections",
        [.., "connections", _] => "connection",
        _ => parts.uri.path(),
    };
    format!("central:{} {what}", parts.method)
}

fn is_write(name: &str) -> bool {
    let reads = ["Get", "List", "Describe", "Head", "Lookup", "Assume", "GET"];
    let (_, operation) = name.split_once(':').unwrap_or_default();
    // A function of another world may ask for AWS where this wire has taken over a port: no path of Central's is `/`.
    let ours = !["central:POST token", "central:POST /"].contains(&name);
    ours && !reads.iter().any(|read| operation.starts_with(read))
}

/// The refusal as the service would say it.
fn refusal(name: &str, fault: Fault) -> Response {
    let (service, _) = name.split_once(':').unwrap_or_default();
    let (status, code) = match (fault, service) {
        (Fault::Internal, "s3" | "sns") => (500, "InternalError"),
        (Fault::Internal, "iam" | "sts") => (500, "ServiceFailure"),
        (Fault::Internal, _) => (500, "InternalFailure"),
        (Fault::Code(code), _) => (400, code),
        (Fault::Denied | Fault::Guarded, "s3" | "iam" | "sts") => (403, "AccessDenied"),
        (Fault::Denied | Fault::Guarded, "sns") => (403, "AuthorizationError"),
        (Fault::Denied | Fault::Guarded, "central") => (403, "forbidden"),
        (Fault::Denied | Fault::Guarded, _) => (400, "AccessDeniedException"),
        (_, "s3") => (503, "SlowDown"),
        (_, "lambda") => (429, "TooManyRequestsException"),
        (_, "iam" | "sns" | "sts") => (400, "Throttling"),
        (_, "central") => (429, "tooManyRequests"),
        (_, _) => (400, "ThrottlingException"),
    };
    let message = match fault {
        Fault::Guarded => "not authorized, with an explicit deny in a service control policy",
        _ => "made up",
    };
    let body = match service {
        "s3" => format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
        "iam" | "sns" | "sts" => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        ),
        "central" => format!(r#"{{"error":"{code}","message":"{message}"}}"#),
        _ => format!(r#"{{"__type":"{code}","message":"{message}"}}"#),
    };
    let status = StatusCode::from_u16(status).expect("a status");
    let mut answer = (status, body).into_response();
    if service != "central" {
        let id = header::HeaderValue::from_static("r");
        answer.headers_mut().insert("x-amzn-requestid", id);
    }
    if service == "lambda" {
        let value = code.parse().expect("a header value");
        answer.headers_mut().insert("x-amzn-errortype", value);
    }
    answer
}

/// What a Central that is up to no good may say in place of anything.
fn lie(random: &mut fastrand::Rng, side: &Side) -> Value {
    let account = &side.account;
    let long = "x".repeat(70_000);
    let values = [
        Value::Null,
        json!(""),
        json!(-1),
        json!(1e300),
        json!(18_446_744_073_709_551_615_u64),
        json!(true),
        json!([]),
        json!({}),
        json!([null, 1, "x", {}]),
        json!(long),
        json!("\u{1b}[2J\u{1b}]0;x\u{7}"),
        json!("a\r\n::set-output name=x::y\n##vso[task]"),
        json!("\u{202e}gnp.exe\u{9b}31m\u{2066}\u{feff}"),
        json!("../../../etc/passwd"),
        json!("deleted"),
        json!("active"),
        json!("unheard-of"),
        json!("11111111-2222-4333-8444-555555555577"),
        json!("999999999999"),
        json!("us-east-1"),
        json!("victim"),
        json!(format!("victim-{account}")),
        json!(format!("arn:aws:iam::{account}:role/victim")),
        json!(format!("arn:aws:sns:eu-west-1:{account}:victim")),
        json!(format!("arn:aws:s3:::victim-{account}")),
        json!("http://169.254.169.254/latest"),
        json!("https://ingest.example.org"),
        json!(["evil.example.org", "10.0.0.1"]),
        json!("0001-01-01T00:00:00Z"),
        json!("9999-12-31T23:59:59Z"),
    ];
    values[random.usize(..values.len())].clone()
}

/// Changes or takes away one field, somewhere.
fn spoil(value: &mut Value, random: &mut fastrand::Rng, side: &Side) -> String {
    let inside = random.u32(0..4) > 0;
    match value {
        Value::Object(map) if !map.is_empty() => {
            let keys: Vec<String> = map.keys().cloned().collect();
            let key = &keys[random.usize(..keys.len())];
            let nested = map[key].is_object() || map[key].is_array();
            if nested && inside {
                return format!("{key}.{}", spoil(&mut map[key], random, side));
            }
            if random.u32(0..5) == 0 {
                map.shift_remove(key);
                return format!("{key} gone");
            }
            let lie = lie(random, side);
            let shown = format!("{key} = {:.80}", lie.to_string());
            map.insert(key.clone(), lie);
            shown
        }
        Value::Array(list) if !list.is_empty() => {
            let at = random.usize(..list.len());
            if inside {
                return format!("{at}.{}", spoil(&mut list[at], random, side));
            }
            match random.u32(0..3) {
                0 => drop(list.remove(at)),
                1 => list.push(list[at].clone()),
                _ => list[at] = lie(random, side),
            }
            format!("{at}")
        }
        other => {
            *other = lie(random, side);
            format!("= {:.80}", other.to_string())
        }
    }
}

/// Central's answer with a lie in it. Signing in to it is left alone: who cannot sign in does nothing.
async fn lying(side: &Side, request: Request<Body>) -> Response {
    let path = request.uri().path().to_owned();
    let Ok(answer) = side.client.request(request).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (mut parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(Body::new(body), 1 << 20)
        .await
        .unwrap_or_default();
    let mut text = String::from_utf8_lossy(&body).into_owned();
    if !path.starts_with("/cloud-integrations") {
        text = text.replace(&*side.upstream, &side.own);
    }
    let mut rules = lock(&side.rules);
    let Rules { liar, lies, .. } = &mut *rules;
    if let Some(random) = liar
        && !path.ends_with("/token")
        && random.bool()
    {
        if random.u32(0..12) == 0 {
            lies.push(format!("{path}: no ETag"));
            parts.headers.remove(header::ETAG);
        } else if random.u32(0..12) == 0 {
            lies.push(format!("{path}: no JSON"));
            text = "<html>\u{1b}[31mbusy</html>".to_owned();
        } else if let Ok(mut value) = serde_json::from_str::<Value>(&text) {
            lies.push(format!("{path}: {}", spoil(&mut value, random, side)));
            text = value.to_string();
        }
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(text))
}
