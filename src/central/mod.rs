//! The Central client: published operations to the letter, assumed ones as the contract has them.
//!
//! Retries with jitter on 429, 5xx and broken connections, honours Retry-After, renews tokens a minute early, signs in
//! once more on 401, follows no redirects, has time limits, uses the system's proxies.

mod hosts;
pub mod model;

use std::{
    collections::BTreeSet,
    sync::Mutex,
    time::{Duration, Instant},
};

use backon::{ExponentialBuilder, Retryable};
use reqwest::{Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sophos_ct_forwarder::http::{cause, whole};

use crate::{
    aws::{is_loopback, through_proxy},
    connection::{AccountId, ConnectionId, ConnectionName, Resources},
    ui::{Code, Failure, Result, t},
};
use model::{
    Connection, Endpoints, IdType, License, LicenseState, NewConnection, Statistics, Status,
    Tenant, WhoAmI,
};

/// Identity host, unless another is set.
pub const ID_URL: &str = "https://id.sophos.com";
/// Global API host, unless another is set.
pub const API_URL: &str = "https://api.central.sophos.com";
/// Largest answer that is read (contract).
const ANSWER: usize = 8 * 1024 * 1024;
/// Pages of a list that are asked for at most.
const PAGES: u32 = 1000;
/// The longest that a token is believed to be good, in seconds: counts out of range are clamped (contract).
const LONGEST_TOKEN: u64 = 24 * 3600;
const CONNECTIONS: &str = "/cloud-integrations/v1/aws-cloudtrail/connections";

/// How Central is reached.
#[derive(Clone, Debug)]
pub struct Options {
    pub id_url: String,
    pub api_url: String,
    pub client_id: String,
    pub client_secret: SecretString,
}

struct Token {
    value: SecretString,
    renew_at: Instant,
}

/// A signed-in client. The tenant is chosen with [`Central::choose`].
pub struct Central {
    http: reqwest::Client,
    options: Options,
    token: Mutex<Option<Token>>,
    pub who: WhoAmI,
    pub tenant: Option<Tenant>,
}

/// A connection with the ETag that a change of it must carry.
#[derive(Clone, Debug)]
pub struct Versioned {
    pub connection: Connection,
    pub etag: String,
}

/// A refusal or failure, before it is decided whether to try again.
#[derive(Debug)]
struct Refusal {
    status: Option<StatusCode>,
    /// `error` of the body.
    error: String,
    message: String,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    cause: Option<String>,
}

struct Answer {
    body: Vec<u8>,
    etag: Option<String>,
}

impl Answer {
    fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::new(Code::Central, t!("central-unreadable", cause = error)))
    }
}

/// What a call is made with besides method and path.
#[derive(Clone, Copy, Default)]
struct With<'a> {
    query: &'a [(&'a str, String)],
    body: Option<&'a Value>,
    /// `If-Match` or `If-None-Match`.
    precondition: Option<(&'static str, &'a str)>,
    /// `X-Tenant-ID` and its like.
    scope: Option<(&'static str, &'a str)>,
}

impl Central {
    /// Signs in and asks who the credential is. `CentralSignIn` where that fails.
    pub async fn connect(options: Options) -> Result<Self> {
        for (name, url) in [
            ("SOPHOS_CENTRAL_ID_URL", &options.id_url),
            ("SOPHOS_CENTRAL_API_URL", &options.api_url),
        ] {
            check_url(name, url)?;
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(format!("sophos-ct/{}", crate::VERSION))
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(60))
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&options.api_url) && is_loopback(&options.id_url) {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|error| Failure::new(Code::Central, error.to_string()))?;
        let mut central = Self {
            http,
            options,
            token: Mutex::new(None),
            who: WhoAmI {
                id: String::new(),
                id_type: IdType::Tenant,
                api_hosts: model::ApiHosts {
                    global: String::new(),
                    data_region: None,
                },
            },
            tenant: None,
        };
        let answer = central
            .call(
                Method::GET,
                &central.options.api_url.clone(),
                "/whoami/v1",
                With::default(),
            )
            .await;
        central.who = answer.map_err(Refusal::into_failure)?.json()?;
        if central.who.id_type == IdType::Tenant {
            let host = central
                .who
                .api_hosts
                .data_region
                .clone()
                .unwrap_or_default();
            let api_host = normalise(&host)?;
            central.tenant = Some(Tenant {
                id: central.who.id.clone(),
                name: String::new(),
                data_region: region_of(&api_host),
                api_host,
            });
        }
        Ok(central)
    }

    /// The tenants that a partner's or organization's credential may act for.
    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        let (path, header) = match self.who.id_type {
            IdType::Tenant => return Ok(self.tenant.clone().into_iter().collect()),
            IdType::Partner => ("/partner/v1/tenants", "X-Partner-ID"),
            IdType::Organization => ("/organization/v1/tenants", "X-Organization-ID"),
        };
        #[derive(Deserialize)]
        struct Page {
            items: Vec<Tenant>,
            pages: Pages,
        }
        #[derive(Deserialize)]
        struct Pages {
            #[serde(default)]
            total: u32,
        }
        let host = normalise(&self.who.api_hosts.global)?;
        let mut tenants = Vec::new();
        for number in 1.. {
            let query = [
                ("page", number.to_string()),
                ("pageSize", "100".to_owned()),
                ("pageTotal", "true".to_owned()),
            ];
            let with = With {
                query: &query,
                scope: Some((header, &self.who.id)),
                ..With::default()
            };
            let page: Page = self
                .call(Method::GET, &host, path, with)
                .await
                .map_err(Refusal::into_failure)?
                .json()?;
            // However many pages it claims to have.
            let last = page.items.is_empty() || number >= page.pages.total.min(PAGES);
            tenants.extend(page.items);
            if last {
                break;
            }
        }
        Ok(tenants)
    }

    /// Acts for this tenant from here on.
    pub fn choose(&mut self, mut tenant: Tenant) -> Result<()> {
        tenant.api_host = normalise(&tenant.api_host)?;
        self.tenant = Some(tenant);
        Ok(())
    }

    /// The tenant that this client acts for.
    ///
    /// # Panics
    /// Where none was chosen: commands choose one before anything else.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        self.tenant
            .as_ref()
            .expect("a tenant is chosen before it is used")
    }

    /// Whether hosts other than Sophos's own are used; they are shown then.
    #[must_use]
    pub fn other_hosts(&self) -> Option<(&str, &str)> {
        (self.options.id_url != ID_URL || self.options.api_url != API_URL)
            .then_some((self.options.id_url.as_str(), self.options.api_url.as_str()))
    }

    /// The state of the licence with this product code.
    pub async fn license(&self, code: Option<&str>) -> LicenseState {
        #[derive(Deserialize)]
        struct Licenses {
            #[serde(default)]
            licenses: Vec<License>,
        }
        let Some(code) = code else {
            return LicenseState::CannotTell(t!("license-no-code"));
        };
        let scope = Some(("X-Tenant-ID", self.tenant().id.as_str()));
        let host = match normalise(&self.who.api_hosts.global) {
            Ok(host) => host,
            Err(failure) => return LicenseState::CannotTell(failure.message),
        };
        let with = With {
            scope,
            ..With::default()
        };
        let found = match self
            .call(Method::GET, &host, "/licenses/v1/licenses", with)
            .await
        {
            Ok(answer) => answer.json::<Licenses>(),
            Err(refusal) => Err(refusal.into_failure()),
        };
        let licenses = match found {
            Ok(found) => found.licenses,
            Err(failure) => return LicenseState::CannotTell(failure.message),
        };
        let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        let of_code: Vec<License> = licenses
            .into_iter()
            .filter(|license| {
                license
                    .product
                    .as_ref()
                    .and_then(|product| product.code.as_deref())
                    == Some(code)
            })
            .collect();
        let ended = |license: &License| {
            // ISO dates order as text.
            let date = license.end_date.as_ref().and_then(|date| date.get(..10));
            !license.perpetual && date.is_some_and(|date| date < today.as_str())
        };
        if of_code.iter().any(|license| !ended(license)) {
            return LicenseState::Valid;
        }
        match of_code
            .into_iter()
            .filter_map(|license| license.end_date)
            .max()
        {
            Some(date) => LicenseState::Ended(date),
            None => LicenseState::Missing,
        }
    }

    /// Summaries of the connections that fit; `query` as `listConnections` has it.
    pub async fn list(&self, query: &[(&str, String)]) -> Result<Vec<Connection>> {
        #[derive(Deserialize)]
        struct Page {
            items: Vec<Connection>,
            pages: Pages,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Pages {
            next_key: Option<String>,
        }
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        // A key that comes twice would never end, and a page without items is the last.
        let mut keys = BTreeSet::new();
        loop {
            let mut query = query.to_vec();
            query.push(("pageSize", "200".to_owned()));
            query.extend(next.take().map(|key| ("pageFromKey", key)));
            let with = With {
                query: &query,
                ..With::default()
            };
            let page: Page = self
                .regional(Method::GET, CONNECTIONS, with)
                .await?
                .json()?;
            let empty = page.items.is_empty();
            all.extend(page.items);
            next = page.pages.next_key;
            let fresh = next.clone().is_some_and(|key| keys.insert(key));
            if empty || !fresh || keys.len() >= PAGES as usize {
                return Ok(all);
            }
        }
    }

    /// The live connection of this name.
    pub async fn by_name(&self, name: &ConnectionName) -> Result<Option<Versioned>> {
        let found = self.list(&[("name", name.to_string())]).await?;
        // The filter is not believed.
        let wanted = |connection: &Connection| {
            connection.name == *name && connection.status != Status::Deleted
        };
        match found.into_iter().find(wanted) {
            Some(summary) => Ok(self
                .by_id(summary.id)
                .await?
                .filter(|found| wanted(&found.connection))),
            None => Ok(None),
        }
    }

    /// A connection by id, also a deleted one.
    pub async fn by_id(&self, id: ConnectionId) -> Result<Option<Versioned>> {
        let path = format!("{CONNECTIONS}/{id}");
        let found = self.get_if_there(&path, With::default()).await?;
        found.map(|answer| versioned(&answer, id)).transpose()
    }

    /// What is at a path of the tenant's region; `None` where nothing is.
    async fn get_if_there(&self, path: &str, with: With<'_>) -> Result<Option<Answer>> {
        let scoped = self.scoped(with);
        match self.call(Method::GET, &self.host(), path, scoped).await {
            Ok(answer) => Ok(Some(answer)),
            Err(refusal) if refusal.status == Some(StatusCode::NOT_FOUND) => Ok(None),
            Err(refusal) => Err(refusal.into_failure()),
        }
    }

    /// The connections of one AWS account, deleted ones included.
    pub async fn of_account(&self, account: &AccountId) -> Result<Vec<Connection>> {
        let query = [
            ("awsAccountId", account.to_string()),
            ("includeDeleted", "true".to_owned()),
        ];
        let mut found = self.list(&query).await?;
        found.retain(|connection| connection.aws_account_id == *account);
        Ok(found)
    }

    /// Where log files of this tenant will go, before there is a connection. `None` where Central does not tell.
    pub async fn endpoints(&self) -> Result<Option<Endpoints>> {
        let path = "/cloud-integrations/v1/aws-cloudtrail/endpoints";
        let found = self.get_if_there(path, With::default()).await?;
        found.map(|answer| answer.json()).transpose()
    }

    /// What was decided and taken in since then, hour by hour. `None` from a Central that has none yet.
    pub async fn statistics(
        &self,
        id: ConnectionId,
        since: jiff::Timestamp,
    ) -> Result<Option<Statistics>> {
        let path = format!("{CONNECTIONS}/{id}/statistics");
        let query = [("since", since.to_string())];
        let with = With {
            query: &query,
            ..With::default()
        };
        let found = self.get_if_there(&path, with).await?;
        found.map(|answer| answer.json()).transpose()
    }

    /// Saves a new connection (`putConnection`). After a lost answer, what is there is compared, not trusted.
    pub async fn create(&self, id: ConnectionId, new: &NewConnection) -> Result<Versioned> {
        let body = json!(new);
        let path = format!("{CONNECTIONS}/{id}");
        let with = With {
            body: Some(&body),
            precondition: Some(("If-None-Match", "*")),
            ..With::default()
        };
        match self
            .call(Method::PUT, &self.host(), &path, self.scoped(with))
            .await
        {
            Ok(answer) => versioned(&answer, id),
            // We made the id a moment ago: it is our own earlier attempt whose answer was lost.
            Err(refusal) if refusal.status == Some(StatusCode::PRECONDITION_FAILED) => {
                let there = self
                    .by_id(id)
                    .await?
                    .ok_or_else(|| refusal.into_failure())?;
                if json!(there.connection.resources) == json!(new.resources)
                    && there.connection.name == new.name
                {
                    Ok(there)
                } else {
                    Err(Failure::new(
                        Code::Conflict,
                        t!("central-other-content", id = id),
                    ))
                }
            }
            Err(refusal) => Err(refusal.into_failure()),
        }
    }

    /// Changes a connection. 412 means that somebody changed it meanwhile: the caller reads and decides again.
    pub async fn update(&self, of: &Versioned, change: &Value) -> Result<Versioned> {
        let path = format!("{CONNECTIONS}/{}", of.connection.id);
        let with = With {
            body: Some(change),
            precondition: Some(("If-Match", &of.etag)),
            ..With::default()
        };
        match self
            .call(Method::PATCH, &self.host(), &path, self.scoped(with))
            .await
        {
            Ok(answer) => versioned(&answer, of.connection.id),
            Err(refusal) if refusal.status == Some(StatusCode::PRECONDITION_FAILED) => {
                // A retry after a lost answer meets its own change: then nothing differs any more.
                let there = self.by_id(of.connection.id).await?;
                match there {
                    Some(there) if applied(&there.connection, change) => Ok(there),
                    _ => Err(Failure::new(
                        Code::Conflict,
                        t!("central-changed", name = of.connection.name),
                    )),
                }
            }
            Err(refusal) => Err(refusal.into_failure()),
        }
    }

    /// Replaces the manifest, and the settings where they are given.
    pub async fn record(
        &self,
        of: &Versioned,
        resources: &Resources,
        settings: Option<&Value>,
    ) -> Result<Versioned> {
        let mut change = json!({ "resources": resources });
        if let Some(settings) = settings {
            change["settings"] = settings.clone();
        }
        self.update(of, &change).await
    }

    /// Deletes a connection as it was read; whatever it is meanwhile where `etag` is `*`. One that is gone already counts as
    /// deleted. `Conflict` where somebody has set it up or changed it meanwhile.
    pub async fn delete(&self, connection: &Connection, etag: &str) -> Result<()> {
        let path = format!("{CONNECTIONS}/{}", connection.id);
        let with = With {
            precondition: Some(("If-Match", etag)),
            ..With::default()
        };
        match self
            .call(Method::DELETE, &self.host(), &path, self.scoped(with))
            .await
        {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.status == Some(StatusCode::NOT_FOUND) => Ok(()),
            Err(refusal) if refusal.status == Some(StatusCode::PRECONDITION_FAILED) => {
                Err(Failure::new(
                    Code::Conflict,
                    t!("central-changed", name = connection.name),
                ))
            }
            Err(refusal) => Err(refusal.into_failure()),
        }
    }

    fn host(&self) -> String {
        self.tenant().api_host.clone()
    }

    fn scoped<'a>(&'a self, with: With<'a>) -> With<'a> {
        With {
            scope: Some(("X-Tenant-ID", self.tenant().id.as_str())),
            ..with
        }
    }

    async fn regional(&self, method: Method, path: &str, with: With<'_>) -> Result<Answer> {
        self.call(method, &self.host(), path, self.scoped(with))
            .await
            .map_err(Refusal::into_failure)
    }

    /// One call with retries; on 401 the token is renewed once.
    async fn call(
        &self,
        method: Method,
        host: &str,
        path: &str,
        with: With<'_>,
    ) -> Result<Answer, Refusal> {
        let url = format!("{host}{path}");
        let first = self.patiently(|| self.once(&method, &url, with)).await;
        match first {
            Err(refusal)
                if refusal.status == Some(StatusCode::UNAUTHORIZED)
                    && !refusal.error.starts_with("oauth.") =>
            {
                *self
                    .token
                    .lock()
                    .expect("no thread panics while it holds the token") = None;
                self.patiently(|| self.once(&method, &url, with)).await
            }
            other => other,
        }
    }

    async fn patiently<T, F, Fut>(&self, call: F) -> Result<T, Refusal>
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

    async fn once(&self, method: &Method, url: &str, with: With<'_>) -> Result<Answer, Refusal> {
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
        let answer = read(request).await?;
        tracing::debug!(%method, url, "Central answered");
        Ok(answer)
    }

    /// The token, renewed a minute before it ends.
    async fn token(&self) -> Result<SecretString, Refusal> {
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
        let answer = read(self.http.post(&url).form(&form))
            .await
            .map_err(|mut refusal| {
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

/// Whether a change is already what Central holds.
fn applied(connection: &Connection, change: &Value) -> bool {
    let there = json!(connection);
    change.as_object().is_some_and(|change| {
        change
            .iter()
            .all(|(key, value)| there.get(key) == Some(value))
    })
}

/// A connection as it was answered; another one than was asked for is refused.
fn versioned(answer: &Answer, id: ConnectionId) -> Result<Versioned> {
    let connection: Connection = answer.json()?;
    if connection.id != id {
        return Err(Failure::new(
            Code::Central,
            t!("central-other-connection", asked = id, got = connection.id),
        ));
    }
    Ok(Versioned {
        connection,
        etag: answer.etag.clone().unwrap_or_default(),
    })
}

async fn read(request: reqwest::RequestBuilder) -> Result<Answer, Refusal> {
    let response = request.send().await.map_err(Refusal::unsent)?;
    if let Some(page) = Refusal::page(&response) {
        return Err(page);
    }
    let status = response.status();
    let text = |name: &str| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(ToOwned::to_owned)
    };
    let etag = text("etag");
    let retry_after = text("retry-after")
        .and_then(|text| text.parse().ok())
        .map(Duration::from_secs);
    let header_id = text("x-correlation-id").or_else(|| text("x-request-id"));
    let body = whole(response, ANSWER).await.map_err(Refusal::unsent)?;
    let body = body.ok_or_else(|| Refusal::unreadable(t!("central-too-long")))?;
    if status.is_success() {
        return Ok(Answer { body, etag });
    }
    // An error's body may be empty or not JSON (proxies).
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    let field = |name: &str| {
        json.get(name)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    Err(Refusal {
        status: Some(status),
        error: field("error")
            .or_else(|| field("errorCode"))
            .unwrap_or_else(|| status.as_u16().to_string()),
        message: field("message").unwrap_or_default(),
        request_id: field("correlationId")
            .or_else(|| field("requestId"))
            .or_else(|| field("trackingId"))
            .or(header_id),
        retry_after,
        cause: None,
    })
}

impl Refusal {
    fn unsent(error: reqwest::Error) -> Self {
        // The URL is left out: it may be an upload URL, and the innermost cause says more.
        let url = error.url().cloned();
        Self {
            status: None,
            error: String::new(),
            // Where it was to go: without the path, which may be secret.
            message: url.map_or_else(String::new, |url| url.origin().ascii_serialization()),
            request_id: None,
            retry_after: None,
            cause: Some(cause(error)),
        }
    }

    /// A web page in place of an answer: of a proxy, or of a network that asks for a sign-in.
    fn page(response: &reqwest::Response) -> Option<Self> {
        let kind = response.headers().get("content-type")?.to_str().ok()?;
        let host = response.url().origin().ascii_serialization();
        let status = response.status();
        kind.starts_with("text/html").then(|| Self {
            status: Some(status),
            error: "page".to_owned(),
            message: t!("central-page", host = host, status = status.as_u16()),
            request_id: None,
            retry_after: None,
            cause: None,
        })
    }

    fn unreadable(message: String) -> Self {
        Self {
            status: Some(StatusCode::OK),
            error: "unreadable".to_owned(),
            message,
            request_id: None,
            retry_after: None,
            cause: None,
        }
    }

    /// Worth another try.
    fn passes(&self) -> bool {
        match self.status {
            None => true,
            Some(status) => {
                status == StatusCode::TOO_MANY_REQUESTS
                    || (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED)
            }
        }
    }

    fn into_failure(self) -> Failure {
        let Self {
            status,
            error,
            message,
            request_id,
            cause,
            ..
        } = self;
        let mut failure = match status.map(|status| status.as_u16()) {
            _ if error == "unreadable" => Failure::new(Code::Central, message),
            _ if error == "page" => {
                Failure::new(Code::Central, message).hinted(t!("central-page-hint"))
            }
            None => {
                let cause = cause.unwrap_or_default();
                let failure = Failure::new(
                    Code::Unreachable,
                    t!("central-unreachable", host = message, cause = cause),
                );
                through_proxy(failure, &message).hinted(t!("central-unreachable-hint"))
            }
            Some(401) => Failure::new(Code::CentralSignIn, t!("central-sign-in", error = error))
                .hinted(t!("central-sign-in-hint")),
            Some(403) if error == "licenseRequired" => {
                Failure::new(Code::LicenseRequired, t!("license-required"))
                    .hinted(t!("license-required-hint"))
            }
            Some(403) => Failure::new(
                Code::CentralPermission,
                t!("central-forbidden", message = message),
            )
            .hinted(t!("central-forbidden-hint")),
            Some(409) if error == "nameTaken" => {
                Failure::new(Code::Conflict, t!("central-name-taken"))
            }
            Some(status) => Failure::new(
                Code::Central,
                t!(
                    "central-error",
                    status = status,
                    error = error,
                    message = message
                ),
            ),
        };
        failure.request_id = request_id;
        failure
    }
}

/// Only https, loopback hosts aside.
fn check_url(name: &str, url: &str) -> Result<()> {
    let parsed = url::Url::parse(url)
        .map_err(|_| Failure::usage(t!("url-invalid", name = name, value = url)))?;
    if parsed.scheme() == "https" || (parsed.scheme() == "http" && is_loopback(url)) {
        Ok(())
    } else {
        Err(Failure::usage(t!("url-insecure", name = name, value = url)))
    }
}

/// A host as Central gives it: https (loopback aside), no slash at the end.
fn normalise(host: &str) -> Result<String> {
    let host = host.trim_end_matches('/');
    let host = match host.strip_prefix("http://") {
        Some(rest) if !is_loopback(host) => format!("https://{rest}"),
        _ => host.to_owned(),
    };
    check_url("apiHost", &host)?;
    Ok(host)
}

/// `eu01` of `https://api-eu01.central.sophos.com`: for display only.
#[must_use]
pub fn region_of(host: &str) -> String {
    let name = url::Url::parse(host)
        .ok()
        .and_then(|url| url.host_str().map(ToOwned::to_owned))
        .unwrap_or_default();
    match name
        .split('.')
        .next()
        .and_then(|first| first.strip_prefix("api-"))
    {
        Some(region) => region.to_owned(),
        None => name,
    }
}
