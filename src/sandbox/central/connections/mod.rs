//! Connections with their invitations and receipts, as clients of the API see them.

mod access;
mod checks;
mod create;
mod delete;
mod invitations;
mod read;
mod receipts;
mod redeem;
mod update;

pub(super) use access::{only_clients, visible};
pub(super) use create::create;
pub(super) use delete::delete;
pub(super) use invitations::{invitations, invite, revoke};
pub(super) use read::{endpoints, list, read};
pub(super) use receipts::receipts;
pub(super) use redeem::redeem;
pub(super) use update::update;
