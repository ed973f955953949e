//! Central as the forwarder speaks to it: sign-in by the role's identity, offers, what is missing, uploads.

use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    egress::{self, host_of},
    event::Object,
    settings::Settings,
    sign,
};

/// Longest wait on 429 or 503: an outage of Central must not pile up the customer's concurrency.
const PATIENCE: Duration = Duration::from_secs(3);
const IDENTITY_BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
/// Largest answer that is read.
const ANSWER: usize = 4 * 1024 * 1024;

/// A refusal by Central.
#[derive(Debug)]
pub enum Refused {
    /// The connection is deleted (410): a decision, not a failure.
    Deleted,
    Other(String),
}

impl From<String> for Refused {
    fn from(text: String) -> Self {
        Self::Other(text)
    }
}

impl Refused {
    /// In words.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Deleted => "the connection is deleted".to_owned(),
            Self::Other(text) => text,
        }
    }
}

/// The answer to an offer.
#[derive(Deserialize)]
pub struct Decision {
    pub decision: String,
    pub reason: Option<String>,
    pub upload: Option<Upload>,
    /// Objects that were offered earlier and never arrived.
    #[serde(default)]
    pub retry: Vec<Address>,
}

/// Where to send a file.
#[derive(Deserialize)]
pub struct Upload {
    pub url: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// A file, as Central names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Address {
    pub bucket: String,
    pub key: String,
}

/// Where files may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatchUp {
    pub bucket: String,
    pub prefix: String,
    #[serde(default)]
    pub start_after: Option<String>,
}

/// How far a catch-up has come.
pub struct Progress<'a> {
    pub prefix: &'a str,
    pub up_to: Option<&'a str>,
    pub end: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    #[serde(rename = "access_token")]
    token: String,
    #[serde(rename = "expires_in")]
    seconds: u64,
    #[serde(default)]
    catch_up: Vec<CatchUp>,
}

#[derive(Deserialize)]
struct Missing {
    missing: Vec<String>,
}

struct Token {
    value: String,
    until: Instant,
}

/// What became of an upload.
pub enum Sent {
    Stored,
    /// The URL has ended: to be offered again.
    Expired,
    /// Worth one more try: the connection broke.
    Broken(String),
}

/// The client. One for the life of the process: connections and sign-in are reused across invocations.
pub struct Central {
    http: reqwest::Client,
    /// Held while signing in, so that files of one invocation share a sign-in.
    token: tokio::sync::Mutex<Option<Token>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Until then Central has asked to be left alone.
    busy_until: Option<Instant>,
    /// Whether the bucket could be read, as far as it is known, in the words of `checks`.
    read: Option<Value>,
    catch_up: Option<Vec<CatchUp>>,
}

impl Central {
    pub fn new(http: reqwest::Client) -> Self {
        Self {
            http,
            token: tokio::sync::Mutex::default(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }

    /// The next request signs in anew.
    pub async fn sign_out(&self) {
        *self.token.lock().await = None;
    }

    /// Keeps whether the bucket can be read. News are told at the next sign-in, which is then the next request.
    pub async fn note_read(&self, checks: Value) {
        let news = {
            let mut state = self.state();
            // Words differ by request id: what counts is whether it can be read.
            let known = state.read.as_ref();
            let news = known.is_none_or(|before| before["read"] != checks["read"]);
            state.read = Some(checks);
            news
        };
        if news {
            self.sign_out().await;
        }
    }

    /// A file could be read. That is news only after it could not: else the next sign-in tells it when it is due.
    pub async fn note_readable(&self) {
        let before = self.state().read.clone();
        match before {
            Some(checks) if checks["read"] == true => {}
            Some(checks) if checks["read"] == false => {
                self.note_read(json!({ "read": true })).await;
            }
            _ => self.state().read = Some(json!({ "read": true })),
        }
    }

    /// What Central said at the last sign-in about files that may be missing; once.
    pub fn take_catch_up(&self) -> Option<Vec<CatchUp>> {
        self.state().catch_up.take()
    }

    /// Signs in where that is due.
    pub async fn sign_in(&self, settings: &Settings) -> Result<(), Refused> {
        self.token(settings).await.map(drop)
    }

    /// Offers a file; Central decides.
    pub async fn offer(&self, settings: &Settings, object: &Object) -> Result<Decision, Refused> {
        let mut body = json!({ "bucket": object.bucket, "key": object.key });
        if let Some(size) = object.size {
            body["size"] = size.into();
        }
        if let Some(etag) = &object.etag {
            body["etag"] = etag.clone().into();
        }
        self.call(settings, "objects", &body, "offer").await
    }

    /// Which of these keys Central would still want.
    pub async fn missing(
        &self,
        settings: &Settings,
        bucket: &str,
        keys: &[String],
        progress: &Progress<'_>,
    ) -> Result<Vec<String>, Refused> {
        let mut body = json!({ "bucket": bucket, "keys": keys, "prefix": progress.prefix });
        if let Some(key) = progress.up_to {
            body["upTo"] = key.into();
        }
        if progress.end {
            body["end"] = true.into();
        }
        let answer: Missing = self
            .call(settings, "objects/missing", &body, "missing files")
            .await?;
        Ok(answer.missing)
    }

    /// Streams the bytes on, as they come and as fast as they are taken: nothing is kept. Where Central is busy for a moment,
    /// a `patient` call waits for it before it gives up.
    pub async fn upload(
        &self,
        settings: &Settings,
        upload: &Upload,
        length: u64,
        body: reqwest::Body,
        patient: bool,
    ) -> Result<Sent, String> {
        egress::check_upload_url(settings, &upload.url)?;
        self.not_busy()?;
        let put = self
            .http
            .put(&upload.url)
            .headers(egress::upload_headers(&upload.headers)?)
            .header(header::CONTENT_LENGTH, length)
            .body(body);
        let response = match put.send().await {
            Ok(response) => response,
            Err(error) => return Ok(Sent::Broken(format!("upload: {}", cause(error)))),
        };
        match response.status() {
            status if status.is_success() => {
                // Drained, so that the connection is used again. A broken answer is no proof of durability.
                match read(response).await {
                    Ok(_) => Ok(Sent::Stored),
                    Err(error) => Ok(Sent::Broken(format!("upload: {error}"))),
                }
            }
            StatusCode::FORBIDDEN => Ok(Sent::Expired),
            status if is_busy(status) && patient && retry_after(&response) <= PATIENCE => {
                tokio::time::sleep(retry_after(&response)).await;
                Ok(Sent::Broken(format!("upload: {}", status.as_u16())))
            }
            status => {
                self.heed(&response);
                Err(format!("upload: {}", refusal(status, response).await))
            }
        }
    }

    /// A call with the token: on 401 signed in again, once.
    async fn call<T: DeserializeOwned>(
        &self,
        settings: &Settings,
        path: &str,
        body: &Value,
        what: &str,
    ) -> Result<T, Refused> {
        let url = format!(
            "{}/log-ingest/v1/connections/{}/{path}",
            settings.ingest_url, settings.connection
        );
        for last in [false, true] {
            let token = self.token(settings).await?;
            let request = || Ok(self.http.post(&url).bearer_auth(&token).json(body));
            let response = self.patiently(what, request).await?;
            match response.status() {
                StatusCode::OK => return parse(response, what).await,
                StatusCode::UNAUTHORIZED if !last => self.forget(&token).await,
                StatusCode::GONE => return Err(Refused::Deleted),
                status => {
                    let refusal = refusal(status, response).await;
                    return Err(Refused::Other(format!("{what}: {refusal}")));
                }
            }
        }
        unreachable!("the second round returns")
    }

    /// Forgets a token that was refused, unless another file has signed in meanwhile.
    async fn forget(&self, refused: &str) {
        let mut token = self.token.lock().await;
        if token.as_ref().is_some_and(|token| token.value == refused) {
            *token = None;
        }
    }

    /// Sends a request. On 429, 503 and a broken connection once more, after three seconds at most; then everything fails
    /// fast until the time that Central has asked for.
    async fn patiently(
        &self,
        what: &str,
        request: impl Fn() -> Result<RequestBuilder, String>,
    ) -> Result<Response, Refused> {
        self.not_busy()?;
        for last in [false, true] {
            match request()?.send().await {
                Ok(response) if is_busy(response.status()) => {
                    let pause = retry_after(&response);
                    if last || pause > PATIENCE {
                        self.heed(&response);
                        return Ok(response);
                    }
                    tokio::time::sleep(pause).await;
                }
                Ok(response) => return Ok(response),
                Err(error) if last => return Err(format!("{what}: {}", cause(error)).into()),
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        unreachable!("the second round returns")
    }

    /// Remembers until when Central has asked to be left alone.
    fn heed(&self, response: &Response) {
        if is_busy(response.status()) {
            self.state().busy_until = Some(Instant::now() + retry_after(response));
        }
    }

    fn not_busy(&self) -> Result<(), String> {
        let mut state = self.state();
        match state.busy_until {
            Some(until) if Instant::now() < until => {
                let left = until.duration_since(Instant::now()).as_secs() + 1;
                Err(format!("Central has asked for {left} more seconds"))
            }
            _ => {
                state.busy_until = None;
                Ok(())
            }
        }
    }

    /// The ingest token: cached until shortly before it ends, else a sign-in, signed anew for every attempt.
    async fn token(&self, settings: &Settings) -> Result<String, Refused> {
        let mut token = self.token.lock().await;
        if let Some(token) = token.as_ref().filter(|token| Instant::now() < token.until) {
            return Ok(token.value.clone());
        }
        let checks = self.state().read.clone();
        let url = format!(
            "{}/log-ingest/v1/connections/{}/token",
            settings.ingest_url, settings.connection
        );
        let request = || {
            let (sts, headers) = identity_request(settings)?;
            let mut body =
                json!({ "url": sts, "method": "POST", "headers": headers, "body": IDENTITY_BODY });
            if let Some(checks) = &checks {
                body["checks"] = checks.clone();
            }
            Ok(self.http.post(&url).json(&body))
        };
        let response = self.patiently("sign-in", request).await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::GONE => return Err(Refused::Deleted),
            status => {
                let refusal = refusal(status, response).await;
                return Err(Refused::Other(format!("sign-in: {refusal}")));
            }
        }
        let grant: Grant = parse(response, "sign-in").await?;
        let lifetime = Duration::from_secs(grant.seconds);
        let early = Duration::from_secs(60).min(lifetime / 5);
        *token = Some(Token {
            value: grant.token.clone(),
            until: Instant::now() + (lifetime - early),
        });
        self.state().catch_up = Some(grant.catch_up);
        Ok(grant.token)
    }
}

/// The identity request to the regional STS endpoint, signed anew. A signature's time is in seconds and may be shared by
/// several processes of the function with the same credentials, but Central takes each signature once: a parameter that
/// means nothing, in a header that is signed, makes it unlike any other.
fn identity_request(settings: &Settings) -> Result<(String, BTreeMap<String, String>), String> {
    let url = settings.sts_url();
    let (host, ingest_host) = (host_of(&url)?, host_of(&settings.ingest_url)?);
    let accept = format!("application/xml;q=1;once={:016x}", random());
    let headers = [
        ("host", host.as_str()),
        ("accept", &accept),
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-sophos-connection-id", &settings.connection),
        ("x-sophos-ingest-host", &ingest_host),
    ];
    let unsigned = sign::Unsigned {
        method: "POST",
        url: &url,
        headers: &headers,
        service: "sts",
        region: &settings.region,
        body: sign::Body::Text(IDENTITY_BODY),
    };
    let signed = sign::headers(&unsigned, &sign::credentials()?)?;
    Ok((url, signed))
}

/// A number unlike any other, of this process or another: the standard library seeds its hashers so.
fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}

fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE
}

/// `Retry-After`, a second where there is none, an hour at most.
fn retry_after(response: &Response) -> Duration {
    let seconds = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1).min(3600))
}

async fn parse<T: DeserializeOwned>(response: Response, what: &str) -> Result<T, Refused> {
    let body = read(response)
        .await
        .map_err(|error| format!("{what}: {error}"))?;
    serde_json::from_slice(&body)
        .map_err(|_| Refused::Other(format!("{what}: the answer is not what it should be")))
}

/// A whole answer, up to a limit.
pub async fn read(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(cause)? {
        if body.len() + chunk.len() > ANSWER {
            return Err("the answer is too long".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Status, code and message of a refusal: S3's XML or Central's JSON.
pub async fn refusal(status: StatusCode, response: Response) -> String {
    let body = read(response).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    let xml = |name: &str| {
        body.split(&format!("<{name}>"))
            .nth(1)?
            .split("</")
            .next()
            .map(ToOwned::to_owned)
    };
    let json: Value = serde_json::from_str(&body).unwrap_or_default();
    let field = |name: &str| {
        json.get(name)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    let code = xml("Code").or_else(|| field("error")).unwrap_or_default();
    let message = xml("Message")
        .or_else(|| field("message"))
        .unwrap_or_default();
    shorten(format!("{} {code} {message}", status.as_u16()).trim_end())
}

/// The innermost cause, without the URL (an upload URL is a secret).
pub fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// `checks.detail` takes 500 characters, and a line of the log needs no more.
pub fn shorten(text: &str) -> String {
    text.chars().take(500).collect()
}
