//! Receipts, and their form on disk: a list, since JSON has no compound keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sandbox::central::times::now;

/// Connection, bucket and key.
pub(crate) type Address = (String, String, String);

type Receipts = BTreeMap<Address, Receipt>;

/// What Central decided about an object.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    pub outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// SHA-256 of the uncompressed content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
    pub at: String,
    /// Seconds from S3's last-modified time to the receipt; for the statistics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_seconds: Option<i64>,
}

impl Receipt {
    /// A receipt of the present time that has only an outcome.
    #[must_use]
    pub fn new(outcome: &str) -> Self {
        Self {
            outcome: outcome.to_owned(),
            reason: None,
            etag: None,
            size: None,
            sha256: None,
            content_sha256: None,
            at: now(),
            delay_seconds: None,
        }
    }
}

/// Writes receipts as a list of pairs.
pub(super) fn serialize<S: Serializer>(
    receipts: &Receipts,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    receipts.iter().collect::<Vec<_>>().serialize(serializer)
}

/// Reads receipts from a list of pairs.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Receipts, D::Error> {
    let pairs = Vec::<(Address, Receipt)>::deserialize(deserializer)?;
    Ok(pairs.into_iter().collect())
}
