//! What `remove` does with the rule.

use super::{change::Change, state::Observed};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Planned, Removing},
        seen::Seen,
        step::Step,
    },
};

/// What `remove` does: the rule is deleted. It is ours if it carries our mark.
#[must_use]
pub(crate) fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.rule_arn();
    if design.has_topic() || !removing.claims(Kind::EventRule, &arn) {
        return planned;
    }
    match seen {
        Seen::Absent => {}
        Seen::There(state) => {
            planned.must_be_ours(&state.owner.mark, &arn);
            planned.step(Step::new(Change::Delete, &arn));
        }
        Seen::Denied(action) => planned.cannot_look(&arn, action),
    }
    planned
}
