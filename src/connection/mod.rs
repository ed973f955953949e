//! The domain: what a connection is, its ids and names, and its manifest at Central. Nothing here talks to AWS or Central.

pub(crate) mod accounts;
pub(crate) mod design;
#[cfg(test)]
pub(crate) mod fixture;
mod ids;
pub(crate) mod manifest;
pub(crate) mod names;

pub(crate) use design::{Design, Feed, Named, Organization};
pub(crate) use ids::{AccountId, Arn, ConnectionId, ConnectionName, Partition, Region};
pub(crate) use manifest::{Kind, Ownership, Resource, Resources};

/// Tag that marks a resource as belonging to a connection.
pub(crate) const TAG_CONNECTION: &str = "sophos-ct:connection-id";
/// Tag with the version of the program that created a resource. A different value is never drift.
pub(crate) const TAG_VERSION: &str = "sophos-ct:version";
/// Tag of everything that a template makes: the tool that owns it.
pub(crate) const TAG_MANAGED_BY: &str = "sophos-ct:managed-by";
/// The most tags that the user can give: a role takes 50 (IAM quotas), and two of them are ours.
pub(crate) const MOST_TAGS: usize = 48;
