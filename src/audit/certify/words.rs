//! What is proved, and what is not, in words.

use super::{
    finding::{Finding, What},
    proof::Proof,
    signature::Fault,
};
use crate::ui::{human, t};

impl Proof {
    /// The proof in words.
    #[must_use]
    pub(crate) fn shown(self) -> String {
        match self {
            Self::Proved => t!("proof-proved"),
            Self::Unsigned => t!("proof-unsigned"),
            Self::Unlisted => t!("proof-unlisted"),
            Self::Altered => t!("proof-altered"),
            Self::ReceivedDifferently => t!("proof-received-differently"),
            Self::Deleted => t!("proof-deleted"),
            Self::NeverReceived => t!("proof-never-received"),
            Self::InFlight => t!("proof-in-flight"),
            Self::Unwanted => t!("proof-unwanted"),
            Self::OtherTrail => t!("proof-other-trail"),
            Self::Archived => t!("proof-archived"),
            Self::Earlier => t!("proof-earlier"),
            Self::Vanished => t!("proof-vanished"),
            Self::Expired => t!("proof-expired"),
            Self::Unassigned => t!("proof-unassigned"),
            Self::Outside => t!("proof-outside"),
        }
    }
}

impl Finding {
    /// The finding in words, with the account and region and what it is about.
    #[must_use]
    pub(crate) fn shown(&self) -> String {
        let (account, region) = (&self.account, &self.region);
        let what = self.what.shown();
        match &self.trail {
            Some(trail) => t!(
                "finding-of-trail",
                account = account,
                region = region,
                trail = trail.name,
                what = what
            ),
            None => t!("finding", account = account, region = region, what = what),
        }
    }
}

impl What {
    fn shown(&self) -> String {
        match self {
            Self::Faulty { digest, fault, .. } => {
                t!("finding-faulty", digest = digest, fault = fault.shown())
            }
            Self::Missing {
                digest,
                from,
                until,
            } => t!(
                "finding-missing",
                digest = digest,
                from = human::second(*from),
                until = human::second(*until)
            ),
            Self::Gap { from, until } => {
                t!(
                    "finding-gap",
                    from = human::second(*from),
                    until = human::second(*until)
                )
            }
            Self::Begins { at } => t!("finding-begins", at = human::second(*at)),
            Self::Elsewhere { bucket, at, .. } => {
                t!(
                    "finding-elsewhere",
                    bucket = bucket,
                    at = human::second(*at)
                )
            }
            Self::NoDigests => t!("finding-no-digests"),
            Self::Expired { until } => t!("finding-expired", until = human::second(*until)),
        }
    }
}

impl Fault {
    fn shown(&self) -> String {
        match self {
            Self::Unreadable => t!("fault-unreadable"),
            Self::Altered => t!("fault-altered"),
            Self::Moved => t!("fault-moved"),
            Self::NotSigned => t!("fault-not-signed"),
            Self::Algorithm(algorithm) => t!("fault-algorithm", algorithm = algorithm),
            Self::UnknownKey(fingerprint) => t!("fault-unknown-key", fingerprint = fingerprint),
            Self::KeyNotValid(fingerprint) => {
                t!("fault-key-not-valid", fingerprint = fingerprint)
            }
            Self::Signature => t!("fault-signature"),
            Self::SignatureAltered => t!("fault-signature-altered"),
        }
    }
}
