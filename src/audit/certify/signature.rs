//! Signatures of digests (CloudTrail user guide, "Custom implementations of CloudTrail log file integrity validation").

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// Bytes, written in base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Base64(pub(super) Vec<u8>);

impl TryFrom<String> for Base64 {
    type Error = base64::DecodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        BASE64_STANDARD.decode(text).map(Self)
    }
}

impl From<Base64> for String {
    fn from(bytes: Base64) -> Self {
        BASE64_STANDARD.encode(bytes.0)
    }
}

/// A key with which CloudTrail signs the digests of a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublicKey {
    pub fingerprint: String,
    /// PKCS #1, in DER (CloudTrail API Reference, `PublicKey`).
    pub value: Base64,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// Why a digest proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Fault {
    /// It does not unpack, or is not a digest.
    Unreadable,
    /// It differs from what the digest after it says of it.
    Altered,
    /// It says that CloudTrail put it elsewhere.
    Moved,
    /// It has no signature.
    NotSigned,
    /// It is signed with another algorithm than CloudTrail's.
    Algorithm(String),
    /// CloudTrail knows no key with this fingerprint.
    UnknownKey(String),
    /// The key with this fingerprint was not in use then.
    KeyNotValid(String),
    /// The signature is not that of this digest.
    Signature,
    /// The same, but the digest after it says that the content is right: only the signature was changed.
    SignatureAltered,
}

/// The signature of a digest, as the metadata of its object have it, and when it was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seal<'a> {
    pub(super) signature: Option<&'a str>,
    pub(super) algorithm: Option<&'a str>,
    /// A digest is signed after its end, and before it lands.
    pub(super) landed: Timestamp,
}

const ALGORITHM: &str = "SHA256withRSA";

/// A key may be used somewhat outside its time: clocks differ, and a digest is signed some minutes after its end.
const LENIENCE: SignedDuration = SignedDuration::from_hours(2);

/// Checks a digest that was found under this key of this bucket.
pub(super) fn check(
    digest: &Digest,
    seal: Seal<'_>,
    keys: &[PublicKey],
    (bucket, object): (&str, &str),
) -> Result<(), Fault> {
    if digest.bucket != bucket || digest.object != object {
        return Err(Fault::Moved);
    }
    let (Some(signature), Some(algorithm)) = (seal.signature, seal.algorithm) else {
        return Err(Fault::NotSigned);
    };
    for algorithm in [algorithm, digest.algorithm.as_str()] {
        if algorithm != ALGORITHM {
            return Err(Fault::Algorithm(algorithm.to_owned()));
        }
    }
    let fingerprint = &digest.fingerprint;
    let mut known = keys
        .iter()
        .filter(|key| key.fingerprint == *fingerprint)
        .peekable();
    if known.peek().is_none() {
        return Err(Fault::UnknownKey(fingerprint.clone()));
    }
    let (from, until) = (digest.end, seal.landed.max(digest.end));
    let in_use = |key: &&PublicKey| {
        let early = key.from.duration_since(until);
        let late = from.duration_since(key.until);
        early <= LENIENCE && late <= LENIENCE
    };
    let Some(key) = known.find(in_use) else {
        return Err(Fault::KeyNotValid(fingerprint.clone()));
    };
    let signature = hex::decode(signature).map_err(|_| Fault::Signature)?;
    let signed = signed_text(digest, (bucket, object));
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key.value.0)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| Fault::Signature)
}

/// What is signed: the end of the digest's time, its place, its hash, and the signature of the digest before it or the word
/// `null` (user guide, "Contents of the data signing string").
fn signed_text(digest: &Digest, (bucket, object): (&str, &str)) -> String {
    format!(
        "{}\n{bucket}/{object}\n{}\n{}",
        digest.end_text,
        String::from(digest.hash),
        digest.previous_signature.as_deref().unwrap_or("null")
    )
}
