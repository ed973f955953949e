//! Central as the forwarder speaks to it: sign-in by the role's identity, offers, what is missing, reports, uploads.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    breaker::{Breaker, random},
    clock::Clock,
    egress::{self, host_of},
    event::Object,
    http::{self, Moved, Refusal, cause, read},
    meter::Meter,
    settings::Settings,
    sign,
};

const IDENTITY_BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
/// A sign-in is repeated no sooner than this, unless its token was refused or has ended, or a validation message asks for it.
const SIGN_IN: Duration = Duration::from_secs(300);
/// The longest that a token is believed to be good, whatever Central says (contract: counts out of range are clamped).
const LONGEST_TOKEN: u64 = 24 * 3600;

/// A refusal by Central.
#[derive(Debug)]
pub enum Refused {
    /// The connection is deleted (410): a decision, not a failure.
    Deleted,
    /// Another caller has the catch-up entry (409): left to it.
    LeaseLost,
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
            Self::LeaseLost => "another caller has taken it over".to_owned(),
            Self::Other(text) => text,
        }
    }
}

/// The answer to an offer, as it comes.
#[derive(Deserialize)]
struct Offered {
    decision: String,
    reason: Option<String>,
    upload: Option<Upload>,
    #[serde(default)]
    retry: Vec<Address>,
}

/// Central's decision on a file, with the objects that were offered earlier and never arrived.
pub struct Decided {
    pub decision: Decision,
    pub retry: Vec<Address>,
}

/// What Central wants done with a file.
pub enum Decision {
    Upload(Upload),
    Skip(&'static str),
}

/// The reasons of the contract to skip a file.
const REASONS: [&str; 4] = ["accountNotSelected", "duplicate", "paused", "licenseEnded"];

impl Offered {
    /// What is not known is a failure that names it, never a success.
    fn decision(self) -> Result<Decided, String> {
        let reason = self.reason.unwrap_or_default();
        let decision = match (self.decision.as_str(), self.upload) {
            ("upload", Some(upload)) => Decision::Upload(upload),
            ("upload", None) => return Err("offer: the decision has no upload URL".to_owned()),
            ("skip", _) => match REASONS.iter().find(|known| **known == reason) {
                Some(reason) => Decision::Skip(reason),
                None => {
                    let reason = http::shorten(&reason);
                    return Err(format!("offer: unknown reason to skip: {reason:?}"));
                }
            },
            (other, _) => {
                let other = http::shorten(other);
                return Err(format!("offer: unknown decision: {other:?}"));
            }
        };
        Ok(Decided {
            decision,
            retry: self.retry,
        })
    }
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

/// Where files may be missing, for as long as the lease holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatchUp {
    pub bucket: String,
    pub prefix: String,
    #[serde(default)]
    pub start_after: Option<String>,
    pub lease: String,
}

/// How far a catch-up has come.
pub struct Progress<'a> {
    pub prefix: &'a str,
    pub lease: &'a str,
    pub up_to: Option<&'a str>,
    pub end: bool,
}

/// A file that was offered and cannot be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeliverable {
    pub object: Object,
    /// `gone`, `archived` or `denied`.
    pub outcome: &'static str,
    pub detail: String,
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
    from: SystemTime,
    lasts: Duration,
    /// A call with it was not refused.
    good: bool,
}

/// What became of an upload.
pub enum Sent {
    Stored,
    /// The URL has ended: to be offered again.
    Expired,
    /// Worth one more try: the connection broke, or Central is busy for a moment.
    Broken(String),
    /// Not worth another try in this invocation.
    Failed(String),
}

/// A control call's answer, read whole.
struct Answer {
    status: StatusCode,
    body: Vec<u8>,
    retry_after: Duration,
}

/// The client. One for the life of the process: connections and sign-in are reused across invocations.
pub struct Central {
    http: reqwest::Client,
    meter: Arc<Meter>,
    pub(super) breaker: Breaker,
    clock: Clock,
    /// Held while signing in, so that files of one invocation share a sign-in.
    token: tokio::sync::Mutex<Option<Token>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether the bucket could be read, as far as it is known, in the words of `checks`.
    read: Option<Value>,
    /// Central has not been told of it yet.
    news: bool,
    catch_up: Option<Vec<CatchUp>>,
}

impl Central {
    pub fn new(http: reqwest::Client, meter: Arc<Meter>) -> Self {
        Self {
            http,
            meter,
            breaker: Breaker::default(),
            clock: Clock::default(),
            token: tokio::sync::Mutex::default(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }

    /// Keeps whether the bucket can be read; what could not be found out changes nothing. News are told at the next sign-in,
    /// which they hasten once the last is five minutes ago.
    pub fn note_read(&self, checks: Value) {
        let mut state = self.state();
        // Words differ by request id: what counts is whether it can be read.
        let known = state.read.as_ref().map(|before| &before["read"]);
        let same = known == Some(&checks["read"]);
        if same || (checks["read"].is_null() && known.is_some()) {
            return;
        }
        state.news = true;
        state.read = Some(checks);
    }

    /// A file could be read. That is news only after it could not: else the next sign-in tells it when it is due.
    pub fn note_readable(&self) {
        let mut state = self.state();
        match state.read.as_ref().map(|before| before["read"].as_bool()) {
            Some(Some(true)) => {}
            Some(Some(false)) => {
                state.read = Some(json!({ "read": true }));
                state.news = true;
            }
            _ => state.read = Some(json!({ "read": true })),
        }
    }

    /// What Central said at the last sign-in about files that may be missing; once.
    pub fn take_catch_up(&self) -> Option<Vec<CatchUp>> {
        self.state().catch_up.take()
    }

    /// Signs in anew, whatever is known of the bucket.
    pub async fn sign_in_with(&self, settings: &Settings, checks: Value) -> Result<(), Refused> {
        self.state().read = Some(checks);
        *self.token.lock().await = None;
        self.token(settings).await.map(drop)
    }

    /// Offers a file; Central decides.
    pub async fn offer(&self, settings: &Settings, object: &Object) -> Result<Decided, Refused> {
        let mut body = json!({ "bucket": object.bucket, "key": object.key });
        if let Some(size) = object.size {
            body["size"] = size.into();
        }
        for (name, value) in [
            ("etag", &object.etag),
            ("lastModified", &object.last_modified),
        ] {
            if let Some(value) = value {
                body[name] = value.clone().into();
            }
        }
        let answer = self.call(settings, "objects", &body, "offer", 0).await?;
        let offered: Offered = parse(&answer, "offer")?;
        offered.decision().map_err(Refused::Other)
    }

    /// Which of these keys Central would still want.
    pub async fn missing(
        &self,
        settings: &Settings,
        bucket: &str,
        keys: &[&str],
        progress: &Progress<'_>,
    ) -> Result<Vec<String>, Refused> {
        let mut body = json!({
            "bucket": bucket, "keys": keys, "prefix": progress.prefix, "lease": progress.lease,
        });
        if let Some(key) = progress.up_to {
            body["upTo"] = key.into();
        }
        if progress.end {
            body["end"] = true.into();
        }
        // The answer is a part of what was asked, and may be all of it.
        let more = body.to_string().len();
        let answer = self
            .call(settings, "objects/missing", &body, "missing files", more)
            .await?;
        let answer: Missing = parse(&answer, "missing files")?;
        Ok(answer.missing)
    }

    /// Says what became of files that were offered and cannot be delivered; a hundred at most.
    pub async fn report(
        &self,
        settings: &Settings,
        items: &[&Undeliverable],
    ) -> Result<(), Refused> {
        let items: Vec<Value> = items
            .iter()
            .map(|item| {
                json!({
                    "bucket": item.object.bucket, "key": item.object.key,
                    "outcome": item.outcome, "detail": http::shorten(&item.detail),
                })
            })
            .collect();
        let body = json!({ "items": items });
        self.call(settings, "objects/reports", &body, "report", 0)
            .await
            .map(drop)
    }

    /// Streams the bytes on, as they come and as fast as they are taken: nothing is kept. `moved` is touched as they go.
    pub async fn upload(
        &self,
        settings: &Settings,
        upload: &Upload,
        length: u64,
        body: reqwest::Body,
        moved: &Moved,
    ) -> Sent {
        let prepared = async {
            egress::check_upload_url(settings, &upload.url)?;
            let headers = egress::upload_headers(&upload.headers)?;
            self.breaker.ready().await?;
            self.meter.spend()?;
            Ok::<_, String>(headers)
        };
        let headers = match prepared.await {
            Ok(headers) => headers,
            Err(error) => return Sent::Failed(error),
        };
        let put = self
            .http
            .put(&upload.url)
            .headers(headers)
            .header(header::CONTENT_LENGTH, length)
            .body(body);
        let transfer = async {
            let response = put.send().await.map_err(cause)?;
            let (status, retry_after) = (response.status(), retry_after(&response));
            moved.touch();
            // Drained, so that the connection is used again. A broken answer is no proof of durability.
            let body = read(response, http::CONTROL).await?;
            Ok::<_, String>(Answer {
                status,
                body,
                retry_after,
            })
        };
        let answer = match moved.or_idle(self.breaker.upload_time(), transfer).await {
            Some(Ok(answer)) => answer,
            Some(Err(error)) => return Sent::Broken(format!("upload: {error}")),
            None if moved.awaits_source() => {
                return Sent::Failed("S3: the object stopped coming".to_owned());
            }
            None => {
                self.breaker.upload_hung();
                return Sent::Failed("upload: it does not move".to_owned());
            }
        };
        let text = || {
            let refusal = Refusal::parse(answer.status, &answer.body);
            format!("upload: {}", refusal.text())
        };
        match answer.status {
            status if status.is_success() => {
                self.breaker.stored();
                Sent::Stored
            }
            StatusCode::FORBIDDEN => Sent::Expired,
            status if is_busy(status) => {
                if self.breaker.wait(answer.retry_after).await {
                    return Sent::Broken(text());
                }
                self.breaker.asked(answer.retry_after);
                Sent::Failed(text())
            }
            status if status.is_server_error() => Sent::Broken(text()),
            _ => Sent::Failed(text()),
        }
    }

    /// A call with the token: on 401 signed in again, once. `more` bytes of an answer are read beyond the usual limit.
    async fn call(
        &self,
        settings: &Settings,
        path: &str,
        body: &Value,
        what: &str,
        more: usize,
    ) -> Result<Answer, Refused> {
        let url = format!(
            "{}/log-ingest/v1/connections/{}/{path}",
            settings.ingest_url, settings.connection
        );
        let body = body.to_string();
        let mut again = true;
        loop {
            let token = self.token(settings).await?;
            let request = || {
                Ok(self
                    .http
                    .post(&url)
                    .bearer_auth(&token)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(body.clone()))
            };
            let answer = self.exchange(what, more, request).await?;
            match answer.status {
                StatusCode::UNAUTHORIZED if again && self.forget(&token).await => again = false,
                StatusCode::UNAUTHORIZED => {
                    // A token that was good for nothing: signing in again and again would not help.
                    self.breaker.asked(REFUSED);
                    return Err(Refused::Other(refused(what, &answer)));
                }
                StatusCode::GONE => return Err(Refused::Deleted),
                StatusCode::CONFLICT => return Err(Refused::LeaseLost),
                status if status.is_success() => {
                    self.accepted(&token).await;
                    return Ok(answer);
                }
                _ => return Err(Refused::Other(refused(what, &answer))),
            }
        }
    }

    /// Forgets a token that was refused, unless another file has signed in meanwhile. False where it never was any good.
    async fn forget(&self, refused: &str) -> bool {
        let mut token = self.token.lock().await;
        match token.as_ref() {
            Some(present) if present.value == refused => {
                let good = present.good || self.clock.passed(present.from, SIGN_IN);
                *token = None;
                good
            }
            _ => true,
        }
    }

    async fn accepted(&self, value: &str) {
        let mut token = self.token.lock().await;
        if let Some(token) = token.as_mut().filter(|token| token.value == value) {
            token.good = true;
        }
    }

    /// Sends a control call and reads its answer. One that is refused for the moment, or breaks, is sent once more; one that
    /// is not answered in time is not.
    async fn exchange(
        &self,
        what: &str,
        more: usize,
        request: impl Fn() -> Result<RequestBuilder, String>,
    ) -> Result<Answer, Refused> {
        let mut last = false;
        loop {
            self.breaker.ready().await?;
            self.meter.spend()?;
            let request = request()?.timeout(self.breaker.time());
            match answer(request, http::CONTROL + more).await {
                Ok(answer) if is_busy(answer.status) => {
                    if last || !self.breaker.wait(answer.retry_after).await {
                        self.breaker.asked(answer.retry_after);
                        return Ok(answer);
                    }
                }
                Ok(answer) if answer.status.is_server_error() => {
                    if last {
                        self.breaker.failed(false);
                        return Ok(answer);
                    }
                    tokio::time::sleep(moment()).await;
                }
                Ok(answer) => {
                    self.breaker.answered();
                    return Ok(answer);
                }
                Err(Unanswered { late: true, .. }) => {
                    self.breaker.failed(true);
                    return Err(format!("{what}: Central does not answer").into());
                }
                Err(Unanswered { cause, .. }) if last => {
                    self.breaker.failed(false);
                    return Err(format!("{what}: {cause}").into());
                }
                Err(_) => tokio::time::sleep(moment()).await,
            }
            last = true;
        }
    }

    /// The ingest token: cached until shortly before it ends, else a sign-in, signed anew for every attempt.
    async fn token(&self, settings: &Settings) -> Result<String, Refused> {
        let mut token = self.token.lock().await;
        if let Some(token) = token.as_ref() {
            let news = self.state().news && self.clock.passed(token.from, SIGN_IN);
            if !news && !self.clock.passed(token.from, token.lasts) {
                return Ok(token.value.clone());
            }
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
        let answer = self.exchange("sign-in", 0, request).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::GONE => return Err(Refused::Deleted),
            _ => {
                // The other files of the invocation need not ask as well; what failed otherwise is counted already.
                if answer.status.is_client_error() && !is_busy(answer.status) {
                    self.breaker.asked(REFUSED);
                }
                return Err(Refused::Other(refused("sign-in", &answer)));
            }
        }
        let grant: Grant = parse(&answer, "sign-in")?;
        let lifetime = Duration::from_secs(grant.seconds.min(LONGEST_TOKEN));
        let early = Duration::from_secs(60).min(lifetime / 5);
        *token = Some(Token {
            value: grant.token.clone(),
            from: self.clock.now(),
            lasts: lifetime - early,
            good: false,
        });
        let mut state = self.state();
        state.news = false;
        state.catch_up = Some(grant.catch_up);
        Ok(grant.token)
    }
}

/// The identity request to the regional STS endpoint, signed anew. A signature's time is in seconds and may be shared by
/// several processes of the function with the same credentials, but Central takes each signature once: `x-sophos-once`
/// makes it unlike any other.
fn identity_request(settings: &Settings) -> Result<(String, BTreeMap<String, String>), String> {
    let url = settings.sts_url();
    let (host, ingest_host) = (host_of(&url)?, host_of(&settings.ingest_url)?);
    let once = once();
    let headers = [
        ("host", host.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-sophos-connection-id", &settings.connection),
        ("x-sophos-ingest-host", &ingest_host),
        ("x-sophos-once", &once),
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

/// 128 bits in hex, unlike any other of this process or another: the standard library seeds its hashers at random.
fn once() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let bits = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", bits(), bits())
}

/// How long Central is left alone after it has refused who we are.
const REFUSED: Duration = Duration::from_secs(10);

/// The pause before a call is sent once more.
fn moment() -> Duration {
    Duration::from_millis(100).mul_f64(1.0 + 2.0 * random())
}

fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE
}

/// `Retry-After`; a second where there is none.
fn retry_after(response: &Response) -> Duration {
    let seconds: Option<u64> = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    // No call is waited for so long: a longer time would only end beyond what a clock can tell.
    Duration::from_secs(seconds.unwrap_or(1).min(3600))
}

/// No answer came, or it broke off.
struct Unanswered {
    late: bool,
    cause: String,
}

async fn answer(request: RequestBuilder, most: usize) -> Result<Answer, Unanswered> {
    let unsent = |error: reqwest::Error| Unanswered {
        late: error.is_timeout(),
        cause: cause(error),
    };
    let response = request.send().await.map_err(unsent)?;
    let (status, retry_after) = (response.status(), retry_after(&response));
    let body = read(response, most).await.map_err(|cause| Unanswered {
        late: cause.contains("timed out"),
        cause,
    })?;
    Ok(Answer {
        status,
        body,
        retry_after,
    })
}

fn refused(what: &str, answer: &Answer) -> String {
    let refusal = Refusal::parse(answer.status, &answer.body);
    format!("{what}: {}", refusal.text())
}

fn parse<T: DeserializeOwned>(answer: &Answer, what: &str) -> Result<T, Refused> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| Refused::Other(format!("{what}: the answer is not what it should be")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(answer: Value) -> Result<&'static str, String> {
        let offered: Offered = serde_json::from_value(answer).unwrap();
        offered.decision().map(|decided| match decided.decision {
            Decision::Upload(_) => "upload",
            Decision::Skip(reason) => reason,
        })
    }

    #[test]
    fn a_pause_beyond_what_a_clock_can_tell_is_cut() {
        for (text, seconds) in [("7", 7), ("9223372036854775807", 3600), ("soon", 1)] {
            let response = ::http::Response::builder().header("retry-after", text);
            let response = Response::from(response.body("").unwrap());
            assert_eq!(retry_after(&response), Duration::from_secs(seconds));
        }
    }

    #[test]
    fn a_decision_that_is_not_known_is_a_failure_that_names_it() {
        let upload = json!({ "url": "https://a.example.com/x", "headers": {} });
        assert_eq!(
            decision(json!({ "decision": "upload", "upload": upload })),
            Ok("upload")
        );
        assert_eq!(
            decision(json!({ "decision": "skip", "reason": "paused" })),
            Ok("paused")
        );
        for (unknown, named) in [
            (json!({ "decision": "upload" }), "upload"),
            (json!({ "decision": "skip" }), "\"\""),
            (json!({ "decision": "skip", "reason": "bored" }), "bored"),
            (json!({ "decision": "later", "upload": upload }), "later"),
        ] {
            let error = decision(unknown).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn news_of_the_bucket_are_what_changes_and_not_what_could_not_be_found_out() {
        let central = Central::new(reqwest::Client::new(), Arc::default());
        let told = |central: &Central| std::mem::take(&mut central.state().news);
        central.note_readable();
        assert!(!told(&central));
        central.note_read(json!({ "read": false, "detail": "AccessDenied (request 1)" }));
        assert!(told(&central));
        central.note_read(json!({ "read": false, "detail": "AccessDenied (request 2)" }));
        central.note_read(json!({ "read": null }));
        assert!(!told(&central));
        assert_eq!(central.state().read.as_ref().unwrap()["read"], false);
        central.note_readable();
        assert!(told(&central));
    }
}
