//! Two CloudWatch alarms on the function: log files fail, and nothing is heard of log files. They tell a topic of the user's, and
//! are there only if an answer names that topic. They are outside the published policy: a refusal costs the alarms, not the run.

mod change;
mod grants;
mod look;
mod removal;
mod settings;
mod setup;
pub(crate) mod state;
mod template;

pub(crate) use change::{Change, run};
pub(crate) use grants::grants;
pub(crate) use look::observe;
pub(crate) use removal::remove;
pub(crate) use settings::settings;
pub(crate) use setup::setup;
pub(crate) use state::{Observed, Which};
pub(crate) use template::part;

use super::{
    planned::{Across, Claim, Shown},
    seen::Mark,
};
use crate::connection::{Design, Kind};

/// What a manifest may claim.
#[must_use]
pub(crate) fn claims(design: &Design) -> Vec<Claim> {
    if design.alarm.is_none() {
        return Vec::new();
    }
    let claim = |which: Which| Claim::whole(Kind::Alarm, which.arn(design));
    Which::BOTH.map(claim).to_vec()
}

/// How surely a claim is seen to be true: if one of the alarms carries our mark. The mark of each decides again when it is
/// deleted.
#[must_use]
pub(crate) fn shown(_: &Design, seen: &Observed, _: &Across, _: Kind) -> Shown {
    let ours = seen.there().any(|state| state.owner.mark == Mark::Ours);
    Shown::by_mark(ours.then_some(&Mark::Ours))
}

/// The mark on what was found: a connection's, if there is one.
#[must_use]
pub(crate) fn mark(seen: &Observed) -> Option<&Mark> {
    let marks = || seen.there().map(|state| &state.owner.mark);
    let whose = marks().find(|mark| matches!(mark, Mark::Ours | Mark::Other(_)));
    whose.or_else(|| marks().next())
}
