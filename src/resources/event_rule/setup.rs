//! What `setup` does with the rule.

use super::{change::Change, state::Observed};
use crate::{
    connection::{Design, Kind, Ownership},
    resources::{
        planned::{Across, Journal, Planned},
        seen::Seen,
        step::{Does, Step},
    },
};

/// Plans the step on the rule, if no messages come through a topic.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    if design.has_topic() {
        return planned;
    }
    let arn = design.rule_arn();
    let does = match seen {
        Seen::Absent => Change::Create.into(),
        Seen::There(state) => {
            planned.must_be_ours(&state.owner.mark, &arn);
            // The rule's tag has to say that we turned the events on before we do it.
            let to_turn_on = across.bridged == Seen::There(false);
            let unread = state.targets.denied();
            // A run that was stopped before it wrote the target may have left a rule that calls nothing.
            let is_aimed = unread.is_none() || journal.believed(Kind::EventRule, &arn);
            if state.as_planned && is_aimed && (state.turned_on || !to_turn_on) {
                if let Some(action) = unread {
                    planned.cannot_check(Kind::EventRule, &arn, action);
                }
                Does::Keep(Kind::EventRule)
            } else {
                Change::Mend.into()
            }
        }
        Seen::Denied(action) => planned.denied(journal, Kind::EventRule, &arn, action),
    };
    let step = Step::new(does, &arn).mending();
    planned.add(step, Ownership::Created, Some(&design.region));
    planned
}
