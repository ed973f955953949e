//! The trail, and what is known about the other trails of the region.

mod change;
mod grants;
mod look;
mod removal;
mod settings;
mod setup;
pub(crate) mod state;
mod template;

pub(crate) use change::{Change, run, set_topic, update};
pub(crate) use grants::grants;
pub(crate) use look::{list, list_in, management_trails, monthly_events, observe};
pub(crate) use removal::remove;
pub(crate) use settings::settings;
pub(crate) use setup::setup;
pub(crate) use state::{LIMIT, Observed, State, Status, of_account, owner};
pub(crate) use template::part;

use super::{
    planned::{Across, Claim, Shown},
    seen::Mark,
};
use crate::connection::{Design, Feed, Kind};

/// What a manifest may claim.
#[must_use]
pub(crate) fn claims(design: &Design) -> Vec<Claim> {
    let arn = design.trail_arn();
    match design.feed {
        Feed::New => vec![Claim::whole(Kind::Trail, arn)],
        Feed::Trail { .. } => {
            vec![Claim::parts(
                Kind::TrailTopic,
                arn,
                vec![design.topic_arn()],
            )]
        }
        Feed::Subscribe { .. } | Feed::Bucket { .. } | Feed::EventBridge { .. } => Vec::new(),
    }
}

/// How surely a claim is seen to be true.
#[must_use]
pub(crate) fn shown(design: &Design, seen: &Observed, across: &Across, kind: Kind) -> Shown {
    if kind == Kind::Trail {
        return Shown::by_mark(mark(seen));
    }
    let own = seen.own.there();
    let announced = own.and_then(|own| own.trail.topic_arn.as_deref());
    let ours = across.topic_is_ours && announced == Some(&design.topic_arn());
    match (across.bucket_is_there, ours) {
        (false, _) => Shown::No,
        (true, false) => Shown::Perhaps,
        (true, true) => Shown::Surely,
    }
}

/// The mark on what was found.
#[must_use]
pub(crate) fn mark(seen: &Observed) -> Option<&Mark> {
    seen.own.there().map(|own| &own.owner.mark)
}
