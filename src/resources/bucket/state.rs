//! What can be seen of the log bucket.

use aws_sdk_s3::types::LifecycleRule;
use serde_json::Value;

use crate::{
    connection::Design,
    resources::seen::{Mark, Seen},
};

/// A bucket as it stands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub mark: Mark,
    pub policy: Seen<Value>,
    /// It has no tags, no policy and no objects: a run that was stopped right after `CreateBucket` leaves it so.
    pub untouched: bool,
    /// The days of our lifecycle rule; access to it is denied under the published policy.
    pub retention_days: Seen<i32>,
    /// All lifecycle rules, if log files are to expire.
    pub rules: Seen<Vec<LifecycleRule>>,
}

impl State {
    /// Whether a run that was stopped has left the bucket behind: it has the name that we compute, and nobody has touched it.
    pub(super) fn was_never_used(&self, design: &Design) -> bool {
        self.mark == Mark::None && self.untouched && design.has_default_bucket()
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
            mark: Mark::None,
            policy: Seen::Absent,
            untouched: true,
            retention_days: Seen::Absent,
            rules: Seen::Absent,
        };
        assert!(left_behind.was_never_used(&design));
        let mut touched = left_behind.clone();
        touched.untouched = false;
        assert!(!touched.was_never_used(&design));
        let mut marked = left_behind.clone();
        marked.mark = Mark::Other("another".to_owned());
        assert!(!marked.was_never_used(&design));
        let mut chosen = design;
        chosen.bucket = "chosen".parse().unwrap();
        assert!(!left_behind.was_never_used(&chosen));
    }
}
