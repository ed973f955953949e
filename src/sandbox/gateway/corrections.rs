//! Answers of the emulator that differ from AWS's, and are corrected on the way.

use std::{collections::HashSet, sync::MutexGuard};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{Method, StatusCode, header, response::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::passage::Gateway;
use crate::{
    connection::{AccountId, Region},
    sandbox::{
        cloud::{CLOUDTRAIL, Caller},
        request::scope,
    },
};

/// Bucket settings that the emulator mistakes for a listing: the name in the query, and the answer if nothing was put.
pub(super) const BUCKET_SETTINGS: [(&str, &str); 2] = [
    (
        "requestPayment",
        "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
    ),
    ("abac", "<AbacStatus><Status>Disabled</Status></AbacStatus>"),
];

impl Gateway {
    /// Answers calls about log groups, and keeps deleted groups from coming back.
    pub(super) async fn logs(&self, operation: &str, request: Request) -> Response {
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
        let Some(root) = self.cloud.root(account, region).await else {
            return;
        };
        for name in names {
            // This fails if the group did not come back, as in most cases.
            let _ = root
                .logs
                .delete_log_group()
                .log_group_name(name)
                .send()
                .await;
        }
    }

    /// The emulator gives CloudTrail's service-linked role another name than AWS does, so a role with AWS's name is created too.
    pub(super) async fn iam(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(body) = axum::body::to_bytes(body, 1024 * 1024).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let text = String::from_utf8_lossy(&body);
        let simulates = text.contains("Action=SimulatePrincipalPolicy");
        let of_cloudtrail = text.contains("Action=CreateServiceLinkedRole")
            && text.contains(&format!("AWSServiceName={}", CLOUDTRAIL));
        let caller = match of_cloudtrail {
            true => self.caller(&parts.headers).await,
            false => None,
        };
        drop(text);
        if simulates {
            return self.simulator(parts, body).await;
        }
        let answer = self
            .pass(Request::from_parts(parts, Body::from(body)))
            .await;
        if answer.status() != StatusCode::FORBIDDEN
            && let Some(Caller { account, region }) = caller
            && let Some(root) = self.cloud.root(&account, &region).await
        {
            let trust = json!({ "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": { "Service": CLOUDTRAIL }, "Action": "sts:AssumeRole",
            }]});
            let made = root
                .iam
                .create_role()
                .role_name("AWSServiceRoleForCloudTrail")
                .path(format!("/aws-service-role/{}/", CLOUDTRAIL))
                .assume_role_policy_document(trust.to_string())
                .send()
                .await;
            // This fails if the role exists already.
            drop(made);
        }
        answer
    }

    /// In AWS, the user id of a function's session contains the role's id (`AROA…:session`, IAM User Guide, "Unique identifiers").
    /// The emulator's does not.
    pub(super) async fn sts(&self, request: Request) -> Response {
        let headers = request.headers().clone();
        let (parts, mut text) = whole(self.pass(request).await).await;
        let between = |start: &str, end: &str| {
            let (_, rest) = text.split_once(start)?;
            Some(rest.split_once(end)?.0.to_owned())
        };
        if text.contains("<GetCallerIdentityResult>")
            && let Some(arn) = between("<Arn>", "</Arn>")
            && let Some(scope) = scope(&headers)
        {
            self.remember(scope.access_key, &arn);
        }
        // Each client of the program may assume the role for itself, and only one of them asks who it is.
        if text.contains("<AssumedRoleUser>")
            && let Some(arn) = between("<Arn>", "</Arn>")
            && let Some(key) = between("<AccessKeyId>", "</AccessKeyId>")
        {
            self.remember(&key, &arn);
        }
        if let Some(session) = between(":assumed-role/", "</Arn>")
            && let Some((role, session)) = session.split_once('/')
            && let Some(told) = between("<UserId>", "</UserId>")
            && let Some(Caller { account, region }) = self.caller(&headers).await
            && let Some(root) = self.cloud.root(&account, &region).await
            && let Ok(found) = root.iam.get_role().role_name(role).send().await
            && let Some(role) = found.role()
        {
            let told = format!("<UserId>{told}</UserId>");
            let user = format!("<UserId>{}:{session}</UserId>", role.role_id());
            text = text.replace(&told, &user);
        }
        reworded(parts, text)
    }

    /// In listings with `encoding-type=url`, S3 writes a space as `+` (recorded). The emulator does not.
    pub(super) async fn listing(&self, request: Request) -> Response {
        let (parts, text) = whole(self.pass(request).await).await;
        reworded(parts, text.replace("%20", "+"))
    }

    /// Keeps and answers a bucket setting that the emulator does not know. The emulator still decides who may read it.
    pub(super) async fn bucket_setting(
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
            // The emulator cannot be asked whether the caller may do this. A root may, and a root's call carries the secret.
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

    /// In AWS, a function whose update is complete runs with its new configuration (Lambda API Reference, UpdateFunctionConfiguration).
    /// The emulator goes on with the processes of the old role if nothing but the role changes, so the handler is set once more as it
    /// is, which ends them.
    pub(super) async fn configuration(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(body) = axum::body::to_bytes(body, 1024 * 1024).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let input: Value = serde_json::from_slice(&body).unwrap_or_default();
        let headers = parts.headers.clone();
        let answer = self
            .pass(Request::from_parts(parts, Body::from(body)))
            .await;
        if !answer.status().is_success() || input.get("Role").is_none() {
            return answer;
        }
        let (parts, text) = whole(answer).await;
        let updated: Value = serde_json::from_str(&text).unwrap_or_default();
        if let Some(Caller { account, region }) = self.caller(&headers).await
            && let Some(root) = self.cloud.root(&account, &region).await
            && let Some(function) = updated["FunctionArn"].as_str()
            && let Some(handler) = updated["Handler"].as_str()
        {
            let update = root.lambda.update_function_configuration();
            let again = update.function_name(function).handler(handler).send().await;
            if let Err(error) = again {
                return (StatusCode::BAD_GATEWAY, error.to_string()).into_response();
            }
        }
        reworded(parts, text)
    }

    /// SNS has another code than the emulator for an absent topic whose tags are listed (recorded).
    pub(super) async fn sns(&self, request: Request) -> Response {
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
}

/// Reads an answer of the emulator whole, so that its text can be changed.
pub(super) async fn whole(answer: Response) -> (Parts, String) {
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, 16 * 1024 * 1024).await;
    let text = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
    (parts, text)
}

/// The answer with another text.
pub(super) fn reworded(mut parts: Parts, text: String) -> Response {
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(text))
}
