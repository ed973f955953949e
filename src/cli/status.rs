//! Flags of `status`.

use clap::Args;

use super::FleetArgs;

#[derive(Clone, Debug, Args)]
pub(crate) struct StatusArgs {
    /// Name or id; not needed if the tenant has one connection
    pub connection: Option<String>,
    /// Look again every few seconds until Ctrl-C
    ///
    /// In a pipe or with --accessible, it prints only what changes.
    #[arg(long)]
    pub watch: bool,
    /// Show each part in AWS with its ARN
    #[arg(long)]
    pub parts: bool,
    /// Every connection of the tenant, a line for each
    ///
    /// Those of other AWS accounts than that of the credentials are judged by what Central says of them.
    #[arg(long, conflicts_with_all = ["connection", "watch", "parts"])]
    pub all: bool,
    #[command(flatten)]
    pub fleet: FleetArgs,
}
