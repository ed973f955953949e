//! Calls of a signed-in client: with retries, and a token that is renewed in time.

use std::time::Instant;

use reqwest::{Method, RequestBuilder, StatusCode, header};
use secrecy::ExposeSecret;

use super::{
    Central,
    answer::{Answer, Refusal, read},
    patience::{ATTEMPTS, LONGEST, Patience},
    request::With,
    trace::trace,
};
use crate::{
    aws::proxy_of,
    ui::{Result, calls::Call},
};

/// An attempt of a call for which someone waits.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    call: &'a Call,
    number: u32,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(call: &'a Call, number: u32) -> Self {
        Self { call, number }
    }

    /// Sends a request and reads its answer, and says which URL it asks: an attempt may have to sign in first.
    pub(super) async fn sends(
        self,
        method: &Method,
        url: &str,
        request: RequestBuilder,
    ) -> Result<Answer, Refusal> {
        self.call
            .asks(url, proxy_of(url), self.number, Some(ATTEMPTS));
        let begun = Instant::now();
        let answer = read(request).await;
        trace(method, url, self.number, begun, &answer);
        answer
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
        let waits = Call::begin_for(host, LONGEST);
        let mut patience = Patience::begin();
        let once = |number| self.once(&method, &url, with, Attempt::new(&waits, number));
        match patience.tries(host, once).await {
            Err(refusal)
                if refusal.status == Some(StatusCode::UNAUTHORIZED)
                    && !refusal.is_of_credential() =>
            {
                self.token.forget();
                patience.tries(host, once).await
            }
            other => other,
        }
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
        attempt.sends(method, url, request).await
    }
}
