//! The token that a code is exchanged for can finish its one connection, and nothing else of Central.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{CONNECTIONS, code, invitation, tenant};
use crate::support::{World, blocking, central_url};

/// What whoever holds only the token may do with an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum May {
    /// With the connection that the invitation is for. With another one it is forbidden.
    Own,
    Never,
    /// It takes another proof than this token, which is worth nothing there.
    Unproved,
}

/// Every operation of the contract: its id, method and path, and what the token may do.
const OPERATIONS: [(&str, &str, &str, May); 21] = [
    ("token", "POST", "/api/v2/oauth2/token", May::Unproved),
    ("whoami", "GET", "/whoami/v1", May::Never),
    ("partnerTenants", "GET", "/partner/v1/tenants", May::Never),
    (
        "organizationTenants",
        "GET",
        "/organization/v1/tenants",
        May::Never,
    ),
    ("licenses", "GET", "/licenses/v1/licenses", May::Never),
    ("listConnections", "GET", "{connections}", May::Never),
    ("putConnection", "PUT", "{connections}/{id}", May::Never),
    ("getConnection", "GET", "{connections}/{id}", May::Own),
    ("updateConnection", "PATCH", "{connections}/{id}", May::Own),
    (
        "deleteConnection",
        "DELETE",
        "{connections}/{id}",
        May::Never,
    ),
    (
        "createInvitation",
        "POST",
        "{connections}/{id}/invitations",
        May::Never,
    ),
    (
        "listInvitations",
        "GET",
        "{connections}/{id}/invitations",
        May::Never,
    ),
    (
        "revokeInvitations",
        "DELETE",
        "{connections}/{id}/invitations",
        May::Never,
    ),
    (
        "getEndpoints",
        "GET",
        "/cloud-integrations/v1/aws-cloudtrail/endpoints",
        May::Never,
    ),
    (
        "getStatistics",
        "GET",
        "{connections}/{id}/statistics?since=2026-01-01T00:00:00Z",
        May::Never,
    ),
    (
        "redeemInvitation",
        "POST",
        "/cloud-integrations/v1/invitations/redeem",
        May::Unproved,
    ),
    (
        "listReceipts",
        "GET",
        "{connections}/{id}/receipts",
        May::Own,
    ),
    (
        "ingestToken",
        "POST",
        "/log-ingest/v1/connections/{id}/token",
        May::Unproved,
    ),
    (
        "offerObject",
        "POST",
        "/log-ingest/v1/connections/{id}/objects",
        May::Unproved,
    ),
    (
        "reportObjects",
        "POST",
        "/log-ingest/v1/connections/{id}/objects/reports",
        May::Unproved,
    ),
    (
        "missingObjects",
        "POST",
        "/log-ingest/v1/connections/{id}/objects/missing",
        May::Unproved,
    ),
];

/// The operations whose address comes from another answer.
const ADDRESSED: [&str; 1] = ["upload"];

/// Makes one call with a token, and returns its status, its ETag and its body.
fn call(
    world: &World,
    token: Option<&str>,
    (method, path): (&str, &str),
    etag: Option<&str>,
    body: &Value,
) -> (u16, Option<String>, Value) {
    blocking(async {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}{path}", central_url());
        let mut request = http
            .request(method.parse().unwrap(), url)
            .header("X-Tenant-ID", tenant(world))
            .header("X-Partner-ID", tenant(world))
            .header("X-Organization-ID", tenant(world));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request = match method {
            "PUT" => request.header("If-None-Match", "*"),
            "PATCH" | "DELETE" => request.header("If-Match", etag.unwrap_or("*")),
            _ => request,
        };
        if method != "GET" {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let etag = answer.headers().get("etag");
        let etag = etag.map(|etag| etag.to_str().unwrap().to_owned());
        (status, etag, answer.json().await.unwrap_or_default())
    })
}

/// Exchanges a code, as whoever is invited would.
fn token(world: &World, code: &str) -> String {
    let redeem = ("POST", "/cloud-integrations/v1/invitations/redeem");
    let body = json!({ "code": code, "awsAccountId": world.account });
    let (status, _, redeemed) = call(world, None, redeem, None, &body);
    assert_eq!(status, 200, "{redeemed}");
    redeemed["access_token"].as_str().unwrap().to_owned()
}

/// A body that fits the operation, so that it is refused for no other reason.
fn body_of(operation: &str, world: &World) -> Value {
    let object = json!({ "bucket": "theirs", "key": "AWSLogs/a" });
    match operation {
        "putConnection" => json!({ "name": "mine", "awsAccountId": world.account }),
        "redeemInvitation" => json!({ "code": "A".repeat(16), "awsAccountId": world.account }),
        "offerObject" => object,
        "missingObjects" => json!({ "bucket": "theirs", "keys": [] }),
        "reportObjects" => json!({ "items": [] }),
        _ => json!({}),
    }
}

#[test]
fn the_token_of_an_invitation_is_refused_by_every_other_operation() {
    let world = World::new();
    let made = invitation(&world);
    let own = made["connection"]["id"].as_str().unwrap();
    let other = format!("00000000-0000-4000-8000-{}", world.account);
    let new = json!({ "name": "other", "awsAccountId": world.account });
    world.put_connection(&other, &new);
    let token = token(&world, &code(&made));
    let path_of = |path: &str, id: &str| {
        let path = path.replace("{connections}", CONNECTIONS);
        path.replace("{id}", id)
    };
    for (operation, method, path, may) in OPERATIONS {
        for id in [own, other.as_str()] {
            let get = path_of("{connections}/{id}", id);
            let (_, etag, _) = call(
                &world,
                Some(&token),
                ("GET", get.as_str()),
                None,
                &Value::Null,
            );
            let body = body_of(operation, &world);
            let path = path_of(path, id);
            let (status, _, answer) = call(
                &world,
                Some(&token),
                (method, path.as_str()),
                etag.as_deref(),
                &body,
            );
            let what = format!("{operation} of {id}: {status} {answer}");
            match may {
                May::Own if id == own => assert_eq!(status, 200, "{what}"),
                May::Own | May::Never => assert_eq!(status, 403, "{what}"),
                May::Unproved => assert!((400..500).contains(&status), "{what}"),
            }
        }
    }
    let upload = ("PUT", "/upload/00000000-0000-4000-8000-000000000000");
    let (status, ..) = call(&world, Some(&token), upload, None, &json!({}));
    assert!((400..500).contains(&status), "{status}");

    // With the invitation, the token ends.
    super::ran_by_inviter(&world, &["invite", "demo", "--revoke"]).exits(0);
    let get = path_of("{connections}/{id}", own);
    let (status, ..) = call(
        &world,
        Some(&token),
        ("GET", get.as_str()),
        None,
        &Value::Null,
    );
    assert_eq!(status, 401);
}

#[test]
fn the_operations_above_are_all_of_the_contract() {
    let text = std::fs::read_to_string("schemas/central-api.yaml").unwrap();
    let named = text.split("operationId:").skip(1);
    let named: BTreeSet<&str> = named
        .map(|rest| rest.trim_start().split([',', '\n']).next().unwrap().trim())
        .collect();
    let known = OPERATIONS.iter().map(|(operation, ..)| *operation);
    let known: BTreeSet<&str> = known.chain(ADDRESSED).collect();
    assert_eq!(named, known);
}
