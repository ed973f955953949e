//! The sandbox's only AWS endpoint. Each call goes to the service that answers it, which is the emulator for most of them.

mod alarms;
mod corrections;
mod functions;
mod passage;
mod past;
mod recording;
mod simulator;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    cloud::{Caller, Error},
    cloudtrail, organizations,
    request::{has_parameter, is_plain, scope, target},
    rules,
    stricter::{self, notifications},
};
use corrections::BUCKET_SETTINGS;
pub(super) use passage::Gateway;
use recording::Other;

/// The AWS services that the sandbox has.
const SERVICES: [&str; 13] = [
    "cloudformation",
    "cloudtrail",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "organizations",
    "s3",
    "sns",
    "sqs",
    "sts",
];

impl Gateway {
    /// Answers every request to AWS.
    pub(super) fn router(self) -> Router {
        Router::new().fallback(handle).with_state(self)
    }

    /// Whether a request comes from this user. The emulator checks the signatures of all keys except those of roots, so requests
    /// of roots must carry the secret of this run. The emulator has operations of its own, and answers some requests without a
    /// signature. Such requests are refused however they are written.
    fn lets_through(&self, request: &Request) -> bool {
        let headers = request.headers();
        let Some(scope) = scope(headers) else {
            return false;
        };
        let of_root =
            !(scope.access_key.starts_with("AKIA") || scope.access_key.starts_with("ASIA"));
        SERVICES.contains(&scope.service)
            && (!of_root || self.knows_secret(headers))
            && is_plain(request.uri())
    }

    /// Refuses what AWS would refuse; otherwise gives the request back.
    async fn strictly(
        &self,
        service: &str,
        operation: Option<&str>,
        request: Request,
    ) -> Result<Request, Response> {
        let (parts, body) = request.into_parts();
        let (body, seen) = if stricter::reads(service, operation, &parts) {
            let Ok(body) = axum::body::to_bytes(body, 1024 * 1024).await else {
                return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
            };
            (Body::from(body.clone()), body)
        } else {
            (body, Bytes::new())
        };
        // What cannot be judged does not pass.
        if scope(&parts.headers).is_some_and(|scope| !rules::is_region(scope.region)) {
            return Err(StatusCode::BAD_REQUEST.into_response());
        }
        if let Some(Caller { account, region }) = self.caller(&parts.headers).await
            && let Some(root) = self.cloud.root(&account, &region).await
        {
            let account = account.as_str();
            let refused = stricter::refusal(service, operation, &parts, &seen, account, &root);
            if let Some(refusal) = refused.await {
                return Err(refusal.answer(service));
            }
        }
        Ok(Request::from_parts(parts, body))
    }

    /// Puts a bucket's notification configuration, and puts the previous one back if S3 would refuse the new one.
    async fn notification(&self, request: Request) -> Response {
        let bucket = request.uri().path().trim_matches('/').to_owned();
        let root = match self.caller(request.headers()).await {
            Some(Caller { account, region }) => self.cloud.root(&account, &region).await,
            None => None,
        };
        let Some(root) = root else {
            return self.pass(request).await;
        };
        let before = notifications::read(&bucket, &root).await;
        let answer = self.pass(request).await;
        if !answer.status().is_success() {
            return answer;
        }
        let after = notifications::read(&bucket, &root).await;
        let (Some(before), Some(after)) = (before, after) else {
            return answer;
        };
        match notifications::refusal(&bucket, &after, &root).await {
            Some(refusal) => {
                let put = root.s3.put_bucket_notification_configuration();
                let put = put.bucket(&bucket).notification_configuration(before);
                let back = put.skip_destination_validation(true).send().await;
                match back {
                    Ok(_) => refusal.answer("s3"),
                    Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
                }
            }
            None => answer,
        }
    }

    /// Answers calls of CloudTrail and Organizations. The emulator decides who may make them.
    async fn answered_here(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(body) = axum::body::to_bytes(body, 1024 * 1024).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let operation = target(&parts.headers).unwrap_or_default();
        let asked = self
            .pass(Request::from_parts(parts.clone(), Body::from(body.clone())))
            .await;
        let (asked, answer) = asked.into_parts();
        let answer = axum::body::to_bytes(answer, 1024 * 1024)
            .await
            .unwrap_or_default();
        if is_denial(asked.status, &answer) {
            return Response::from_parts(asked, Body::from(answer));
        }
        let Some(caller) = self.caller(&parts.headers).await else {
            return failure(&Error::new(
                "UnrecognizedClientException",
                "the caller is not known",
            ));
        };
        let input: Value = serde_json::from_slice(&body).unwrap_or_default();
        let of_organizations =
            scope(&parts.headers).is_some_and(|scope| scope.service == "organizations");
        let answer = if of_organizations {
            organizations::call(&self.cloud, &caller, &operation, &input)
        } else {
            let answer = cloudtrail::call(&self.cloud, &caller, &operation, &input).await;
            self.record_own(&parts.headers, &caller, &operation, &input, &answer);
            answer
        };
        match answer {
            Ok(output) => json_answer(StatusCode::OK, &output),
            Err(error) => failure(&error),
        }
    }
}

async fn handle(State(gateway): State<Gateway>, request: Request) -> Response {
    let (other, request) = Other::of(request).await;
    let past = gateway.in_past(&request);
    let answer = answered(&gateway, request).await;
    if let Some(other) = other
        && answer.status().is_success()
    {
        gateway.record_other(&other).await;
    }
    match past {
        Some(past) => gateway.dated(past, answer).await,
        None => answer,
    }
}

/// Answers a request, or has the emulator answer it.
async fn answered(gateway: &Gateway, request: Request) -> Response {
    let service = scope(request.headers()).map(|scope| scope.service.to_owned());
    if !gateway.lets_through(&request) {
        let message = "the sandbox answers its own user's calls, of the services that it has";
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    let operation = target(request.headers());
    let uri = request.uri().clone();
    let asks = |name: &str| has_parameter(&uri, name);
    let is_encoded = |query: &str| query.split('&').any(|part| part == "encoding-type=url");
    let setting = BUCKET_SETTINGS.into_iter().find(|(name, _)| asks(name));
    if service.as_deref() == Some("s3")
        && let Some(setting) = setting
    {
        return gateway.bucket_setting(setting, request).await;
    }
    if service.as_deref() == Some("s3") && uri.query().is_some_and(is_encoded) {
        return gateway.listing(request).await;
    }
    let notified = asks("notification");
    let request = match service.as_deref() {
        Some(name @ ("s3" | "sns" | "iam" | "events")) => {
            match gateway.strictly(name, operation.as_deref(), request).await {
                Ok(request) => request,
                Err(refused) => return refused,
            }
        }
        _ => request,
    };
    match (service.as_deref(), operation.as_deref()) {
        (Some("s3"), _) if notified && request.method() == Method::PUT => {
            gateway.notification(request).await
        }
        (Some("sns"), _) => gateway.sns(request).await,
        (Some("cloudtrail" | "organizations"), _) => gateway.answered_here(request).await,
        (
            Some("logs"),
            Some(operation @ ("CreateLogGroup" | "DeleteLogGroup" | "DescribeLogGroups")),
        ) => gateway.logs(operation, request).await,
        (Some("lambda"), _) if sets_configuration(&request) => gateway.configuration(request).await,
        (Some("lambda"), _) if functions::is_read(&request) => gateway.function(request).await,
        (Some("iam"), _) => gateway.iam(request).await,
        (Some("monitoring"), _) => gateway.alarms(request).await,
        (Some("sts"), _) => gateway.sts(request).await,
        _ => gateway.pass(request).await,
    }
}

/// Whether a request is Lambda's UpdateFunctionConfiguration (Lambda API Reference).
fn sets_configuration(request: &Request) -> bool {
    let path = request.uri().path();
    request.method() == Method::PUT
        && path.starts_with("/2015-03-31/functions/")
        && path.ends_with("/configuration")
}

fn json_answer(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            "application/x-amz-json-1.1".to_owned(),
        ),
        (
            header::HeaderName::from_static("x-amzn-requestid"),
            uuid::Uuid::new_v4().to_string(),
        ),
    ];
    (status, headers, body.to_string()).into_response()
}

fn failure(error: &Error) -> Response {
    json_answer(
        StatusCode::BAD_REQUEST,
        &json!({ "__type": error.code, "message": error.message }),
    )
}

/// Whether the emulator refused the caller. Its other answers to the call do not matter.
fn is_denial(status: StatusCode, body: &Bytes) -> bool {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = value
        .get("__type")
        .or_else(|| value.get("code"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let credential = [
        "UnrecognizedClient",
        "InvalidSignature",
        "InvalidClientToken",
        "ExpiredToken",
        "IncompleteSignature",
        "SignatureDoesNotMatch",
        "MissingAuthentication",
    ];
    status == StatusCode::FORBIDDEN
        || code.contains("AccessDenied")
        || credential.iter().any(|text| code.contains(text))
}
