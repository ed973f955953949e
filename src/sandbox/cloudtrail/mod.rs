//! A CloudTrail service that is as strict as AWS about an account's trails. It reads and evaluates bucket and topic policies,
//! knows names, limits and home regions, publishes the validation message, records calls, delivers log files, and signs digests.

mod access;
mod admission;
mod calls;
mod create;
mod deliver;
mod describe;
mod digests;
mod folders;
mod history;
mod input;
mod notices;
mod recording;
mod records;
mod selectors;
mod switches;
mod tags;
mod trails;
mod update;

pub(super) use calls::call;
pub(super) use deliver::deliver;
pub(super) use history::landed;
pub(super) use recording::{Made, record};
pub(super) use records::stored;
pub(super) use switches::switches;
