//! What is tried, and as whom.

use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use secrecy::SecretString;
use sophos_ct_forwarder::host::host_of;

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

/// A host that is named as `host` or `host:port`, in the form that `host_of` gives those of URLs: in lower case, and without the
/// port of https. Nothing if it is none.
#[must_use]
pub(crate) fn host_named(text: &str) -> Option<String> {
    // As a part of a URL, nothing else than host and port is the same again.
    let host = host_of(&format!("https://{text}")).ok()?;
    let short = text.strip_suffix(":443").unwrap_or(text);
    host.eq_ignore_ascii_case(short).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_same_however_it_is_written() {
        for (text, url) in [
            ("UP.Example", "https://up.example/a"),
            ("a.example:443", "https://A.example"),
            ("a.example:8443", "https://a.example:8443/"),
            ("[::1]:443", "https://[::1]/"),
        ] {
            assert_eq!(host_named(text), host_of(url).ok(), "{text}");
        }
        for text in [
            "",
            "https://a.example",
            "a.example/b",
            "me@a.example",
            "a b",
            ":443",
        ] {
            assert_eq!(host_named(text), None, "{text}");
        }
    }
}
