//! What is wrong with a chain of digests, and what is worth knowing about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{digest::Trail, signature::Fault};
use crate::connection::{AccountId, Region};

/// Something about the digests of an account and region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub account: AccountId,
    pub region: Region,
    /// The trail of the chain, if there is a chain.
    pub trail: Option<Trail>,
    pub what: What,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum What {
    /// A digest proves nothing. `until` is the end of its time.
    Faulty {
        digest: String,
        fault: Fault,
        until: Timestamp,
    },
    /// A digest is named by the one after it, and is not there. Nothing signed is known of this time.
    Missing {
        digest: String,
        from: Timestamp,
        until: Timestamp,
    },
    /// There is no digest for this time, and none is named.
    Gap { from: Timestamp, until: Timestamp },
    /// The chain begins then, within the window.
    Begins { at: Timestamp },
    /// What was before lies in another bucket.
    Elsewhere {
        digest: String,
        bucket: String,
        at: Timestamp,
    },
    /// No digest of the time holds, though one ought to be there: log files were delivered, or the trail has logged.
    NoDigests,
    /// The digests before this time are so old that the bucket has let them expire.
    Expired { until: Timestamp },
}

impl What {
    /// Whether something is wrong. A chain may well begin, a trail may have had another bucket, and what is old may expire.
    #[must_use]
    pub(crate) fn is_wrong(&self) -> bool {
        !matches!(
            self,
            Self::Begins { .. } | Self::Elsewhere { .. } | Self::Expired { .. }
        )
    }

    /// Whether it is a time without a proof.
    #[must_use]
    pub(crate) fn is_gap(&self) -> bool {
        matches!(
            self,
            Self::Missing { .. } | Self::Gap { .. } | Self::NoDigests
        )
    }

    /// When it ends.
    #[must_use]
    pub(super) fn time(&self) -> Timestamp {
        match self {
            Self::Faulty { until, .. }
            | Self::Missing { until, .. }
            | Self::Gap { until, .. }
            | Self::Expired { until } => *until,
            Self::Begins { at } | Self::Elsewhere { at, .. } => *at,
            Self::NoDigests => Timestamp::MIN,
        }
    }

    /// Whether it has to do with this time.
    #[must_use]
    pub(super) fn touches(&self, since: Timestamp, until: Timestamp) -> bool {
        match self {
            Self::Missing {
                from, until: end, ..
            }
            | Self::Gap { from, until: end } => *from < until && *end > since,
            Self::Begins { at } | Self::Elsewhere { at, .. } => *at > since && *at < until,
            Self::Expired { until } => *until > since,
            // Every digest that is read is about the window, or about the hours beside it, whose digests may list its files.
            Self::Faulty { .. } | Self::NoDigests => true,
        }
    }
}
