//! Flags of `package`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Clone, Debug, Args)]
pub(crate) struct PackageArgs {
    /// The zip to write
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
    /// Bootstrap (ELF) or zip to pack [default: built in, or this program]
    #[arg(
        long,
        value_name = "FILE",
        env = "SOPHOS_CT_FORWARDER",
        hide_env = true,
        value_hint = ValueHint::FilePath
    )]
    pub forwarder: Option<String>,
}
