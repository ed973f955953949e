//! What can be seen of the role, and how it differs from the design.

use serde_json::Value;

use crate::{
    connection::Design,
    policy,
    resources::seen::{Owner, Seen},
};

/// A role as it stands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub arn: String,
    /// `AROA…`: no other role has this id, not even a later role of the same name.
    pub id: String,
    pub owner: Owner,
    pub trust: Value,
    pub boundary: Option<String>,
    /// Our inline policy.
    pub policy: Seen<Value>,
}

/// What was seen of the role.
pub(crate) type Observed = Seen<State>;

/// How a role of ours differs from the design: in its trust, or in a boundary that was removed or replaced.
pub(super) fn drift(state: &State, design: &Design) -> Vec<&'static str> {
    let mut drift = Vec::new();
    if !policy::equal(&state.trust, &design.trust()) {
        drift.push("AssumeRolePolicyDocument");
    }
    if let Some(wanted) = &design.permissions_boundary
        && state.boundary.as_deref() != Some(wanted.as_str())
    {
        drift.push("PermissionsBoundary");
    }
    drift
}
