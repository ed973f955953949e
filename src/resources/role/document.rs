//! The documents of the role: who may take it on, and what it may do.

use super::{change::Change, state::Observed};
use crate::{
    connection::{Design, Kind},
    policy,
    resources::document::Written,
};

/// The role's trust or our policy in it, before and after a change; `None` if the change writes neither.
#[must_use]
pub(crate) fn written(design: &Design, seen: &Observed, change: Change) -> Option<Written> {
    let arn = design.role_arn();
    let trust = || seen.as_ref().map(|state| state.trust.clone());
    let inline = || seen.as_ref().and_seen(|state| state.policy.clone());
    let by = |before, after| Written::by(Kind::RolePolicy, arn.clone(), before, |_| after);
    match change {
        Change::Create | Change::Repair => {
            let (before, after) = (trust(), design.trust());
            // A repair may be about the boundary alone.
            let same = before.there();
            let same = same.is_some_and(|before| policy::equal(before, &after));
            (!same).then(|| Written::by(Kind::Role, arn.clone(), before, |_| Some(after)))
        }
        Change::AddPolicy | Change::MendPolicy => Some(by(inline(), Some(design.role_policy()))),
        Change::DeletePolicy => Some(by(inline(), None)),
        Change::Delete => None,
    }
}
