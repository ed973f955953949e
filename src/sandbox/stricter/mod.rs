//! What AWS refuses and the emulator accepts. Each refusal is as it was recorded on AWS (`tests/data/aws-recorded.json`).

pub(super) mod notifications;
mod refusal;
mod sns;

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    http::{Method, request::Parts},
};
use serde_json::Value;

use super::request::has_parameter;
use crate::aws::Aws;
use refusal::Refusal;

/// Whether the body of a request is needed to judge it.
pub(super) fn reads(service: &str, operation: Option<&str>, parts: &Parts) -> bool {
    match service {
        "s3" => parts.method == Method::PUT && has_parameter(&parts.uri, "policy"),
        "sns" | "iam" => true,
        "events" => operation == Some("DeleteRule"),
        _ => false,
    }
}

/// Why AWS would refuse the request; `None` if the emulator decides. `root` has the rights of the root of the caller's account.
pub(super) async fn refusal(
    service: &str,
    operation: Option<&str>,
    parts: &Parts,
    body: &Bytes,
    account: &str,
    root: &Aws,
) -> Option<Refusal> {
    match service {
        "s3" => of_s3(parts, body, account),
        "sns" => sns::refusal(&form(body), root).await,
        "iam" => of_iam(&form(body)),
        "events" if operation == Some("DeleteRule") => of_delete_rule(body, root).await,
        _ => None,
    }
}

fn form(body: &Bytes) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

/// In the sandbox, all buckets that a caller reaches belong to the caller's account.
fn of_s3(parts: &Parts, body: &Bytes, account: &str) -> Option<Refusal> {
    let owner = parts.headers.get("x-amz-expected-bucket-owner");
    if owner.is_some_and(|owner| owner.as_bytes() != account.as_bytes()) {
        return Some(Refusal::new(403, "AccessDenied", "Access Denied"));
    }
    if parts.method != Method::PUT || !has_parameter(&parts.uri, "policy") {
        return None;
    }
    let message = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(document)) if document.contains_key("Statement") => return None,
        Ok(Value::Object(_)) => "Missing required field Statement",
        _ => "Policies must be valid JSON and the first byte must be '{'",
    };
    Some(Refusal::new(400, "MalformedPolicy", message))
}

fn of_iam(form: &BTreeMap<String, String>) -> Option<Refusal> {
    let document = form.get("AssumeRolePolicyDocument")?;
    let malformed = serde_json::from_str::<Value>(document).is_err();
    let message = "This policy contains invalid Json";
    malformed.then(|| Refusal::new(400, "MalformedPolicyDocument", message))
}

async fn of_delete_rule(body: &Bytes, root: &Aws) -> Option<Refusal> {
    let input: Value = serde_json::from_slice(body).ok()?;
    let targets = root.events.list_targets_by_rule();
    let targets = targets.rule(input["Name"].as_str()?).send().await.ok()?;
    let message = "Rule can't be deleted since it has targets.";
    (!targets.targets().is_empty()).then(|| Refusal::new(400, "ValidationException", message))
}
