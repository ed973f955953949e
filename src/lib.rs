//! Connects an AWS account's CloudTrail logs to Sophos Central.
//!
//! A flow to follow with a finger: `cli` → `settings` and `wizard` → `observe` → `plan` → `resources` → `central`. What
//! the customer's account runs afterwards is [`forwarder`], which uses nothing of the rest: without the feature `cli` it is
//! all that is built.

#[cfg(feature = "cli")]
pub mod aws;
#[cfg(feature = "cli")]
pub mod central;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod commands;
#[cfg(feature = "cli")]
pub mod connection;
pub mod forwarder;
#[cfg(feature = "cli")]
pub mod observe;
#[cfg(feature = "cli")]
pub mod plan;
#[cfg(feature = "cli")]
pub mod policy;
#[cfg(feature = "cli")]
pub mod resources;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "cli")]
pub mod settings;
#[cfg(feature = "cli")]
pub mod ui;
#[cfg(feature = "cli")]
pub mod wizard;

/// The version of this program, as it appears in tags, user agents and the manifest.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
