//! Flags of `invite`, and how the code of an invitation is read.

use std::convert::Infallible;

use clap::Args;
use secrecy::SecretString;

use super::flags::InviteFlags;

#[derive(Clone, Debug, Args)]
pub(crate) struct InviteArgs {
    /// Name of the connection, or its id
    pub connection: Option<String>,
    /// List the invitations that are open, without their codes
    #[arg(long, conflicts_with = "revoke")]
    pub list: bool,
    /// Take the invitation back; the connection stays pending
    #[arg(long, requires = "connection")]
    pub revoke: bool,
    #[command(flatten)]
    pub answers: InviteFlags,
}

/// Reads a value that no complaint and no log shows: its form is checked later, because clap's complaints repeat values.
pub(super) fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(text.to_owned()))
}
