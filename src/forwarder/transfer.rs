//! Sign-in, offer and transfer of one log file.

use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{env, event::Object, sign};
use crate::{
    aws::is_loopback,
    connection::{AccountId, ENV_CONNECTION, Partition},
};

/// What S3 leaves unencoded in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');
/// Longest wait on 429 or 503: an outage of Central must not pile up the customer's concurrency.
const PATIENCE: Duration = Duration::from_secs(3);
const IDENTITY_BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// What the function's environment says.
#[derive(Clone, Debug)]
pub struct Settings {
    pub connection: String,
    pub ingest_url: String,
    pub upload_hosts: Vec<String>,
    pub bucket: String,
    pub prefix: String,
    /// Account whose logs the trail writes, for the marker that CloudTrail leaves in the bucket.
    account: AccountId,
    region: String,
    partition: Partition,
    endpoint: Option<String>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Stored,
    Skipped,
    /// Deleted from the bucket before it could be read: not an error for ever.
    Gone,
}

impl Outcome {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Skipped => "skipped",
            Self::Gone => "gone",
        }
    }
}

/// A file that was dealt with.
#[derive(Debug)]
pub struct Moved {
    pub outcome: Outcome,
    /// Why Central did not want it.
    pub reason: Option<String>,
    pub bytes: Option<u64>,
}

impl Moved {
    fn skipped(reason: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Skipped,
            reason: Some(reason.into()),
            bytes: None,
        }
    }
}

struct Token {
    value: String,
    until: Instant,
}

/// Moves files. One for the life of the process: connections and sign-in are reused across invocations.
pub struct Forwarder {
    pub settings: Settings,
    http: reqwest::Client,
    token: Mutex<Option<Token>>,
}

/// A refusal by Central.
enum Refused {
    /// The connection is deleted (410): a decision, not a failure.
    Deleted,
    /// The token has ended (401).
    SignedOut,
    Other(String),
}

impl From<String> for Refused {
    fn from(text: String) -> Self {
        Self::Other(text)
    }
}

#[derive(Deserialize)]
struct Decision {
    decision: String,
    reason: Option<String>,
    upload: Option<Upload>,
}

#[derive(Deserialize)]
struct Upload {
    url: String,
    #[serde(default)]
    headers: std::collections::BTreeMap<String, String>,
}

impl Forwarder {
    /// Reads the environment; says which variable is missing.
    pub fn from_env() -> Result<Self, String> {
        let text = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
        let endpoint = std::env::var(env::ENDPOINT)
            .ok()
            .filter(|url| is_loopback(url));
        let ingest_url = text(env::INGEST_URL)?;
        if !(ingest_url.starts_with("https://") || is_loopback(&ingest_url)) {
            return Err(format!("{} must be https", env::INGEST_URL));
        }
        let settings = Settings {
            connection: text(ENV_CONNECTION)?,
            ingest_url,
            upload_hosts: text(env::UPLOAD_HOSTS)?
                .split(',')
                .map(ToOwned::to_owned)
                .collect(),
            bucket: text(env::BUCKET)?,
            prefix: std::env::var(env::PREFIX).unwrap_or_default(),
            account: text(env::ACCOUNT)?.parse()?,
            region: text("AWS_REGION")?,
            partition: text(env::PARTITION)?.parse()?,
            endpoint,
        };
        let http = reqwest::Client::builder()
            .user_agent(format!("sophos-ct-forwarder/{}", crate::VERSION))
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(20))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            settings,
            http,
            token: Mutex::new(None),
        })
    }

    /// Signs in anew and reports whether the bucket can be read.
    pub async fn probe(&self) -> Result<(), String> {
        let checks = self.check_read().await;
        *self.token.lock().await = None;
        match self.token(Some(checks)).await {
            Ok(_) | Err(Refused::Deleted) => Ok(()),
            Err(Refused::SignedOut) => Err("sign-in was refused".to_owned()),
            Err(Refused::Other(text)) => Err(text),
        }
    }

    /// Delivers one file, or learns that Central does not want it.
    pub async fn deliver(&self, object: &Object) -> Result<Moved, String> {
        // A second round where the token or the upload URL has ended meanwhile.
        for last in [false, true] {
            let decision = match self.offer(object).await {
                Ok(decision) => decision,
                Err(Refused::Deleted) => return Ok(Moved::skipped("deleted")),
                Err(Refused::SignedOut) if !last => {
                    *self.token.lock().await = None;
                    continue;
                }
                Err(Refused::SignedOut) => return Err("the token was refused twice".to_owned()),
                Err(Refused::Other(text)) => return Err(text),
            };
            let Some(upload) = decision.upload.filter(|_| decision.decision == "upload") else {
                return Ok(Moved::skipped(decision.reason.unwrap_or_default()));
            };
            match self.transfer(object, &upload).await? {
                Transferred::Stored(bytes) => {
                    return Ok(Moved {
                        outcome: Outcome::Stored,
                        reason: None,
                        bytes: Some(bytes),
                    });
                }
                Transferred::Gone => {
                    return Ok(Moved {
                        outcome: Outcome::Gone,
                        reason: None,
                        bytes: None,
                    });
                }
                Transferred::Expired if last => {
                    return Err("the upload URL ended twice before the upload".to_owned());
                }
                Transferred::Expired => {}
            }
        }
        unreachable!("the second round returns")
    }

    async fn offer(&self, object: &Object) -> Result<Decision, Refused> {
        let url = format!(
            "{}/log-ingest/v1/connections/{}/objects",
            self.settings.ingest_url, self.settings.connection
        );
        let mut body = json!({ "bucket": object.bucket, "key": object.key });
        if let Some(size) = object.size {
            body["size"] = size.into();
        }
        if let Some(etag) = &object.etag {
            body["etag"] = etag.clone().into();
        }
        let response = self
            .patiently(|token| self.http.post(&url).bearer_auth(token).json(&body))
            .await?;
        match response.status() {
            StatusCode::OK => response
                .json()
                .await
                .map_err(|error| Refused::Other(format!("offer: {}", error.without_url()))),
            StatusCode::GONE => Err(Refused::Deleted),
            StatusCode::UNAUTHORIZED => Err(Refused::SignedOut),
            status => Err(Refused::Other(format!(
                "offer: {}",
                refusal(status, response).await
            ))),
        }
    }

    /// Sends a request with the token; on 429 and 503 once more after a few seconds at most.
    async fn patiently(
        &self,
        request: impl Fn(&str) -> reqwest::RequestBuilder,
    ) -> Result<Response, Refused> {
        let mut waited = false;
        loop {
            let token = self.token(None).await?;
            let response = request(&token)
                .send()
                .await
                .map_err(|error| format!("Central: {}", cause(error)))?;
            let busy = [
                StatusCode::TOO_MANY_REQUESTS,
                StatusCode::SERVICE_UNAVAILABLE,
            ]
            .contains(&response.status());
            let pause = retry_after(&response);
            if !busy || waited || pause > PATIENCE {
                return Ok(response);
            }
            waited = true;
            tokio::time::sleep(pause).await;
        }
    }

    async fn transfer(&self, object: &Object, upload: &Upload) -> Result<Transferred, String> {
        self.check_upload_host(&upload.url)?;
        let source = self.get(&object.bucket, &object.key).await?;
        match source.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(Transferred::Gone),
            status => {
                return Err(format!(
                    "reading from S3: {}",
                    refusal(status, source).await
                ));
            }
        }
        let length = source
            .content_length()
            .ok_or_else(|| "S3 did not say how long the object is".to_owned())?;
        let mut put = self
            .http
            .put(&upload.url)
            .header(header::CONTENT_LENGTH, length);
        for (name, value) in &upload.headers {
            put = put.header(name, value);
        }
        // The stored bytes as they come, with back-pressure: nothing is kept.
        let sent = put
            .body(reqwest::Body::wrap_stream(source.bytes_stream()))
            .send()
            .await;
        let response = sent.map_err(|error| format!("upload: {}", cause(error)))?;
        match response.status() {
            status if status.is_success() => Ok(Transferred::Stored(length)),
            StatusCode::FORBIDDEN => Ok(Transferred::Expired),
            status => Err(format!("upload: {}", refusal(status, response).await)),
        }
    }

    /// Only the hosts of the settings, over https; loopback hosts aside.
    fn check_upload_host(&self, url: &str) -> Result<(), String> {
        let parsed = url::Url::parse(url).map_err(|_| "the upload URL is not a URL".to_owned())?;
        let host = match (parsed.host_str(), parsed.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return Err("the upload URL has no host".to_owned()),
        };
        let secure = parsed.scheme() == "https" || is_loopback(url);
        if secure && self.settings.upload_hosts.contains(&host) {
            Ok(())
        } else {
            Err(format!(
                "the upload host {host} is not one that this connection may send to"
            ))
        }
    }

    async fn get(&self, bucket: &str, key: &str) -> Result<Response, String> {
        let Settings {
            region,
            partition,
            endpoint,
            ..
        } = &self.settings;
        let path = utf8_percent_encode(key, PATH);
        let url = match endpoint {
            Some(endpoint) => format!("{}/{bucket}/{path}", endpoint.trim_end_matches('/')),
            None => format!(
                "https://{bucket}.s3.{region}.{}/{path}",
                partition.dns_suffix()
            ),
        };
        let unsigned = sign::Unsigned {
            method: "GET",
            url: &url,
            headers: &[],
            service: "s3",
            region,
            body: sign::Body::Unsigned,
        };
        let signed = sign::headers(&unsigned, &sign::credentials()?)?;
        let mut request = self.http.get(&url);
        for (name, value) in signed {
            request = request.header(name, value);
        }
        request
            .send()
            .await
            .map_err(|error| format!("S3: {}", cause(error)))
    }

    /// Reads the zero-byte marker that CloudTrail leaves under the prefix when it checks the bucket.
    async fn check_read(&self) -> Value {
        let Settings {
            prefix, account, ..
        } = &self.settings;
        let slash = if prefix.is_empty() { "" } else { "/" };
        let key = format!("{prefix}{slash}AWSLogs/{account}/CloudTrail/");
        // The marker first. Where it is refused, a key beside it: 404 is an answer only to who may read.
        let mut last = json!({ "read": null });
        for key in [key.clone(), format!("{key}probe")] {
            last = match self.get(&self.settings.bucket, &key).await {
                Ok(response) if response.status().is_success() => return json!({ "read": true }),
                Ok(response) if response.status() == StatusCode::NOT_FOUND => {
                    return json!({ "read": true });
                }
                Ok(response) => {
                    let status = response.status();
                    json!({ "read": false, "detail": shorten(&refusal(status, response).await) })
                }
                Err(error) => json!({ "read": false, "detail": shorten(&error) }),
            };
        }
        last
    }

    /// The identity request to the regional STS endpoint, signed anew.
    fn identity_request(
        &self,
        extra: &[(&str, &str)],
    ) -> Result<(String, std::collections::BTreeMap<String, String>), String> {
        let Settings {
            region,
            partition,
            endpoint,
            ..
        } = &self.settings;
        let url = match endpoint {
            Some(endpoint) => format!("{}/", endpoint.trim_end_matches('/')),
            None => format!("https://sts.{region}.{}/", partition.dns_suffix()),
        };
        let host = host_of(&url)?;
        let mut headers = vec![
            ("host", host.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        headers.extend(extra);
        let unsigned = sign::Unsigned {
            method: "POST",
            url: &url,
            headers: &headers,
            service: "sts",
            region,
            body: sign::Body::Text(IDENTITY_BODY),
        };
        let signed = sign::headers(&unsigned, &sign::credentials()?)?;
        Ok((url, signed))
    }

    /// The ingest token: cached until a minute before it ends, else a sign-in, signed anew for every attempt.
    async fn token(&self, checks: Option<Value>) -> Result<String, Refused> {
        let mut token = self.token.lock().await;
        if let Some(token) = token.as_ref().filter(|token| Instant::now() < token.until) {
            return Ok(token.value.clone());
        }
        #[derive(Deserialize)]
        struct Grant {
            access_token: String,
            expires_in: u64,
        }
        let connection = &self.settings.connection;
        let ingest_host = host_of(&self.settings.ingest_url)?;
        let (url, headers) = self.identity_request(&[
            ("x-sophos-connection-id", connection),
            ("x-sophos-ingest-host", &ingest_host),
        ])?;
        let mut body =
            json!({ "url": url, "method": "POST", "headers": headers, "body": IDENTITY_BODY });
        if let Some(checks) = checks {
            body["checks"] = checks;
        }
        let endpoint = format!(
            "{}/log-ingest/v1/connections/{connection}/token",
            self.settings.ingest_url
        );
        let response = self
            .http
            .post(endpoint)
            .json(&body)
            .send()
            .await
            .map_err(|error| format!("sign-in: {}", cause(error)))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::GONE => return Err(Refused::Deleted),
            status => return Err(format!("sign-in: {}", refusal(status, response).await).into()),
        }
        let grant: Grant = response
            .json()
            .await
            .map_err(|error| format!("sign-in: {}", error.without_url()))?;
        let lifetime = Duration::from_secs(grant.expires_in.saturating_sub(60));
        *token = Some(Token {
            value: grant.access_token.clone(),
            until: Instant::now() + lifetime,
        });
        Ok(grant.access_token)
    }
}

enum Transferred {
    Stored(u64),
    Gone,
    Expired,
}

fn host_of(url: &str) -> Result<String, String> {
    let parsed = url::Url::parse(url).map_err(|_| "not a URL in the settings".to_owned())?;
    let host = parsed
        .host_str()
        .ok_or_else(|| "no host in the settings' URL".to_owned())?;
    Ok(match parsed.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

fn retry_after(response: &Response) -> Duration {
    let seconds = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1))
}

/// Status, code and message of a refusal: S3's XML or Central's JSON.
async fn refusal(status: StatusCode, response: Response) -> String {
    let body = response.text().await.unwrap_or_default();
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
    format!("{} {code} {message}", status.as_u16())
        .trim_end()
        .to_owned()
}

/// The innermost cause, without the URL (an upload URL is a secret).
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// `checks.detail` takes 500 characters.
fn shorten(text: &str) -> String {
    text.chars().take(500).collect()
}
