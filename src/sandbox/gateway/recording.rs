//! Which calls CloudTrail records: all of its own, and those of other services that can be told from their headers and change
//! something.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, Uri, header},
};
use serde_json::Value;

use super::{alarms, passage::Gateway};
use crate::sandbox::{
    cloud::{CLOUDTRAIL, Caller, Error},
    cloudtrail::{self, Made},
    request::{has_parameter, scope, target},
    rules,
};

/// A message of SNS has at most 256 KiB (SNS API Reference, `Publish`), which its form makes longer.
const LARGEST: usize = 1 << 20;

/// A call of another service.
pub(super) struct Other {
    headers: HeaderMap,
    service: String,
    name: String,
}

impl Other {
    /// The event that a request leads to, and the request again. Parameters are not recorded.
    pub(super) async fn of(request: Request) -> (Option<Self>, Request) {
        let of_sns = scope(request.headers()).is_some_and(|scope| scope.service == "sns");
        if !of_sns {
            return (Self::named(&request, None), request);
        }
        // Its action is in the body.
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, LARGEST)
            .await
            .unwrap_or_default();
        let mut form = url::form_urlencoded::parse(&body);
        let action = form.find(|(name, _)| name == "Action");
        let action = action.map(|(_, action)| action.into_owned());
        let request = Request::from_parts(parts, body.into());
        (Self::named(&request, action), request)
    }

    fn named(request: &Request, action: Option<String>) -> Option<Self> {
        let headers = request.headers();
        let service = scope(headers)?.service;
        let name = match service {
            "s3" => of_s3(request.method(), request.uri())?.to_owned(),
            "sns" => action.filter(|name| changes(name))?,
            "lambda" => of_lambda(request.method(), request.uri().path())?.to_owned(),
            "logs" | "events" => target(headers).filter(|name| changes(name))?,
            "monitoring" => {
                let name = alarms::operation(request.uri().path());
                name.filter(|name| changes(name))?.to_owned()
            }
            _ => return None,
        };
        Some(Self {
            service: service.to_owned(),
            headers: headers.clone(),
            name,
        })
    }
}

impl Gateway {
    /// Records a call of CloudTrail.
    pub(super) fn record_own(
        &self,
        headers: &HeaderMap,
        caller: &Caller,
        operation: &str,
        input: &Value,
        answer: &Result<Value, Error>,
    ) {
        let (output, error) = match answer {
            Ok(output) => (output, None),
            Err(error) => (&Value::Null, Some((error.code, error.message.as_str()))),
        };
        self.record(
            headers,
            caller,
            (CLOUDTRAIL, operation),
            (input, output),
            error,
        );
    }

    /// Records a call of another service that was carried out.
    pub(super) async fn record_other(&self, other: &Other) {
        if let Some(caller) = self.caller(&other.headers).await {
            let source = format!("{}.amazonaws.com", other.service);
            let nothing = (&Value::Null, &Value::Null);
            self.record(
                &other.headers,
                &caller,
                (&source, &other.name),
                nothing,
                None,
            );
        }
    }

    fn record(
        &self,
        headers: &HeaderMap,
        caller: &Caller,
        (source, name): (&str, &str),
        (input, output): (&Value, &Value),
        error: Option<(&str, &str)>,
    ) {
        let Some(scope) = scope(headers) else { return };
        let arn = self.arn_of(scope.access_key);
        let agent = headers.get(header::USER_AGENT);
        cloudtrail::record(
            &self.cloud,
            &Made {
                caller,
                access_key: scope.access_key,
                arn: arn.as_deref(),
                agent: agent
                    .and_then(|agent| agent.to_str().ok())
                    .unwrap_or_default(),
                source,
                name,
                input,
                output,
                error,
            },
        );
    }

    /// Remembers whose an access key is. STS tells it.
    pub(super) fn remember(&self, access_key: &str, arn: &str) {
        let mut arns = self.arns.lock().expect("nobody panics while holding it");
        arns.insert(access_key.to_owned(), arn.to_owned());
    }

    /// The ARN of the caller with an access key, as far as it is known.
    pub(super) fn arn_of(&self, access_key: &str) -> Option<String> {
        if rules::is_account(access_key) {
            return Some(format!("arn:aws:iam::{access_key}:root"));
        }
        let arns = self.arns.lock().expect("nobody panics while holding it");
        arns.get(access_key).cloned()
    }
}

/// The event of a call of Lambda (Lambda developer guide, "Logging AWS Lambda API calls using AWS CloudTrail": names may have the
/// version of the API). Calls that only read and invocations, which are data events, are left out.
fn of_lambda(method: &Method, path: &str) -> Option<&'static str> {
    let rest = path
        .strip_prefix("/2015-03-31/functions")?
        .trim_matches('/');
    let parts: Vec<&str> = rest.split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("POST", [""]) => Some("CreateFunction20150331"),
        ("DELETE", [_]) => Some("DeleteFunction20150331"),
        ("PUT", [_, "code"]) => Some("UpdateFunctionCode20150331v2"),
        ("PUT", [_, "configuration"]) => Some("UpdateFunctionConfiguration20150331v2"),
        ("POST", [_, "policy"]) => Some("AddPermission20150331v2"),
        ("DELETE", [_, "policy", _]) => Some("RemovePermission20150331v2"),
        _ => None,
    }
}

/// The event of a call that changes a bucket (S3 User Guide, "Amazon S3 CloudTrail events": bucket-level actions). Those of objects
/// are data events.
fn of_s3(method: &Method, uri: &Uri) -> Option<&'static str> {
    if uri.path().trim_matches('/').contains('/') {
        return None;
    }
    let asks = |name: &str| has_parameter(uri, name);
    let settings = [
        ("policy", "PutBucketPolicy", "DeleteBucketPolicy"),
        ("lifecycle", "PutBucketLifecycle", "DeleteBucketLifecycle"),
        ("tagging", "PutBucketTagging", "DeleteBucketTagging"),
        (
            "encryption",
            "PutBucketEncryption",
            "DeleteBucketEncryption",
        ),
        (
            "publicAccessBlock",
            "PutBucketPublicAccessBlock",
            "DeleteBucketPublicAccessBlock",
        ),
        (
            "ownershipControls",
            "PutBucketOwnershipControls",
            "DeleteBucketOwnershipControls",
        ),
    ];
    let setting = settings.into_iter().find(|(name, ..)| asks(name));
    match (method.as_str(), setting) {
        ("PUT", Some((_, put, _))) => Some(put),
        ("DELETE", Some((_, _, delete))) => Some(delete),
        ("PUT", None) if asks("notification") => Some("PutBucketNotification"),
        ("PUT", None) if uri.query().unwrap_or_default().is_empty() => Some("CreateBucket"),
        ("DELETE", None) if uri.query().unwrap_or_default().is_empty() => Some("DeleteBucket"),
        _ => None,
    }
}

/// Whether an operation changes a resource.
fn changes(operation: &str) -> bool {
    let starts = [
        "Create",
        "Put",
        "Set",
        "Delete",
        "Remove",
        "Subscribe",
        "Unsubscribe",
        "Tag",
        "Untag",
    ];
    // Log events are data.
    operation != "PutLogEvents" && starts.iter().any(|start| operation.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_change_something_have_events() {
        let of = |method: &str, path: &str| of_lambda(&method.parse().unwrap(), path);
        let functions = "/2015-03-31/functions";
        assert_eq!(of("POST", functions), Some("CreateFunction20150331"));
        assert_eq!(
            of("POST", &format!("{functions}/f/policy")),
            Some("AddPermission20150331v2")
        );
        assert_eq!(of("POST", &format!("{functions}/f/invocations")), None);
        assert_eq!(of("GET", &format!("{functions}/f")), None);
        let of = |method: &str, uri: &str| of_s3(&method.parse().unwrap(), &uri.parse().unwrap());
        assert_eq!(of("PUT", "/b"), Some("CreateBucket"));
        assert_eq!(of("PUT", "/b?notification"), Some("PutBucketNotification"));
        assert_eq!(of("DELETE", "/b?policy"), Some("DeleteBucketPolicy"));
        assert_eq!(of("PUT", "/b/a/key"), None);
        assert_eq!(of("POST", "/b?delete"), None);
        assert!(changes("Subscribe") && !changes("Publish"));
        assert!(changes("CreateLogGroup") && changes("PutRetentionPolicy"));
        assert!(!changes("PutLogEvents") && !changes("DescribeLogGroups"));
    }
}
