//! CloudTrail's digest files: their keys, and what they say.
//!
//! A digest lists the log files that were delivered in an hour with their hashes, and the digest before it (CloudTrail user guide,
//! "CloudTrail digest file structure").

use std::io::Read;

use flate2::bufread::MultiGzDecoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::connection::{AccountId, Arn, Region};

/// A SHA-256, written in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Hash(pub(super) [u8; 32]);

impl Hash {
    /// The hash of these bytes.
    #[must_use]
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads hexadecimal digits.
    #[must_use]
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).ok()?;
        Some(Self(hash))
    }
}

impl TryFrom<String> for Hash {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a SHA-256")
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hex::encode(hash.0)
    }
}

/// A trail, as it stands in the keys of its digests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Trail {
    pub name: String,
    /// Its home region.
    pub home: Region,
}

impl Trail {
    /// The trail of this ARN. `None` if it is not that of a trail.
    #[must_use]
    pub(crate) fn of(arn: &Arn) -> Option<Self> {
        Some(Self {
            name: arn.resource.strip_prefix("trail/")?.to_owned(),
            home: arn.region.parse().ok()?,
        })
    }
}

/// What the key of a digest tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DigestKey {
    pub account: AccountId,
    pub region: Region,
    pub trail: Trail,
    /// The end of its time.
    pub end: Timestamp,
    /// A backfill digest lists log files that the digest of their time does not list, because they were late (user guide, the
    /// same page). Backfill digests are a chain of their own.
    pub backfill: bool,
}

impl DigestKey {
    /// Reads `…/<account>_CloudTrail-Digest_<region>_<trail>_<home region>_<end>[_backfill].json.gz` (user guide, the same page).
    #[must_use]
    pub(crate) fn parse(key: &str) -> Option<Self> {
        let stem = key.rsplit('/').next()?.strip_suffix(".json.gz")?;
        let (stem, backfill) = match stem.strip_suffix("_backfill") {
            Some(stem) => (stem, true),
            None => (stem, false),
        };
        let (rest, end) = stem.rsplit_once('_')?;
        let (rest, home) = rest.rsplit_once('_')?;
        let (account, rest) = rest.split_once("_CloudTrail-Digest_")?;
        let (region, name) = rest.split_once('_')?;
        Some(Self {
            account: account.parse().ok()?,
            region: region.parse().ok()?,
            trail: Trail {
                name: name.to_owned(),
                home: home.parse().ok()?,
            },
            end: compact("%Y%m%dT%H%M%S%z", end)?,
            backfill,
        })
    }
}

/// When CloudTrail delivered a log file, as its name says: `…_<time>_<unique>.json.gz` (user guide, "CloudTrail log file name
/// format").
#[must_use]
pub(crate) fn named_time(key: &str) -> Option<Timestamp> {
    let time = key.rsplit('/').next()?.rsplit('_').nth(1)?;
    compact("%Y%m%dT%H%M%z", time)
}

/// A time in UTC without separators.
fn compact(format: &str, text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    Timestamp::strptime(format, format!("{text}+0000")).ok()
}

/// A digest, read.
#[derive(Clone, Debug)]
pub(crate) struct Digest {
    pub start: Timestamp,
    pub end: Timestamp,
    /// The end as it is written: it is signed in this form.
    pub(super) end_text: String,
    /// Where CloudTrail put the digest.
    pub bucket: String,
    pub object: String,
    pub(super) fingerprint: String,
    pub(super) algorithm: String,
    /// The digest before this one; none at the beginning of a chain.
    pub(super) previous: Option<Link>,
    pub(super) previous_signature: Option<String>,
    pub files: Vec<Entry>,
    /// The hash of the uncompressed digest.
    pub(super) hash: Hash,
}

/// What a digest says of the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) bucket: String,
    pub(super) object: String,
    pub(super) hash: Hash,
}

/// What a digest says of a log file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub bucket: String,
    pub object: String,
    /// Of the uncompressed content.
    pub(super) hash: Hash,
}

/// The longest digest that is read, in bytes. A digest has some hundred bytes for each log file of an hour.
pub(super) const LONGEST: u64 = 64 * 1024 * 1024;

impl Digest {
    /// Reads a digest as it is stored. `None` if it is not one, or lacks something that a proof needs.
    #[must_use]
    pub(crate) fn read(stored: &[u8]) -> Option<Self> {
        let mut content = Vec::new();
        let mut unpacked = MultiGzDecoder::new(stored).take(LONGEST);
        unpacked.read_to_end(&mut content).ok()?;
        let written: Written = serde_json::from_slice(&content).ok()?;
        let previous = match (
            written.previous_digest_s3_bucket,
            written.previous_digest_s3_object,
        ) {
            (Some(bucket), Some(object)) => Some(Link {
                bucket,
                object,
                hash: hash(
                    written.previous_digest_hash_algorithm.as_deref(),
                    written.previous_digest_hash_value.as_deref(),
                )?,
            }),
            _ => None,
        };
        let files = written.log_files.unwrap_or_default().into_iter();
        let files = files.map(|file| {
            Some(Entry {
                hash: hash(file.hash_algorithm.as_deref(), Some(&file.hash_value))?,
                bucket: file.s3_bucket,
                object: file.s3_object,
            })
        });
        Some(Self {
            start: written.digest_start_time,
            end: written.digest_end_time.parse().ok()?,
            end_text: written.digest_end_time,
            bucket: written.digest_s3_bucket,
            object: written.digest_s3_object,
            fingerprint: written.digest_public_key_fingerprint,
            algorithm: written.digest_signature_algorithm,
            previous,
            previous_signature: written.previous_digest_signature,
            files: files.collect::<Option<_>>()?,
            hash: Hash::of(&content),
        })
    }
}

fn hash(algorithm: Option<&str>, value: Option<&str>) -> Option<Hash> {
    match algorithm {
        Some("SHA-256") => Hash::parse(value?),
        _ => None,
    }
}

/// A digest as it is written (user guide, "Digest file contents"). Fields that no proof needs are left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    digest_start_time: Timestamp,
    digest_end_time: String,
    digest_s3_bucket: String,
    digest_s3_object: String,
    digest_public_key_fingerprint: String,
    digest_signature_algorithm: String,
    previous_digest_s3_bucket: Option<String>,
    previous_digest_s3_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_hash_algorithm: Option<String>,
    previous_digest_signature: Option<String>,
    log_files: Option<Vec<WrittenFile>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenFile {
    s3_bucket: String,
    s3_object: String,
    hash_value: String,
    hash_algorithm: Option<String>,
}
