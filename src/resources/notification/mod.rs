//! The notifications of a bucket: S3 notifies our topic of each new log file, or sends the bucket's events to EventBridge.

mod change;
mod document;
mod grants;
mod json;
mod look;
mod removal;
mod setup;
pub(crate) mod state;

pub(crate) use change::{Change, merge, run, written};
pub(crate) use grants::grants;
pub(crate) use look::{is_bridged, observe};
pub(crate) use removal::remove;
pub(crate) use setup::setup;
pub(crate) use state::{EVENTBRIDGE, Observed};

use super::{
    planned::{Across, Claim, Journal, Shown},
    seen::Mark,
    settings::Settings,
};
use crate::connection::{Design, Feed, Kind};

/// Always empty: all of it is one document.
#[must_use]
pub(crate) fn settings(_: &Design, _: &Observed, _: Journal<'_>, _: &Across) -> Vec<Settings> {
    Vec::new()
}

/// What a manifest may claim.
#[must_use]
pub(crate) fn claims(design: &Design) -> Vec<Claim> {
    let part = |id| {
        let kind = Kind::BucketNotification;
        vec![Claim::parts(kind, design.bucket_arn(), vec![id])]
    };
    match design.feed {
        Feed::Bucket { .. } => part(design.notification_id()),
        Feed::EventBridge { .. } => part(EVENTBRIDGE.to_owned()),
        Feed::New | Feed::Subscribe { .. } | Feed::Trail { .. } => Vec::new(),
    }
}

/// How surely a claim is seen to be true. For events to EventBridge, the tag of our rule decides later.
#[must_use]
pub(crate) fn shown(design: &Design, seen: &Observed, across: &Across, _: Kind) -> Shown {
    let ours = seen.there().is_some_and(|found| found.ours.is_some());
    match (design.has_topic(), across.bucket_is_there) {
        (true, false) => Shown::No,
        (true, true) if ours => Shown::Surely,
        _ => Shown::Perhaps,
    }
}

/// Always `None`: our entry has an id and no mark.
#[must_use]
pub(crate) fn mark(_: &Observed) -> Option<&Mark> {
    None
}
