//! The function's execution role and its inline policy (a managed policy could not be undone under the published policy).

mod change;
mod document;
mod grants;
mod look;
mod removal;
mod settings;
mod setup;
pub(crate) mod state;
mod template;

pub(crate) use change::{Change, run};
pub(crate) use document::written;
pub(crate) use grants::grants;
pub(crate) use look::observe;
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
    if !design.own_role {
        return Vec::new();
    }
    let arn = design.role_arn();
    vec![
        Claim::whole(Kind::Role, arn.clone()),
        Claim::parts(Kind::RolePolicy, arn, vec![design.role_policy_name()]),
    ]
}

/// How surely a claim is seen to be true.
#[must_use]
pub(crate) fn shown(_: &Design, seen: &Observed, _: &Across, _: Kind) -> Shown {
    Shown::by_mark(mark(seen))
}

/// The mark on what was found.
#[must_use]
pub(crate) fn mark(seen: &Observed) -> Option<&Mark> {
    seen.there().map(|state| &state.owner.mark)
}
