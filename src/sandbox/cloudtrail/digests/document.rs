//! A digest: its key, its content and its signature (CloudTrail user guide, "CloudTrail digest file structure" and "Custom
//! implementations of CloudTrail log file integrity validation").

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::key::Signer;
use crate::{
    connection::{AccountId, Region},
    sandbox::cloud::{Link, LogFile},
};

/// The algorithm, as digests and their metadata name it.
pub(super) const ALGORITHM: &str = "SHA256withRSA";

/// What a digest is about.
pub(crate) struct Period<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    /// The trail's name.
    pub(crate) trail: &'a str,
    /// The trail's home region.
    pub(crate) home: &'a Region,
    pub(crate) bucket: &'a str,
    /// The account's folder of digests, which contains those of regions.
    pub(crate) folder: &'a str,
    /// Whole seconds, as the end.
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

/// A digest, ready to be stored.
#[derive(Debug)]
pub(crate) struct Signed {
    /// What the next digest says of it.
    pub(crate) link: Link,
    /// Compressed.
    pub(crate) body: Vec<u8>,
}

impl Period<'_> {
    /// The digest's key. It names the region that the digest is about, and the trail's home region (the AWS CLI's
    /// `validate-logs` looks for both).
    fn key(&self) -> String {
        let Self {
            account,
            region,
            trail,
            home,
            folder,
            end,
            ..
        } = self;
        format!(
            "{folder}{region}/{}/{account}_CloudTrail-Digest_{region}_{trail}_{home}_{}.json.gz",
            end.strftime("%Y/%m/%d"),
            end.strftime("%Y%m%dT%H%M%SZ"),
        )
    }

    /// The content. Without a digest before it, the fields about that one are null: this is the start of a chain. Without log
    /// files, the times of events are null.
    fn content(&self, previous: Option<&Link>, files: &[LogFile], fingerprint: &str) -> Value {
        let of_previous = |field: fn(&Link) -> &str| previous.map(field);
        let listed: Vec<Value> = files.iter().map(listed).collect();
        json!({
            "awsAccountId": self.account,
            "digestStartTime": self.start,
            "digestEndTime": self.end,
            "digestS3Bucket": self.bucket,
            "digestS3Object": self.key(),
            "digestPublicKeyFingerprint": fingerprint,
            "digestSignatureAlgorithm": ALGORITHM,
            "newestEventTime": files.iter().map(|file| &file.newest).max(),
            "oldestEventTime": files.iter().map(|file| &file.oldest).min(),
            "previousDigestS3Bucket": of_previous(|link| &link.bucket),
            "previousDigestS3Object": of_previous(|link| &link.key),
            "previousDigestHashValue": of_previous(|link| &link.hash),
            "previousDigestHashAlgorithm": previous.map(|_| "SHA-256"),
            "previousDigestSignature": of_previous(|link| &link.signature),
            "logFiles": listed,
        })
    }
}

fn listed(file: &LogFile) -> Value {
    json!({
        "s3Bucket": file.bucket,
        "s3Object": file.key,
        "hashValue": file.hash,
        "hashAlgorithm": "SHA-256",
        "newestEventTime": file.newest,
        "oldestEventTime": file.oldest,
    })
}

/// Writes and signs the digest of a period. `None` if the library cannot sign.
#[must_use]
pub(crate) fn sign(
    period: &Period<'_>,
    previous: Option<&Link>,
    files: &[LogFile],
    signer: &Signer,
) -> Option<Signed> {
    let content = period.content(previous, files, &signer.fingerprint);
    let content = content.to_string();
    let key = period.key();
    let hash = hex::encode(Sha256::digest(&content));
    let signature = signer.sign(&signed_text(
        period.end,
        &format!("{}/{key}", period.bucket),
        &hash,
        previous.map(|link| link.signature.as_str()),
    ))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content.as_bytes()).ok()?;
    Some(Signed {
        body: encoder.finish().ok()?,
        link: Link {
            bucket: period.bucket.to_owned(),
            key,
            hash,
            signature,
        },
    })
}

/// What is signed: the end of the period, the digest's place, its hash, and the signature of the digest before it.
#[must_use]
pub(super) fn signed_text(
    end: Timestamp,
    place: &str,
    hash: &str,
    previous: Option<&str>,
) -> String {
    format!("{end}\n{place}\n{hash}\n{}", previous.unwrap_or("null"))
}
