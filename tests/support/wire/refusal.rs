//! A refusal as AWS or Central would answer it.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::call::Fault;

/// The refusal in the service's own format.
pub(super) fn refusal(name: &str, fault: Fault) -> Response {
    let (service, _) = name.split_once(':').unwrap_or_default();
    let (status, code) = match (fault, service) {
        (Fault::Internal, "s3" | "sns") => (500, "InternalError"),
        (Fault::Internal, "iam" | "sts") => (500, "ServiceFailure"),
        (Fault::Internal, _) => (500, "InternalFailure"),
        (Fault::Code(code), _) => (400, code),
        (Fault::Denied | Fault::Guarded, "s3" | "iam" | "sts") => (403, "AccessDenied"),
        (Fault::Denied | Fault::Guarded, "sns") => (403, "AuthorizationError"),
        (Fault::Denied | Fault::Guarded, "central") => (403, "forbidden"),
        (Fault::Denied | Fault::Guarded, _) => (400, "AccessDeniedException"),
        (_, "s3") => (503, "SlowDown"),
        (_, "lambda") => (429, "TooManyRequestsException"),
        (_, "iam" | "sns" | "sts") => (400, "Throttling"),
        (_, "central") => (429, "tooManyRequests"),
        (_, _) => (400, "ThrottlingException"),
    };
    let message = match fault {
        Fault::Guarded => "not authorized, with an explicit deny in a service control policy",
        _ => "made up",
    };
    let body = match service {
        "s3" => format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
        "iam" | "sns" | "sts" => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        ),
        "central" => format!(r#"{{"error":"{code}","message":"{message}"}}"#),
        _ => format!(r#"{{"__type":"{code}","message":"{message}"}}"#),
    };
    let status = StatusCode::from_u16(status).expect("a status");
    let mut answer = (status, body).into_response();
    if service != "central" {
        let id = header::HeaderValue::from_static("r");
        answer.headers_mut().insert("x-amzn-requestid", id);
    }
    if service == "lambda" {
        let value = code.parse().expect("a header value");
        answer.headers_mut().insert("x-amzn-errortype", value);
    }
    answer
}
