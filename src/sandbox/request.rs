//! Requests to AWS as they arrive: whose key signs them, what they ask for, and whether they are written as the SDKs write them.

use axum::http::{HeaderMap, Uri, header};
use percent_encoding::percent_decode_str;

/// Whether a URL leads where it seems to: it does not reach the emulator's own switches, has no dot segments and carries no key.
pub(super) fn is_plain(uri: &Uri) -> bool {
    let path = percent_decode_str(uri.path()).decode_utf8_lossy();
    let detour = path
        .split(['/', '\\'])
        .any(|part| [".", ".."].contains(&part));
    let own = path.trim_start_matches(['/', '\\']).starts_with('_');
    let names_a_key = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .map(|(name, _)| name.to_ascii_lowercase())
        .any(|name| name.starts_with("x-amz-") || name == "awsaccesskeyid" || name == "signature");
    !detour && !own && !names_a_key
}

/// Whether a request's query has this parameter, with any value or none.
pub(super) fn has_parameter(uri: &Uri, name: &str) -> bool {
    let query = uri.query().unwrap_or_default();
    query
        .split('&')
        .any(|part| part.split('=').next() == Some(name))
}

/// The operation of `X-Amz-Target`.
pub(super) fn target(headers: &HeaderMap) -> Option<String> {
    let target = headers.get("x-amz-target")?.to_str().ok()?;
    Some(target.rsplit('.').next()?.to_owned())
}

/// The access key that signs a request, and the region and service that it signs for.
pub(super) struct Scope<'a> {
    pub access_key: &'a str,
    pub region: &'a str,
    pub service: &'a str,
}

/// The credential scope of a SigV4 signature. `None` unless the header has exactly the form that the SDKs write, so that the
/// emulator cannot read another key from it.
pub(super) fn scope(headers: &HeaderMap) -> Option<Scope<'_>> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return None;
    };
    let parameters = value.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let parameters: Vec<&str> = parameters.split(", ").collect();
    let [credential, signed, signature] = parameters[..] else {
        return None;
    };
    let credential = credential.strip_prefix("Credential=")?;
    signed.strip_prefix("SignedHeaders=")?;
    signature.strip_prefix("Signature=")?;
    if parameters.concat().matches('=').count() != 3 {
        return None;
    }
    let parts: Vec<&str> = credential.split('/').collect();
    let [access_key, _, region, service, _] = parts[..] else {
        return None;
    };
    Some(Scope {
        access_key,
        region,
        service,
    })
}
