//! Errors that AWS answers with, in one shape for all services.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::{display::DisplayErrorContext, metadata::ProvideErrorMetadata};
use aws_types::request_id::RequestId;

use super::refusals;
use crate::ui::{Code, Failure, t};

/// A failed call.
#[derive(Debug)]
pub struct AwsError {
    /// The IAM action that the call needs.
    pub action: &'static str,
    /// The service's error code; `None` if there was no answer or, for `HeadBucket`, no body.
    pub code: Option<String>,
    pub message: String,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    /// The bucket's region, which S3 names even when it refuses (`x-amz-bucket-region`).
    pub bucket_region: Option<String>,
    /// The innermost cause, which the SDK's own message hides ("dispatch failure").
    innermost: String,
    /// A web page came instead of an answer: from a proxy, or from a network that asks for a sign-in.
    page: bool,
    /// Why credentials could not be loaded, if that is the reason.
    credentials: Option<Credentials>,
    cause: Box<str>,
}

/// Why there are no credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credentials {
    Absent,
    Unusable,
}

/// Cuts the values of variables from a message. If the variables are too long, Lambda repeats all of them with their values
/// (recorded: "… exceeded the 4KB limit. String measured: {…}").
fn without_values(message: &str) -> String {
    let end = message
        .split_once("String measured")
        .map(|(start, _)| start);
    end.unwrap_or(message).trim_end().to_owned()
}

/// Returns the innermost cause of an error, and why there are no credentials if the causes say so.
fn causes(error: &(dyn std::error::Error + 'static)) -> (String, Option<Credentials>) {
    let mut credentials = None;
    let mut innermost = String::new();
    for cause in std::iter::successors(Some(error), |cause| cause.source()) {
        credentials = credentials.or_else(|| match cause.downcast_ref::<CredentialsError>()? {
            CredentialsError::CredentialsNotLoaded(_) => Some(Credentials::Absent),
            _ => Some(Credentials::Unusable),
        });
        let text = cause.to_string();
        if !text.is_empty() && !is_debug(&text) {
            innermost = text;
        }
    }
    (innermost, credentials)
}

/// Whether a text is what Rust shows of a value to programmers, as some causes in the SDK have it: `Name { field: … }`.
fn is_debug(text: &str) -> bool {
    let name = text.split(['{', '(']).next().unwrap_or_default();
    let is_name = |name: &str| {
        name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric)
    };
    name.len() < text.len() && is_name(name.trim_end())
}

impl AwsError {
    /// Converts an SDK error; for `map_err` after a call that needs `action`.
    pub fn of<E>(action: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        move |error| {
            let raw = error.raw_response();
            let header = |name: &str| {
                raw.and_then(|raw| raw.headers().get(name))
                    .map(ToOwned::to_owned)
            };
            let (innermost, credentials) = causes(&error);
            Self {
                action,
                innermost,
                credentials,
                code: error.code().map(ToOwned::to_owned),
                message: without_values(error.message().unwrap_or_default()),
                status: raw.map(|raw| raw.status().as_u16()),
                request_id: error.request_id().map(ToOwned::to_owned),
                bucket_region: header("x-amz-bucket-region"),
                page: header("content-type").is_some_and(|kind| kind.starts_with("text/html")),
                cause: DisplayErrorContext(&error).to_string().into(),
            }
        }
    }

    /// Returns an error from inside a successful answer (`DeleteObjects` reports one for each key).
    #[must_use]
    pub fn in_answer(action: &'static str, code: Option<&str>, message: Option<&str>) -> Self {
        Self {
            action,
            code: code.map(ToOwned::to_owned),
            message: message.unwrap_or_default().to_owned(),
            status: Some(200),
            request_id: None,
            bucket_region: None,
            page: false,
            innermost: String::new(),
            credentials: None,
            cause: Box::default(),
        }
    }

    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether the error has this code and its message contains this text.
    #[must_use]
    pub fn says(&self, code: &str, text: &str) -> bool {
        self.is(code) && self.message.contains(text)
    }

    /// Whether the caller may not do this: `AccessDenied` (IAM, S3), `AccessDeniedException` (JSON services),
    /// `AuthorizationError` (SNS). `HeadBucket` has only the status.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        match self.code.as_deref() {
            Some(code) => [
                "AccessDenied",
                "AccessDeniedException",
                "AuthorizationError",
                "UnauthorizedOperation",
            ]
            .contains(&code),
            None => self.status == Some(403),
        }
    }

    /// Whether the credentials themselves are refused.
    #[must_use]
    pub fn is_sign_in(&self) -> bool {
        let codes = [
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "IncompleteSignature",
            "AuthFailure",
            // IAM and S3 API references, "Common errors" and "Error responses".
            "InvalidToken",
            "TokenRefreshRequired",
            "RequestExpired",
            "RequestTimeTooSkewed",
            "OptInRequired",
        ];
        self.code
            .as_deref()
            .is_some_and(|code| codes.contains(&code))
    }

    /// Whether another try makes sense: there was no answer, AWS had a fault, or there were too many calls.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        let throttled = [
            "Throttling",
            "ThrottlingException",
            "SlowDown",
            "TooManyRequestsException",
        ];
        self.status
            .is_none_or(|status| status >= 500 || status == 429)
            || throttled.iter().any(|code| self.is(code))
    }

    /// Whether there was no answer.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        self.status.is_none()
    }

    /// Converts the error into a [`Failure`] if the call was the sign-in itself.
    #[must_use]
    pub fn while_signing_in(self) -> Failure {
        let failure = match self.credentials {
            Some(Credentials::Absent) => Some(t!("aws-no-credentials")),
            Some(Credentials::Unusable) => {
                Some(t!("aws-credentials-unusable", cause = self.innermost))
            }
            None => None,
        };
        if let Some(message) = failure {
            return Failure::new(Code::AwsSignIn, message)
                .hinted(t!("aws-no-credentials-hint"))
                .caused_by(anyhow::anyhow!(self.cause));
        }
        if self.is_unreachable() || self.page {
            return self.into();
        }
        let code = self.code.clone().unwrap_or_default();
        let hint = if code.starts_with("Expired") {
            t!("aws-expired-hint")
        } else {
            t!("aws-refused-hint")
        };
        let mut failure = Failure::new(
            Code::AwsSignIn,
            t!("aws-refused", code = code, message = self.message),
        )
        .hinted(hint);
        failure.request_id = self.request_id;
        failure.caused_by(anyhow::anyhow!(self.cause))
    }

    /// Returns the error in words, with what to do about it.
    fn explained(&self) -> Failure {
        let action = self.action;
        if self.page {
            let status = self.status.unwrap_or_default();
            let page = t!("aws-page", action = action, status = status);
            Failure::new(Code::Unreachable, page).hinted(t!("aws-page-hint"))
        } else if self.is_denied() {
            let denied = t!("aws-denied", action = action, message = self.message);
            let hint = self.denied_by();
            Failure::new(Code::AwsPermission, denied)
                .hinted(hint.unwrap_or_else(|| t!("aws-denied-hint", action = action)))
        } else if self.is_sign_in() {
            let code = self.code.as_deref().unwrap_or_default();
            let refused = t!("aws-refused", code = code, message = self.message);
            Failure::new(Code::AwsSignIn, refused).hinted(t!("aws-refused-hint"))
        } else if self.is_unreachable() {
            let unreachable = t!("aws-unreachable", action = action, cause = self.innermost);
            Failure::new(Code::Unreachable, unreachable).hinted(t!("aws-unreachable-hint"))
        } else {
            let status = || self.status.map(|s| s.to_string()).unwrap_or_default();
            let code = self.code.clone().unwrap_or_else(status);
            let refused = t!(
                "aws-error",
                action = action,
                code = code,
                message = match self.message.is_empty() {
                    true => &self.innermost,
                    false => &self.message,
                }
            );
            let failure = Failure::new(Code::Aws, refused);
            match refusals::next_step(&code) {
                Some(step) => failure.hinted(step),
                None => failure,
            }
        }
    }

    /// Returns a hint about the type of policy that refused, if the message names it (IAM User Guide, access denied error
    /// messages).
    fn denied_by(&self) -> Option<String> {
        let kinds = [
            ("service control policy", t!("denied-by-scp")),
            ("resource control policy", t!("denied-by-rcp")),
            ("permissions boundary", t!("denied-by-boundary")),
            ("session policy", t!("denied-by-session")),
            ("VPC endpoint policy", t!("denied-by-endpoint")),
        ];
        let mut kinds = kinds.into_iter();
        kinds
            .find(|(text, _)| self.message.contains(text))
            .map(|(_, told)| told)
    }
}

impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        let mut failure = error.explained();
        failure.request_id = error.request_id;
        failure.caused_by(anyhow::anyhow!(error.cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Cause(&'static str, Option<Box<Self>>);

    impl std::fmt::Display for Cause {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }

    impl std::error::Error for Cause {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            let source = self.1.as_deref()?;
            Some(source)
        }
    }

    #[test]
    fn the_innermost_cause_in_words_is_told() {
        let debug = "ConnectorError { kind: Io, source: Os { code: 111 } }";
        for (innermost, told) in [
            (
                "connection refused (os error 111)",
                "connection refused (os error 111)",
            ),
            (debug, "dispatch failure"),
            ("ErrorResponse(404)", "dispatch failure"),
            ("", "dispatch failure"),
            ("HTTP connect timeout {3 s}", "HTTP connect timeout {3 s}"),
        ] {
            let inner = Cause(innermost, None);
            let error = Cause("dispatch failure", Some(Box::new(inner)));
            assert_eq!(causes(&error).0, told);
        }
    }
}
