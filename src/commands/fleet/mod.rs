//! Many accounts in one run: `setup`, `status` and `remove` with `--fleet FILE`. Each account is a run of this very program of its
//! own, with the credentials of a role there. No state is kept: what is done already is found out anew.

mod file;
mod looked;
mod member;
mod organization;
mod outcome;
mod policy;
mod remove;
mod run;
mod scope;
mod setup;
mod show;
mod status;
mod verb;
mod waves;
mod whole;

pub(super) use policy::grants;
pub(super) use remove::run as remove;
pub(super) use run::{MEMBER, orphaned};
pub(super) use setup::run as setup;
pub(super) use status::run as status;

use crate::{
    answers::must_fit,
    ui::{Result, t},
};

/// Refuses flags that go with one account alone, all at once.
fn must_be_of_fleets(given: &[(&str, bool)]) -> Result<()> {
    let given = given.iter().filter(|(_, is_given)| *is_given);
    let complaints = given.map(|(flag, _)| t!("fleet-not-with", flag = flag));
    must_fit(complaints.collect())
}
