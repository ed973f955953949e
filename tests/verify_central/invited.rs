//! An invitation's token that may do more than the contract grants is found, whatever it is that it may do.

use std::sync::{Arc, Mutex};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::Response,
};
use serde_json::Value;
use sophos_ct::testing::Timing;

use super::{Served, block_on, differing};
use crate::support::World;

/// What a Central lets the invited do as if they were administrators, with all but their own connection.
struct Lax {
    method: Method,
    /// How the path ends; for `/{id}`, that of a connection.
    path: &'static str,
    /// It does what is asked, and says that it may not be done.
    quiet: bool,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    administrator: Option<HeaderValue>,
    /// All tokens that were given for codes.
    invited: Vec<HeaderValue>,
    /// The connection of the invited.
    own: String,
}

#[test]
fn a_token_of_an_invitation_that_may_do_more_is_found() {
    let world = World::new();
    block_on(async {
        for (method, path, quiet) in [
            (Method::GET, "/{id}", false),
            (Method::PATCH, "/{id}", false),
            (Method::PATCH, "/{id}", true),
            (Method::PUT, "/{id}", true),
            (Method::GET, "/receipts", false),
            (Method::GET, "/endpoints", false),
            (Method::GET, "/whoami/v1", false),
        ] {
            let case = format!("{method} {path} {quiet}");
            let lax = Arc::new(Lax {
                method,
                path,
                quiet,
                known: Mutex::default(),
            });
            let layer = middleware::from_fn_with_state(lax, serve);
            let central = Served::changed(Timing::default(), |router| router.layer(layer)).await;
            let ran = central.verify(&world, &[], &["--format", "json"]).await;
            let found = differing(&ran.exits(1).json());
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|(operation, name)| (operation.as_str(), name.as_str()))
                .collect();
            let expected = ("redeemInvitation", "lets the token do nothing else");
            assert_eq!(found, [expected], "{case}");
            assert!(!central.has_connections(), "{case}");
        }
    });
}

async fn serve(State(lax): State<Arc<Lax>>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let promoted = promote(&lax, &mut request, &path);
    let answer = next.run(request).await;
    let (mut parts, body) = answer.into_parts();
    let bytes = to_bytes(body, 8 << 20).await.unwrap();
    if path.ends_with("/redeem") && parts.status == StatusCode::OK {
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        let token = format!("Bearer {}", body["access_token"].as_str().unwrap());
        let mut known = lax.known.lock().unwrap();
        known.invited.push(token.parse().unwrap());
        body["connectionId"]
            .as_str()
            .unwrap()
            .clone_into(&mut known.own);
    }
    if promoted && lax.quiet {
        parts.status = StatusCode::FORBIDDEN;
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::from(r#"{"error":"forbidden"}"#));
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Gives a call of the invited the administrator's token, if it is one that they are let do. Returns whether it is.
fn promote(lax: &Lax, request: &mut Request, path: &str) -> bool {
    let mut known = lax.known.lock().unwrap();
    let Some(token) = request.headers().get(header::AUTHORIZATION).cloned() else {
        return false;
    };
    if !known.invited.contains(&token) {
        // Whoever manages connections.
        if path.contains("/aws-cloudtrail/") {
            known.administrator = Some(token);
        }
        return false;
    }
    let fits = match lax.path {
        "/{id}" => path.rsplit('/').nth(1) == Some("connections"),
        end => path.ends_with(end),
    };
    let granted = fits && *request.method() == lax.method && !path.contains(&known.own);
    if granted {
        let administrator = known.administrator.clone().unwrap();
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, administrator);
    }
    granted
}
