//! Checks of invitations, while a connection is pending.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    answer::{Answer, Ask, Bearer, Tried},
    bench::{Bench, new_id},
    change::{current, made},
};

const REDEEM: &str = "/cloud-integrations/v1/invitations/redeem";

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    let body = bench.new_connection("invited");
    let id = made(bench, body).await?;
    let path = format!("/{id}/invitations");
    let invite = bench.of("createInvitation", Method::POST, &path);
    let first = bench.send(invite.clone()).await?;
    bench.note("createInvitation", "makes a code", first.is(201));
    let lasts = first
        .is(201)
        .and_then(|()| good_for_a_day(first.text("/expiresAt")));
    bench.note("createInvitation", "makes it good for 24 hours", lasts);
    let second = bench.send(invite).await?;
    let ended = redeem(bench, first.text("/code"), &bench.account()).await?;
    let ended = second
        .is(201)
        .and_then(|()| ended.refuses(401, "invitationInvalid"));
    bench.note("createInvitation", "ends the one before", ended);
    let code = second.text("/code").to_owned();
    listed(bench, &id, &code).await?;
    let token = redeemed(bench, &id, &code).await?;
    limited(bench, &id, &token).await?;
    revoked(bench, &id, &code, &token).await?;
    for (operation, method) in [
        ("createInvitation", Method::POST),
        ("listInvitations", Method::GET),
        ("revokeInvitations", Method::DELETE),
    ] {
        let ask = bench.of(operation, method, &format!("/{}/invitations", new_id()));
        let unknown = bench.send(ask).await?;
        bench.note(
            operation,
            "knows no other id",
            unknown.refuses(404, "notFound"),
        );
    }
    Ok(())
}

fn good_for_a_day(expires: &str) -> Tried {
    let expires: jiff::Timestamp = expires
        .parse()
        .map_err(|_| format!("expiresAt is {expires:?}"))?;
    let hours = expires
        .duration_since(jiff::Timestamp::now())
        .as_secs()
        .div_euclid(3600);
    // Clocks may differ by some minutes.
    if (23..=24).contains(&hours) {
        return Ok(());
    }
    Err(format!("expiresAt is {expires}, not in 24 hours"))
}

/// A request without credentials.
async fn redeem(bench: &Bench, code: &str, account: &str) -> Result<Answer, String> {
    let host = bench.target.api_url.trim_end_matches('/');
    let ask = Ask::new("redeemInvitation", Method::POST, format!("{host}{REDEEM}"));
    bench
        .send(ask.json(json!({ "code": code, "awsAccountId": account })))
        .await
}

async fn listed(bench: &mut Bench, id: &str, code: &str) -> Result<(), String> {
    let ask = bench.of(
        "listInvitations",
        Method::GET,
        &format!("/{id}/invitations"),
    );
    let answer = bench.send(ask).await?;
    let tried = answer.is(200).and_then(|()| {
        let open = answer.list("items")?;
        let [one] = &open[..] else {
            return Err(format!("lists {} invitations, not 1", open.len()));
        };
        if answer.body.to_string().contains(code) || one.get("code").is_some() {
            return Err("shows a code".to_owned());
        }
        answer.has("/items/0/createdAt", one["createdAt"].clone())?;
        answer.has("/items/0/expiresAt", one["expiresAt"].clone())
    });
    bench.note(
        "listInvitations",
        "lists open ones without their codes",
        tried,
    );
    Ok(())
}

/// Redeems a code. Returns the token.
async fn redeemed(bench: &mut Bench, id: &str, code: &str) -> Result<String, String> {
    for (name, code) in [
        ("refuses another account", code),
        ("refuses an unknown code", "VERIFY-CENTRAL-0000"),
    ] {
        let answer = redeem(bench, code, "999999999999").await?;
        bench.note(
            "redeemInvitation",
            name,
            answer.refuses(401, "invitationInvalid"),
        );
    }
    let account = bench.account();
    let answer = redeem(bench, code, &account).await?;
    let gives = answer.is(200).and_then(|()| {
        answer.has("/connectionId", id)?;
        answer.has("/tenantId", bench.tenant.as_str())
    });
    bench.note("redeemInvitation", "gives a token", gives);
    let again = redeem(bench, code, &account).await?;
    bench.note(
        "redeemInvitation",
        "gives it again to the same account",
        again.is(200),
    );
    let ask = bench.of(
        "listInvitations",
        Method::GET,
        &format!("/{id}/invitations"),
    );
    let listed = bench.send(ask).await?;
    let by = listed.has("/items/0/redeemedBy", account);
    bench.note("listInvitations", "says which account has redeemed it", by);
    Ok(answer.text("/access_token").to_owned())
}

/// What the token may do, and what not.
async fn limited(bench: &mut Bench, id: &str, token: &str) -> Result<(), String> {
    let own = format!("/{id}");
    let as_invited = |ask: Ask| ask.by(Bearer::Other(token.to_owned()));
    let read = bench
        .send(as_invited(bench.of("getConnection", Method::GET, &own)))
        .await?;
    let change = json!({ "settings": { "prefix": "invited" } });
    let ask = bench.of("updateConnection", Method::PATCH, &own);
    let ask = ask
        .with("if-match", read.etag.clone().unwrap_or_default())
        .json(change);
    let changed = bench.send(as_invited(ask)).await?;
    let receipts = bench.of("listReceipts", Method::GET, &format!("{own}/receipts"));
    let receipts = bench.send(as_invited(receipts)).await?;
    let may = read
        .is(200)
        .and_then(|()| changed.is(200))
        .and_then(|()| receipts.is(200));
    bench.note(
        "redeemInvitation",
        "lets the token read and change its connection",
        may,
    );
    let other = format!("/{}", new_id());
    let mut may_not = Ok(());
    for ask in [
        bench.of("listConnections", Method::GET, ""),
        bench.of("getConnection", Method::GET, &other),
        bench.of(
            "createInvitation",
            Method::POST,
            &format!("{own}/invitations"),
        ),
        bench.of(
            "listInvitations",
            Method::GET,
            &format!("{own}/invitations"),
        ),
        bench.of(
            "revokeInvitations",
            Method::DELETE,
            &format!("{own}/invitations"),
        ),
        bench.of(
            "getStatistics",
            Method::GET,
            &format!("{own}/statistics?since=2026-01-01T00:00:00Z"),
        ),
        bench
            .of("deleteConnection", Method::DELETE, &own)
            .with("if-match", "*"),
        bench.ask("licenses", Method::GET, "/licenses/v1/licenses"),
    ] {
        let operation = ask.operation;
        let answer = bench.send(as_invited(ask)).await?;
        if may_not.is_ok() && ![401, 403, 404].contains(&answer.status) {
            may_not = Err(format!(
                "{operation} answers {} to the token, not 403",
                answer.status
            ));
        }
    }
    bench.note(
        "redeemInvitation",
        "lets the token do nothing else",
        may_not,
    );
    Ok(())
}

async fn revoked(bench: &mut Bench, id: &str, code: &str, token: &str) -> Result<(), String> {
    let ask = bench.of(
        "revokeInvitations",
        Method::DELETE,
        &format!("/{id}/invitations"),
    );
    let revoked = bench.send(ask).await?;
    bench.note("revokeInvitations", "takes all back", revoked.is(204));
    let account = bench.account();
    let ended = redeem(bench, code, &account).await?;
    bench.note(
        "revokeInvitations",
        "ends the code",
        ended.refuses(401, "invitationInvalid"),
    );
    let ask = bench.of("getConnection", Method::GET, &format!("/{id}"));
    let ended = bench.send(ask.by(Bearer::Other(token.to_owned()))).await?;
    bench.note(
        "revokeInvitations",
        "ends the tokens made from it",
        ended.keeps_out(),
    );
    let here = current(bench, id).await?;
    match here.body {
        Value::Object(_) => Ok(()),
        _ => Err("the connection is gone after its invitation was taken back".to_owned()),
    }
}
