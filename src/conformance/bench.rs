//! What the checks share: the implementation that is tried, the requests to it, what was found, and what must be deleted.

use std::{collections::BTreeMap, time::Duration};

use aws_credential_types::Credentials;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{
    answer::{Answer, Ask, Tried},
    checks::{CHECKS, Check},
    contract::Contract,
    report::{Done, Outcome, Report},
};

/// The path of the connections.
const CONNECTIONS: &str = "/cloud-integrations/v1/aws-cloudtrail/connections";
/// The longest that an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most of an answer that is read (contract: 8 MiB).
const MOST: usize = 8 << 20;

/// The implementation that is tried, and the credential of a test tenant.
pub(crate) struct Target {
    /// Where tokens come from.
    pub id_url: String,
    pub api_url: String,
    pub client_id: String,
    pub client_secret: SecretString,
    /// The tenant of a partner's or an organization's credential.
    pub tenant: Option<(String, String)>,
}

/// The identity that signs in as a forwarder: the caller's own session of a role.
pub(crate) struct Forwarder {
    pub credentials: Credentials,
    pub sts_url: String,
    pub region: String,
    pub account: String,
    pub partition: String,
    pub role: String,
    pub session: String,
}

/// The implementation, and all that was found out about it.
pub(super) struct Bench {
    pub target: Target,
    pub forwarder: Result<Forwarder, String>,
    http: reqwest::Client,
    contract: Contract,
    /// The token of the API, and the tenant that it is used for.
    pub token: String,
    pub tenant: String,
    /// The host of the tenant's data region.
    pub host: String,
    /// Where the paths of log ingest begin; the host of the data region, as long as no connection says it.
    ingest: Option<String>,
    /// The part of names that tells this run from others.
    pub mark: String,
    /// The connections that are to be deleted at the end.
    made: Vec<String>,
    found: BTreeMap<(&'static str, &'static str), Tried>,
    stopped: Option<String>,
}

impl Bench {
    pub(super) fn new(target: Target, forwarder: Result<Forwarder, String>) -> Self {
        let mut http = reqwest::Client::builder()
            .user_agent(format!("sophos-ct-forwarder/{}", crate::VERSION))
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none());
        if crate::aws::is_loopback(&target.api_url) {
            http = http.no_proxy();
        }
        Self {
            host: target.api_url.trim_end_matches('/').to_owned(),
            target,
            forwarder,
            http: http.build().expect("the options of the client are valid"),
            contract: Contract::read(),
            token: String::new(),
            tenant: String::new(),
            ingest: None,
            mark: uuid::Uuid::new_v4().simple().to_string()[..8].to_owned(),
            made: Vec::new(),
            found: BTreeMap::new(),
            stopped: None,
        }
    }

    /// A request with the token and the tenant, to the host of the data region.
    pub(super) fn ask(&self, operation: &'static str, method: Method, path: &str) -> Ask {
        Ask::new(operation, method, format!("{}{path}", self.host))
            .with("authorization", format!("Bearer {}", self.token))
            .with("x-tenant-id", self.tenant.clone())
    }

    /// The same, for a connection, or what is below it.
    pub(super) fn of(&self, operation: &'static str, method: Method, rest: &str) -> Ask {
        self.ask(operation, method, &format!("{CONNECTIONS}{rest}"))
    }

    /// What the paths of log ingest are appended to.
    pub(super) fn ingest(&self) -> &str {
        self.ingest.as_deref().unwrap_or(&self.host)
    }

    /// Notes where log files go, as a connection says it.
    pub(super) fn ingest_at(&mut self, url: String) {
        self.ingest = Some(url);
    }

    /// The request that saves a connection. What it makes is deleted at the end.
    pub(super) fn put(&mut self, id: &str, body: Value) -> Ask {
        self.made.push(id.to_owned());
        self.of("putConnection", Method::PUT, &format!("/{id}"))
            .with("if-none-match", "*")
            .json(body)
    }

    /// A name that no other run uses.
    pub(super) fn name(&self, suffix: &str) -> String {
        format!("verify-central {} {suffix}", self.mark)
    }

    /// Makes a request. A text says why there is no answer.
    pub(super) async fn send(&self, ask: Ask) -> Result<Answer, String> {
        let operation = ask.operation;
        let mut request = self.http.request(ask.method, &ask.url);
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        if let Some(body) = ask.body {
            request = request.json(&body);
        }
        self.answer(operation, request).await
    }

    /// Sends what is not JSON.
    pub(super) async fn raw(
        &self,
        operation: &'static str,
        build: impl FnOnce(&reqwest::Client) -> reqwest::RequestBuilder,
    ) -> Result<Answer, String> {
        self.answer(operation, build(&self.http)).await
    }

    async fn answer(
        &self,
        operation: &'static str,
        request: reqwest::RequestBuilder,
    ) -> Result<Answer, String> {
        let failed = |error: reqwest::Error| format!("no answer: {}", error.without_url());
        let response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let etag = response.headers().get("etag");
        let etag = etag
            .and_then(|etag| etag.to_str().ok())
            .map(ToOwned::to_owned);
        let bytes = response.bytes().await.map_err(failed)?;
        if bytes.len() > MOST {
            return Err(format!(
                "answers with {} bytes, more than 8 MiB",
                bytes.len()
            ));
        }
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let misfit = self.misfit(operation, status, &body);
        Ok(Answer {
            status,
            etag,
            body,
            misfit,
        })
    }

    /// How the body of an answer differs from what the contract says.
    fn misfit(&self, operation: &str, status: u16, body: &Value) -> Option<String> {
        if status < 400 {
            return self
                .contract
                .complaint(&format!("{operation}.{status}"), body);
        }
        // The identity host has an error body of its own, and upload URLs may lead to a store that is not Central.
        if ["token", "upload"].contains(&operation) {
            return None;
        }
        let named = ["requestId", "correlationId"]
            .iter()
            .any(|id| body[id].is_string());
        let complaint = self.contract.complaint("Error", body);
        complaint
            .or_else(|| (!named).then(|| "requestId and correlationId are missing".to_owned()))
            .map(|complaint| format!("{status} without the contract's Error: {complaint}"))
    }

    /// Notes what a check has found.
    pub(super) fn note(&mut self, operation: &'static str, name: &'static str, tried: Tried) {
        let known = CHECKS
            .iter()
            .any(|check| (check.operation, check.name) == (operation, name));
        debug_assert!(known, "{operation}: {name} is not in the list of checks");
        self.found.insert((operation, name), tried);
    }

    /// Nothing more can be tried.
    pub(super) fn stop(&mut self, reason: String) {
        self.stopped = Some(reason);
    }

    /// Deletes all that was made. Returns what could not be deleted.
    pub(super) async fn clean_up(&mut self) -> Vec<String> {
        let mut left = Vec::new();
        for id in std::mem::take(&mut self.made) {
            let ask = self.of("deleteConnection", Method::DELETE, &format!("/{id}"));
            let deleted = self.send(ask.with("if-match", "*")).await;
            let gone = deleted.is_ok_and(|answer| [204, 404].contains(&answer.status));
            // Without a token, nothing was made.
            if !gone && !self.token.is_empty() {
                left.push(id);
            }
        }
        left
    }

    /// All checks, each with what it has found.
    pub(super) fn report(&self, left: Vec<String>) -> Report {
        let outcome = |check: &Check| match self.found.get(&(check.operation, check.name)) {
            Some(Ok(())) => Outcome::Fits,
            Some(Err(how)) => Outcome::Differs(how.clone()),
            None => Outcome::NotTried(self.why_not(check)),
        };
        let checks = CHECKS.iter().map(|check| Done {
            check,
            outcome: outcome(check),
        });
        Report {
            checks: checks.collect(),
            left,
        }
    }

    fn why_not(&self, check: &Check) -> String {
        if check.needs_partner {
            return "the credential is not one of a partner or an organization".to_owned();
        }
        let by_aws = check.needs_forwarder;
        let no_forwarder = self.forwarder.as_ref().err().filter(|_| by_aws);
        let reason = no_forwarder.or(self.stopped.as_ref());
        reason
            .cloned()
            .unwrap_or_else(|| "an earlier check of this operation failed".to_owned())
    }

    /// The body of a connection as step 1 saves it.
    pub(super) fn new_connection(&self, suffix: &str) -> Value {
        json!({
            "name": self.name(suffix),
            "awsAccountId": self.account(),
            "partition": "aws",
            "homeRegion": "eu-west-1",
            "mode": "new",
            "settings": { "retention-days": "30" },
            "resources": { "buckets": ["verify-central-logs"], "items": [{
                "kind": "bucket", "arn": "arn:aws:s3:::verify-central-logs", "ownership": "created",
            }] },
        })
    }

    /// The account of the connections that are made.
    pub(super) fn account(&self) -> String {
        let of_forwarder = self
            .forwarder
            .as_ref()
            .map(|forwarder| forwarder.account.clone());
        of_forwarder.unwrap_or_else(|_| "111122223333".to_owned())
    }
}

/// A new id of a connection.
pub(super) fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
