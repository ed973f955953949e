//! What is proved of a log file. Pure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{digest::Hash, told::Said};
use crate::{
    audit::Window,
    central::model::{Outcome, Receipt, SkipReason},
};

/// What is proved of a log file, or why it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Proof {
    /// Central has received what lies in the bucket, which is what CloudTrail has signed.
    Proved,
    /// CloudTrail has not signed it, or not yet: no digest is about its time.
    Unsigned,
    /// No digest lists it, though those of its time are there.
    Unlisted,
    /// The object differs from what CloudTrail has signed.
    Altered,
    /// Central has received something else than what lies in the bucket.
    ReceivedDifferently,
    /// CloudTrail has signed it, and it is not in the bucket.
    Deleted,
    /// It is signed and in the bucket, and Central does not have it.
    NeverReceived,
    /// The same, but it may still be on its way.
    InFlight,
    /// It is signed and in the bucket, and Central has decided not to take it.
    Unwanted,
    /// It is signed and in the bucket, and belongs to a trail of which the function does not hear.
    OtherTrail,
    /// It lies in a storage class that must be restored first.
    Archived,
    /// It is signed and in the bucket, and landed before the connection could hear of it.
    #[serde(rename = "beforeConnection")]
    Earlier,
    /// Central has a receipt for it, but it is not in the bucket, and no digest lists it.
    Vanished,
    /// It is not in the bucket, and so old that the bucket has let it expire.
    Expired,
    /// No digest lists it, though those of its time are there. But another trail writes into the folder and has no digests.
    Unassigned,
    /// It belongs to a time before or after the one that was looked at. It is not counted.
    Outside,
}

impl Proof {
    /// All that are counted.
    pub(crate) const COUNTED: [Self; 15] = [
        Self::Proved,
        Self::Unsigned,
        Self::Unlisted,
        Self::Altered,
        Self::ReceivedDifferently,
        Self::Deleted,
        Self::NeverReceived,
        Self::InFlight,
        Self::Unwanted,
        Self::OtherTrail,
        Self::Archived,
        Self::Earlier,
        Self::Vanished,
        Self::Expired,
        Self::Unassigned,
    ];

    /// Whether something is wrong.
    #[must_use]
    pub(crate) fn is_wrong(self) -> bool {
        matches!(
            self,
            Self::Unlisted
                | Self::Altered
                | Self::ReceivedDifferently
                | Self::Deleted
                | Self::NeverReceived
                | Self::Vanished
        )
    }

    /// What it is where another trail without digests writes into the folder.
    #[must_use]
    pub(super) fn beside_others(self) -> Self {
        match self {
            Self::Unlisted => Self::Unassigned,
            other => other,
        }
    }

    /// Its name in JSON.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Unsigned => "unsigned",
            Self::Unlisted => "unlisted",
            Self::Altered => "altered",
            Self::ReceivedDifferently => "receivedDifferently",
            Self::Deleted => "deleted",
            Self::NeverReceived => "neverReceived",
            Self::InFlight => "inFlight",
            Self::Unwanted => "unwanted",
            Self::OtherTrail => "otherTrail",
            Self::Archived => "archived",
            Self::Earlier => "beforeConnection",
            Self::Vanished => "vanished",
            Self::Expired => "expired",
            Self::Unassigned => "unassigned",
            Self::Outside => "outside",
        }
    }
}

/// What lies in the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Content {
    /// The hash of the uncompressed content.
    Sha256(Hash),
    /// It does not unpack.
    Unreadable,
    Archived,
    Absent,
    /// It was not read, because it landed outside the window.
    NotRead,
}

/// What Central says of a log file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Received {
    pub(super) outcome: Outcome,
    pub(super) reason: Option<SkipReason>,
    /// The hash of the uncompressed content; none if it does not unpack (contract, `contentSha256`).
    pub(super) content: Option<Hash>,
    pub(super) at: Timestamp,
}

impl From<Receipt> for Received {
    fn from(receipt: Receipt) -> Self {
        let content = receipt.content_sha256.as_deref();
        Self {
            outcome: receipt.outcome,
            reason: receipt.reason,
            content: content.and_then(Hash::parse),
            at: receipt.at,
        }
    }
}

/// A log file: what lies in the bucket, and what Central says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    pub(super) object: String,
    /// When it landed in the bucket, if it is there.
    pub(super) landed: Option<Timestamp>,
    pub(super) content: Content,
    pub(super) receipt: Option<Received>,
    pub(super) proof: Proof,
}

impl File {
    /// Says what is proved of the file, from what the digests say of it.
    #[must_use]
    pub(super) fn judged(&self, said: Said, window: &Window) -> Proof {
        if self.landed.is_some() && !window.contains(said.at) {
            return Proof::Outside;
        }
        let present = match self.content {
            Content::Absent => return self.absent(said),
            Content::Archived => return Proof::Archived,
            Content::NotRead => return Proof::Outside,
            Content::Unreadable => None,
            Content::Sha256(hash) => Some(hash),
        };
        if said.hash.is_some() && present != said.hash {
            return Proof::Altered;
        }
        match &self.receipt {
            Some(receipt) if receipt.outcome == Outcome::Stored && receipt.content != present => {
                Proof::ReceivedDifferently
            }
            _ if said.hash.is_none() && said.due => match said.perhaps_another {
                true => Proof::Unassigned,
                false => Proof::Unlisted,
            },
            _ if said.hash.is_none() => Proof::Unsigned,
            Some(receipt) => match receipt.outcome {
                Outcome::Stored => Proof::Proved,
                Outcome::Skipped => Proof::Unwanted,
                Outcome::Gone | Outcome::Archived | Outcome::Denied | Outcome::Unknown => {
                    Proof::NeverReceived
                }
            },
            None if said.theirs => Proof::OtherTrail,
            None if said.earlier => Proof::Earlier,
            None if window.is_in_flight(said.at) => Proof::InFlight,
            None => Proof::NeverReceived,
        }
    }

    /// Says of a file that is not in the bucket what that means.
    fn absent(&self, said: Said) -> Proof {
        match (said.hash, &self.receipt) {
            // Nothing tells of it.
            (None, None) => Proof::Unsigned,
            _ if said.expired => Proof::Expired,
            (Some(_), _) => Proof::Deleted,
            (None, Some(_)) => Proof::Vanished,
        }
    }
}
