//! What the role is like besides its documents.

use serde_json::Value;

use super::state::{Observed, State};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Journal},
        settings::{Setting, Settings, of_tags},
    },
};

/// Returns the settings of the role, if it has our policy.
#[must_use]
pub(crate) fn settings(
    design: &Design,
    seen: &Observed,
    _: Journal<'_>,
    _: &Across,
) -> Vec<Settings> {
    if !design.own_role {
        return Vec::new();
    }
    let wanted = design.permissions_boundary.as_ref().map(String::from);
    let found = |role: &State| role.boundary.clone().map(Value::from);
    let boundary = Setting::new("PermissionsBoundary", seen, found, wanted.map(Value::from));
    // A boundary that the design does not have is left where it is.
    let boundary = match design.permissions_boundary {
        Some(_) => boundary,
        None => boundary.once(),
    };
    let mut all = vec![boundary];
    let tags = seen.as_ref().and_seen(|role| role.owner.tags.as_ref());
    all.extend(of_tags(design, tags));
    vec![Settings::new(Kind::Role, design.role_arn(), all)]
}
