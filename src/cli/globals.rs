//! Who and where, as the rest of the program needs it beside the answers.

use std::path::PathBuf;

use crate::connection::Region;

/// Who and where, as the rest of the program needs it beside the answers.
#[derive(Clone, Debug, Default)]
pub struct Globals {
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
