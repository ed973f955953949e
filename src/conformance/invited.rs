//! Checks of an invitation's token: what it may do with its one connection, and that it may do nothing else.

use reqwest::Method;
use serde_json::json;

use super::{
    answer::{Answer, Ask, Bearer, Tried},
    bench::Bench,
    change::{current, made},
    ingest::{BUCKET, by_forwarder, key},
    published::{LISTS, global},
    saved::new_id,
};

pub(super) const MAY: &str = "lets the token read and change its connection";
pub(super) const MAY_NOT: &str = "lets the token do nothing else";

pub(super) async fn run(bench: &mut Bench, id: &str, token: &str) -> Result<(), String> {
    let may = may(bench, id, token).await?;
    bench.note("redeemInvitation", MAY, may);
    let body = bench.new_connection("not invited");
    let other = made(bench, body.clone()).await?;
    let before = current(bench, &other).await?;
    before.served()?;
    let etag = before.etag.unwrap_or_default();
    let unsaved = new_id();
    let (mut may_not, mut told) = (Ok(()), Ok(()));
    for ask in forbidden(bench, id, (other.as_str(), etag.as_str()), &unsaved) {
        let operation = ask.operation;
        let answer = bench.send(as_invited(ask, token)).await?;
        match answer.served() {
            Ok(()) => {
                let kept_out = kept_out(operation, &answer);
                may_not = may_not.and(kept_out.map_err(|how| format!("{operation} {how}")));
            }
            later => told = told.and(later),
        }
    }
    let after = current(bench, &other).await?;
    let changed = |how: String| format!("another connection was changed with the token: {how}");
    let untouched = after.is(200).and_then(|()| {
        after.has("/status", "pending").map_err(changed)?;
        after.has("/name", body["name"].clone()).map_err(changed)?;
        let settings = body["settings"].clone();
        after.has("/settings", settings).map_err(changed)
    });
    let absent = current(bench, &unsaved).await?;
    let absent = match absent.status {
        200 => Err("a connection was saved with the token".to_owned()),
        _ => absent.served(),
    };
    // What differs counts for more than what was told to wait.
    let tried = may_not.and(untouched).and(absent).and(told);
    bench.note("redeemInvitation", MAY_NOT, tried);
    Ok(())
}

/// Whether the token is kept out of an operation.
fn kept_out(operation: &str, answer: &Answer) -> Tried {
    let refusals = [(401, ""), (403, ""), (404, ""), (400, ""), (422, "")];
    match operation {
        // It may see first that the id is not one of a partner or an organization.
        "partnerTenants" | "organizationTenants" => answer.refuses_by(&refusals[..4]),
        // It may look at the body first.
        "offerObject" | "reportObjects" | "missingObjects" => answer.refuses_by(&refusals),
        _ => answer.keeps_out(),
    }
}

fn as_invited(ask: Ask, token: &str) -> Ask {
    ask.by(Bearer::Other(token.to_owned()))
}

/// It reads its connection, changes it, and reads its receipts.
async fn may(bench: &Bench, id: &str, token: &str) -> Result<Tried, String> {
    let own = format!("/{id}");
    let ask = bench.of("getConnection", Method::GET, &own);
    let read = bench.send(as_invited(ask, token)).await?;
    let ask = bench.of("updateConnection", Method::PATCH, &own);
    let ask = ask
        .with("if-match", read.etag.clone().unwrap_or_default())
        .json(json!({ "settings": { "prefix": "invited" } }));
    let changed = bench.send(as_invited(ask, token)).await?;
    let ask = bench.of("listReceipts", Method::GET, &format!("{own}/receipts"));
    let receipts = bench.send(as_invited(ask, token)).await?;
    let may = read
        .is(200)
        .and_then(|()| read.has("/id", id))
        .and_then(|()| changed.is(200))
        .and_then(|()| receipts.is(200));
    Ok(may)
}

/// All that the contract does not grant: with the own connection, with another one of the same tenant, and with the tenant. What
/// would delete comes last.
fn forbidden(bench: &Bench, id: &str, (other, etag): (&str, &str), unsaved: &str) -> Vec<Ask> {
    let patch = |body| {
        let ask = bench.of("updateConnection", Method::PATCH, &format!("/{other}"));
        ask.with("if-match", etag).json(body)
    };
    let endpoints = "/cloud-integrations/v1/aws-cloudtrail/endpoints";
    let tenant = || bench.tenant.clone();
    let mut asks = vec![
        bench.of("listConnections", Method::GET, ""),
        bench.put(unsaved, bench.new_connection("not allowed")),
        bench.of("getConnection", Method::GET, &format!("/{other}")),
        bench.of("listReceipts", Method::GET, &format!("/{other}/receipts")),
        patch(json!({ "settings": { "prefix": "not-invited" } })),
        patch(json!({ "status": "paused" })),
        patch(json!({ "status": "active" })),
        bench.ask("getEndpoints", Method::GET, endpoints),
        global(bench, "whoami", "/whoami/v1"),
        global(bench, "licenses", "/licenses/v1/licenses").with("x-tenant-id", tenant()),
    ];
    for (_, operation, header, path) in LISTS {
        asks.push(global(bench, operation, path).with(header, tenant()));
    }
    let key = key(bench, "i");
    for (operation, body) in [
        ("offerObject", json!({ "bucket": BUCKET, "key": key })),
        ("reportObjects", json!({ "items": [] })),
        ("missingObjects", json!({ "bucket": BUCKET, "keys": [key] })),
    ] {
        asks.push(by_forwarder(bench, operation, id, "", body));
    }
    for one in [other, id] {
        let statistics = format!("/{one}/statistics?since=2026-01-01T00:00:00Z");
        asks.push(bench.of("getStatistics", Method::GET, &statistics));
        let invitations = format!("/{one}/invitations");
        for (operation, method) in [
            ("createInvitation", Method::POST),
            ("listInvitations", Method::GET),
            ("revokeInvitations", Method::DELETE),
        ] {
            asks.push(bench.of(operation, method, &invitations));
        }
        let delete = bench.of("deleteConnection", Method::DELETE, &format!("/{one}"));
        asks.push(delete.with("if-match", "*"));
    }
    asks
}
