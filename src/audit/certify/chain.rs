//! The chains of digests of one account and region: which digests hold, which are missing, and what they say of log files.
//!
//! Each trail has a chain of its own, and one more for backfill digests. A chain is walked from its newest digest back, as the user
//! guide says ("Custom implementations of CloudTrail log file integrity validation"): the newer digest says what the older one is.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    digest::{Digest, DigestKey, Hash, Link, Trail, named_time},
    finding::What,
    scope::Scope,
    signature::{self, Base64, Fault, PublicKey, Seal},
    told::{Said, Told, around},
};

/// A digest as it lies in the bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed {
    pub(super) object: String,
    pub(super) landed: Timestamp,
    /// As it is stored, compressed.
    pub(super) content: Base64,
    /// From the metadata of the object.
    pub(super) signature: Option<String>,
    pub(super) algorithm: Option<String>,
}

/// The digests of one account and region.
#[derive(Debug)]
pub(super) struct Chains<'a> {
    pub(super) scope: Scope<'a>,
    digests: Vec<Judged>,
    signed: BTreeMap<String, Signed>,
    /// The times of which the digests of each trail tell.
    told: Vec<Told>,
}

#[derive(Debug)]
struct Judged {
    key: DigestKey,
    object: String,
    /// `None` if it cannot be read.
    start: Option<Timestamp>,
    previous: Option<Link>,
    hash: Option<Hash>,
    fault: Option<Fault>,
}

#[derive(Clone, Copy, Debug)]
struct Signed {
    hash: Hash,
    /// The number of the digest that lists it.
    digest: usize,
    /// Its own number.
    number: usize,
}

/// A digest is about an hour (user guide, "CloudTrail digest file structure").
pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// One digest begins where the one before it ends, apart from fractions of a minute.
const SLACK: SignedDuration = SignedDuration::from_mins(1);
/// CloudTrail delivers a digest each hour (user guide, "Validating CloudTrail log file integrity"), some minutes after its end. After
/// this time it ought to be there.
pub(crate) const PERIOD: SignedDuration = SignedDuration::from_hours(2);
/// A file may be so far from the end of the hour of its digest.
pub(super) const LATE: SignedDuration = SignedDuration::from_mins(10);

impl<'a> Chains<'a> {
    pub(super) fn new(scope: Scope<'a>) -> Self {
        Self {
            scope,
            digests: Vec::new(),
            signed: BTreeMap::new(),
            told: Vec::new(),
        }
    }

    /// Takes a digest in and judges it by itself.
    pub(super) fn add(&mut self, sealed: &Sealed, keys: &[PublicKey]) {
        let Some(key) = DigestKey::parse(&sealed.object) else {
            return;
        };
        let read = Digest::read(&sealed.content.0);
        let seal = Seal {
            signature: sealed.signature.as_deref(),
            algorithm: sealed.algorithm.as_deref(),
            landed: sealed.landed,
        };
        let place = (self.scope.bucket, sealed.object.as_str());
        let fault = match &read {
            None => Some(Fault::Unreadable),
            Some(digest) => signature::check(digest, seal, keys, place).err(),
        };
        let mut judged = Judged {
            key,
            object: sealed.object.clone(),
            start: None,
            previous: None,
            hash: None,
            fault,
        };
        if let Some(digest) = read {
            judged.start = Some(digest.start);
            judged.previous = digest.previous;
            judged.hash = Some(digest.hash);
            if judged.fault.is_none() {
                let bucket = self.scope.bucket;
                for file in digest
                    .files
                    .into_iter()
                    .filter(|file| file.bucket == bucket)
                {
                    let number = self.signed.len();
                    let signed = self.signed.entry(file.object).or_insert(Signed {
                        hash: file.hash,
                        digest: 0,
                        number,
                    });
                    (signed.hash, signed.digest) = (file.hash, self.digests.len());
                }
            }
        }
        self.digests.push(judged);
    }

    /// Walks the chains and returns what is wrong with them in the window, each with its trail. Chains of other trails are walked,
    /// but not told of.
    pub(super) fn walk(&mut self) -> Vec<(Trail, What)> {
        let mut chains: BTreeMap<(Trail, bool), Vec<usize>> = BTreeMap::new();
        for (number, digest) in self.digests.iter().enumerate() {
            let chain = (digest.key.trail.clone(), digest.key.backfill);
            chains.entry(chain).or_default().push(number);
        }
        let mut found = Vec::new();
        for ((trail, backfill), mut numbers) in chains {
            numbers.sort_by_key(|number| self.digests[*number].key.end);
            let mut wrong = Vec::new();
            for position in (0..numbers.len()).rev() {
                wrong.extend(self.step(&numbers[..=position], backfill));
            }
            wrong.extend(
                numbers
                    .iter()
                    .filter_map(|number| self.digests[*number].wrong()),
            );
            let ours = self.scope.is_ours(&trail);
            if !backfill {
                wrong.extend(self.end(&numbers));
                let times = numbers
                    .iter()
                    .filter_map(|number| self.digests[*number].told());
                self.told.push(Told::new(ours, times));
            }
            if ours {
                let (since, until) = (self.scope.window.since, self.scope.window.until);
                wrong.retain(|what| what.touches(since, until));
                wrong.sort_by_key(What::time);
                let wrong = wrong.into_iter().map(|what| self.excused(what));
                found.extend(wrong.map(|what| (trail.clone(), what)));
            }
        }
        found
    }

    /// One step back: from the last of these digests to the one before it.
    fn step(&mut self, numbers: &[usize], backfill: bool) -> Option<What> {
        let (newer, before) = numbers.split_last()?;
        let newer = &self.digests[*newer];
        let holds = newer.fault.is_none();
        let own = self.scope.is_own(&newer.key.trail);
        let (start, newer_end) = (newer.start, newer.key.end);
        if let Some(link) = newer.previous.clone().filter(|_| holds) {
            let is_named = |number: &&usize| self.digests[**number].object == link.object;
            match before.iter().rev().find(is_named).copied() {
                Some(named) => self.digests[named].compare(link.hash),
                None => return self.unlinked(newer, before, &link),
            }
        }
        if backfill {
            return None;
        }
        // What cannot be read does not say when its time began.
        let start = start.or_else(|| newer_end.checked_sub(HOUR).ok())?;
        let since = self.scope.window.since;
        match before.last().map(|number| self.digests[*number].key.end) {
            Some(end) => (start.duration_since(end) > SLACK).then(|| What::Gap {
                from: end.max(since),
                until: start,
            }),
            None if start.duration_since(since) <= SLACK => None,
            None if holds => Some(self.scope.begins(start, own)),
            None => Some(What::Gap {
                from: since,
                until: start,
            }),
        }
    }

    /// Says of a digest what it means that the one which it names is not among those before it.
    fn unlinked(&self, newer: &Judged, before: &[usize], link: &Link) -> Option<What> {
        let since = self.scope.window.since;
        let until = newer.start.unwrap_or(newer.key.end);
        if link.bucket != self.scope.bucket {
            // It has written here before: what it wrote in between is not here.
            let ends = before.iter().map(|number| self.digests[*number].key.end);
            if let Some(end) = ends.filter(|end| *end <= until).max()
                && until.duration_since(end) > SLACK
            {
                return Some(What::Gap {
                    from: end.max(since),
                    until,
                });
            }
            return Some(What::Elsewhere {
                digest: newer.object.clone(),
                bucket: link.bucket.clone(),
                at: until,
            });
        }
        // What was before the window is not judged.
        if DigestKey::parse(&link.object).is_some_and(|key| key.end <= since) {
            return None;
        }
        let mut ends = before
            .iter()
            .rev()
            .map(|number| self.digests[*number].key.end);
        Some(What::Missing {
            digest: link.object.clone(),
            from: ends.find(|end| *end <= until).unwrap_or(since),
            until,
        })
    }

    /// What comes after the newest digest of a chain: nothing may be missing there either.
    fn end(&self, numbers: &[usize]) -> Option<What> {
        let newest = self.digests[*numbers.last()?].key.end;
        let (until, now) = (self.scope.window.until, self.scope.window.now);
        let expected = until.min(now.checked_sub(PERIOD).ok()?);
        (expected.duration_since(newest) > SLACK).then(|| What::Gap {
            from: newest.max(self.scope.window.since),
            until: until.min(now),
        })
    }

    /// What is wrong, unless the digests are so old that the bucket has let them expire.
    fn excused(&self, what: What) -> What {
        match what {
            What::Missing { until, .. } | What::Gap { until, .. }
                if self.scope.has_expired(until) =>
            {
                What::Expired { until }
            }
            other => other,
        }
    }

    /// Whether no digest of these trails holds that is about the window. Backfill digests only add to others.
    #[must_use]
    pub(super) fn has_none(&self, is_wanted: impl Fn(&Trail) -> bool) -> bool {
        let tells = |digest: &Judged| {
            let is_wanted = !digest.key.backfill && is_wanted(&digest.key.trail);
            is_wanted && digest.fault.is_none() && self.is_within(digest)
        };
        !self.digests.iter().any(tells)
    }

    /// How many digests there are.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.digests.len()
    }

    /// Returns what the digests say of a log file that landed then.
    #[must_use]
    pub(super) fn say(&self, object: &str, landed: Option<Timestamp>) -> Said {
        let named = named_time(object);
        if let Some((signed, digest)) = self.signed(object) {
            let end = digest.key.end;
            // What lands after it was signed was written again: it counts for the time at which it was signed.
            let first = landed.filter(|landed| landed.duration_since(end) <= LATE);
            let at = first.or(named).unwrap_or(end);
            return Said {
                hash: Some(signed.hash),
                theirs: !self.scope.whole_bucket && !self.scope.is_ours(&digest.key.trail),
                due: true,
                earlier: at < self.scope.heard_since,
                expired: self.scope.has_expired(at),
                perhaps_another: false,
                at,
            };
        }
        let is_due = |at: Timestamp| around(at).into_iter().all(|at| self.is_due(at));
        let again = landed.and_then(|landed| self.scope.written_again(landed, named?));
        let landed = landed.filter(|_| again.is_none());
        let at = again.or(landed).or(named);
        let at = at.unwrap_or(self.scope.window.since);
        Said {
            hash: None,
            theirs: false,
            due: [landed, named].into_iter().flatten().any(is_due),
            earlier: at < self.scope.heard_since,
            expired: self.scope.has_expired(at),
            perhaps_another: self.scope.perhaps_another,
            at,
        }
    }

    /// Whether what landed then must be in a digest that is there. A log file does not say which trail it is of, so no trail's
    /// digest of that time may be missing.
    fn is_due(&self, at: Timestamp) -> bool {
        let mut ours = self.told.iter().filter(|told| told.ours);
        ours.any(|told| told.covers(at)) && !self.told.iter().any(|told| told.lacks(at))
    }

    /// The log files of which the digests of the window say something, each with its number.
    pub(super) fn listed(&self) -> impl Iterator<Item = (&str, usize)> {
        let signed = self.signed.iter();
        signed.filter_map(|(object, signed)| {
            let digest = &self.digests[signed.digest];
            (digest.fault.is_none() && self.is_within(digest))
                .then_some((object.as_str(), signed.number))
        })
    }

    /// Returns the number of a log file among [`Chains::listed`].
    #[must_use]
    pub(super) fn number(&self, object: &str) -> Option<usize> {
        let (signed, digest) = self.signed(object)?;
        self.is_within(digest).then_some(signed.number)
    }

    /// How many numbers there are.
    #[must_use]
    pub(super) fn numbers(&self) -> usize {
        self.signed.len()
    }

    fn signed(&self, object: &str) -> Option<(&Signed, &Judged)> {
        let signed = self.signed.get(object)?;
        let digest = &self.digests[signed.digest];
        digest.fault.is_none().then_some((signed, digest))
    }

    fn is_within(&self, digest: &Judged) -> bool {
        let window = self.scope.window;
        let start = digest.start.unwrap_or(digest.key.end);
        start < window.until && digest.key.end > window.since
    }
}

impl Judged {
    /// Compares the digest with the hash that the one after it has.
    fn compare(&mut self, hash: Hash) {
        if self.hash != Some(hash) {
            self.fault = Some(Fault::Altered);
        } else if self.fault == Some(Fault::Signature) {
            self.fault = Some(Fault::SignatureAltered);
        }
    }

    /// The time of which it tells, if it holds: its beginning, its end, and whether a chain begins with it.
    fn told(&self) -> Option<(Timestamp, Timestamp, bool)> {
        let start = self.start.filter(|_| self.fault.is_none())?;
        Some((start, self.key.end, self.previous.is_none()))
    }

    fn wrong(&self) -> Option<What> {
        Some(What::Faulty {
            digest: self.object.clone(),
            fault: self.fault.clone()?,
            until: self.key.end,
        })
    }
}
