//! Digests: what CloudTrail writes beside log files where validation is on, so that anyone can prove that none was changed,
//! deleted or added (CloudTrail user guide, "Validating CloudTrail log file integrity").

mod delivery;
mod document;
mod key;
mod keyring;
#[cfg(test)]
mod tests;

pub(super) use delivery::{begin, close, note, put, write};
pub(super) use document::{Period, Signed, sign};
pub(super) use key::{Signer, generate};
pub(super) use keyring::{list, rotate};
