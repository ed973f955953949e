//! What can be seen of the log bucket.

use aws_sdk_s3::types::LifecycleRule;
use serde_json::Value;

use super::lifecycle::days;
#[cfg(test)]
use super::lifecycle::with_ours;
use crate::{
    connection::Design,
    resources::seen::{Mark, Owner, Seen},
    ui::t,
};

/// A bucket as it stands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub owner: Owner,
    pub policy: Seen<Value>,
    /// It has no tags, no policy and no objects: a run that was stopped right after `CreateBucket` leaves it so.
    pub untouched: bool,
    /// All lifecycle rules, which are read only if log files are to expire. Access to them is denied under the published policy.
    pub rules: Seen<Vec<LifecycleRule>>,
}

impl State {
    /// The days of our lifecycle rule.
    pub(super) fn retention_days(&self, design: &Design) -> Seen<i32> {
        let rules = self.rules.clone();
        rules.and_then(|rules| days(&rules, design))
    }

    /// Lets log files expire after so many days.
    #[cfg(test)]
    pub(crate) fn expires(&mut self, design: &Design, days: i32) {
        let rules = self.rules.there().cloned().unwrap_or_default();
        self.rules = Seen::There(with_ours(rules, design, days));
    }

    /// Whether a run that was stopped has left the bucket behind: it has the name that we compute, and nobody has touched it.
    pub(super) fn was_never_used(&self, design: &Design) -> bool {
        self.owner.mark == Mark::None && self.untouched && design.has_default_bucket()
    }
}

/// A bucket that is there but cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// `HeadBucket` was refused: the bucket belongs to another account, or it is ours and the caller may not see it.
    Forbidden,
    /// It is in another region.
    Elsewhere(String),
}

impl Unusable {
    /// Says why.
    pub(super) fn complaint(&self, bucket: &str) -> String {
        match self {
            Self::Forbidden => t!("conflict-bucket-taken", bucket = bucket),
            Self::Elsewhere(region) => {
                t!("conflict-bucket-region", bucket = bucket, region = region)
            }
        }
    }
}

/// What was seen of the bucket.
pub(crate) type Observed = Seen<Result<State, Unusable>>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{Feed, fixture};

    #[test]
    fn a_bucket_was_never_used_only_if_its_name_is_ours_and_nobody_touched_it() {
        let design = fixture::design(Feed::New);
        let left_behind = State {
            owner: Owner::of_tags(design.id, Seen::Absent),
            policy: Seen::Absent,
            untouched: true,
            rules: Seen::Absent,
        };
        assert!(left_behind.was_never_used(&design));
        let mut touched = left_behind.clone();
        touched.untouched = false;
        assert!(!touched.was_never_used(&design));
        let mut marked = left_behind.clone();
        marked.owner.mark = Mark::Other("another".to_owned());
        assert!(!marked.was_never_used(&design));
        let mut chosen = design;
        chosen.bucket = "chosen".parse().unwrap();
        assert!(!left_behind.was_never_used(&chosen));
    }
}
