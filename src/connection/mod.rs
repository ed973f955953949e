//! The domain: what a connection is, the ids and names it consists of, and its manifest in Central.
//! Nothing here talks to AWS or Central.

pub mod accounts;
pub mod design;
#[cfg(test)]
pub(crate) mod fixture;
mod ids;
pub mod manifest;
pub mod names;

pub use design::{Design, Feed, Named, Organization};
pub use ids::{AccountId, Arn, ConnectionId, ConnectionName, Partition, Region};
pub use manifest::{Kind, Ownership, Resource, Resources};

/// Tag that marks a role, topic, bucket or trail as belonging to a connection.
pub const TAG_CONNECTION: &str = "sophos-ct:connection-id";
/// Tag with the version of the program that created a resource; a different value is never drift.
pub const TAG_VERSION: &str = "sophos-ct:version";
