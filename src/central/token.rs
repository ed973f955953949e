//! The token of a client: fetched when it is first needed, and renewed in time.

use std::{
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    answer::Refusal,
    call::Attempt,
    invitations::redeem,
    options::{Credential, Options},
};
use crate::ui::t;

/// The longest lifetime of a token that is accepted, in seconds: counts out of range are clamped (contract).
const LONGEST_TOKEN: u64 = 24 * 3600;

/// A token, or none yet.
#[derive(Default)]
pub(super) struct Token(Mutex<Option<Held>>);

struct Held {
    value: SecretString,
    renew_at: Instant,
}

impl Token {
    /// Returns the token while it is good for another minute, otherwise a fresh one.
    pub(super) async fn get(
        &self,
        http: &reqwest::Client,
        options: &Options,
        attempt: Attempt<'_>,
    ) -> Result<SecretString, Refusal> {
        if let Some(value) = self.good() {
            return Ok(value);
        }
        let (value, expires_in) = match &options.credential {
            Credential::Client { id, secret } => {
                let grant = grant(http, &options.id_url, id, secret, attempt).await?;
                (grant.access_token, grant.expires_in)
            }
            Credential::Invitation(code) => {
                let redeemed = redeem(http, &options.api_url, code, attempt).await?;
                (redeemed.access_token, redeemed.expires_in)
            }
        };
        self.hold(value.clone(), expires_in);
        Ok(value)
    }

    /// Keeps a token that is good for so many seconds.
    pub(super) fn hold(&self, value: SecretString, expires_in: u64) {
        *self.held() = Some(Held {
            value,
            renew_at: Instant::now() + lifetime(expires_in),
        });
    }

    /// Forgets a token that Central refuses.
    pub(super) fn forget(&self) {
        *self.held() = None;
    }

    fn good(&self) -> Option<SecretString> {
        let held = self.held();
        let good = held
            .as_ref()
            .filter(|held| Instant::now() < held.renew_at)?;
        Some(good.value.clone())
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.0
            .lock()
            .expect("no thread panics while it holds the token")
    }
}

/// Returns how long a token is used: until a minute before it ends.
fn lifetime(expires_in: u64) -> Duration {
    let seconds = expires_in.min(LONGEST_TOKEN).saturating_sub(60).max(1);
    Duration::from_secs(seconds)
}

/// What the identity host answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    #[serde(rename = "access_token")]
    access_token: SecretString,
    #[serde(rename = "expires_in")]
    expires_in: u64,
    error_code: Option<String>,
    message: Option<String>,
}

/// Signs in with the client's credential.
async fn grant(
    http: &reqwest::Client,
    id_url: &str,
    id: &str,
    secret: &SecretString,
    attempt: Attempt<'_>,
) -> Result<Grant, Refusal> {
    let url = format!("{}/api/v2/oauth2/token", id_url.trim_end_matches('/'));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret.expose_secret()),
        ("scope", "token"),
    ];
    let request = http.post(&url).form(&form);
    let answer = attempt.sends(&Method::POST, &url, request).await;
    let answer = answer.map_err(about_the_credential)?;
    let grant: Grant = serde_json::from_slice(&answer.body)
        .map_err(|error| Refusal::unreadable(t!("central-unreadable", cause = error)))?;
    let refused = grant.error_code.as_deref();
    if let Some(code) = refused.filter(|code| *code != "success") {
        return Err(Refusal {
            status: Some(StatusCode::UNAUTHORIZED),
            error: format!("oauth.{}", code.trim_start_matches("oauth.")),
            message: grant.message.unwrap_or_default(),
            ..Refusal::default()
        });
    }
    Ok(grant)
}

/// Marks a refusal of the identity host as one of the credential, whatever it says.
fn about_the_credential(mut refusal: Refusal) -> Refusal {
    let refused = [StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST];
    // A page is of something else than the identity host.
    if refusal.error != "page"
        && refusal
            .status
            .is_some_and(|status| refused.contains(&status))
    {
        refusal.status = Some(StatusCode::UNAUTHORIZED);
        if !refusal.error.starts_with("oauth.") {
            refusal.error = format!("oauth.{}", refusal.error);
        }
    }
    refusal
}
