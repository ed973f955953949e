//! What `remove` does with the role and our policy in it.

use super::{change::Change, state::Observed};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Planned, Removing},
        seen::Seen,
        step::Step,
    },
};

/// What `remove` does: the role is deleted with our policy, or only our policy from a role that is not ours.
#[must_use]
pub(crate) fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.role_arn();
    let created = removing.claims(Kind::Role, &arn);
    if !created && !removing.claims(Kind::RolePolicy, &arn) {
        return planned;
    }
    match seen {
        Seen::Absent => {}
        Seen::There(state) => {
            if created {
                planned.must_be_ours(&state.owner.mark, &arn);
            }
            if !state.policy.is_absent() {
                let step = Step::new(Change::DeletePolicy, &arn);
                planned.step(step.with_ids(vec![design.role_policy_name()]));
            }
            if created {
                planned.step(Step::new(Change::Delete, &arn));
            }
        }
        Seen::Denied(action) => planned.cannot_look(&arn, action),
    }
    planned
}
