//! What the bucket is like besides its documents.

use super::state::Observed;
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Journal},
        settings::{Settings, of_tags},
    },
};

/// Returns the settings of the bucket of our own trail: its tags. Nothing else of it is made or read.
#[must_use]
pub(crate) fn settings(
    design: &Design,
    seen: &Observed,
    _: Journal<'_>,
    _: &Across,
) -> Vec<Settings> {
    if !design.own_trail() {
        return Vec::new();
    }
    let usable = seen.as_ref().and_then(|found| found.as_ref().ok());
    let tags = usable.and_seen(|bucket| bucket.owner.tags.as_ref());
    let all = of_tags(design, tags);
    vec![Settings::new(Kind::Bucket, design.bucket_arn(), all)]
}
