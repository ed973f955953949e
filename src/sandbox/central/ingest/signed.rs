//! The signed request of a sign-in, checked before STS is asked (`ingestToken` of the contract).

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::sandbox::{central::refusal::Refusal, rules};

/// The only body that is accepted.
pub(super) const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
/// The only headers that are accepted.
const HEADERS: &[&str] = &[
    "host",
    "content-type",
    "content-length",
    "accept",
    "user-agent",
    "authorization",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "x-sophos-connection-id",
    "x-sophos-ingest-host",
    "x-sophos-once",
];

/// A sign-in is refused with this error.
pub(super) fn refused(error: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, error, message)
}

/// A sign-in is refused because its request is not signed as it must be.
pub(super) fn invalid(message: impl Into<String>) -> Refusal {
    refused("signatureInvalid", message)
}

/// Checks a signed request for this connection and this ingest host. Returns what may be used only once: the signature and the
/// value of `x-sophos-once`.
pub(super) fn check(request: &Value, id: &str, host: &str) -> Result<[String; 2], Refusal> {
    check_target(request)?;
    let headers = request.get("headers").and_then(Value::as_object);
    let headers = Headers(headers.ok_or_else(|| invalid("headers are missing"))?);
    headers.check_names()?;
    let authorization = headers
        .get("authorization")
        .ok_or_else(|| invalid("it is not signed"))?;
    headers.check_signed(part(authorization, "SignedHeaders"))?;
    if headers.get("x-sophos-connection-id") != Some(id)
        || headers.get("x-sophos-ingest-host") != Some(host)
    {
        return Err(invalid(
            "it was signed for another connection or ingest host",
        ));
    }
    let once = headers.get("x-sophos-once").unwrap_or_default();
    if once.len() != 32 || !once.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(invalid("x-sophos-once is not 128 bits in hex"));
    }
    if headers
        .get("accept")
        .is_some_and(|accept| accept.contains(';'))
    {
        return Err(invalid("accept has parameters"));
    }
    headers.check_age()?;
    let signature = part(authorization, "Signature");
    Ok([signature.to_owned(), format!("once:{once}")])
}

/// Checks method, body and URL.
fn check_target(request: &Value) -> Result<(), Refusal> {
    let text = |name: &str| {
        request
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    if text("method") != "POST" || text("body") != BODY {
        return Err(invalid(
            "only POST of exactly GetCallerIdentity is accepted",
        ));
    }
    let url = url::Url::parse(text("url")).map_err(|_| invalid("url is not a URL"))?;
    // In the sandbox, every endpoint on this machine counts as STS, since a proxy may be in front of it.
    if url.path() != "/" || url.query().is_some() || !rules::is_of_this_machine(&url) {
        return Err(invalid(
            "url is not an STS endpoint that this Central knows",
        ));
    }
    Ok(())
}

/// A part of the `Authorization` header; empty if it is absent.
fn part<'a>(authorization: &'a str, name: &str) -> &'a str {
    authorization
        .split([' ', ','])
        .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        .unwrap_or_default()
}

/// The headers of the signed request.
struct Headers<'a>(&'a Map<String, Value>);

impl<'a> Headers<'a> {
    fn get(&self, wanted: &str) -> Option<&'a str> {
        self.0
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .and_then(|(_, value)| value.as_str())
    }

    fn check_names(&self) -> Result<(), Refusal> {
        let other = self
            .0
            .keys()
            .find(|name| !HEADERS.contains(&name.to_lowercase().as_str()));
        match other {
            Some(name) => Err(invalid(format!("header {name} is not accepted"))),
            None => Ok(()),
        }
    }

    /// Checks that all `x-` headers are among the signed ones (`name;name;…`).
    fn check_signed(&self, signed: &str) -> Result<(), Refusal> {
        let signed: Vec<&str> = signed.split(';').collect();
        let unsigned = self
            .0
            .keys()
            .map(|name| name.to_lowercase())
            .find(|name| name.starts_with("x-") && !signed.contains(&name.as_str()));
        match unsigned {
            Some(name) => Err(invalid(format!("header {name} is not signed"))),
            None => Ok(()),
        }
    }

    /// Checks that the request was signed at most 60 seconds ago, or 30 seconds ahead.
    fn check_age(&self) -> Result<(), Refusal> {
        let at = self
            .get("x-amz-date")
            .and_then(|text| {
                jiff::Timestamp::strptime("%Y%m%dT%H%M%S%z", text.replace('Z', "+0000")).ok()
            })
            .ok_or_else(|| invalid("x-amz-date is not a time"))?;
        let age = jiff::Timestamp::now().duration_since(at).as_secs();
        if (-30..=60).contains(&age) {
            Ok(())
        } else {
            let message = format!("it was signed {age} seconds ago");
            Err(refused("signatureExpired", message))
        }
    }
}
