//! Requests to AWS as they come: whose they are, what they ask for, and whether they are written as the SDKs write them.

use axum::http::{HeaderMap, Uri, header};
use percent_encoding::percent_decode_str;

/// Whether an address leads where it seems to: not to the emulator's own switches, by no detour, and with no key in it.
pub fn is_plain(uri: &Uri) -> bool {
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

/// Whether a request's query has this parameter, whatever its value.
pub fn has_parameter(uri: &Uri, name: &str) -> bool {
    let query = uri.query().unwrap_or_default();
    query
        .split('&')
        .any(|part| part.split('=').next() == Some(name))
}

/// The operation of `X-Amz-Target`.
pub fn target(headers: &HeaderMap) -> Option<String> {
    let target = headers.get("x-amz-target")?.to_str().ok()?;
    Some(target.rsplit('.').next()?.to_owned())
}

/// Whose key signs a request, where and for what.
pub struct Scope<'a> {
    pub access_key: &'a str,
    pub region: &'a str,
    pub service: &'a str,
}

/// The credential scope of a SigV4 signature, where the header is as the SDKs write it and in no other form: the emulator must not
/// read another key from it.
pub fn scope(headers: &HeaderMap) -> Option<Scope<'_>> {
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
