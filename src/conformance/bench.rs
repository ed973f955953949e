//! What the checks share: the implementation that is tried, the requests to it, what was found, and what must be deleted.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::{
    Method,
    header::{DATE, ETAG, HeaderName, RETRY_AFTER},
};
use serde_json::Value;
use sophos_ct_forwarder::{host::host_of, http::cause};

use super::{
    answer::{Answer, Ask, Bearer, Tried},
    checks::{BUSY, CHECKS, Check},
    contract::Contract,
    made::Made,
    report::{Done, Outcome, Report},
    target::{Forwarder, Target},
    token::{self, Token},
};
use crate::{aws::proxy_of, ui::calls::Call};

/// The path of the connections.
const CONNECTIONS: &str = "/cloud-integrations/v1/aws-cloudtrail/connections";
/// The longest that an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most of an answer that is read (contract: 8 MiB).
const MOST: usize = 8 << 20;
/// A request is made again so often if the implementation is busy, and after so long a time at most.
const AGAIN: usize = 3;
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The implementation, and all that was found out about it.
pub(super) struct Bench {
    pub target: Target,
    pub forwarder: Result<Forwarder, String>,
    http: reqwest::Client,
    contract: Contract,
    /// The last token of the credential, and the tenant that it is used for.
    pub token: RefCell<Option<Token>>,
    pub tenant: String,
    /// The host of the tenant's data region.
    pub host: String,
    /// Where the paths of log ingest begin; the host of the data region, as long as no connection says it.
    ingest: Option<String>,
    /// The part of names that tells this run from others.
    pub mark: String,
    /// The connections that are to be deleted at the end.
    pub made: Made,
    found: BTreeMap<(&'static str, &'static str), Tried>,
    /// Why single checks were not tried.
    skipped: BTreeMap<(&'static str, &'static str), String>,
    /// What answers 429 and 503 say of the time to wait, by operation.
    busy: RefCell<BTreeMap<&'static str, Tried>>,
    /// What those say that were the last answer: nothing was tried with them.
    told: RefCell<BTreeSet<String>>,
    stopped: Option<String>,
}

impl Bench {
    pub(super) fn new(target: Target, forwarder: Result<Forwarder, String>, made: Made) -> Self {
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
            token: RefCell::default(),
            tenant: String::new(),
            ingest: None,
            mark: uuid::Uuid::new_v4().simple().to_string()[..8].to_owned(),
            made,
            found: BTreeMap::new(),
            skipped: BTreeMap::new(),
            busy: RefCell::default(),
            told: RefCell::default(),
            stopped: None,
        }
    }

    /// A request with a token of the credential and the tenant, to the host of the data region.
    pub(super) fn ask(&self, operation: &'static str, method: Method, path: &str) -> Ask {
        Ask::new(operation, method, format!("{}{path}", self.host))
            .by(Bearer::Client)
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

    /// Which of these hosts nobody has agreed to yet, each once.
    pub(super) fn strange(&self, hosts: impl IntoIterator<Item = String>) -> BTreeSet<String> {
        let hosts = hosts.into_iter();
        hosts
            .filter(|host| !self.target.hosts.contains(host))
            .collect()
    }

    /// Lets requests go to these hosts.
    pub(super) fn admit(&mut self, hosts: BTreeSet<String>) {
        self.target.hosts.extend(hosts);
    }

    /// Makes a request. A text says why there is no answer.
    pub(super) async fn send(&self, ask: Ask) -> Result<Answer, String> {
        let operation = ask.operation;
        let token = match ask.bearer {
            Bearer::Nobody => None,
            Bearer::Client => Some(token::fresh(self).await?),
            Bearer::Other(token) => Some(token),
        };
        match operation {
            "putConnection" => self.made.ask(&ask.url)?,
            "createInvitation" => self.made.invite(&ask.url),
            _ => {}
        }
        let mut request = self.http.request(ask.method, &ask.url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        if let Some(body) = ask.body {
            request = request.json(&body);
        }
        let answer = self.answer(operation, request).await?;
        self.made.answered(operation, &ask.url, answer.status);
        Ok(answer)
    }

    /// Makes a request that is put together anew for each attempt, where the implementation is busy.
    pub(super) async fn send_anew(
        &self,
        ask: impl Fn() -> Result<Ask, String>,
    ) -> Result<Answer, String> {
        for _ in 0..AGAIN {
            let answer = self.send(ask()?).await?;
            let Some(pause) = answer.pause else {
                return Ok(answer);
            };
            tokio::time::sleep(pause).await;
        }
        self.send(ask()?).await
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
        let request = request.build().map_err(no_answer)?;
        let url = request.url().as_str();
        self.must_be_agreed(url)?;
        let call = Call::begin(operation);
        call.asks(url, proxy_of(url), 1, None);
        let response = self.patiently(operation, request).await?;
        let status = response.status().as_u16();
        let etag = text_of(&response, ETAG).map(ToOwned::to_owned);
        let date = text_of(&response, DATE);
        let date = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        let seconds = retry_after(&response);
        let pause = short(seconds);
        let bytes = response.bytes().await.map_err(no_answer)?;
        if bytes.len() > MOST {
            return Err(format!(
                "answers with {} bytes, more than 8 MiB",
                bytes.len()
            ));
        }
        let body: Option<Value> = serde_json::from_slice(&bytes).ok();
        let misfit = self.misfit(operation, status, body.as_ref());
        let busy = seconds.map(|seconds| format!("it is busy: {status}, Retry-After: {seconds}"));
        self.told.borrow_mut().extend(busy.clone());
        Ok(Answer {
            status,
            etag,
            body: body.unwrap_or_default(),
            date,
            pause,
            busy,
            misfit,
        })
    }

    /// Refuses a URL on a host that was not agreed to, and one that would be sent in clear.
    fn must_be_agreed(&self, url: &str) -> Result<(), String> {
        let host = host_of(url)?;
        if !self.target.hosts.contains(&host) {
            return Err(format!("{host} is not among the hosts that were agreed to"));
        }
        if url.starts_with("https://") || crate::aws::is_loopback(url) {
            return Ok(());
        }
        Err(format!("{host} would be reached without https"))
    }

    /// Makes a request, again after the time that a busy implementation asks for.
    async fn patiently(
        &self,
        operation: &'static str,
        mut request: reqwest::Request,
    ) -> Result<reqwest::Response, String> {
        for _ in 0..AGAIN {
            let again = match operation {
                // Each attempt has a signature of its own: `send_anew`.
                "ingestToken" => None,
                _ => request.try_clone(),
            };
            let response = self.http.execute(request).await.map_err(no_answer)?;
            self.note_busy(operation, &response);
            let (Some(pause), Some(again)) = (short(retry_after(&response)), again) else {
                return Ok(response);
            };
            tokio::time::sleep(pause).await;
            request = again;
        }
        let response = self.http.execute(request).await.map_err(no_answer)?;
        self.note_busy(operation, &response);
        Ok(response)
    }

    /// Notes whether a busy implementation says how long to wait.
    fn note_busy(&self, operation: &'static str, response: &reqwest::Response) {
        if !is_busy(response) {
            return;
        }
        let status = response.status().as_u16();
        let tried = match retry_after(response) {
            Some(_) => Ok(()),
            None => Err(format!("answers {status} without Retry-After in seconds")),
        };
        let mut busy = self.busy.borrow_mut();
        let noted = busy.entry(operation).or_insert(Ok(()));
        if noted.is_ok() {
            *noted = tried;
        }
    }

    /// How the body of an answer differs from what the contract says. Nothing is its body where it is not JSON.
    fn misfit(&self, operation: &str, status: u16, body: Option<&Value>) -> Option<String> {
        if status < 400 {
            let name = format!("{operation}.{status}");
            return self.contract.complaint(&name, body.unwrap_or(&Value::Null));
        }
        // The identity host has an error body of its own, and upload URLs may lead to a store that is not Central.
        if ["token", "upload"].contains(&operation) {
            return None;
        }
        // Any error may be a proxy's: empty, or not JSON.
        let complaint = self.contract.complaint("Error", body?);
        complaint.map(|complaint| format!("{status} without the contract's Error: {complaint}"))
    }

    /// Notes what a check has found. One that was told to come back later was not tried.
    pub(super) fn note(&mut self, operation: &'static str, name: &'static str, tried: Tried) {
        let known = CHECKS
            .iter()
            .any(|check| (check.operation, check.name) == (operation, name));
        debug_assert!(known, "{operation}: {name} is not in the list of checks");
        let complaint = tried.as_ref().err();
        let later = complaint.is_some_and(|how| self.told.borrow().contains(how));
        match tried {
            Err(how) if later => self.skip(operation, name, how),
            tried => drop(self.found.insert((operation, name), tried)),
        }
    }

    /// Nothing more can be tried.
    pub(super) fn stop(&mut self, reason: String) {
        self.stopped = Some(reason);
    }

    /// Notes why a check was not tried.
    pub(super) fn skip(&mut self, operation: &'static str, name: &'static str, why: String) {
        self.skipped.insert((operation, name), why);
    }

    /// All checks, each with what it has found.
    pub(super) fn report(&self) -> Report {
        let busy = self.busy.borrow();
        let found = |check: &Check| match check.name {
            BUSY => busy.get(check.operation),
            name => self.found.get(&(check.operation, name)),
        };
        let outcome = |check: &Check| match found(check) {
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
            left: self.made.left(),
            stopped: self.stopped.clone(),
        }
    }

    fn why_not(&self, check: &Check) -> String {
        if let Some(why) = check.untried {
            return why.to_owned();
        }
        if let Some(why) = self.skipped.get(&(check.operation, check.name)) {
            return why.clone();
        }
        if check.needs_partner {
            return "the credential is not one of a partner or an organization".to_owned();
        }
        let by_aws = check.needs_forwarder;
        let no_forwarder = self.forwarder.as_ref().err().filter(|_| by_aws);
        let reason = no_forwarder.or(self.stopped.as_ref());
        let usual = match check.name {
            BUSY => "it answered neither 429 nor 503",
            _ => "an earlier check of this operation failed",
        };
        reason.cloned().unwrap_or_else(|| usual.to_owned())
    }
}

/// Whether the implementation can answer only later.
fn is_busy(response: &reqwest::Response) -> bool {
    [429, 503].contains(&response.status().as_u16())
}

/// After how many seconds a busy implementation wants to be asked again, if it says so.
fn retry_after(response: &reqwest::Response) -> Option<u64> {
    let says = text_of(response, RETRY_AFTER).filter(|_| is_busy(response));
    says?.parse().ok()
}

/// The time to wait, where it is short.
fn short(seconds: Option<u64>) -> Option<Duration> {
    let pause = seconds.map(Duration::from_secs);
    pause.filter(|pause| *pause <= LONGEST_PAUSE)
}

/// A header that is a text.
fn text_of(response: &reqwest::Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name)?.to_str().ok()
}

/// Says of which host there is no answer, and why. The path is left out: it may be that of an upload URL.
fn no_answer(error: reqwest::Error) -> String {
    let host = error.url().map(|url| url.origin().ascii_serialization());
    let host = host.unwrap_or_default();
    let why = match error.is_timeout() {
        true => format!("not within {} s", PATIENCE.as_secs()),
        false => cause(error),
    };
    format!("no answer from {host}: {why}")
}
