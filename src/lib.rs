//! Connects an AWS account's CloudTrail logs to Sophos Central.
//!
//! ARCHITECTURE.md says how its rooms stand on each other; what the customer's account runs afterwards is a package of its own,
//! `sophos-ct-forwarder`.

pub mod answers;
pub mod aws;
pub mod central;
pub mod cli;
pub mod commands;
pub mod connection;
pub mod health;
pub mod plan;
pub mod policy;
pub mod resources;
pub mod run;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod ui;
pub mod wizard;

/// The version of this program, as it appears in tags, user agents and the manifest.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
