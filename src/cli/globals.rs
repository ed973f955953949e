//! The global flags, as the rest of the program needs them.

use std::path::PathBuf;

use crate::connection::Region;

/// The global flags, as the rest of the program needs them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Globals {
    pub no_input: bool,
    pub yes: bool,
    pub accessible: bool,
    pub profile: Option<String>,
    pub region: Option<Region>,
    pub tenant: Option<String>,
    pub sandbox: bool,
    pub verbose: u8,
    pub log_file: Option<PathBuf>,
    /// File with the Central client secret; `-` is stdin.
    pub client_secret_file: Option<PathBuf>,
}
