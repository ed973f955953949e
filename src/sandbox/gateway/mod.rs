//! The sandbox's one AWS endpoint: each call goes to the service that answers it, most of them to the emulator.

mod corrections;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    cloud::{Caller, Cloud, Error},
    cloudtrail, ministack, organizations,
    request::{has_parameter, is_plain, scope, target},
    stricter,
};
use crate::{
    connection::{AccountId, Region},
    resources::notification,
};
use corrections::BUCKET_SETTINGS;

/// What the handlers share.
#[derive(Clone)]
pub struct Gateway {
    cloud: Cloud,
    /// Log groups of functions that were deleted: the emulator writes the log of a late run all the same, and makes the group
    /// again for it. On AWS only the function's role could, and ours may not.
    deleted_logs: Arc<Mutex<HashSet<(AccountId, Region, String)>>>,
    /// Settings of buckets that the emulator does not know, by bucket and name, as they were put.
    bucket_settings: Arc<Mutex<HashMap<(String, &'static str), Bytes>>>,
}

/// What the sandbox has of AWS.
const SERVICES: [&str; 12] = [
    "cloudtrail",
    "cloudwatch",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "organizations",
    "s3",
    "sns",
    "sqs",
    "sts",
];

impl Gateway {
    pub fn new(cloud: Cloud) -> Self {
        Self {
            cloud,
            deleted_logs: Arc::default(),
            bucket_settings: Arc::default(),
        }
    }

    pub fn router(self) -> Router {
        Router::new().fallback(handle).with_state(self)
    }

    /// Whether a request is this user's. The emulator looks at the signatures of all keys but those of roots, for which the
    /// secret of this run has to come along. What it does without a signature, and what is its own, it does for everybody:
    /// nothing of that passes, however it is written.
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

    fn knows_secret(&self, headers: &HeaderMap) -> bool {
        let token = headers.get("x-amz-security-token");
        let secret = self.cloud.emulator().secret.expose_secret();
        token.is_some_and(|token| token.as_bytes() == secret.as_bytes())
    }

    /// Passes a request on with its headers, `Host` included, so that its signature stays valid.
    async fn pass(&self, mut request: Request) -> Response {
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        let Ok(uri) = format!("{}{path}", ministack::URL).parse::<Uri>() else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        *request.uri_mut() = uri;
        let request = request.map(|body| {
            if body.is_end_stream() {
                reqwest::Body::default()
            } else {
                reqwest::Body::wrap_stream(body.into_data_stream())
            }
        });
        match self.cloud.emulator().send(request).await {
            Ok(response) => {
                let mut response = response.map(Body::new);
                // No page in a browser has any business here.
                let headers = response.headers_mut();
                let allowing: Vec<_> = headers
                    .keys()
                    .filter(|name| name.as_str().starts_with("access-control-"))
                    .cloned()
                    .collect();
                for name in allowing {
                    headers.remove(name);
                }
                response
            }
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }

    async fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        let scope = scope(headers)?;
        let region: Region = scope.region.parse().ok()?;
        let account = match scope.access_key.parse::<AccountId>() {
            Ok(account) => account,
            Err(_) => {
                let root = self.cloud.root(&super::default_account(), &region).await?;
                let answer = root
                    .sts
                    .get_access_key_info()
                    .access_key_id(scope.access_key)
                    .send()
                    .await
                    .ok()?;
                answer.account()?.parse().ok()?
            }
        };
        Some(Caller { account, region })
    }

    /// What AWS would refuse is refused; the request is given back otherwise.
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

    /// A bucket's notification configuration is put, and put back where S3 would refuse it.
    async fn notification(&self, request: Request) -> Response {
        let bucket = request.uri().path().trim_matches('/').to_owned();
        let root = match self.caller(request.headers()).await {
            Some(Caller { account, region }) => self.cloud.root(&account, &region).await,
            None => None,
        };
        let Some(root) = root else {
            return self.pass(request).await;
        };
        let now = || async {
            notification::read(&root, &bucket)
                .await
                .ok()?
                .there()
                .cloned()
        };
        let before = now().await;
        let answer = self.pass(request).await;
        if !answer.status().is_success() {
            return answer;
        }
        let (Some(before), Some(after)) = (before, now().await) else {
            return answer;
        };
        match stricter::of_notification(&bucket, &after, &root).await {
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

    /// CloudTrail and Organizations: the emulator decides who may do it, we answer it.
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
            cloudtrail::call(&self.cloud, &caller, &operation, &input).await
        };
        match answer {
            Ok(output) => json_answer(StatusCode::OK, &output),
            Err(error) => failure(&error),
        }
    }
}

async fn handle(State(gateway): State<Gateway>, request: Request) -> Response {
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
        (Some("iam"), _) => gateway.iam(request).await,
        (Some("sts"), _) => gateway.sts(request).await,
        _ => gateway.pass(request).await,
    }
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

/// Whether the emulator refused the caller. Whatever else it says of the call is its own business.
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
