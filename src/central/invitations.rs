//! Invitations: the code for a pending connection, which ones are open, and signing in with a code alone.

use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::{
    Central,
    answer::{INVITATION, Refusal},
    call::Attempt,
    connections::CONNECTIONS,
    hosts::must_be_near,
    model::{ApiHosts, IdType, WhoAmI},
    normalise,
    options::{Credential, InvitationCode, Options},
    own_tenant,
    patience::{LONGEST, Patience},
    request::With,
};
use crate::{
    connection::{AccountId, ConnectionId},
    ui::{Code, Failure, Result, calls::Call, t},
};

const REDEEM: &str = "/cloud-integrations/v1/invitations/redeem";

/// An invitation that was just made: the only moment at which Central says the code.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invitation {
    pub code: SecretString,
    pub expires_at: jiff::Timestamp,
}

/// An open invitation, without its code.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Open {
    pub created_at: jiff::Timestamp,
    pub expires_at: jiff::Timestamp,
    /// The account that has begun to use it.
    pub redeemed_by: Option<AccountId>,
}

/// What a code is exchanged for.
#[derive(Deserialize)]
pub(super) struct Redeemed {
    pub(super) access_token: SecretString,
    pub(super) expires_in: u64,
    #[serde(rename = "connectionId")]
    connection: ConnectionId,
    #[serde(rename = "tenantId")]
    tenant: String,
    #[serde(rename = "apiHost")]
    api_host: String,
}

/// Whether a text has the form of a code (contract: `createInvitation`).
#[must_use]
pub(crate) fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    (16..=64).contains(&text.len()) && text.bytes().all(fits)
}

impl Central {
    /// Signs in with a code, for one connection of the tenant that has made it. Fails with `CentralSignIn` if the code is refused.
    pub(crate) async fn accept(
        id_url: String,
        api_url: String,
        code: InvitationCode,
    ) -> Result<Self> {
        let mut central = Self::new(Options {
            id_url,
            api_url,
            credential: Credential::Invitation(code.clone()),
        })?;
        let global = normalise(&central.options.api_url)?;
        let waits = Call::begin_for(global.as_str(), LONGEST);
        let http = &central.http;
        let once = |number| redeem(http, &global, &code, Attempt::new(&waits, number));
        let redeemed = Patience::begin().tries(&global, once).await;
        let redeemed = redeemed.map_err(Refusal::into_failure)?;
        let api_host = normalise(&redeemed.api_host)?;
        must_be_near(&global, &api_host)?;
        central
            .token
            .hold(redeemed.access_token, redeemed.expires_in);
        central.who = WhoAmI {
            id: redeemed.tenant,
            id_type: IdType::Tenant,
            api_hosts: ApiHosts {
                global,
                data_region: Some(api_host),
            },
        };
        central.tenant = own_tenant(&central.who)?;
        central.invited = Some(redeemed.connection);
        Ok(central)
    }

    /// Makes a code for a pending connection. It ends the one before.
    pub(crate) async fn invite(&self, id: ConnectionId) -> Result<Invitation> {
        let with = self.scoped(With::default());
        let (host, path) = (self.host(), invitations(id));
        let invitation: Invitation = match self.call(Method::POST, &host, &path, with).await {
            Ok(answer) => answer.json()?,
            Err(refusal) if refusal.error == "notPending" => {
                return Err(Failure::new(Code::Conflict, t!("invite-set-up-meanwhile")));
            }
            Err(refusal) => return Err(refusal.into_failure()),
        };
        // It will stand in a command line.
        if is_code(invitation.code.expose_secret()) {
            Ok(invitation)
        } else {
            let unreadable = Refusal::unreadable(t!("invite-code-unreadable"));
            Err(unreadable.into_failure())
        }
    }

    /// Returns the open invitations to a connection.
    pub(crate) async fn invitations(&self, id: ConnectionId) -> Result<Vec<Open>> {
        #[derive(Deserialize)]
        struct Listed {
            items: Vec<Open>,
        }
        let path = invitations(id);
        let answer = self.regional(Method::GET, &path, With::default()).await?;
        let listed: Listed = answer.json()?;
        Ok(listed.items)
    }

    /// Takes all open invitations to a connection back, with what has signed in by them.
    pub(crate) async fn revoke(&self, id: ConnectionId) -> Result<()> {
        let path = invitations(id);
        let answer = self.regional(Method::DELETE, &path, With::default());
        answer.await.map(drop)
    }
}

fn invitations(id: ConnectionId) -> String {
    format!("{CONNECTIONS}/{id}/invitations")
}

/// Exchanges a code for a token, on the global host.
pub(super) async fn redeem(
    http: &reqwest::Client,
    global: &str,
    code: &InvitationCode,
    attempt: Attempt<'_>,
) -> Result<Redeemed, Refusal> {
    let url = format!("{}{REDEEM}", global.trim_end_matches('/'));
    let body = json!({ "code": code.code.expose_secret(), "awsAccountId": code.account });
    let request = http.post(&url).json(&body);
    let answer = attempt.sends(&Method::POST, &url, request).await;
    let answer = answer.map_err(|refusal| about_the_code(refusal, &code.account))?;
    serde_json::from_slice(&answer.body)
        .map_err(|error| Refusal::unreadable(t!("central-unreadable", cause = error)))
}

/// Marks a refusal of the code, for which Central has one answer whatever the reason, with the account.
fn about_the_code(mut refusal: Refusal, account: &AccountId) -> Refusal {
    if refusal.status == Some(StatusCode::UNAUTHORIZED) && refusal.error != "page" {
        INVITATION.clone_into(&mut refusal.error);
        refusal.message = account.to_string();
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_the_form_of_the_contract() {
        for (text, fits) in [
            ("0F8C0C1E-2F5E-4A57-9D3C-5B1A6F0E7D21", true),
            ("AAAAAAAAAAAAAAAA", true),
            ("AAAAAAAAAAAAAAA", false),
            ("aaaaaaaaaaaaaaaa", false),
            ("AAAAAAAA;AAAAAAAA", false),
            ("", false),
        ] {
            assert_eq!(is_code(text), fits, "{text}");
        }
        assert!(is_code(&"A".repeat(64)));
        assert!(!is_code(&"A".repeat(65)));
    }

    #[test]
    fn only_a_refusal_of_the_code_names_the_account() {
        let account: AccountId = "111122223333".parse().unwrap();
        let refused = |status, error: &str| {
            let refusal = Refusal {
                status: Some(status),
                error: error.to_owned(),
                ..Refusal::default()
            };
            about_the_code(refusal, &account).into_failure()
        };
        for error in [INVITATION, "401"] {
            let failure = refused(StatusCode::UNAUTHORIZED, error);
            assert_eq!(failure.code, Code::CentralSignIn);
            assert!(failure.message.contains(account.as_str()), "{failure}");
        }
        let other = refused(StatusCode::UNAUTHORIZED, "page");
        assert_eq!(other.code, Code::Central);
        let other = refused(StatusCode::NOT_FOUND, "notFound");
        assert_eq!(other.code, Code::Central);
    }
}
