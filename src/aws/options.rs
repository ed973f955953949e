//! How AWS is reached: what a command asks for, or the sandbox.

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use secrecy::{ExposeSecret, SecretString};

use crate::connection::{AccountId, Region};

/// How AWS is reached.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--region`, or the region of the sandbox.
    pub region: Option<Region>,
    /// Endpoint and account of the sandbox. If it is set, the environment is ignored.
    pub sandbox: Option<SandboxAws>,
}

/// The sandbox's AWS side.
#[derive(Clone, Debug)]
pub struct SandboxAws {
    pub endpoint: String,
    pub account: AccountId,
    /// The session token of the account's root, whose access key is the account's id.
    pub secret: SecretString,
    /// The role to act as; `None` acts as the account's root.
    pub role: Option<&'static str>,
    /// A client that reaches the endpoint in another way than TCP.
    pub client: Option<SharedHttpClient>,
}

/// Returns the credentials of an account's root in the sandbox. ministack takes the account's id as access key and checks no
/// signature of that key; the gateway requires the secret as session token.
#[must_use]
pub(crate) fn root_credentials(account: &AccountId, secret: &SecretString) -> Credentials {
    let token = secret.expose_secret().to_owned();
    Credentials::new(account.as_str(), "root", Some(token), None, "sandbox")
}
