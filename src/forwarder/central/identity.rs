//! The request by which the function proves who it is: signed here, sent to STS by Central.

use std::collections::BTreeMap;

use crate::{host::host_of, settings::Settings, sign};

pub(super) const IDENTITY_BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// The identity request to the regional STS endpoint, signed anew. A signature's time is in seconds and may be shared by
/// several processes of the function with the same credentials, but Central takes each signature once: `x-sophos-once`
/// makes it unlike any other.
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

/// 128 bits in hex, unlike any other of this process or another: the standard library seeds its hashers at random.
fn once() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let bits = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", bits(), bits())
}
