//! What `remove` does with the function.

use super::{change::Change, state::Observed};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Planned, Removing},
        seen::Seen,
        step::Step,
    },
};

/// What `remove` does with the function: it is deleted, and its permission with it.
#[must_use]
pub(crate) fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.function_arn();
    if !removing.claims(Kind::Function, &arn) {
        return planned;
    }
    match seen {
        Seen::Absent => {}
        Seen::There(state) => {
            planned.must_be_ours(&state.owner.mark, &arn);
            let permission = Step::new(Change::PermissionGoes, &arn);
            planned.step(permission.with_ids(vec![design.permission_id()]));
            planned.step(Step::new(Change::Delete, &arn));
        }
        Seen::Denied(action) => planned.cannot_look(&arn, action),
    }
    planned
}
