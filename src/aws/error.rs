//! Errors that AWS answers with, in one shape for all services.

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use jiff::Timestamp;

use super::{
    clock, hints, refusals,
    words::{Causes, Credentials, causes},
};
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
    /// What is wrong with this machine's clock, as far as the answer tells.
    clock: Option<String>,
    sort: Sort,
    /// What the causes say, which the SDK's own message hides ("dispatch failure").
    causes: Causes,
}

/// How a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// It could not be sent.
    Unsent,
    /// There was no answer.
    Unanswered,
    /// A web page came instead of an answer: from a proxy, or from a network that asks for a sign-in.
    Page,
    /// Something else than AWS has answered: it names no error.
    Foreign,
    /// The answer cannot be read.
    Unreadable,
    /// The service refused it.
    Refused,
}

impl Sort {
    fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        if error.raw_response().is_some_and(is_page) {
            return Self::Page;
        }
        // Each error of AWS has a code, unless its answer has no body at all, as those to `HeadBucket`.
        let said = error.raw_response().and_then(|raw| raw.body().bytes());
        let is_foreign = error.code().is_none() && said.is_some_and(|body| !body.is_empty());
        match error {
            SdkError::ConstructionFailure(_) => Self::Unsent,
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => Self::Unanswered,
            SdkError::ResponseError(_) => Self::Unreadable,
            _ if is_foreign => Self::Foreign,
            _ => Self::Refused,
        }
    }
}

/// Whether an answer is a web page, by its type or its first characters.
fn is_page(response: &HttpResponse) -> bool {
    let kind = response.headers().get("content-type");
    let body = response.body().bytes().unwrap_or_default();
    let begins = |start: &str| {
        let body = body.trim_ascii_start();
        let body = body.get(..start.len());
        body.is_some_and(|body| body.eq_ignore_ascii_case(start.as_bytes()))
    };
    kind.is_some_and(|kind| kind.starts_with("text/html"))
        || begins("<!doctype html")
        || begins("<html")
}

/// Cuts the values of variables from a message. If the variables are too long, Lambda repeats all of them with their values
/// (recorded: "… exceeded the 4KB limit. String measured: {…}").
fn without_values(message: &str) -> String {
    let end = message
        .split_once("String measured")
        .map(|(start, _)| start);
    end.unwrap_or(message).trim_end().to_owned()
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
            Self {
                action,
                sort: Sort::of(&error),
                causes: causes(&error),
                code: error.code().map(ToOwned::to_owned),
                message: without_values(error.message().unwrap_or_default()),
                status: raw.map(|raw| raw.status().as_u16()),
                request_id: error.request_id().map(ToOwned::to_owned),
                bucket_region: header("x-amz-bucket-region"),
                clock: header("date").and_then(|date| clock::hint(&date, Timestamp::now())),
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
            clock: None,
            sort: Sort::Refused,
            causes: Causes::none(),
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
        if self.sort == Sort::Foreign {
            let foreign = self.foreign();
            return self.completed(foreign);
        }
        // A fault of AWS says nothing about the credentials.
        if self.causes.credentials.is_some() || self.sort != Sort::Refused || self.is_passing() {
            return self.into();
        }
        let refused = self.refused_credentials();
        self.completed(refused)
    }

    fn refused_credentials(&self) -> Failure {
        let code = self.code_or_status();
        let hint = match &self.clock {
            Some(clock) => clock.clone(),
            None if code.starts_with("Expired") => t!("aws-expired-hint"),
            None => t!("aws-refused-hint"),
        };
        let refused = t!("aws-refused", code = code, message = self.reason());
        Failure::new(Code::AwsSignIn, refused).hinted(hint)
    }

    fn foreign(&self) -> Failure {
        let foreign = t!(
            "aws-foreign",
            action = self.action,
            status = self.status.unwrap_or_default(),
            cause = self.causes.telling
        );
        Failure::new(Code::Unreachable, foreign).hinted(t!("aws-page-hint"))
    }

    /// Why there are no credentials, if that is the reason.
    fn without_credentials(&self) -> Option<Failure> {
        let message = match self.causes.credentials? {
            Credentials::Absent => t!("aws-no-credentials"),
            Credentials::Unusable => t!("aws-credentials-unusable", cause = self.causes.telling),
        };
        Some(Failure::new(Code::AwsSignIn, message).hinted(t!("aws-no-credentials-hint")))
    }

    /// The error's code, or at least the status of the answer.
    fn code_or_status(&self) -> String {
        let status = || self.status.map(|status| format!("HTTP {status}"));
        self.code.clone().or_else(status).unwrap_or_default()
    }

    /// What AWS says, or that it says nothing.
    fn reason(&self) -> String {
        match self.message.is_empty() {
            true => t!("aws-no-reason"),
            false => self.message.clone(),
        }
    }

    /// Adds the id of the request, and all causes for `-v`.
    fn completed(self, mut failure: Failure) -> Failure {
        failure.request_id = self.request_id;
        match self.causes.all.is_empty() {
            true => failure,
            false => failure.caused_by(anyhow::Error::msg(self.causes.all)),
        }
    }

    /// Returns the error in words, with what to do about it.
    fn explained(&self) -> Failure {
        if let Some(failure) = self.without_credentials() {
            return failure;
        }
        let (action, cause) = (self.action, &self.causes.telling);
        match self.sort {
            Sort::Unsent => {
                Failure::new(Code::Aws, t!("aws-unsent", action = action, cause = cause))
            }
            Sort::Unanswered => {
                let unreachable = t!("aws-unreachable", action = action, cause = cause);
                let hint = hints::of_certificate(cause);
                Failure::new(Code::Unreachable, unreachable)
                    .hinted(hint.unwrap_or_else(|| t!("aws-unreachable-hint")))
            }
            Sort::Page => {
                let status = self.status.unwrap_or_default();
                let page = t!("aws-page", action = action, status = status);
                Failure::new(Code::Unreachable, page).hinted(t!("aws-page-hint"))
            }
            Sort::Foreign if !self.is_denied() => self.foreign(),
            Sort::Unreadable if !self.is_denied() => {
                let unreadable = t!("aws-unreadable", action = action, cause = cause);
                Failure::new(Code::Aws, unreadable).hinted(t!("aws-page-hint"))
            }
            Sort::Foreign | Sort::Unreadable | Sort::Refused => self.refused(),
        }
    }

    fn refused(&self) -> Failure {
        let action = self.action;
        if self.is_denied() {
            let denied = t!("aws-denied", action = action, message = self.reason());
            let hint = self.denied_by();
            return Failure::new(Code::AwsPermission, denied)
                .hinted(hint.unwrap_or_else(|| t!("aws-denied-hint", action = action)));
        }
        let code = self.code_or_status();
        if self.is_sign_in() {
            return self.refused_credentials();
        }
        let refused = t!(
            "aws-error",
            action = action,
            code = code,
            message = self.reason()
        );
        let failure = Failure::new(Code::Aws, refused);
        match refusals::next_step(&code) {
            Some(step) => failure.hinted(step),
            None => failure,
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
            (
                "explicit deny in an identity-based policy",
                t!("denied-by-statement"),
            ),
            (
                "explicit deny in a resource-based policy",
                t!("denied-by-resource"),
            ),
        ];
        let mut kinds = kinds.into_iter();
        kinds
            .find(|(text, _)| self.message.contains(text))
            .map(|(_, told)| told)
    }
}

impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        let failure = error.explained();
        error.completed(failure)
    }
}

#[cfg(test)]
mod tests;
