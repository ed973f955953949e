//! How Central is reached.

use secrecy::SecretString;

use crate::connection::AccountId;

/// The identity host, unless another is set.
pub(crate) const ID_URL: &str = "https://id.sophos.com";
/// The global API host, unless another is set.
pub(crate) const API_URL: &str = "https://api.central.sophos.com";

/// How Central is reached.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub id_url: String,
    pub api_url: String,
    pub credential: Credential,
}

/// What signs in to Central.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    /// An API credential of a tenant, a partner or an organization.
    Client { id: String, secret: SecretString },
    /// The code of an invitation.
    Invitation(InvitationCode),
}

/// The code of an invitation, and the AWS account that it is redeemed for.
#[derive(Clone, Debug)]
pub(crate) struct InvitationCode {
    pub code: SecretString,
    pub account: AccountId,
}
