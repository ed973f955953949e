//! The names of calls, and which of them are writes.

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, header, request::Parts},
};

pub(super) fn aws_call(parts: &Parts, body: &Bytes) -> String {
    let service = match service_of(&parts.headers).unwrap_or("unsigned") {
        // CloudWatch signs with a name that its permissions do not have.
        "monitoring" => "cloudwatch",
        service => service,
    };
    let target = parts
        .headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    let operation = match (service, target) {
        (_, Some(target)) => target.rsplit('.').next().unwrap_or_default().to_owned(),
        ("s3", None) => s3_operation(parts),
        ("lambda", None) => lambda_operation(parts),
        ("cloudwatch", None) => last(parts.uri.path()).to_owned(),
        _ => String::from_utf8_lossy(body)
            .split('&')
            .find_map(|pair| pair.strip_prefix("Action="))
            .unwrap_or_default()
            .to_owned(),
    };
    format!("{service}:{operation}")
}

pub(super) fn central_call(parts: &Parts) -> String {
    let words: Vec<&str> = parts.uri.path().trim_matches('/').split('/').collect();
    let what = match words[..] {
        [.., "token"] => "token",
        ["whoami", ..] => "whoami",
        ["licenses", ..] => "licenses",
        [.., "tenants"] => "tenants",
        [.., "connections"] => "connections",
        [.., "connections", _] => "connection",
        _ => parts.uri.path(),
    };
    format!("central:{} {what}", parts.method)
}

pub(super) fn is_write(name: &str) -> bool {
    let reads = ["Get", "List", "Describe", "Head", "Lookup", "Assume", "GET"];
    let (_, operation) = name.split_once(':').unwrap_or_default();
    // A function of another world may still call AWS at a port that this wire has taken over. Central has no path `/`, so such
    // a call is not one of ours.
    let ours = !["central:POST token", "central:POST /"].contains(&name);
    ours && !reads.iter().any(|read| operation.starts_with(read))
}

/// The access key that signed a call.
pub(super) fn key_of(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    text.split("Credential=").nth(1)?.split('/').next()
}

fn service_of(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    text.split("Credential=").nth(1)?.split('/').nth(3)
}

fn s3_operation(parts: &Parts) -> String {
    let query = parts.uri.query().unwrap_or_default();
    let has = |name: &str| {
        query
            .split('&')
            .any(|pair| pair.split('=').next() == Some(name))
    };
    let on_object = parts.uri.path().trim_matches('/').contains('/');
    let part = [
        ("tagging", "BucketTagging"),
        ("policy", "BucketPolicy"),
        ("lifecycle", "BucketLifecycleConfiguration"),
        ("publicAccessBlock", "PublicAccessBlock"),
        ("location", "BucketLocation"),
        ("versioning", "BucketVersioning"),
        ("object-lock", "ObjectLockConfiguration"),
        ("notification", "BucketNotificationConfiguration"),
        ("requestPayment", "BucketRequestPayment"),
        ("abac", "BucketAbac"),
    ]
    .into_iter()
    .find(|(name, _)| has(name));
    let verb = match parts.method {
        Method::GET => "Get",
        Method::PUT => "Put",
        Method::DELETE => "Delete",
        Method::HEAD => "Head",
        _ => "Post",
    };
    match (part, verb) {
        (Some((_, part)), verb) => format!("{verb}{part}"),
        (None, "Post") if has("delete") => "DeleteObjects".to_owned(),
        (None, "Get") if !on_object => "ListObjects".to_owned(),
        (None, "Put") if !on_object => "CreateBucket".to_owned(),
        (None, verb) if on_object => format!("{verb}Object"),
        (None, verb) => format!("{verb}Bucket"),
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn lambda_operation(parts: &Parts) -> String {
    let words: Vec<&str> = parts
        .uri
        .path()
        .trim_matches('/')
        .split('/')
        .skip(1)
        .collect();
    match (parts.method.as_str(), &words[..]) {
        ("POST", ["functions"]) => "CreateFunction",
        ("GET", ["functions", _]) => "GetFunction",
        ("DELETE", ["functions", _]) => "DeleteFunction",
        ("POST", ["functions", _, "policy"]) => "AddPermission",
        ("GET", ["functions", _, "policy"]) => "GetPolicy",
        ("DELETE", ["functions", _, "policy", ..]) => "RemovePermission",
        ("PUT", ["functions", _, "code"]) => "UpdateFunctionCode",
        ("PUT", ["functions", _, "configuration"]) => "UpdateFunctionConfiguration",
        (method, _) => return format!("{method} {}", parts.uri.path()),
    }
    .to_owned()
}
