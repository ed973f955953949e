//! Checks of invitations, while a connection is pending.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    answer::{Answer, Ask, Bearer, Tried},
    bench::Bench,
    change::{current, made},
    invited,
    saved::new_id,
};

const REDEEM: &str = "/cloud-integrations/v1/invitations/redeem";
/// For how many seconds a token is good at most (contract, `redeemInvitation`).
const TWO_HOURS: f64 = 7200.0;

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
    let ended = first
        .served()
        .and_then(|()| second.is(201))
        .and_then(|()| ended.refuses(401, "invitationInvalid"));
    bench.note("createInvitation", "ends the one before", ended);
    second.served()?;
    let code = second.text("/code").to_owned();
    listed(bench, &id, &code).await?;
    let token = redeemed(bench, &id, &code).await?;
    if let Some(token) = &token {
        invited::run(bench, &id, token).await?;
    }
    revoked(bench, &id, &code, token).await?;
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
        answer.has_time("/items/0/createdAt")?;
        answer.has_time("/items/0/expiresAt")
    });
    bench.note(
        "listInvitations",
        "lists open ones without their codes",
        tried,
    );
    Ok(())
}

/// Redeems a code. Returns the token, if there is one.
async fn redeemed(bench: &mut Bench, id: &str, code: &str) -> Result<Option<String>, String> {
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
        answer.has("/tenantId", bench.tenant.as_str())?;
        let lasts = &answer.body["expires_in"];
        match lasts.as_f64() {
            Some(seconds) if seconds > 0.0 && seconds <= TWO_HOURS => Ok(()),
            _ => Err(format!("/expires_in is {lasts}, not within two hours")),
        }
    });
    bench.note("redeemInvitation", "gives a token", gives);
    let again = redeem(bench, code, &account).await?;
    let again = answer.served().and_then(|()| again.is(200));
    bench.note(
        "redeemInvitation",
        "gives it again to the same account",
        again,
    );
    let ask = bench.of(
        "listInvitations",
        Method::GET,
        &format!("/{id}/invitations"),
    );
    let listed = bench.send(ask).await?;
    let by = answer
        .served()
        .and_then(|()| listed.has("/items/0/redeemedBy", account));
    bench.note("listInvitations", "says which account has redeemed it", by);
    if let Err(why) = answer.served() {
        for name in [invited::MAY, invited::MAY_NOT] {
            bench.skip("redeemInvitation", name, why.clone());
        }
    }
    let token = answer.text("/access_token").to_owned();
    Ok(Some(token).filter(|token| !token.is_empty()))
}

async fn revoked(
    bench: &mut Bench,
    id: &str,
    code: &str,
    token: Option<String>,
) -> Result<(), String> {
    let ask = bench.of(
        "revokeInvitations",
        Method::DELETE,
        &format!("/{id}/invitations"),
    );
    let revoked = bench.send(ask).await?;
    bench.note("revokeInvitations", "takes all back", revoked.is(204));
    let account = bench.account();
    let ended = redeem(bench, code, &account).await?;
    let ended = revoked
        .served()
        .and_then(|()| ended.refuses(401, "invitationInvalid"));
    bench.note("revokeInvitations", "ends the code", ended);
    let name = "ends the tokens made from it";
    match token {
        Some(token) => {
            let ask = bench.of("getConnection", Method::GET, &format!("/{id}"));
            let ended = bench.send(ask.by(Bearer::Other(token))).await?;
            let ended = revoked.served().and_then(|()| ended.keeps_out());
            bench.note("revokeInvitations", name, ended);
        }
        None => bench.skip("revokeInvitations", name, "there is no token".to_owned()),
    }
    let here = current(bench, id).await?;
    here.served()?;
    match here.body {
        Value::Object(_) => Ok(()),
        _ => Err("the connection is gone after its invitation was taken back".to_owned()),
    }
}
