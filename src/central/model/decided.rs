//! What Central has decided about log files and received of them.

use serde::{Deserialize, Serialize};

/// What Central has decided and received.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Statistics {
    #[serde(default)]
    pub hours: Vec<Hour>,
    /// When Central last decided on an offer, whatever the decision was.
    #[serde(default)]
    pub last_decided_at: Option<jiff::Timestamp>,
}

/// The same for an hour. Delays are in seconds, from S3's last-modified time to the receipt.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hour {
    pub at: jiff::Timestamp,
    #[serde(default)]
    pub stored: u64,
    #[serde(default)]
    pub skipped: u64,
    #[serde(default)]
    pub bytes: u64,
    pub delay_median_seconds: Option<i64>,
    pub delay_p95_seconds: Option<i64>,
}

/// What Central decided about an object, or was told about it (`Receipt` of the contract).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    pub bucket: String,
    pub key: String,
    pub outcome: Outcome,
    /// Where skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<SkipReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 (hex) of the stored bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// SHA-256 (hex) of the uncompressed content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
    pub at: jiff::Timestamp,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
    Stored,
    Skipped,
    /// Not in the bucket any more.
    Gone,
    /// In a storage class that must be restored first.
    Archived,
    /// The forwarder may not read it.
    Denied,
    /// An outcome that this version does not know. It counts as none of the others.
    #[serde(other)]
    Unknown,
}

/// Why Central did not take an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SkipReason {
    AccountNotSelected,
    Paused,
    LicenseEnded,
    /// A reason that this version does not know.
    #[serde(other)]
    Unknown,
}
