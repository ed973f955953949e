//! What `remove` does with a bucket's notifications.

use super::{
    change::Change,
    state::{EVENTBRIDGE, Observed},
};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Planned, Removing},
        seen::Seen,
        step::{Does, Step},
    },
    ui::t,
};

/// What `remove` does: our entry is taken out. Events to EventBridge are turned off if a tag of our rule says that we turned them
/// on, and nobody else listens.
#[must_use]
pub(crate) fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) -> Planned<Change> {
    if design.has_topic() {
        entry(design, seen, removing)
    } else {
        events(design, seen, removing, across)
    }
}

fn entry(design: &Design, seen: &Observed, removing: Removing<'_>) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.bucket_arn();
    if !removing.claims(Kind::BucketNotification, &arn) {
        return planned;
    }
    match seen {
        Seen::There(found) if found.ours.is_some() => {
            let step = Step::new(Change::RemoveEntry, &arn);
            planned.step(step.with_ids(vec![design.notification_id()]));
        }
        Seen::There(_) | Seen::Absent => {}
        Seen::Denied(action) => {
            let hidden = t!("document-denied", arn = arn, action = action);
            planned.conflicts.push(hidden);
        }
    }
    planned
}

fn events(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.bucket_arn();
    if !removing.claims(Kind::EventRule, &design.rule_arn()) || across.turned_on != Some(true) {
        return planned;
    }
    match seen {
        Seen::There(found) if found.bridged => {
            let step = if across.others_listen {
                Step::new(Does::Keep(Kind::BucketNotification), &arn)
                    .because(t!("reason-others-listen"))
            } else {
                Step::new(Change::TurnOff, &arn)
            };
            planned.step(step.with_ids(vec![EVENTBRIDGE.to_owned()]));
        }
        Seen::There(_) | Seen::Absent => {}
        Seen::Denied(action) => planned.cannot_look(&arn, action),
    }
    planned
}
