//! SigV4 signatures for the forwarder's requests to AWS: those to S3, and the one that proves its identity.

use std::{collections::BTreeMap, time::SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};

/// A request to be signed.
pub struct Unsigned<'a> {
    pub method: &'a str,
    pub url: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub service: &'a str,
    pub region: &'a str,
    pub body: Body<'a>,
}

/// How the body takes part in the signature.
pub enum Body<'a> {
    /// Not at all, as S3 allows.
    Unsigned,
    Text(&'a str),
}

/// Returns the role's temporary credentials, as Lambda provides them in the environment.
pub fn credentials() -> Result<Credentials, String> {
    let text = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    Ok(Credentials::new(
        text("AWS_ACCESS_KEY_ID")?,
        text("AWS_SECRET_ACCESS_KEY")?,
        std::env::var("AWS_SESSION_TOKEN")
            .ok()
            .filter(|token| !token.is_empty()),
        None,
        "lambda",
    ))
}

/// Returns the headers that the request must carry: those given and those of the signature.
pub fn headers(
    request: &Unsigned<'_>,
    credentials: &Credentials,
) -> Result<BTreeMap<String, String>, String> {
    headers_at(request, credentials, SystemTime::now())
}

/// The same, signed at another time.
pub fn headers_at(
    request: &Unsigned<'_>,
    credentials: &Credentials,
    time: SystemTime,
) -> Result<BTreeMap<String, String>, String> {
    let mut settings = SigningSettings::default();
    let body = match request.body {
        Body::Unsigned => {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            SignableBody::UnsignedPayload
        }
        Body::Text(text) => SignableBody::Bytes(text.as_bytes()),
    };
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(request.region)
        .name(request.service)
        .time(time)
        .settings(settings)
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let signable = SignableRequest::new(
        request.method,
        request.url,
        request.headers.iter().copied(),
        body,
    )
    .map_err(|error| error.to_string())?;
    let (instructions, _) = sign(signable, &params)
        .map_err(|error| error.to_string())?
        .into_parts();
    let given = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let signed = instructions
        .headers()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(given.chain(signed).collect())
}
