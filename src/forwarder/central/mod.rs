//! The forwarder's client for Central: sign-in with the role's identity, offers, missing files, reports, uploads.

mod answers;
mod call;
mod identity;
mod upload;

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

use reqwest::{RequestBuilder, StatusCode, header};
use serde_json::{Value, json};

pub(crate) use answers::{
    Address, CatchUp, Decided, Decision, Progress, Refused, Undeliverable, Upload,
};
use answers::{Grant, Missing, Offered, parse};
use call::{Answer, Unanswered, answer, is_busy, refused};
use identity::{IDENTITY_BODY, identity_request};
pub(crate) use upload::Sent;

use crate::{
    breaker::{Breaker, random},
    clock::Clock,
    event::Object,
    http,
    meter::Meter,
    settings::Settings,
};

/// A sign-in is repeated no sooner than this, unless its token was refused or has ended, or a validation message asks for it.
const SIGN_IN: Duration = Duration::from_secs(300);
/// The longest lifetime of a token that is accepted, in seconds, whatever Central says (contract: counts out of range are
/// clamped).
const LONGEST_TOKEN: u64 = 24 * 3600;

struct Token {
    value: String,
    from: SystemTime,
    lasts: Duration,
    /// Whether a call with it was accepted.
    good: bool,
}

/// The client. There is one for the life of the process: connections and sign-in are reused across invocations.
pub(crate) struct Central {
    http: reqwest::Client,
    meter: Arc<Meter>,
    pub breaker: Breaker,
    clock: Clock,
    /// Held while signing in, so that the files of one invocation share a sign-in.
    token: tokio::sync::Mutex<Option<Token>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether the bucket could be read, as far as known, in the form of `checks`.
    read: Option<Value>,
    /// `read` has changed and Central does not know it yet.
    news: bool,
    catch_up: Option<Vec<CatchUp>>,
}

impl Central {
    pub(crate) fn new(http: reqwest::Client, meter: Arc<Meter>) -> Self {
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

    /// Notes whether the bucket can be read. An unknown result does not replace a known one. A change is reported at the next
    /// sign-in, which then comes as soon as the last one was five minutes ago.
    pub(crate) fn note_read(&self, checks: Value) {
        let mut state = self.state();
        // The details differ by request id, so only whether it can be read is compared.
        let known = state.read.as_ref().map(|before| &before["read"]);
        let same = known == Some(&checks["read"]);
        if same || (checks["read"].is_null() && known.is_some()) {
            return;
        }
        state.news = true;
        state.read = Some(checks);
    }

    /// Notes that a file could be read. This is news only if files could not be read before; otherwise the next regular sign-in
    /// reports it.
    pub(crate) fn note_readable(&self) {
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

    /// Takes what Central said at the last sign-in about files that may be missing. Each sign-in's list is returned once.
    pub(crate) fn take_catch_up(&self) -> Option<Vec<CatchUp>> {
        self.state().catch_up.take()
    }

    /// Signs in again and reports these checks, whatever was known about the bucket.
    pub(crate) async fn sign_in_with(
        &self,
        settings: &Settings,
        checks: Value,
    ) -> Result<(), Refused> {
        self.state().read = Some(checks);
        *self.token.lock().await = None;
        self.token(settings).await.map(drop)
    }

    /// Offers a file and returns Central's decision.
    pub(crate) async fn offer(
        &self,
        settings: &Settings,
        object: &Object,
    ) -> Result<Decided, Refused> {
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

    /// Returns which of these keys Central still wants.
    pub(crate) async fn missing(
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
        // The answer repeats some or all of the keys, so it may be as long as the request.
        let more = body.to_string().len();
        let answer = self
            .call(settings, "objects/missing", &body, "missing files", more)
            .await?;
        let answer: Missing = parse(&answer, "missing files")?;
        Ok(answer.missing)
    }

    /// Reports what became of files that were offered and cannot be delivered; at most a hundred.
    pub(crate) async fn report(
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

    /// Makes a call with the token. On 401 it signs in again, once. `more` bytes of an answer are read beyond the usual limit.
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
                    // The token never worked, so signing in again would not help.
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

    /// Forgets a token that was refused, unless another file has signed in meanwhile. Returns false if the token is recent and
    /// was never accepted: another sign-in would not help.
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

    /// Sends a control call and reads its answer. A call that is refused for the moment or breaks is sent once more; a call
    /// that is not answered in time is not.
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

    /// Returns the ingest token. It is cached until shortly before it ends; then the function signs in again, with a new
    /// signature for every attempt.
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
                // The other files of the invocation need not ask as well. Other failures are counted already.
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

/// How long Central is not called after it has refused our identity.
const REFUSED: Duration = Duration::from_secs(10);

/// Returns the pause before a call is sent once more.
fn moment() -> Duration {
    Duration::from_millis(100).mul_f64(1.0 + 2.0 * random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_of_readability_is_reported() {
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
