//! The proxy between this machine and a host, as the clients of both sides find it in the environment.

use std::sync::OnceLock;

use hyper_util::client::proxy::matcher::Matcher;
use sophos_ct_forwarder::host::is_loopback;

/// Returns the proxy through which a URL is reached, without the credentials in it, and the variable that names it.
pub(super) fn proxy(url: &str) -> Option<(&'static str, String)> {
    /// The rules of both clients, which read the environment with this same type.
    static RULES: OnceLock<Matcher> = OnceLock::new();
    if is_loopback(url) {
        return None;
    }
    let rules = RULES.get_or_init(Matcher::from_env);
    rules.intercept(&url.parse().ok()?)?;
    let variables: &[&'static str] = if url.starts_with("http:") {
        &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
    } else {
        &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    };
    variables.iter().find_map(|variable| {
        let value = std::env::var(variable)
            .ok()
            .filter(|value| !value.is_empty())?;
        let host = value
            .rsplit_once('@')
            .map_or(value.as_str(), |(_, host)| host);
        Some((*variable, host.to_owned()))
    })
}

/// Returns the host of that proxy, for people who wait.
#[must_use]
pub(crate) fn proxy_of(url: &str) -> Option<String> {
    let (_, proxy) = proxy(url)?;
    let (_, host) = proxy.split_once("://").unwrap_or(("", proxy.as_str()));
    Some(host.trim_end_matches('/').to_owned())
}
