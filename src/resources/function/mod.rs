//! The forwarder's function and the permission to invoke it.

mod change;
mod deploy;
mod environment;
mod grants;
mod look;
mod policy;
mod removal;
mod settings;
mod setup;
mod state;
mod template;

pub(crate) use change::{Change, must_be_provoked, provoke, run};
pub(crate) use environment::{ENVIRONMENT, environment, environment_item, of_newer};
pub(crate) use grants::{grants, tags, waking};
pub(crate) use look::{arn_of, observe};
pub(crate) use policy::{recognise, written};
pub(crate) use removal::remove;
pub(crate) use settings::settings;
pub(crate) use setup::setup;
pub(crate) use state::{Observed, State};
pub(crate) use template::{Runs, part};

use super::{
    planned::{Across, Claim, Shown},
    seen::Mark,
};
use crate::connection::{Design, Kind};

/// What a manifest may claim. The digest of the environment has an entry of its own.
#[must_use]
pub(crate) fn claims(design: &Design) -> Vec<Claim> {
    let (arn, id) = (design.function_arn(), design.permission_id());
    vec![
        Claim::whole(Kind::Function, arn.clone()),
        Claim::parts(Kind::Function, arn.clone(), vec![ENVIRONMENT.to_owned()]),
        Claim::parts(Kind::FunctionPermission, arn, vec![id]),
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
