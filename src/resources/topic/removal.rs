//! What `remove` does with the topic and our statement in its policy.

use super::{
    change::Change,
    state::{Observed, State},
};
use crate::{
    connection::{Design, Kind},
    policy,
    resources::{
        planned::{Across, Planned, Removing, shared},
        seen::{Mark, Seen},
        step::{Does, Step},
    },
};

/// What `remove` does: our topic is deleted, or only our statement is taken out of a topic that is not ours.
#[must_use]
pub(crate) fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.topic_arn();
    if removing.claims(Kind::Topic, &arn) {
        match seen {
            Seen::Absent => {}
            Seen::There(state) => {
                planned.must_be_ours(&state.owner.mark, &arn);
                let kept = shared(&across.topic_users).or_else(|| across.stays_with_trail());
                planned.step(match kept {
                    None => Step::new(Change::Delete, &arn),
                    kept => Step::new(Does::Keep(Kind::Topic), &arn).because(kept),
                });
            }
            Seen::Denied(action) => planned.cannot_look(&arn, action),
        }
    } else if removing.claims(Kind::TopicPolicyStatement, &arn) {
        let present = seen.there().map(|state| present(design, state));
        if let Some(present) = present.filter(|ids| !ids.is_empty()) {
            // As long as the topic may be ours, our trail needs it.
            let kept = across.stays_with_trail().filter(|_| is_unread(seen));
            let step = match kept {
                None => Step::new(Change::RemoveStatement, &arn),
                kept => Step::new(Does::Keep(Kind::TopicPolicyStatement), &arn).because(kept),
            };
            planned.step(step.with_ids(present));
        }
    }
    planned
}

/// Whether the topic's mark cannot be read.
fn is_unread(seen: &Observed) -> bool {
    let topic = seen.there();
    topic.is_some_and(|topic| matches!(topic.owner.mark, Mark::Denied(_)))
}

/// The ids of our statements that the topic's policy has.
fn present(design: &Design, state: &State) -> Vec<String> {
    let ids = design.topic_statement_ids();
    let document = state.policy.as_ref();
    let present = document.map(|document| policy::present(document, &ids));
    present.into_iter().flatten().cloned().collect()
}
