//! A Central that lies.

use axum::{
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::rules::{Rules, Side, lock};

/// Passes a call to Central and may put a lie into the answer. Answers to sign-ins are left alone, because a program that
/// cannot sign in does nothing more.
pub(super) async fn lying(side: &Side, request: Request<Body>) -> Response {
    let path = request.uri().path().to_owned();
    let Ok(answer) = side.client.request(request).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (mut parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(Body::new(body), 1 << 20)
        .await
        .unwrap_or_default();
    let mut text = String::from_utf8_lossy(&body).into_owned();
    if !path.starts_with("/cloud-integrations") {
        text = text.replace(&*side.upstream, &side.own);
    }
    let mut rules = lock(&side.rules);
    let Rules { liar, lies, .. } = &mut *rules;
    if let Some(random) = liar
        && !path.ends_with("/token")
        && random.bool()
    {
        if random.u32(0..12) == 0 {
            lies.push(format!("{path}: no ETag"));
            parts.headers.remove(header::ETAG);
        } else if random.u32(0..12) == 0 {
            lies.push(format!("{path}: no JSON"));
            text = "<html>\u{1b}[31mbusy</html>".to_owned();
        } else if let Ok(mut value) = serde_json::from_str::<Value>(&text) {
            lies.push(format!("{path}: {}", spoil(&mut value, random, side)));
            text = value.to_string();
        }
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(text))
}

/// Changes or removes one field somewhere in the value, and returns what was done.
fn spoil(value: &mut Value, random: &mut fastrand::Rng, side: &Side) -> String {
    let inside = random.u32(0..4) > 0;
    match value {
        Value::Object(map) if !map.is_empty() => {
            let keys: Vec<String> = map.keys().cloned().collect();
            let key = &keys[random.usize(..keys.len())];
            let nested = map[key].is_object() || map[key].is_array();
            if nested && inside {
                return format!("{key}.{}", spoil(&mut map[key], random, side));
            }
            if random.u32(0..5) == 0 {
                map.shift_remove(key);
                return format!("{key} gone");
            }
            let lie = lie(random, side);
            let shown = format!("{key} = {:.80}", lie.to_string());
            map.insert(key.clone(), lie);
            shown
        }
        Value::Array(list) if !list.is_empty() => {
            let at = random.usize(..list.len());
            if inside {
                return format!("{at}.{}", spoil(&mut list[at], random, side));
            }
            match random.u32(0..3) {
                0 => drop(list.remove(at)),
                1 => list.push(list[at].clone()),
                _ => list[at] = lie(random, side),
            }
            format!("{at}")
        }
        other => {
            *other = lie(random, side);
            format!("= {:.80}", other.to_string())
        }
    }
}

/// A random value that a malicious Central may put in place of any other.
fn lie(random: &mut fastrand::Rng, side: &Side) -> Value {
    let account = &side.account;
    let long = "x".repeat(70_000);
    let values = [
        Value::Null,
        json!(""),
        json!(-1),
        json!(1e300),
        json!(18_446_744_073_709_551_615_u64),
        json!(true),
        json!([]),
        json!({}),
        json!([null, 1, "x", {}]),
        json!(long),
        json!("\u{1b}[2J\u{1b}]0;x\u{7}"),
        json!("a\r\n::set-output name=x::y\n##vso[task]"),
        json!("\u{202e}gnp.exe\u{9b}31m\u{2066}\u{feff}"),
        json!("../../../etc/passwd"),
        json!("deleted"),
        json!("active"),
        json!("unheard-of"),
        json!("11111111-2222-4333-8444-555555555577"),
        json!("999999999999"),
        json!("us-east-1"),
        json!("victim"),
        json!(format!("victim-{account}")),
        json!(format!("arn:aws:iam::{account}:role/victim")),
        json!(format!("arn:aws:sns:eu-west-1:{account}:victim")),
        json!(format!("arn:aws:s3:::victim-{account}")),
        json!("http://169.254.169.254/latest"),
        json!("https://ingest.example.org"),
        json!(["evil.example.org", "10.0.0.1"]),
        json!("0001-01-01T00:00:00Z"),
        json!("9999-12-31T23:59:59Z"),
    ];
    values[random.usize(..values.len())].clone()
}
