//! A connection's invitations: making, listing and revoking them.

use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use serde_json::{Value, json};

use super::access::{only_clients, visible};
use crate::sandbox::central::{
    refusal::{Answer, Refusal},
    state::Ctx,
    store::{Invitation, Principal},
    times::to_the_second,
};

/// Makes a code for a pending connection. It replaces the one before.
pub(crate) async fn invite(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let mut store = ctx.store();
    only_clients(&store, &headers)?;
    let connection = visible(&store, &headers, &id)?;
    if store.status(&connection).0 != "pending" {
        let message = "the connection is not pending";
        return Err(Refusal::conflict("notPending", message));
    }
    store
        .invitations
        .retain(|_, invitation| invitation.connection != id);
    let code = uuid::Uuid::new_v4().to_string().to_uppercase();
    let expires_at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    store.invitations.insert(
        code.clone(),
        Invitation {
            connection: id,
            created_at: jiff::Timestamp::now(),
            expires_at,
            account: None,
        },
    );
    store.changed = true;
    let made = json!({ "code": code, "expiresAt": to_the_second(expires_at) });
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Lists open invitations, without their codes.
pub(crate) async fn invitations(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let store = ctx.store();
    only_clients(&store, &headers)?;
    let connection = visible(&store, &headers, &id)?;
    let now = jiff::Timestamp::now();
    // The code is used up once the connection is active.
    let pending = store.status(&connection).0 == "pending";
    let open = store
        .invitations
        .values()
        .filter(|one| pending && one.connection == id && one.expires_at > now);
    let items: Vec<Value> = open.map(shown).collect();
    Ok(Json(json!({ "items": items })).into_response())
}

fn shown(invitation: &Invitation) -> Value {
    let mut item = json!({
        "createdAt": to_the_second(invitation.created_at),
        "expiresAt": to_the_second(invitation.expires_at),
    });
    if let Some(account) = &invitation.account {
        item["redeemedBy"] = account.clone().into();
    }
    item
}

/// Revokes the connection's invitations, with the tokens that were made from them.
pub(crate) async fn revoke(ctx: Ctx, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let mut store = ctx.store();
    only_clients(&store, &headers)?;
    visible(&store, &headers, &id)?;
    store.invitations.retain(|_, one| one.connection != id);
    let of_invitation = |principal: &Principal| matches!(principal, Principal::Invited { connection } if *connection == id);
    store
        .tokens
        .retain(|_, (principal, _)| !of_invitation(principal));
    store.changed = true;
    Ok(StatusCode::NO_CONTENT.into_response())
}
