//! Calls are passed on to AWS and Central.

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use super::{
    lies::lying,
    rules::{Side, lock},
};

/// Passes a call on with its headers, `Host` included, so that its signature stays valid.
pub(super) async fn pass(side: &Side, parts: Parts, body: Bytes) -> Response {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let of_connections = path.starts_with("/cloud-integrations") && !path.ends_with("/redeem");
    let tells_hosts = side.central && !of_connections;
    let gives_code = !side.central && parts.method == Method::GET && path.contains("/functions/");
    let uri: Uri = format!("{}{path}", side.upstream).parse().expect("a URL");
    let mut request = Request::from_parts(parts, Body::from(body));
    *request.uri_mut() = uri;
    let lies = side.central && lock(&side.rules).liar.is_some();
    if lies {
        return lying(side, request).await;
    }
    let told = lock(&side.rules).told.clone();
    match side.client.request(request).await {
        // These answers contain Central's own addresses. They are replaced, so that calls to them go through the wire as well.
        Ok(answer) if tells_hosts => {
            let (mut parts, body) = answer.into_parts();
            let body = axum::body::to_bytes(Body::new(body), 1 << 20)
                .await
                .unwrap_or_default();
            let text = String::from_utf8_lossy(&body).replace(&*side.upstream, &side.own);
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(text))
        }
        Ok(answer) if side.central && !told.is_empty() => {
            let (mut parts, body) = answer.into_parts();
            let mut body = axum::body::to_bytes(Body::new(body), 1 << 20)
                .await
                .unwrap_or_default();
            if let Ok(mut value) = serde_json::from_slice(&body) {
                retell(&mut value, &told);
                body = value.to_string().into();
            }
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(body))
        }
        Ok(answer) if gives_code => {
            let (parts, body) = answer.into_parts();
            let body = axum::body::to_bytes(Body::new(body), 1 << 20)
                .await
                .unwrap_or_default();
            let function: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            if let Some(url) = function["Code"]["Location"].as_str() {
                lock(&side.rules).secrets.insert(url.to_owned());
            }
            Response::from_parts(parts, Body::from(body))
        }
        Ok(answer) => answer.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

/// Puts other values into fields of these names, wherever they are.
fn retell(value: &mut Value, told: &Map<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match told.get(name) {
                    Some(other) => value.clone_from(other),
                    None => retell(value, told),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| retell(value, told)),
        _ => {}
    }
}
