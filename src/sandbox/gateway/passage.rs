//! The way through the gateway to the emulator, and who calls.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;

use crate::{
    connection::{AccountId, Region},
    sandbox::{
        cloud::{Caller, Cloud},
        default_account, ministack,
        request::scope,
        rules,
    },
};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Gateway {
    pub(super) cloud: Cloud,
    /// Log groups of functions that were deleted. The emulator still writes the log of a late run, and creates the group again
    /// for it. On AWS only the function's role could do that, and ours may not.
    pub(super) deleted_logs: Arc<Mutex<HashSet<(AccountId, Region, String)>>>,
    /// Bucket settings that the emulator does not know, as they were put, by bucket and name.
    pub(super) bucket_settings: Arc<Mutex<HashMap<(String, &'static str), Bytes>>>,
    /// The ARNs of callers, by their access keys.
    pub(super) arns: Arc<Mutex<HashMap<String, String>>>,
}

impl Gateway {
    pub(crate) fn new(cloud: Cloud) -> Self {
        Self {
            cloud,
            deleted_logs: Arc::default(),
            bucket_settings: Arc::default(),
            arns: Arc::default(),
        }
    }

    /// Whether a request carries the secret of this run, as those of roots do.
    pub(super) fn knows_secret(&self, headers: &HeaderMap) -> bool {
        let token = headers.get("x-amz-security-token");
        let secret = self.cloud.emulator().secret.expose_secret();
        token.is_some_and(|token| token.as_bytes() == secret.as_bytes())
    }

    /// Passes a request on with all of its headers, including `Host`, so that its signature stays valid.
    pub(super) async fn pass(&self, mut request: Request) -> Response {
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
                // Pages in a browser must not read these answers.
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

    /// The account and region of a call. `None` if they cannot be found out.
    pub(super) async fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        let scope = scope(headers)?;
        if !rules::is_region(scope.region) {
            return None;
        }
        let region: Region = scope.region.parse().ok()?;
        let account = if rules::is_account(scope.access_key) {
            scope.access_key.parse().ok()?
        } else {
            let root = self.cloud.root(&default_account(), &region).await?;
            let info = root.sts.get_access_key_info();
            let answer = info.access_key_id(scope.access_key).send().await.ok()?;
            answer.account()?.parse().ok()?
        };
        Some(Caller { account, region })
    }
}
