//! The sandbox's one AWS endpoint: CloudTrail is answered here, everything else goes on to the emulator unchanged.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header, response::Parts},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    cloudtrail::{self, Trails},
    ministack::{self, Emulator},
    organizations, stricter,
};
use crate::{
    aws::{self, Aws},
    connection::{AccountId, Region},
    resources::notification,
    ui::Result,
};

type Roots = HashMap<(AccountId, Region), Arc<Aws>>;

/// What the handlers share.
#[derive(Clone)]
pub struct Gateway {
    emulator: Emulator,
    trails: Arc<Mutex<Trails>>,
    /// Clients with the rights of an account's root, by account and region: what AWS's own services act with.
    roots: Arc<tokio::sync::Mutex<Roots>>,
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

/// Settings of a bucket that the emulator takes for a listing: by the name in the query, with what stands where nothing
/// was put.
const BUCKET_SETTINGS: [(&str, &str); 2] = [
    (
        "requestPayment",
        "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
    ),
    ("abac", "<AbacStatus><Status>Disabled</Status></AbacStatus>"),
];

/// Who makes a CloudTrail call, and where.
pub struct Caller {
    pub account: AccountId,
    pub region: Region,
}

impl Gateway {
    pub fn new(emulator: Emulator, trails: Arc<Mutex<Trails>>) -> Self {
        Self {
            emulator,
            trails,
            roots: Arc::default(),
            deleted_logs: Arc::default(),
            bucket_settings: Arc::default(),
        }
    }

    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    pub fn router(self) -> Router {
        Router::new().fallback(handle).with_state(self)
    }

    pub fn trails(&self) -> MutexGuard<'_, Trails> {
        self.trails
            .lock()
            .expect("no handler panics while it holds the trails")
    }

    /// Clients of an account's root, straight at the emulator.
    pub async fn root(&self, account: &AccountId, region: &Region) -> Option<Arc<Aws>> {
        self.connect_root(account, region).await.ok()
    }

    /// The same, with what went wrong.
    pub async fn connect_root(&self, account: &AccountId, region: &Region) -> Result<Arc<Aws>> {
        let key = (account.clone(), region.clone());
        let mut roots = self.roots.lock().await;
        if let Some(aws) = roots.get(&key) {
            return Ok(Arc::clone(aws));
        }
        let options = aws::Options {
            profile: None,
            region: Some(region.clone()),
            sandbox: Some(aws::SandboxAws {
                endpoint: ministack::URL.to_owned(),
                account: account.clone(),
                secret: self.emulator.secret.clone(),
                role: None,
                client: Some(self.emulator.client()),
            }),
        };
        let aws = Arc::new(Aws::connect(&options).await?);
        roots.insert(key, Arc::clone(&aws));
        Ok(aws)
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
        let secret = self.emulator.secret.expose_secret();
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
        match self.emulator.send(request).await {
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
                let root = self.root(&super::default_account(), &region).await?;
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

    /// Keeps log groups that were deleted from coming back.
    async fn logs(&self, operation: &str, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(body) = axum::body::to_bytes(body, 1024 * 1024).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let input: Value = serde_json::from_slice(&body).unwrap_or_default();
        let name = input["logGroupName"].as_str().unwrap_or_default();
        let caller = self.caller(&parts.headers).await;
        if operation == "DescribeLogGroups"
            && let Some(Caller { account, region }) = &caller
        {
            self.delete_again(account, region).await;
        }
        let name = name.to_owned();
        let answer = self
            .pass(Request::from_parts(parts, Body::from(body)))
            .await;
        if answer.status().is_success()
            && let Some(Caller { account, region }) = caller
        {
            let is_functions = name.starts_with("/aws/lambda/");
            let group = (account, region, name);
            match operation {
                "DeleteLogGroup" if is_functions => drop(self.deleted_logs().insert(group)),
                "CreateLogGroup" => drop(self.deleted_logs().remove(&group)),
                _ => {}
            }
        }
        answer
    }

    fn deleted_logs(&self) -> MutexGuard<'_, HashSet<(AccountId, Region, String)>> {
        self.deleted_logs
            .lock()
            .expect("nobody panics while holding it")
    }

    async fn delete_again(&self, account: &AccountId, region: &Region) {
        let here = |group: &&(AccountId, Region, String)| group.0 == *account && group.1 == *region;
        let names: Vec<String> = {
            let deleted = self.deleted_logs();
            deleted
                .iter()
                .filter(here)
                .map(|group| group.2.clone())
                .collect()
        };
        if names.is_empty() {
            return;
        }
        let Some(root) = self.root(account, region).await else {
            return;
        };
        for name in names {
            // Mostly it did not come back.
            let _ = root
                .logs
                .delete_log_group()
                .log_group_name(name)
                .send()
                .await;
        }
    }

    /// The emulator gives CloudTrail's service-linked role another name than AWS does: it gets AWS's name beside it.
    async fn iam(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(body) = axum::body::to_bytes(body, 1024 * 1024).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let text = String::from_utf8_lossy(&body);
        let of_cloudtrail = text.contains("Action=CreateServiceLinkedRole")
            && text.contains(&format!("AWSServiceName={}", organizations::CLOUDTRAIL));
        let caller = match of_cloudtrail {
            true => self.caller(&parts.headers).await,
            false => None,
        };
        drop(text);
        let answer = self
            .pass(Request::from_parts(parts, Body::from(body)))
            .await;
        if answer.status() != StatusCode::FORBIDDEN
            && let Some(Caller { account, region }) = caller
            && let Some(root) = self.root(&account, &region).await
        {
            let trust = json!({ "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": { "Service": organizations::CLOUDTRAIL }, "Action": "sts:AssumeRole",
            }]});
            let made = root
                .iam
                .create_role()
                .role_name("AWSServiceRoleForCloudTrail")
                .path(format!("/aws-service-role/{}/", organizations::CLOUDTRAIL))
                .assume_role_policy_document(trust.to_string())
                .send()
                .await;
            // There already: made before.
            drop(made);
        }
        answer
    }

    /// The emulator gives the sessions of functions another user id than AWS does: the role's id belongs in it
    /// (`AROA…:session`, IAM User Guide, "Unique identifiers").
    async fn sts(&self, request: Request) -> Response {
        let headers = request.headers().clone();
        let (parts, mut text) = whole(self.pass(request).await).await;
        let between = |start: &str, end: &str| {
            let (_, rest) = text.split_once(start)?;
            Some(rest.split_once(end)?.0.to_owned())
        };
        if let Some(session) = between(":assumed-role/", "</Arn>")
            && let Some((role, session)) = session.split_once('/')
            && let Some(told) = between("<UserId>", "</UserId>")
            && let Some(Caller { account, region }) = self.caller(&headers).await
            && let Some(root) = self.root(&account, &region).await
            && let Ok(found) = root.iam.get_role().role_name(role).send().await
            && let Some(role) = found.role()
        {
            let told = format!("<UserId>{told}</UserId>");
            let user = format!("<UserId>{}:{session}</UserId>", role.role_id());
            text = text.replace(&told, &user);
        }
        reworded(parts, text)
    }

    /// In listings with `encoding-type=url`, S3 writes a space as `+` (recorded); the emulator does not.
    async fn listing(&self, request: Request) -> Response {
        let (parts, text) = whole(self.pass(request).await).await;
        reworded(parts, text.replace("%20", "+"))
    }

    /// A setting of a bucket that the emulator does not know. It still decides who may look at the bucket.
    async fn bucket_setting(
        &self,
        (name, default): (&'static str, &'static str),
        request: Request,
    ) -> Response {
        let bucket = request.uri().path().trim_matches('/').to_owned();
        let settings = || {
            self.bucket_settings
                .lock()
                .expect("nobody panics while holding it")
        };
        if request.method() == Method::PUT {
            // The emulator cannot be asked who may: a root may, that is, who knows the secret.
            if !self.knows_secret(request.headers()) {
                return StatusCode::FORBIDDEN.into_response();
            }
            let Ok(body) = axum::body::to_bytes(request.into_body(), 64 * 1024).await else {
                return StatusCode::PAYLOAD_TOO_LARGE.into_response();
            };
            settings().insert((bucket, name), body);
            return StatusCode::OK.into_response();
        }
        let looked = self.pass(request).await;
        if !looked.status().is_success() {
            return looked;
        }
        let put = settings().get(&(bucket, name)).cloned();
        put.unwrap_or_else(|| Bytes::from_static(default.as_bytes()))
            .into_response()
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
            && let Some(root) = self.root(&account, &region).await
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
            Some(Caller { account, region }) => self.root(&account, &region).await,
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

    /// SNS has another code for a topic that is not there where tags are listed (recorded).
    async fn sns(&self, request: Request) -> Response {
        let answer = self.pass(request).await;
        if answer.status() != StatusCode::NOT_FOUND {
            return answer;
        }
        let (parts, text) = whole(answer).await;
        reworded(
            parts,
            text.replace("ResourceNotFoundException", "ResourceNotFound"),
        )
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
            return failure(&cloudtrail::Error::new(
                "UnrecognizedClientException",
                "the caller is not known",
            ));
        };
        let input: Value = serde_json::from_slice(&body).unwrap_or_default();
        let of_organizations =
            scope(&parts.headers).is_some_and(|scope| scope.service == "organizations");
        let answer = if of_organizations {
            organizations::call(self, &caller, &operation, &input)
        } else {
            cloudtrail::call(self, &caller, &operation, &input).await
        };
        match answer {
            Ok(output) => json_answer(StatusCode::OK, &output),
            Err(error) => failure(&error),
        }
    }
}

/// Whether an address leads where it seems to: not to the emulator's own switches, by no detour, and with no key in it.
fn is_plain(uri: &Uri) -> bool {
    let path = percent_decode_str(uri.path()).decode_utf8_lossy();
    let detour = path
        .split(['/', '\\'])
        .any(|part| [".", ".."].contains(&part));
    let own = path.trim_start_matches(['/', '\\']).starts_with('_');
    let names_a_key = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .map(|(name, _)| name.to_ascii_lowercase())
        .any(|name| name.starts_with("x-amz-") || name == "awsaccesskeyid" || name == "signature");
    !detour && !own && !names_a_key
}

/// An answer of the emulator, to be said in other words.
async fn whole(answer: Response) -> (Parts, String) {
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, 16 * 1024 * 1024).await;
    let text = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
    (parts, text)
}

fn reworded(mut parts: Parts, text: String) -> Response {
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(text))
}

/// Whether a request's query has this parameter, whatever its value.
pub fn has_parameter(uri: &Uri, name: &str) -> bool {
    let query = uri.query().unwrap_or_default();
    query
        .split('&')
        .any(|part| part.split('=').next() == Some(name))
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

fn failure(error: &cloudtrail::Error) -> Response {
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

/// The operation of `X-Amz-Target`.
fn target(headers: &HeaderMap) -> Option<String> {
    let target = headers.get("x-amz-target")?.to_str().ok()?;
    Some(target.rsplit('.').next()?.to_owned())
}

struct Scope<'a> {
    access_key: &'a str,
    region: &'a str,
    service: &'a str,
}

/// The credential scope of a SigV4 signature, where the header is as the SDKs write it and in no other form: the emulator must not
/// read another key from it.
fn scope(headers: &HeaderMap) -> Option<Scope<'_>> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return None;
    };
    let parameters = value.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let parameters: Vec<&str> = parameters.split(", ").collect();
    let [credential, signed, signature] = parameters[..] else {
        return None;
    };
    let credential = credential.strip_prefix("Credential=")?;
    signed.strip_prefix("SignedHeaders=")?;
    signature.strip_prefix("Signature=")?;
    if parameters.concat().matches('=').count() != 3 {
        return None;
    }
    let parts: Vec<&str> = credential.split('/').collect();
    let [access_key, _, region, service, _] = parts[..] else {
        return None;
    };
    Some(Scope {
        access_key,
        region,
        service,
    })
}
