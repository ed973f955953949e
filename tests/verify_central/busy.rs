//! A Central that asks to wait for longer than the checks do is not at fault: what needs the call is not tried.

use std::sync::Arc;

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sophos_ct::testing::Timing;

use super::{NOTHING, Served, block_on, differing, those};
use crate::support::World;

/// The calls that it is too busy for, by the request and its body; the checks that are not tried then.
struct Busy {
    with: fn(&Parts, &Value) -> bool,
    not_tried: &'static [(&'static str, &'static str)],
}

const BUSY: [Busy; 6] = [
    Busy {
        with: |request, asked| {
            request.uri.path().ends_with("/redeem") && asked["awsAccountId"] != "999999999999"
        },
        not_tried: &[
            ("redeemInvitation", "gives a token"),
            ("listInvitations", "says which account has redeemed it"),
        ],
    },
    Busy {
        // What is deleted whatever its ETag is, is deleted.
        with: |request, _| {
            let condition = request.headers.get(header::IF_MATCH);
            request.method == Method::DELETE && condition.is_some_and(|etag| etag != "*")
        },
        not_tried: &[
            ("deleteConnection", "deletes"),
            ("deleteConnection", "keeps the record, manifest included"),
            ("deleteConnection", "frees the name"),
            ("listConnections", "leaves out what is deleted"),
            ("listConnections", "shows what is deleted if asked"),
        ],
    },
    Busy {
        with: |request, asked| request.method == Method::PUT && named(asked, " one"),
        not_tried: &[("putConnection", "refuses an id that is there")],
    },
    Busy {
        with: |request, asked| request.method == Method::PUT && named(asked, " three"),
        not_tried: &[("updateConnection", "refuses a stale ETag")],
    },
    Busy {
        with: |request, asked| request.method == Method::PATCH && named(asked, " renamed"),
        not_tried: &[("updateConnection", "refuses a stale ETag")],
    },
    Busy {
        with: |request, _| {
            request.method == Method::DELETE && request.uri.path().ends_with("/invitations")
        },
        not_tried: &[
            ("revokeInvitations", "ends the code"),
            ("revokeInvitations", "ends the tokens made from it"),
        ],
    },
];

/// Calls of which some need a forwarder that signs in.
const BUSY_WITH_FILES: [Busy; 2] = [
    Busy {
        with: |request, _| request.uri.path().starts_with("/upload/"),
        not_tried: &[
            ("upload", "leaves a receipt"),
            ("listReceipts", "has the sums of what was stored"),
        ],
    },
    Busy {
        with: |request, asked| {
            request.method == Method::PATCH && asked["resources"]["complete"] == true
        },
        not_tried: &[("createInvitation", "is for pending connections alone")],
    },
];

/// Whether a connection is to have a name that ends so.
fn named(asked: &Value, suffix: &str) -> bool {
    let name = asked["name"].as_str();
    name.is_some_and(|name| name.ends_with(suffix))
}

#[test]
fn what_needs_a_call_that_it_is_too_busy_for_is_not_tried() {
    are_not_tried(BUSY, |_| Vec::new());
}

#[test]
fn what_needs_a_file_or_a_manifest_that_it_is_too_busy_for_is_not_tried() {
    are_not_tried(BUSY_WITH_FILES, |world| world.role(NOTHING).to_vec());
}

fn are_not_tried(
    cases: impl IntoIterator<Item = Busy>,
    role: impl Fn(&World) -> Vec<(&'static str, String)>,
) {
    let world = World::new();
    let role = role(&world);
    block_on(async {
        for busy in cases {
            let expected = busy.not_tried;
            let layer = middleware::from_fn_with_state(Arc::new(busy), serve);
            let central = Served::changed(Timing::default(), |router| router.layer(layer)).await;
            let ran = central.verify(&world, &role, &["--format", "json"]).await;
            let document = ran.json();
            let differing = differing(&document);
            assert!(differing.is_empty(), "{expected:?}: {differing:?}");
            let not_tried = those(&document, &Value::Null);
            for (operation, name) in expected {
                let one = ((*operation).to_owned(), (*name).to_owned());
                assert!(not_tried.contains(&one), "{one:?}: {not_tried:?}");
            }
            assert!(!central.has_connections(), "{expected:?}");
        }
    });
}

async fn serve(State(busy): State<Arc<Busy>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    // The bodies of uploads may break off.
    let (asked, body) = if parts.uri.path().starts_with("/upload/") {
        (Value::Null, body)
    } else {
        let bytes = to_bytes(body, 8 << 20).await.unwrap();
        let asked = serde_json::from_slice(&bytes).unwrap_or_default();
        (asked, Body::from(bytes))
    };
    if (busy.with)(&parts, &asked) {
        let wait = [(header::RETRY_AFTER, "30")];
        let refusal = Json(json!({ "error": "tooMany" }));
        return (StatusCode::TOO_MANY_REQUESTS, wait, refusal).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}
