//! Calls of CloudWatch. The SDK sends them in CBOR to a path that names the operation (Smithy RPC v2 CBOR protocol).

use axum::{
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::passage::Gateway;

impl Gateway {
    /// Answers a call of CloudWatch. The emulator does not see which operation a call in CBOR asks for and so would allow it to
    /// everybody. Here the caller's policies are asked, for all resources.
    pub(super) async fn alarms(&self, request: Request) -> Response {
        let headers = request.headers();
        let Some(operation) = operation(request.uri().path()) else {
            return self.pass(request).await;
        };
        let action = format!("cloudwatch:{operation}");
        if self.knows_secret(headers) || self.may(headers, &action, "*").await {
            self.pass(request).await
        } else {
            denied(&action)
        }
    }
}

/// The operation that a path names.
pub(super) fn operation(path: &str) -> Option<&str> {
    let (service, operation) = path.strip_prefix("/service/")?.split_once("/operation/")?;
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_name(service) && is_name(operation)).then_some(operation)
}

/// The refusal, in CBOR (RFC 8949): a map of two texts.
fn denied(action: &str) -> Response {
    let message = format!("the caller is not authorized to perform: {action}");
    let mut body = vec![0xa2];
    for text in ["__type", "AccessDenied", "message", &message] {
        let length = u16::try_from(text.len()).expect("a short text");
        body.push(0x79);
        body.extend(length.to_be_bytes());
        body.extend(text.bytes());
    }
    let protocol = header::HeaderName::from_static("smithy-protocol");
    let headers = [
        (header::CONTENT_TYPE, "application/cbor"),
        (protocol, "rpc-v2-cbor"),
    ];
    (StatusCode::FORBIDDEN, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_names_the_operation() {
        let path = "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm";
        assert_eq!(operation(path), Some("PutMetricAlarm"));
        for other in ["/", "/service/a/operation/b/c", "/service/a%2F/operation/b"] {
            assert_eq!(operation(other), None, "{other}");
        }
    }
}
