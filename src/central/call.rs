//! Calls of a signed-in client: with retries, and a token that is renewed in time.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use backon::{ExponentialBuilder, Retryable};
use reqwest::{Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Central,
    answer::{Answer, Refusal, read},
};
use crate::ui::{Result, t};

/// Pages of a list that are asked for at most.
pub(super) const PAGES: u32 = 1000;
/// The longest that a token is believed to be good, in seconds: counts out of range are clamped (contract).
const LONGEST_TOKEN: u64 = 24 * 3600;

pub(super) struct Token {
    value: SecretString,
    renew_at: Instant,
}

/// What a call is made with besides method and path.
#[derive(Clone, Copy, Default)]
pub(super) struct With<'a> {
    pub(super) query: &'a [(&'a str, String)],
    pub(super) body: Option<&'a Value>,
    /// `If-Match` or `If-None-Match`.
    pub(super) precondition: Option<(&'static str, &'a str)>,
    /// `X-Tenant-ID` and its like.
    pub(super) scope: Option<(&'static str, &'a str)>,
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

    /// One call with retries; on 401 the token is renewed once.
    pub(super) async fn call(
        &self,
        method: Method,
        host: &str,
        path: &str,
        with: With<'_>,
    ) -> Result<Answer, Refusal> {
        let url = format!("{host}{path}");
        let attempts = Cell::new(0);
        let once = || {
            attempts.set(attempts.get() + 1);
            self.once(&method, &url, with, attempts.get())
        };
        let first = self.patiently(once).await;
        match first {
            Err(refusal)
                if refusal.status == Some(StatusCode::UNAUTHORIZED)
                    && !refusal.error.starts_with("oauth.") =>
            {
                *self
                    .token
                    .lock()
                    .expect("no thread panics while it holds the token") = None;
                self.patiently(once).await
            }
            other => other,
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
        call.retry(backoff)
            .when(Refusal::passes)
            .adjust(|refusal, pause| {
                // Retry-After is honoured up to a minute: a longer one is better shown than sat out.
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
        attempt: u32,
    ) -> Result<Answer, Refusal> {
        let token = self.token().await?;
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
        let begun = Instant::now();
        let answer = read(request).await;
        trace(method, url, attempt, begun, &answer);
        answer
    }

    /// The token, renewed a minute before it ends.
    pub(super) async fn token(&self) -> Result<SecretString, Refusal> {
        {
            let token = self
                .token
                .lock()
                .expect("no thread panics while it holds the token");
            if let Some(token) = token
                .as_ref()
                .filter(|token| Instant::now() < token.renew_at)
            {
                return Ok(token.value.clone());
            }
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Grant {
            #[serde(rename = "access_token")]
            access_token: SecretString,
            #[serde(rename = "expires_in")]
            expires_in: u64,
            error_code: Option<String>,
            message: Option<String>,
        }
        let url = format!(
            "{}/api/v2/oauth2/token",
            self.options.id_url.trim_end_matches('/')
        );
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.options.client_id),
            ("client_secret", self.options.client_secret.expose_secret()),
            ("scope", "token"),
        ];
        let begun = Instant::now();
        let answer = read(self.http.post(&url).form(&form)).await;
        trace(&Method::POST, &url, 1, begun, &answer);
        let answer = answer.map_err(|mut refusal| {
            // Whatever the identity host refuses is about the credential.
            if refusal.status == Some(StatusCode::UNAUTHORIZED)
                || refusal.status == Some(StatusCode::BAD_REQUEST)
            {
                refusal.status = Some(StatusCode::UNAUTHORIZED);
                if !refusal.error.starts_with("oauth.") {
                    refusal.error = format!("oauth.{}", refusal.error);
                }
            }
            refusal
        })?;
        let grant: Grant = serde_json::from_slice(&answer.body)
            .map_err(|error| Refusal::unreadable(t!("central-unreadable", cause = error)))?;
        if let Some(code) = grant.error_code.filter(|code| code != "success") {
            return Err(Refusal {
                status: Some(StatusCode::UNAUTHORIZED),
                error: format!("oauth.{}", code.trim_start_matches("oauth.")),
                message: grant.message.unwrap_or_default(),
                request_id: None,
                retry_after: None,
                cause: None,
            });
        }
        let lifetime = grant
            .expires_in
            .min(LONGEST_TOKEN)
            .saturating_sub(60)
            .max(1);
        let lifetime = Duration::from_secs(lifetime);
        let value = grant.access_token;
        *self
            .token
            .lock()
            .expect("no thread panics while it holds the token") = Some(Token {
            value: value.clone(),
            renew_at: Instant::now() + lifetime,
        });
        Ok(value)
    }
}

/// What `-v` and `--log-file` tell of a call: never headers, queries or bodies.
fn trace(
    method: &Method,
    url: &str,
    attempt: u32,
    begun: Instant,
    answer: &Result<Answer, Refusal>,
) {
    let (status, request_id, cause) = match answer {
        Ok(answer) => (Some(answer.status), answer.request_id.as_deref(), None),
        Err(refusal) => (
            refusal.status,
            refusal.request_id.as_deref(),
            refusal.cause.as_deref(),
        ),
    };
    tracing::debug!(
        %method,
        url,
        attempt,
        status = status.map(|status| status.as_u16()),
        ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        request_id,
        cause,
        "Central"
    );
}
