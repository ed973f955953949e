//! What `remove` does with the alarms.

use super::{
    change::Change,
    state::{Observed, Which},
};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Planned, Removing},
        seen::Seen,
        step::Step,
    },
};

/// What `remove` does: each alarm that carries our mark is deleted.
#[must_use]
pub(crate) fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    for which in Which::BOTH {
        let arn = which.arn(design);
        if !removing.claims(Kind::Alarm, &arn) {
            continue;
        }
        match seen.of(which) {
            Seen::Absent => {}
            Seen::There(state) => {
                planned.must_be_ours(&state.owner.mark, &arn);
                planned.step(Step::new(Change::Delete(which), &arn));
            }
            Seen::Denied(action) => planned.cannot_look(&arn, action),
        }
    }
    planned
}
