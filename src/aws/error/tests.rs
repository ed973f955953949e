//! What a user reads of each sort of error that the SDK has.

use aws_smithy_runtime_api::{
    client::{
        orchestrator::HttpResponse,
        result::{ConnectorError, SdkError},
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, error::metadata::ErrorMetadata};

use super::{AwsError, Sort};
use crate::ui::{Code, Failure, t};

type Sdk = SdkError<ErrorMetadata, HttpResponse>;

fn response(status: u16, body: &str) -> HttpResponse {
    let status = StatusCode::try_from(status).unwrap();
    HttpResponse::new(status, SdkBody::from(body))
}

/// An error whose text is the debug form of a value, as some in the SDK are.
fn debug(text: &str) -> Box<dyn std::error::Error + Send + Sync> {
    format!("Inner {{ text: {text:?} }}").into()
}

fn of(error: Sdk) -> AwsError {
    AwsError::of::<ErrorMetadata>("iam:GetRole")(error)
}

/// The failure, none of whose texts is a debug form.
fn failure(error: Sdk) -> Failure {
    let failure = Failure::from(of(error));
    let source = failure.source.as_ref().map(ToString::to_string);
    for text in failure
        .hints
        .iter()
        .chain([&failure.message])
        .chain(&source)
    {
        let debug = text.contains(" { ") || text.contains("Inner");
        assert!(!debug && !text.ends_with(' '), "{text:?}");
    }
    failure
}

#[test]
fn a_call_without_an_answer_tells_the_cause() {
    let refused = std::io::Error::other("Connection refused");
    let dispatch = Sdk::dispatch_failure(ConnectorError::io(Box::new(refused)));
    let told = failure(dispatch);
    assert_eq!(told.code, Code::Unreachable);
    let expected = t!(
        "aws-unreachable",
        action = "iam:GetRole",
        cause = "Connection refused"
    );
    assert_eq!(told.message, expected);
    let timeout = failure(Sdk::timeout_error("no answer within 60 s"));
    assert_eq!(timeout.code, Code::Unreachable);
    assert!(timeout.message.ends_with(": no answer within 60 s"));
    assert!(timeout.hints.contains(&t!("aws-unreachable-hint")));
    let hidden = failure(Sdk::dispatch_failure(ConnectorError::io(debug("x"))));
    assert!(hidden.message.ends_with(": io error"), "{}", hidden.message);
}

#[test]
fn a_call_that_could_not_be_sent_is_not_blamed_on_the_network() {
    let told = failure(Sdk::construction_failure("the bucket has no name"));
    assert_eq!(told.code, Code::Aws);
    assert!(told.message.contains("the bucket has no name"));
    assert!(told.hints.is_empty(), "{:?}", told.hints);
    let hidden = failure(Sdk::construction_failure(debug("x")));
    assert!(hidden.message.contains("failed to construct request"));
}

#[test]
fn an_answer_that_cannot_be_read_or_is_a_web_page_is_told_as_such() {
    let broken = Sdk::response_error("unexpected end of the document", response(200, "<Role"));
    let told = failure(broken);
    assert_eq!(told.code, Code::Aws);
    assert!(told.message.ends_with(": unexpected end of the document"));
    assert_eq!(told.hints, [t!("aws-page-hint")]);
    for page in ["<html><body>Sign in", "\n<!DOCTYPE html><html>"] {
        for status in [200, 502] {
            let answer = response(status, page);
            let told = failure(Sdk::response_error(debug("x"), answer));
            let expected = t!("aws-page", action = "iam:GetRole", status = status);
            assert_eq!(told.message, expected);
            assert_eq!(told.code, Code::Unreachable);
        }
    }
    let mut answer = response(403, "Blocked by your administrator");
    answer.headers_mut().insert("content-type", "text/html");
    let error = of(Sdk::service_error(ErrorMetadata::default(), answer));
    assert_eq!(error.sort, Sort::Page);
}

#[test]
fn a_refusal_without_a_message_tells_its_status_and_that_no_reason_is_given() {
    let refusal = |status| Sdk::service_error(ErrorMetadata::default(), response(status, ""));
    let told = failure(refusal(500));
    assert_eq!(told.code, Code::Aws);
    let expected = t!(
        "aws-error",
        action = "iam:GetRole",
        code = "HTTP 500",
        message = t!("aws-no-reason")
    );
    assert_eq!(told.message, expected);
    let denied = failure(refusal(403));
    assert_eq!(denied.code, Code::AwsPermission);
    assert!(denied.message.ends_with(&t!("aws-no-reason")));
    let code = ErrorMetadata::builder().code("NoSuchEntity").build();
    let told = failure(Sdk::service_error(code, response(404, "")));
    assert!(told.message.contains("NoSuchEntity (no reason given)"));
}

#[test]
fn only_a_refusal_of_the_credentials_is_a_failed_sign_in() {
    let signing_in = |code: &str, status| {
        let metadata = ErrorMetadata::builder().code(code).message("no").build();
        of(Sdk::service_error(metadata, response(status, ""))).while_signing_in()
    };
    assert_eq!(signing_in("ExpiredToken", 403).code, Code::AwsSignIn);
    assert_eq!(signing_in("InternalFailure", 500).code, Code::Aws);
    let silent = of(Sdk::timeout_error("late")).while_signing_in();
    assert_eq!(silent.code, Code::Unreachable);
}

#[test]
fn an_answer_that_names_no_error_is_not_of_aws() {
    let strange = |status| Sdk::service_error(ErrorMetadata::default(), response(status, "{}"));
    for status in [200, 404, 502] {
        let told = failure(strange(status));
        assert_eq!(told.code, Code::Unreachable);
        let named = format!("HTTP {status}");
        assert!(told.message.contains(&named), "{}", told.message);
        assert_eq!(told.hints, [t!("aws-page-hint")]);
    }
    // Some services refuse without a code; STS always has one.
    assert_eq!(failure(strange(403)).code, Code::AwsPermission);
    let signing_in = of(strange(403)).while_signing_in();
    assert_eq!(signing_in.code, Code::Unreachable);
}

#[test]
fn a_wrong_clock_and_too_many_calls_have_hints_of_their_own() {
    let refusal = |code: &str| ErrorMetadata::builder().code(code).message("no").build();
    let mut answer = response(403, "");
    let date = "Sun, 29 Nov 2015 12:00:00 GMT";
    answer.headers_mut().insert("date", date);
    let skewed = Sdk::service_error(refusal("SignatureDoesNotMatch"), answer);
    let hints = of(skewed).while_signing_in().hints;
    assert!(
        hints.len() == 1 && hints[0].contains("minutes ahead"),
        "{hints:?}"
    );
    let busy = Sdk::service_error(refusal("ThrottlingException"), response(400, ""));
    assert_eq!(failure(busy).hints, [t!("refused-throttled")]);
}
