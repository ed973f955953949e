//! What is tried, and as whom.

use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use secrecy::SecretString;

/// The implementation that is tried, and the credential of a test tenant.
pub(crate) struct Target {
    /// Where tokens come from.
    pub id_url: String,
    pub api_url: String,
    pub client_id: String,
    pub client_secret: SecretString,
    /// The tenant of a partner's or an organization's credential.
    pub tenant: Option<(String, String)>,
    /// The hosts (`host` or `host:port`) that requests may go to. Those that the implementation names must be agreed to first.
    pub hosts: BTreeSet<String>,
}

/// The identity that signs in as a forwarder: the caller's own session of a role.
pub(crate) struct Forwarder {
    pub credentials: Credentials,
    pub sts_url: String,
    pub region: String,
    pub account: String,
    pub partition: String,
    pub role: String,
    pub session: String,
}
