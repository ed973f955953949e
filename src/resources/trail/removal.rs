//! What `remove` does with the trail.

use super::{change::Change, state::Observed};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Planned, Removing},
        seen::Seen,
        step::{Does, Step},
    },
};

/// What `remove` does: our trail is deleted, or our topic is taken off a trail that is not ours.
#[must_use]
pub(crate) fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.trail_arn();
    if removing.claims(Kind::Trail, &arn) {
        trail(&mut planned, seen, across, &arn);
    }
    if removing.claims(Kind::TrailTopic, &arn) {
        topic(&mut planned, design, seen, across, &arn);
    }
    planned
}

fn trail(planned: &mut Planned<Change>, seen: &Observed, across: &Across, arn: &str) {
    match &seen.own {
        Seen::Absent => {}
        Seen::There(own) => {
            planned.must_be_ours(&own.owner.mark, arn);
            planned.step(match &across.trail_stays {
                None => Step::new(Change::Delete, arn),
                kept => Step::new(Does::Keep(Kind::Trail), arn).because(kept.clone()),
            });
        }
        Seen::Denied(action) => planned.cannot_look(arn, action),
    }
}

fn topic(
    planned: &mut Planned<Change>,
    design: &Design,
    seen: &Observed,
    across: &Across,
    arn: &str,
) {
    let topic = design.topic_arn();
    match &seen.own {
        Seen::There(own) if own.trail.topic_arn.as_deref() == Some(&topic) => {
            if across.owns_topic {
                let step = Step::new(Change::UnsetTopic, arn);
                planned.step(step.with_ids(vec![topic]));
            } else {
                planned.unmarked(&topic);
            }
        }
        Seen::There(_) | Seen::Absent => {}
        Seen::Denied(action) => planned.cannot_look(arn, action),
    }
}
