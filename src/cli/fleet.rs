//! Flags with which `setup`, `status` and `remove` act on many accounts.

use std::path::PathBuf;

use clap::{Args, ValueHint, value_parser};

const FLEET: &str = "Many accounts";

/// Many accounts, from a file.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FleetArgs {
    /// Do it for each account in this file, which is TOML or CSV
    ///
    /// Each row names an account and the role to assume there, and may have a region, a tenant, and answers by the names of their
    /// flags. Run it again to go on: what is done stays as it is. An account that fails does not stop the others.
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        hide_short_help = true,
        conflicts_with = "connection",
        help_heading = FLEET
    )]
    pub fleet: Option<PathBuf>,
    /// So many accounts at the same time, 1 to 64 [default: 8]
    #[arg(
        long,
        value_name = "N",
        value_parser = value_parser!(u8).range(1..=64),
        hide_short_help = true,
        requires = "fleet",
        help_heading = FLEET
    )]
    pub at_once: Option<u8>,
}
