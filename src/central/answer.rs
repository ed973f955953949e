//! Answers to calls: reads them within limits, and says what a refusal means.

use std::time::Duration;

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sophos_ct_forwarder::http::{cause, whole};

use crate::{
    aws::{of_certificate, through_proxy},
    ui::{Code, Failure, Result, t},
};

/// The largest answer that is read, in bytes (contract).
const ANSWER: usize = 8 * 1024 * 1024;

/// The refusal of an invitation's code (contract: `redeemInvitation`).
pub(super) const INVITATION: &str = "invitationInvalid";

/// Refusals of a change that the state of the connection does not allow (contract: `updateConnection`).
const STATES: [&str; 3] = ["licensePaused", "notActive", "deleted"];

/// A refusal or failure, before it is decided whether to try again.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    pub(super) status: Option<StatusCode>,
    /// The `error` field of the body.
    pub(super) error: String,
    pub(super) message: String,
    pub(super) request_id: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) cause: Option<String>,
    /// How often it was tried, and for how long.
    pub(super) tried: Option<(u32, Duration)>,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) request_id: Option<String>,
    pub(super) body: Vec<u8>,
    pub(super) etag: Option<String>,
}

impl Answer {
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let unreadable = t!("central-unreadable", cause = error);
            Failure::new(Code::Central, unreadable).hinted(t!("central-page-hint"))
        })
    }
}

pub(super) async fn read(request: reqwest::RequestBuilder) -> Result<Answer, Refusal> {
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
    let host = response.url().origin().ascii_serialization();
    let body = whole(response, ANSWER).await.map_err(Refusal::unsent)?;
    let body = body.ok_or_else(|| Refusal::unreadable(t!("central-too-long")))?;
    if status.is_success() {
        return Ok(Answer {
            status,
            request_id: header_id,
            body,
            etag,
        });
    }
    let mut refusal = Refusal::of(&host, status, &body);
    refusal.retry_after = retry_after;
    refusal.request_id = refusal.request_id.or(header_id);
    Err(refusal)
}

/// Whether Central says with this status that a call is refused for good, and so says why. With all others, an answer from
/// something in between may be empty or not JSON. So may a 403: that a caller lacks a permission is plain without a word.
fn is_final(status: StatusCode, body: &[u8]) -> bool {
    let silent = body.iter().all(u8::is_ascii_whitespace);
    let passing = [
        StatusCode::UNAUTHORIZED,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    let plain = silent && status == StatusCode::FORBIDDEN;
    status.is_client_error() && !passing.contains(&status) && !plain
}

impl Refusal {
    /// What a host has refused with this status and body.
    fn of(host: &str, status: StatusCode, body: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        if !json.is_object() && is_final(status, body) {
            return Self::foreign(host, status);
        }
        let field = |name: &str| {
            json.get(name)
                .and_then(Value::as_str)
                .map(ToOwned::to_owned)
        };
        Self {
            status: Some(status),
            error: field("error")
                .or_else(|| field("errorCode"))
                .unwrap_or_else(|| status.as_u16().to_string()),
            message: field("message").unwrap_or_default(),
            request_id: field("correlationId")
                .or_else(|| field("requestId"))
                .or_else(|| field("trackingId")),
            ..Self::default()
        }
    }

    pub(super) fn unsent(error: reqwest::Error) -> Self {
        // The URL is left out: it may be an upload URL, and the innermost cause says more.
        let url = error.url().cloned();
        Self {
            // The host without the path, which may be secret.
            message: url.map_or_else(String::new, |url| url.origin().ascii_serialization()),
            cause: Some(match error.is_timeout() {
                true => t!("central-late"),
                false => cause(error),
            }),
            ..Self::default()
        }
    }

    /// A host that has not answered in time.
    pub(super) fn late(host: &str) -> Self {
        Self {
            message: host.to_owned(),
            cause: Some(t!("central-late")),
            ..Self::default()
        }
    }

    /// Recognizes a web page instead of an answer: from a proxy, or from a network that asks for a sign-in.
    fn page(response: &reqwest::Response) -> Option<Self> {
        let kind = response.headers().get("content-type")?.to_str().ok()?;
        let host = response.url().origin().ascii_serialization();
        let status = response.status();
        kind.starts_with("text/html").then(|| Self {
            status: Some(status),
            error: "page".to_owned(),
            message: t!("central-page", host = host, status = status.as_u16()),
            ..Self::default()
        })
    }

    /// Something else than Central has refused the call: a proxy, or another program at this address.
    fn foreign(host: &str, status: StatusCode) -> Self {
        Self {
            status: Some(status),
            error: "page".to_owned(),
            message: t!("central-foreign", host = host, status = status.as_u16()),
            ..Self::default()
        }
    }

    /// Whether Central itself says that there is no such thing.
    pub(super) fn is_absent(&self) -> bool {
        self.status == Some(StatusCode::NOT_FOUND) && self.error != "page"
    }

    /// Whether the credential itself is refused: another token would be refused too.
    pub(super) fn is_of_credential(&self) -> bool {
        self.error.starts_with("oauth.") || self.error == INVITATION
    }

    pub(super) fn unreadable(message: String) -> Self {
        Self {
            status: Some(StatusCode::OK),
            error: "unreadable".to_owned(),
            message,
            ..Self::default()
        }
    }

    /// Whether another try makes sense.
    pub(super) fn passes(&self) -> bool {
        match self.status {
            None => true,
            Some(status) => {
                status == StatusCode::TOO_MANY_REQUESTS
                    || (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED)
            }
        }
    }

    pub(super) fn into_failure(self) -> Failure {
        let Self {
            status,
            error,
            message,
            request_id,
            cause,
            tried,
            ..
        } = self;
        let mut failure = match status.map(|status| status.as_u16()) {
            _ if error == "unreadable" || error == "page" => {
                Failure::new(Code::Central, message).hinted(t!("central-page-hint"))
            }
            None => {
                let (attempts, time) = tried.unwrap_or_default();
                let cause = cause.unwrap_or_default();
                let unreachable = t!(
                    "central-unreachable",
                    host = message,
                    count = attempts,
                    seconds = time.as_secs(),
                    cause = cause
                );
                let failure = Failure::new(Code::Unreachable, unreachable);
                let hint = of_certificate(&cause);
                through_proxy(failure, &message)
                    .hinted(hint.unwrap_or_else(|| t!("central-unreachable-hint", host = message)))
            }
            Some(401) if error == INVITATION => {
                let refused = t!("invitation-refused", account = message);
                Failure::new(Code::CentralSignIn, refused).hinted(t!("invitation-refused-hint"))
            }
            Some(401) => Failure::new(Code::CentralSignIn, t!("central-sign-in", error = error))
                .hinted(t!("central-sign-in-hint")),
            Some(403) if error == "licenseRequired" => {
                Failure::new(Code::LicenseRequired, t!("license-required"))
                    .hinted(t!("license-required-hint"))
            }
            Some(403) => Failure::new(Code::CentralPermission, forbidden(&error, &message))
                .hinted(t!("central-forbidden-hint")),
            Some(409) if error == "nameTaken" => {
                Failure::new(Code::Conflict, t!("central-name-taken"))
            }
            Some(409) if STATES.contains(&error.as_str()) => {
                Failure::new(Code::Conflict, message_of(409, &error, &message))
            }
            Some(status) => answered(status, &error, &message),
        };
        failure.request_id = request_id;
        failure
    }
}

/// The failure of a call that Central answers with an error of no special meaning.
fn answered(status: u16, error: &str, message: &str) -> Failure {
    let failure = Failure::new(Code::Central, message_of(status, error, message));
    match status == 429 || status >= 500 {
        true => failure.hinted(t!("central-busy-hint")),
        false => failure,
    }
}

/// What is said of a call that the caller may not make, of which Central may say little.
fn forbidden(error: &str, message: &str) -> String {
    if !message.is_empty() {
        t!("central-forbidden", message = message)
    } else if error == "403" {
        t!("central-no-error", status = 403)
    } else {
        t!("central-forbidden", message = error)
    }
}

/// What Central says. Without an error in the body, the status stands for it.
fn message_of(status: u16, error: &str, message: &str) -> String {
    match error == status.to_string() {
        true => t!("central-no-error", status = status),
        false => t!(
            "central-error",
            status = status,
            error = error,
            message = message
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_code_also_where_nothing_or_something_else_is_said() {
        let error = |name: &str| format!(r#"{{"error":"{name}","message":"so"}}"#);
        let plain = "Forbidden by the proxy".to_owned();
        let html = "<html>no</html>".to_owned();
        for (status, body, code, again) in [
            (401, String::new(), Code::CentralSignIn, false),
            (401, plain.clone(), Code::CentralSignIn, false),
            (403, String::new(), Code::CentralPermission, false),
            (403, "\r\n".to_owned(), Code::CentralPermission, false),
            (403, "{}".to_owned(), Code::CentralPermission, false),
            (403, error("forbidden"), Code::CentralPermission, false),
            (
                403,
                r#"{"error":"forbidden"}"#.to_owned(),
                Code::CentralPermission,
                false,
            ),
            (403, error("licenseRequired"), Code::LicenseRequired, false),
            (403, plain.clone(), Code::Central, false),
            (403, html.clone(), Code::Central, false),
            // Something in between must not end a connection.
            (404, String::new(), Code::Central, false),
            (404, html.clone(), Code::Central, false),
            (409, String::new(), Code::Central, false),
            (409, error("nameTaken"), Code::Conflict, false),
            (409, error("licensePaused"), Code::Conflict, false),
            (409, error("other"), Code::Central, false),
            (408, String::new(), Code::Central, false),
            (429, String::new(), Code::Central, true),
            (429, html.clone(), Code::Central, true),
            (500, String::new(), Code::Central, true),
            (501, String::new(), Code::Central, false),
            (502, html, Code::Central, true),
            (503, plain, Code::Central, true),
            (504, "null".to_owned(), Code::Central, true),
        ] {
            let of = StatusCode::from_u16(status).unwrap();
            let refusal = Refusal::of("https://example.com", of, body.as_bytes());
            assert_eq!(refusal.passes(), again, "{status} {body}");
            let absent = refusal.is_absent();
            assert!(!absent, "{status} {body}");
            let failure = refusal.into_failure();
            assert_eq!(failure.code, code, "{status} {body}");
            let said = failure.message.trim_end();
            assert!(!said.ends_with(':') && !said.is_empty(), "{said}");
            let busy = failure.hints.contains(&t!("central-busy-hint"));
            assert_eq!(busy, status == 429 || status >= 500, "{status} {body}");
        }
        let said = Refusal::of("h", StatusCode::NOT_FOUND, error("notFound").as_bytes());
        assert!(said.is_absent());
    }
}
