//! The request that proves who the function is: it is signed here, and Central sends it to STS.

use std::collections::BTreeMap;

use crate::{host::host_of, settings::Settings, sign};

pub(super) const IDENTITY_BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// Returns the identity request to the regional STS endpoint, with a new signature. A signature's time is in seconds, so
/// several processes of the function with the same credentials could make the same one. Central accepts each signature only
/// once: `x-sophos-once` makes each of them different.
pub(super) fn identity_request(
    settings: &Settings,
) -> Result<(String, BTreeMap<String, String>), String> {
    let url = settings.sts_url();
    let (host, ingest_host) = (host_of(&url)?, host_of(&settings.ingest_url)?);
    let once = once();
    let headers = [
        ("host", host.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-sophos-connection-id", &settings.connection),
        ("x-sophos-ingest-host", &ingest_host),
        ("x-sophos-once", &once),
    ];
    let unsigned = sign::Unsigned {
        method: "POST",
        url: &url,
        headers: &headers,
        service: "sts",
        region: &settings.region,
        body: sign::Body::Text(IDENTITY_BODY),
    };
    let signed = sign::headers(&unsigned, &sign::credentials()?)?;
    Ok((url, signed))
}

/// Returns 128 bits in hex that no other call returns, in this process or another: the standard library seeds its hashers at
/// random.
fn once() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let bits = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", bits(), bits())
}
