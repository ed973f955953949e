//! Whether Central has every log file of a bucket, and what to do about those that it does not have.
//!
//! The objects of the bucket and Central's receipts are two lists in the same order. [`reconcile`] goes through both at once,
//! folder by folder, and never holds more than a few pages of them. [`Tally`] counts what it finds, [`replay`] sends what is
//! missing through the connection's function, so that no log file passes through this machine. [`certify`] proves the log files by
//! what CloudTrail has signed. [`screen`] and [`report`] show it. [`Fingerprint`] looks for the events of a run of this program.

pub(crate) mod certify;
mod fingerprint;
mod folders;
mod grants;
mod objects;
mod pages;
mod place;
mod receipts;
mod reconcile;
mod regions;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod screen;
mod spool;
mod tally;
#[cfg(test)]
mod tests;
mod unlisted;
mod window;
mod writers;

pub(crate) use fingerprint::{Fingerprint, Proof, Sign};
pub(crate) use folders::{Folder, folders, heard, of_one_organization};
pub(crate) use grants::{certify_grants, fingerprint_grants, grants, replay_grants};
pub(crate) use objects::{Object, Objects};
pub(crate) use place::Place;
pub(crate) use receipts::Receipts;
pub(crate) use reconcile::{Choice, Found, Gaps, Meter, Source, Verdict, reconcile, units};
pub(crate) use regions::Regions;
pub(crate) use spool::{Keys, Spool};
pub(crate) use tally::{Counts, Tally};
pub(crate) use window::Window;
pub(crate) use writers::{Others, Trails};

/// How many requests of a kind are on their way at the same time.
const AT_ONCE: usize = 16;
