//! Log ingest: the forwarder's sign-in, which STS verifies, and what becomes of log files.

mod access;
mod missing;
mod offers;
mod reports;
mod sign_in;
mod signed;
mod sts;
mod uploads;

pub(super) use missing::missing;
pub(super) use offers::offer;
pub(super) use reports::reports;
pub(super) use sign_in::token;
pub(super) use uploads::upload;
