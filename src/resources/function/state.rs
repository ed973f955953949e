//! What can be seen of the function, and how it differs from what we create.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::Architecture;
use serde_json::Value;

use super::settings::compared;
use crate::{
    connection::Design,
    resources::seen::{Owner, Seen},
};

/// Memory in MB: the smallest size is enough, since the forwarder streams.
pub(super) const MEMORY: i32 = 128;
pub(super) const HANDLER: &str = "bootstrap";
/// Time limit in seconds: enough for the largest log file (50 MB) at the bandwidth of the smallest function.
pub(super) const TIMEOUT: i32 = 120;

/// A function as it stands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub arn: String,
    pub owner: Owner,
    /// Its environment without what only says that a stack has made it.
    pub environment: BTreeMap<String, String>,
    /// SHA-256 of the zip, in base64 as Lambda gives it.
    pub code_sha256: String,
    pub role: String,
    pub runtime: String,
    pub handler: String,
    /// In MB.
    pub memory: Option<i32>,
    /// In seconds.
    pub timeout: Option<i32>,
    pub architectures: Vec<Architecture>,
    /// ARNs of layers. We set none.
    pub layers: Vec<String>,
    /// ARN of the target for events that the function could not handle.
    pub dead_letter: Option<String>,
    /// The function's resource policy.
    pub policy: Seen<Value>,
}

/// What was seen of the function.
pub(crate) type Observed = Seen<State>;

/// How a function can differ from the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drift {
    Role,
    Runtime,
    DeadLetter,
}

/// How a function differs from the design. Code, architecture and environment belong to the deployment. `newer`: it runs newer code,
/// which brings its own runtime.
pub(super) fn drift(state: &State, design: &Design, newer: bool) -> Vec<Drift> {
    let compared = compared(design).into_iter();
    let differing = compared.filter(|(_, one)| one.differs(state));
    let mut drift: Vec<Drift> = differing.map(|(drift, _)| drift).collect();
    drift.dedup();
    drift.retain(|one| !(newer && *one == Drift::Runtime));
    drift
}
