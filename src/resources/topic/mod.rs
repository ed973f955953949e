//! The SNS topic that CloudTrail or S3 notifies, and our statement in its policy.

mod change;
mod grants;
mod look;
mod policy;
mod removal;
mod settings;
mod setup;
pub(crate) mod state;
mod template;

pub(crate) use change::{Change, run};
pub(crate) use grants::grants;
pub(crate) use look::observe;
pub(crate) use policy::{is_shared, written};
pub(crate) use removal::remove;
pub(crate) use settings::settings;
pub(crate) use setup::setup;
pub(crate) use state::Observed;
pub(crate) use template::part;

use super::{
    planned::{Across, Claim, Shown},
    seen::Mark,
};
use crate::connection::{Design, Kind};

/// What a manifest may claim.
#[must_use]
pub(crate) fn claims(design: &Design) -> Vec<Claim> {
    if !design.own_topic() {
        return Vec::new();
    }
    let (arn, ids) = (design.topic_arn(), design.topic_statement_ids());
    vec![
        Claim::whole(Kind::Topic, arn.clone()),
        Claim::parts(Kind::TopicPolicyStatement, arn, ids),
    ]
}

/// How surely a claim is seen to be true.
#[must_use]
pub(crate) fn shown(_: &Design, seen: &Observed, _: &Across, kind: Kind) -> Shown {
    match kind {
        Kind::Topic => Shown::by_mark(mark(seen)),
        _ if seen.is_absent() => Shown::No,
        _ => Shown::Perhaps,
    }
}

/// The mark on what was found.
#[must_use]
pub(crate) fn mark(seen: &Observed) -> Option<&Mark> {
    seen.there().map(|state| &state.owner.mark)
}
