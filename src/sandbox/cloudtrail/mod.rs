//! A CloudTrail service that is as strict as AWS about an account's trails. It reads and evaluates bucket and topic policies,
//! knows names, limits and home regions, publishes the validation message, and delivers log files.

mod access;
mod admission;
mod calls;
mod create;
mod deliver;
mod describe;
mod folders;
mod input;
mod notices;
mod records;
mod selectors;
mod tags;
mod trails;
mod update;

pub(super) use calls::call;
pub(super) use deliver::deliver;
pub(super) use records::stored;
