//! Calls of a signed-in client: with retries, and a token that is renewed in time.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use backon::{ExponentialBuilder, Retryable};
use reqwest::{Method, StatusCode, header};
use secrecy::ExposeSecret;

use super::{
    Central,
    answer::{Answer, Refusal, read},
    request::With,
    trace::trace,
};
use crate::{
    aws::proxy_of,
    ui::{Result, calls::Call},
};

/// How long a host that gives no answer is tried again. An attempt has a time limit of its own.
const SILENCE: Duration = Duration::from_secs(65);

/// An attempt of a call for which someone waits.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    call: &'a Call,
    pub(super) number: u32,
}

impl Attempt<'_> {
    /// Says which URL it asks: an attempt may have to sign in first.
    pub(super) fn asks(self, url: &str) {
        self.call.asks(url, proxy_of(url), self.number);
    }
}

impl Central {
    pub(super) fn host(&self) -> String {
        self.tenant().api_host.clone()
    }

    pub(super) fn scoped<'a>(&'a self, with: With<'a>) -> With<'a> {
        With {
            scope: Some(("X-Tenant-ID", self.tenant().id.as_str())),
            ..with
        }
    }

    pub(super) async fn regional(
        &self,
        method: Method,
        path: &str,
        with: With<'_>,
    ) -> Result<Answer> {
        self.call(method, &self.host(), path, self.scoped(with))
            .await
            .map_err(Refusal::into_failure)
    }

    /// Makes one call with retries; on 401 the token is renewed once.
    pub(super) async fn call(
        &self,
        method: Method,
        host: &str,
        path: &str,
        with: With<'_>,
    ) -> Result<Answer, Refusal> {
        let url = format!("{host}{path}");
        let waits = Call::begin(host);
        let begun = Instant::now();
        let attempts = Cell::new(0);
        let once = || {
            attempts.set(attempts.get() + 1);
            let attempt = Attempt {
                call: &waits,
                number: attempts.get(),
            };
            self.once(&method, &url, with, attempt)
        };
        let first = self.patiently(once).await;
        let tried = |mut refusal: Refusal| {
            refusal.tried = Some((attempts.get(), begun.elapsed()));
            refusal
        };
        match first {
            Err(refusal)
                if refusal.status == Some(StatusCode::UNAUTHORIZED)
                    && !refusal.error.starts_with("oauth.") =>
            {
                self.token.forget();
                self.patiently(once).await.map_err(tried)
            }
            other => other.map_err(tried),
        }
    }

    pub(super) async fn patiently<T, F, Fut>(&self, call: F) -> Result<T, Refusal>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, Refusal>>,
    {
        let backoff = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(Duration::from_millis(250))
            .with_max_delay(Duration::from_secs(8))
            .with_max_times(5);
        let begun = Instant::now();
        call.retry(backoff)
            .when(|refusal| {
                let silent = refusal.status.is_none() && begun.elapsed() > SILENCE;
                refusal.passes() && !silent
            })
            .adjust(|refusal, pause| {
                // Retry-After is honoured up to a minute: it is better to show a longer one than to wait for it.
                pause.map(|pause| {
                    refusal
                        .retry_after
                        .map_or(pause, |after| after.min(Duration::from_secs(60)))
                })
            })
            .await
    }

    async fn once(
        &self,
        method: &Method,
        url: &str,
        with: With<'_>,
        attempt: Attempt<'_>,
    ) -> Result<Answer, Refusal> {
        let token = self.token.get(&self.http, &self.options, attempt).await?;
        let mut request = self
            .http
            .request(method.clone(), url)
            .query(with.query)
            .header(header::ACCEPT, "application/json")
            .bearer_auth(token.expose_secret());
        if let Some((name, value)) = with.scope {
            request = request.header(name, value);
        }
        if let Some((name, value)) = with.precondition {
            request = request.header(name, value);
        }
        if let Some(body) = with.body {
            request = request.json(body);
        }
        attempt.asks(url);
        let begun = Instant::now();
        let answer = read(request).await;
        trace(method, url, attempt.number, begun, &answer);
        answer
    }
}
