//! Connects an AWS account's CloudTrail logs to Sophos Central.
//!
//! ARCHITECTURE.md describes the rooms and how they build on each other. The function that runs in the customer's account is a
//! package of its own, `sophos-ct-forwarder`.

#![cfg_attr(not(test), warn(unused_crate_dependencies))]

mod answers;
mod audit;
mod aws;
mod central;
mod cli;
mod commands;
#[cfg(feature = "sandbox")]
mod conformance;
mod connection;
mod health;
mod plan;
mod policy;
mod resources;
mod run;
#[cfg(feature = "sandbox")]
mod sandbox;
mod ui;
mod wizard;

pub use commands::run;

/// What the tests use of the program besides its command line.
#[doc(hidden)]
pub mod testing {
    pub use crate::{
        aws::{Aws, Options, SandboxAws, error::AwsError},
        cli::examples_to_run,
        resources::package::Package,
        ui::{Code, Failure},
    };

    #[cfg(feature = "sandbox")]
    pub use crate::sandbox::central::{Central, Entry, Store, Timing};
}

/// The variable that names the sandbox's folder. Builds without a sandbox know it too.
const SANDBOX_DIR: &str = "SOPHOS_CT_SANDBOX_DIR";

/// The version of this program, as it appears in tags, user agents and the manifest.
const VERSION: &str = env!("CARGO_PKG_VERSION");
