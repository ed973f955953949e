//! What `setup` does with a bucket's notifications.

use super::{
    change::Change,
    state::{EVENTBRIDGE, Entry, Observed},
};
use crate::{
    connection::{Design, Feed, Kind, Ownership},
    resources::{
        planned::{Across, Journal, Planned},
        seen::Seen,
        step::{Does, Step},
    },
    ui::t,
};

/// Plans the step on the notifications of a bucket that is not ours.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    match design.feed {
        Feed::Bucket { .. } => entry(design, seen, journal),
        Feed::EventBridge { .. } => events(design, seen, journal),
        Feed::New | Feed::Subscribe { .. } | Feed::Trail { .. } => Planned::default(),
    }
}

/// The step on our entry.
fn entry(design: &Design, seen: &Observed, journal: Journal<'_>) -> Planned<Change> {
    let mut planned = Planned::default();
    let (arn, id) = (design.bucket_arn(), design.notification_id());
    let does = match seen {
        Seen::There(found) => {
            if let Some(rule) = &found.overlapping {
                let overlap = t!("conflict-overlap", bucket = design.bucket, rule = rule);
                planned.conflicts.push(overlap);
            }
            match found.ours {
                Some(Entry::AsPlanned) => Does::Keep(Kind::BucketNotification),
                Some(Entry::Different) => Change::MendEntry.into(),
                None => Change::AddEntry.into(),
            }
        }
        Seen::Absent => Change::AddEntry.into(),
        Seen::Denied(action) => planned.denied(journal, Kind::BucketNotification, &arn, action),
    };
    let recorded = journal.recorded(Kind::BucketNotification, &arn, Some(&id));
    let was_absent = recorded.and_then(|item| item.was_absent);
    let empty = seen.there().is_some_and(|found| found.empty);
    let step = Step::new(does, &arn).with_ids(vec![id]);
    planned.add_part(
        step,
        Ownership::Modified,
        Some(&design.region),
        Some(was_absent.unwrap_or(empty)),
    );
    planned
}

/// The step on the bucket's events to EventBridge. They are sent for the whole bucket, in addition to all notifications.
fn events(design: &Design, seen: &Observed, journal: Journal<'_>) -> Planned<Change> {
    let mut planned = Planned::default();
    let (kind, arn) = (Kind::BucketNotification, design.bucket_arn());
    let recorded = journal.recorded(kind, &arn, Some(EVENTBRIDGE));
    let recorded = recorded.map(|item| item.ownership);
    // Events that were turned on before we came are not ours to turn off.
    let (does, ownership) = match (seen, recorded) {
        (Seen::Denied(action), _) => (
            planned.denied(journal, kind, &arn, action),
            recorded.unwrap_or(Ownership::Used),
        ),
        (Seen::There(found), Some(Ownership::Modified)) if found.bridged => {
            (Does::Keep(kind), Ownership::Modified)
        }
        (Seen::There(found), _) if found.bridged => (Does::Use(kind), Ownership::Used),
        _ => (Change::TurnOn.into(), Ownership::Modified),
    };
    let ids = vec![EVENTBRIDGE.to_owned()];
    let step = Step::new(does, &arn).with_ids(ids);
    let empty = seen.there().is_some_and(|found| found.empty);
    let was_absent = (ownership == Ownership::Modified).then_some(empty);
    planned.add_part(step, ownership, Some(&design.region), was_absent);
    planned
}
