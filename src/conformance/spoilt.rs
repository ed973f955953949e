//! Proofs that must be refused, each with one thing that is wrong.

use std::time::Duration;

use serde_json::Value;

use super::{
    bench::Bench,
    saved::new_id,
    signing::{BODY, Signing},
};

/// Makes a proof one that must be refused.
type Spoil = fn(&Bench, &str, &str, Value) -> Result<Value, String>;

pub(super) const OTHER_METHOD: &str = "refuses another method";

/// Proofs that must be refused: the check, the error, and what is wrong with the proof.
pub(super) const SPOILT: [(&str, &str, Spoil); 18] = [
    (
        "refuses a request of two minutes ago",
        "signatureExpired",
        |bench, id, host, _| {
            let mut signing = Signing::of(bench, id, host)?;
            signing.time -= Duration::from_secs(120);
            signing.signed(BODY)
        },
    ),
    (
        "refuses a request of two minutes ahead",
        "signatureExpired",
        |bench, id, host, _| {
            let mut signing = Signing::of(bench, id, host)?;
            signing.time += Duration::from_secs(120);
            signing.signed(BODY)
        },
    ),
    (
        "refuses a request for another connection",
        "signatureInvalid",
        |bench, _, host, _| Signing::of(bench, &new_id(), host)?.signed(BODY),
    ),
    (
        "refuses a request for another ingest host",
        "signatureInvalid",
        |bench, id, _, _| Signing::of(bench, id, "ingest.example.com")?.signed(BODY),
    ),
    (
        "refuses a header that is not listed",
        "signatureInvalid",
        |bench, id, host, _| {
            Signing::of(bench, id, host)?
                .with("x-forwarded-host", "example.com")
                .signed(BODY)
        },
    ),
    (
        "refuses a connection id that is not signed",
        "signatureInvalid",
        |bench, id, host, _| Signing::of(bench, id, host)?.signed_without("x-sophos-connection-id"),
    ),
    (
        "refuses an ingest host that is not signed",
        "signatureInvalid",
        |bench, id, host, _| Signing::of(bench, id, host)?.signed_without("x-sophos-ingest-host"),
    ),
    (
        "refuses x-sophos-once that is not signed",
        "signatureInvalid",
        |bench, id, host, _| Signing::of(bench, id, host)?.signed_without("x-sophos-once"),
    ),
    (
        "refuses x-sophos-once that is too short",
        "signatureInvalid",
        |bench, id, host, _| {
            Signing::of(bench, id, host)?
                .with("x-sophos-once", "0123456789abcdef")
                .signed(BODY)
        },
    ),
    (
        "refuses accept with parameters",
        "signatureInvalid",
        |bench, id, host, _| {
            Signing::of(bench, id, host)?
                .with("accept", "text/xml;q=1")
                .signed(BODY)
        },
    ),
    (
        "refuses another body",
        "signatureInvalid",
        |bench, id, host, _| {
            Signing::of(bench, id, host)?.signed("Action=GetCallerIdentity&Version=2011-06-15&x=1")
        },
    ),
    (OTHER_METHOD, "signatureInvalid", |_, _, _, mut proof| {
        proof["method"] = "GET".into();
        Ok(proof)
    }),
    (
        "refuses another path",
        "signatureInvalid",
        |bench, id, host, _| {
            let mut signing = Signing::of(bench, id, host)?;
            signing.url.push_str("other");
            signing.signed(BODY)
        },
    ),
    (
        "refuses a query behind the path",
        "signatureInvalid",
        |bench, id, host, _| {
            let mut signing = Signing::of(bench, id, host)?;
            signing.url.push_str("?Version=2011-06-15");
            signing.signed(BODY)
        },
    ),
    (
        "refuses a host that is not STS",
        "signatureInvalid",
        |_, _, _, mut proof| {
            // Reserved names lead nowhere (RFC 2606).
            proof["url"] = "https://sts.example.com/".into();
            Ok(proof)
        },
    ),
    (
        "refuses a host whose name begins like that of STS",
        "signatureInvalid",
        |_, _, _, mut proof| {
            proof["url"] = "https://sts.amazonaws.com.example.com/".into();
            Ok(proof)
        },
    ),
    (
        "refuses a signature that is wrong",
        "signatureInvalid",
        |_, _, _, mut proof| {
            let signed = proof["headers"]["authorization"]
                .as_str()
                .unwrap_or_default();
            let (rest, last) = signed.split_at(signed.len().saturating_sub(1));
            let other = if last == "0" { "1" } else { "0" };
            proof["headers"]["authorization"] = format!("{rest}{other}").into();
            Ok(proof)
        },
    ),
    (
        "refuses a request that is not signed",
        "signatureInvalid",
        |_, _, _, mut proof| {
            if let Some(headers) = proof["headers"].as_object_mut() {
                headers.remove("authorization");
            }
            Ok(proof)
        },
    ),
];
