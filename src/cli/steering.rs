//! Arguments of the commands that only Central carries out: `accounts`, `pause`, `resume`, `rename`.

use clap::Args;

#[derive(Clone, Debug, Args)]
pub(crate) struct AccountsArgs {
    /// Name or id
    pub connection: String,
    /// Collect exactly these accounts: ids separated by commas, or @FILE
    #[arg(long, value_name = "LIST", conflicts_with_all = ["add", "remove", "all"])]
    pub set: Option<String>,
    /// Collect these accounts too
    #[arg(long, value_name = "LIST", conflicts_with = "all")]
    pub add: Option<String>,
    /// Stop collecting these accounts
    #[arg(long, value_name = "LIST", conflicts_with = "all")]
    pub remove: Option<String>,
    /// Collect all accounts, including those that join later
    #[arg(long)]
    pub all: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct PauseArgs {
    /// Name or id
    pub connection: String,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct RenameArgs {
    /// Name or id
    pub connection: String,
    /// The name that it gets
    #[arg(value_name = "NEW-NAME")]
    pub new_name: String,
}
