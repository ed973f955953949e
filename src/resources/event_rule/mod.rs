//! The EventBridge rule that hands a bucket's new log files to the function, for buckets where S3 accepts no notification of ours.

mod change;
mod grants;
mod listeners;
mod look;
mod removal;
mod settings;
mod setup;
pub(crate) mod state;
mod template;

pub(crate) use change::{Change, run};
pub(crate) use grants::grants;
pub(crate) use listeners::others_listen;
pub(crate) use look::{observe, read};
pub(crate) use removal::remove;
pub(crate) use settings::settings;
pub(crate) use setup::setup;
pub(crate) use state::Observed;
pub(crate) use template::part;

use super::{
    planned::{Across, Claim, Shown},
    seen::{Mark, Seen},
};
use crate::connection::{Design, Kind};

/// What a manifest may claim.
#[must_use]
pub(crate) fn claims(design: &Design) -> Vec<Claim> {
    if design.has_topic() {
        return Vec::new();
    }
    vec![Claim::whole(Kind::EventRule, design.rule_arn())]
}

/// How surely a claim is seen to be true. The rule's own mark decides again when the rule is deleted. A rule whose mark cannot be
/// read is nobody's.
#[must_use]
pub(crate) fn shown(_: &Design, seen: &Observed, _: &Across, _: Kind) -> Shown {
    match seen {
        Seen::Denied(_) => Shown::No,
        Seen::Absent => Shown::Perhaps,
        Seen::There(rule) => match rule.owner.mark {
            Mark::Ours => Shown::Surely,
            Mark::Denied(_) => Shown::No,
            Mark::None | Mark::Other(_) => Shown::Perhaps,
        },
    }
}

/// The mark on what was found.
#[must_use]
pub(crate) fn mark(seen: &Observed) -> Option<&Mark> {
    seen.there().map(|state| &state.owner.mark)
}
