//! The proxy between this machine and a host, as the clients of both sides find it in the environment.

use std::sync::OnceLock;

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use sophos_ct_forwarder::host::is_loopback;

/// The proxy for a URL by the rules of both clients, which read the environment with this same type.
fn intercepted(url: &str) -> Option<Intercept> {
    static RULES: OnceLock<Matcher> = OnceLock::new();
    if is_loopback(url) {
        return None;
    }
    let rules = RULES.get_or_init(Matcher::from_env);
    rules.intercept(&url.parse().ok()?)
}

/// Returns the proxy through which a URL is reached, without the credentials in it, and the variable that names it.
pub(super) fn proxy(url: &str) -> Option<(&'static str, String)> {
    intercepted(url)?;
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
    let proxy = intercepted(url)?;
    let host = proxy.uri().authority()?;
    Some(host.to_string())
}
