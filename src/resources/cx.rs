//! What a change needs while it is carried out.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::package::Package;
use crate::{
    aws::{Aws, wait::Waiting},
    connection::Design,
};

/// What a call that changes something gets to know.
#[derive(Clone, Copy)]
pub(crate) struct Cx<'a> {
    pub aws: &'a Aws,
    pub design: &'a Design,
    /// What the function is to run. `setup` always has it, `remove` never needs it.
    pub deployment: Option<&'a Deployment>,
    /// Called when AWS has accepted something that is not visible everywhere yet.
    pub waiting: Waiting<'a>,
}

/// What the function runs: its zip and its settings.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub package: Package,
    /// The function's whole environment.
    pub environment: BTreeMap<String, String>,
}

/// SHA-256 (hex) of a function's environment, as the manifest holds it.
#[must_use]
pub(crate) fn environment_digest(environment: &BTreeMap<String, String>) -> String {
    let text = serde_json::to_string(environment).expect("a map of strings is JSON");
    hex::encode(Sha256::digest(text.as_bytes()))
}
