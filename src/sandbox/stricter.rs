//! What AWS refuses and the emulator accepts: each refusal as it was recorded of AWS (`tests/data/aws-recorded.json`).

use std::collections::BTreeMap;

use aws_sdk_s3::types::NotificationConfiguration;
use axum::{
    body::Bytes,
    http::{Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::request::has_parameter;
use crate::{
    aws::Aws,
    policy::{
        self,
        evaluate::{Principal, Request, allows},
    },
    resources::notification,
};

/// A refusal: HTTP status, code and message.
pub struct Refusal(u16, &'static str, String);

impl Refusal {
    fn new(status: u16, code: &'static str, message: &str) -> Self {
        Self(status, code, message.to_owned())
    }

    /// In the words of the service's protocol.
    pub fn answer(&self, service: &str) -> Response {
        let Self(status, code, message) = self;
        let status = StatusCode::from_u16(*status).expect("statuses in this file are valid");
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

/// Whether a request's body is needed to tell.
pub fn reads(service: &str, operation: Option<&str>, parts: &Parts) -> bool {
    match service {
        "s3" => parts.method == Method::PUT && has_parameter(&parts.uri, "policy"),
        "sns" | "iam" => true,
        "events" => operation == Some("DeleteRule"),
        _ => false,
    }
}

/// Why AWS would refuse the request; `None` where the emulator decides. `root` acts with the caller's account's rights.
pub async fn refusal(
    service: &str,
    operation: Option<&str>,
    parts: &Parts,
    body: &Bytes,
    account: &str,
    root: &Aws,
) -> Option<Refusal> {
    match service {
        "s3" => of_s3(parts, body, account),
        "sns" => of_sns(&form(body), root).await,
        "iam" => of_iam(&form(body)),
        "events" if operation == Some("DeleteRule") => {
            let input: Value = serde_json::from_slice(body).ok()?;
            let targets = root.events.list_targets_by_rule();
            let targets = targets.rule(input["Name"].as_str()?).send().await.ok()?;
            let message = "Rule can't be deleted since it has targets.";
            (!targets.targets().is_empty())
                .then(|| Refusal::new(400, "ValidationException", message))
        }
        _ => None,
    }
}

fn form(body: &Bytes) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

/// In the sandbox all buckets that a caller reaches are of its own account.
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

async fn of_sns(form: &BTreeMap<String, String>, root: &Aws) -> Option<Refusal> {
    let invalid = |message: &str| {
        let message = format!("Invalid parameter: {message}");
        Some(Refusal(400, "InvalidParameter", message))
    };
    // `…entry.N.key` with `…entry.N.value`, and `Tags.member.N.Key` with `….Value`.
    let pairs = |start: &str| -> BTreeMap<String, String> {
        let keys = form.iter().filter(|(name, _)| name.starts_with(start));
        keys.filter_map(|(name, key)| {
            let value = match name.strip_suffix(".key") {
                Some(entry) => form.get(&format!("{entry}.value")),
                None => form.get(&format!("{}.Value", name.strip_suffix(".Key")?)),
            };
            Some((key.clone(), value?.clone()))
        })
        .collect()
    };
    match form.get("Action").map(String::as_str) {
        Some("CreateTopic") => {
            let name = form.get("Name")?;
            let fits = |char: char| char.is_ascii_alphanumeric() || "-_".contains(char);
            if name.is_empty() || name.len() > 256 || !name.chars().all(fits) {
                return invalid("Topic Name");
            }
            let caller = &root.caller;
            let arn = format!(
                "arn:{}:sns:{}:{}:{name}",
                caller.partition, root.region, caller.account
            );
            let there = root.sns.list_tags_for_resource().resource_arn(arn);
            let there = there.send().await.ok()?;
            let there: BTreeMap<String, String> = there
                .tags()
                .iter()
                .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                .collect();
            let asked = pairs("Tags.");
            if !asked.is_empty() && asked != there {
                return invalid("Tags Reason: Topic already exists with different tags");
            }
            None
        }
        Some("Subscribe") => {
            let asked = pairs("Attributes.");
            let there = root.sns.list_subscriptions_by_topic();
            let there = there.topic_arn(form.get("TopicArn")?).send().await.ok()?;
            let endpoint = form.get("Endpoint").map(String::as_str);
            let found = there
                .subscriptions()
                .iter()
                .find(|one| one.endpoint() == endpoint)?;
            let get = root.sns.get_subscription_attributes();
            let get = get.subscription_arn(found.subscription_arn()?);
            let there = get.send().await.ok()?;
            let there = there.attributes()?;
            let json = |text: Option<&String>| -> Value {
                text.map_or(Value::Null, |text| {
                    serde_json::from_str(text).unwrap_or_else(|_| text.clone().into())
                })
            };
            // Attributes that are left out are not compared (recorded).
            let differs = asked
                .iter()
                .any(|(name, value)| json(there.get(name)) != json(Some(value)));
            if differs {
                return invalid(
                    "Attributes Reason: Subscription already exists with different attributes",
                );
            }
            None
        }
        _ => None,
    }
}

/// Why S3 would refuse a bucket's notification configuration (S3 User Guide, "Configuring event notifications using object
/// key name filtering").
pub async fn of_notification(
    bucket: &str,
    document: &NotificationConfiguration,
    root: &Aws,
) -> Option<Refusal> {
    let invalid = |message: &str| Some(Refusal::new(400, "InvalidArgument", message));
    let rules = notification::rules(document);
    for (number, rule) in rules.iter().enumerate() {
        for other in &rules[..number] {
            if rule.id.is_some() && rule.id == other.id {
                return invalid("Same ID used for multiple configurations. IDs must be unique.");
            }
            let same = rule.events.iter().any(|one| {
                let mut others = other.events.iter();
                others.any(|other| kinds_meet(one.as_str(), other.as_str()))
            });
            let prefixes =
                rule.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&rule.prefix);
            let suffixes =
                rule.suffix.ends_with(&other.suffix) || other.suffix.ends_with(&rule.suffix);
            if same && prefixes && suffixes {
                return invalid(
                    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the \
                     prefixes are overlapping for the same event type.",
                );
            }
        }
    }
    let of = format!("arn:{}:s3:::{bucket}", root.caller.partition);
    for rule in document.topic_configurations() {
        let arn = rule.topic_arn();
        let topic = root.sns.get_topic_attributes().topic_arn(arn).send().await;
        let attributes = topic.ok().and_then(|topic| topic.attributes);
        let document =
            attributes.and_then(|all| policy::parse(all.get("Policy").map(String::as_str)));
        let publish = Request {
            principal: Principal::Service("s3.amazonaws.com"),
            action: "SNS:Publish",
            resource: arn,
            context: &[
                ("aws:SourceAccount", Some(root.caller.account.as_str())),
                ("aws:SourceArn", Some(&of)),
            ],
            complete: true,
        };
        if !document.is_some_and(|document| allows(&document, &publish)) {
            return invalid("Unable to validate the following destination configurations");
        }
    }
    None
}

/// `s3:ObjectCreated:*` meets `s3:ObjectCreated:Put`.
fn kinds_meet(one: &str, other: &str) -> bool {
    let covers = |wide: &str, narrow: &str| {
        wide.strip_suffix('*')
            .is_some_and(|start| narrow.starts_with(start))
    };
    one == other || covers(one, other) || covers(other, one)
}
