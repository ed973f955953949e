//! Redeeming an invitation.

use std::time::Duration;

use axum::{Json, body::Bytes, http::StatusCode, response::IntoResponse};
use serde_json::{Value, json};

use crate::sandbox::{
    central::{
        refusal::{Answer, Refusal},
        request::json_body,
        state::Ctx,
        store::{Principal, Store},
    },
    rules,
};

/// The lifetime of an invitation's token, in seconds.
const LIFETIME: u64 = 2 * 3600;

/// Exchanges a code for a token that is good for one connection.
pub(crate) async fn redeem(ctx: Ctx, body: Bytes) -> Answer {
    let body = json_body(&body)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let (code, account) = (text("code"), text("awsAccountId"));
    if !rules::is_account(account) {
        return Err(Refusal::invalid("awsAccountId: not an account's id"));
    }
    let mut store = ctx.store();
    let Some((id, tenant)) = redeemable(&store, code, account) else {
        return Err(Refusal::new(
            StatusCode::UNAUTHORIZED,
            "invitationInvalid",
            "the code cannot be redeemed",
        ));
    };
    if let Some(invitation) = store.invitations.get_mut(code) {
        invitation.account = Some(account.to_owned());
    }
    let principal = Principal::Invited {
        connection: id.clone(),
    };
    let token = store.sign_in(principal, Duration::from_secs(LIFETIME));
    store.changed = true;
    Ok(Json(json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": LIFETIME,
        "connectionId": id,
        "tenantId": tenant,
        "apiHost": ctx.url.as_ref(),
    }))
    .into_response())
}

/// Connection and tenant of a code that this account may redeem: the connection's own account, until the connection is active or
/// the code has expired.
fn redeemable(store: &Store, code: &str, account: &str) -> Option<(String, String)> {
    let invitation = store.invitations.get(code)?;
    let id = &invitation.connection;
    let connection = store.connections.get(id)?;
    let of_account = connection
        .fields
        .get("awsAccountId")
        .and_then(Value::as_str)
        == Some(account);
    let other_account = invitation
        .account
        .as_deref()
        .is_some_and(|first| first != account);
    let over = invitation.expires_at <= jiff::Timestamp::now()
        || connection.activated
        || connection.deleted;
    (of_account && !other_account && !over).then(|| (id.clone(), connection.tenant.clone()))
}
