//! What digests say of a log file, and the times of which those of a trail tell.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{chain::LATE, digest::Hash};

/// What the digests say of a log file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) hash: Option<Hash>,
    /// It belongs to a trail of which the function does not hear.
    pub(super) theirs: bool,
    /// The digests of its time are there, so it ought to be signed.
    pub(super) due: bool,
    /// Nobody has announced it to the connection, which began later.
    pub(super) earlier: bool,
    /// It is so old that the bucket has let it expire.
    pub(super) expired: bool,
    /// A trail without digests writes into its folder.
    pub(super) perhaps_another: bool,
    /// The time that it counts for.
    pub(super) at: Timestamp,
}

/// The times of which digests must tell to tell of what was delivered at this one: a file that lands near the end of an hour may be
/// in the next digest, and one that lands just after it in the one before.
#[must_use]
pub(crate) fn around(at: Timestamp) -> [Timestamp; 3] {
    let before = at.checked_sub(LATE).unwrap_or(at);
    let after = at.checked_add(LATE).unwrap_or(at);
    [before, at, after]
}

/// The times of which the digests of a trail tell, as far as they hold.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) ours: bool,
    /// By the beginning: the end, and whether a chain begins there.
    times: BTreeMap<Timestamp, (Timestamp, bool)>,
}

impl Told {
    /// Takes the beginning and the end of each digest that holds, and whether a chain begins with it.
    pub(super) fn new(
        ours: bool,
        times: impl Iterator<Item = (Timestamp, Timestamp, bool)>,
    ) -> Self {
        let times = times.map(|(start, end, begins)| (start, (end, begins)));
        Self {
            ours,
            times: times.collect(),
        }
    }

    /// Whether a digest is about this time.
    pub(super) fn covers(&self, at: Timestamp) -> bool {
        let before = self.times.range(..=at).next_back();
        before.is_some_and(|(_, (end, _))| at < *end)
    }

    /// Whether a digest of this time is missing: the one after it does not begin a chain.
    pub(super) fn lacks(&self, at: Timestamp) -> bool {
        let after = self.times.range(at..).next();
        !self.covers(at) && after.is_some_and(|(_, (_, begins))| !begins)
    }
}
