//! What can be seen of the function, and how it differs from what we create.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{Architecture, Runtime};
use serde_json::Value;

use crate::{
    connection::Design,
    resources::seen::{Mark, Seen, Stack, Tags},
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
    pub mark: Mark,
    /// The stack that has made it, if its tags or its environment say so.
    pub stack: Option<Stack>,
    /// Its tags, as far as the caller may see them.
    pub tags: Tags,
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

/// A setting of the function that can drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Role,
    Runtime,
    DeadLetter,
}

/// The settings of a function that differ from the design. Code, architecture and environment belong to the deployment.
pub(super) fn drift(state: &State, design: &Design) -> Vec<Setting> {
    let target = design.dead_letter.as_ref().map(ToString::to_string);
    let runtime = Runtime::Providedal2023;
    [
        (Setting::Role, state.role != design.role_arn()),
        (
            Setting::Runtime,
            state.runtime != runtime.as_str() || state.handler != HANDLER,
        ),
        (Setting::DeadLetter, state.dead_letter != target),
    ]
    .into_iter()
    .filter_map(|(setting, differs)| differs.then_some(setting))
    .collect()
}
