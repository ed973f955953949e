//! A refusal of AWS, in the form that each service's protocol gives it.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A refusal: HTTP status, code and message.
pub(crate) struct Refusal(u16, &'static str, String);

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self(status, code, message.into())
    }

    /// The response in the service's protocol.
    pub(crate) fn answer(&self, service: &str) -> Response {
        let Self(status, code, message) = self;
        let status = StatusCode::from_u16(*status).expect("statuses in this folder are valid");
        let (kind, body) = match service {
            "s3" => (
                "application/xml",
                format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
            ),
            "sns" | "iam" => (
                "text/xml",
                format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
                ),
            ),
            _ => (
                "application/x-amz-json-1.1",
                json!({ "__type": code, "message": message }).to_string(),
            ),
        };
        (status, [(header::CONTENT_TYPE, kind)], body).into_response()
    }
}
