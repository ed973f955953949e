//! What `setup` does with the bucket.

use serde_json::Value;

use super::{
    change::Change,
    state::{Observed, State, Unusable},
};
use crate::{
    connection::{Design, Kind, Named, Ownership},
    policy::{self, Standing},
    resources::{
        planned::{Across, Advice, Journal, Planned},
        seen::{Mark, Seen},
        step::{Does, Step},
    },
    ui::t,
};

/// Plans the steps on the bucket, on our statements of its policy, and on the expiry of log files.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    if design.own_trail() {
        own(design, seen, journal)
    } else {
        used(design, seen)
    }
}

/// A bucket that was there before us. A bucket of another account is refused: `HeadBucket` names the owner that it expects.
fn used(design: &Design, seen: &Observed) -> Planned<Change> {
    let mut planned = Planned::default();
    let bucket = &design.bucket;
    planned.conflicts.extend(match seen {
        Seen::There(Ok(_)) | Seen::Denied(_) => None,
        Seen::Absent => Some(t!("conflict-bucket-gone", bucket = bucket)),
        Seen::There(Err(Unusable::Forbidden)) => {
            Some(t!("conflict-bucket-foreign", bucket = bucket))
        }
        Seen::There(Err(Unusable::Elsewhere(region))) => Some(t!(
            "conflict-bucket-region",
            bucket = bucket,
            region = region
        )),
    });
    if let Some(key) = &design.kms_key {
        let note = t!("note-key", key = key, role = design.role_arn());
        planned.notes.push(note);
    }
    let step = Step::new(Does::Use(Kind::Bucket), design.bucket_arn());
    planned.add(step, Ownership::Used, Some(&design.region));
    planned
}

/// A bucket of our own trail: the bucket itself, our statements of its policy, and the expiry of log files.
fn own(design: &Design, seen: &Observed, journal: Journal<'_>) -> Planned<Change> {
    let mut planned = Planned::default();
    let (step, ownership) = whole(&mut planned, design, seen, journal);
    planned.add(step, ownership, Some(&design.region));
    statements(&mut planned, design, seen, journal);
    if let Some(days) = design.retention_days {
        if ownership == Ownership::Used {
            let note = t!("note-kept-bucket-expiry", bucket = design.bucket);
            planned.notes.push(note);
        } else {
            expiry(&mut planned, design, seen, journal, days);
        }
    }
    planned
}

/// The step on the bucket itself, and whose it is.
fn whole(
    planned: &mut Planned<Change>,
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
) -> (Step<Change>, Ownership) {
    let arn = design.bucket_arn();
    let step = |does: Does<Change>| Step::new(does, &arn);
    let state = match seen {
        Seen::Absent => return (step(Change::Create.into()), Ownership::Created),
        Seen::There(Err(unusable)) => {
            planned.advised(
                unusable.complaint(design.bucket.as_str()),
                Advice::OtherNames,
            );
            return (step(Does::Keep(Kind::Bucket)), Ownership::Created);
        }
        Seen::Denied(action) => {
            let does = planned.denied(journal, Kind::Bucket, &arn, action);
            return (step(does), Ownership::Created);
        }
        Seen::There(Ok(state)) => state,
    };
    if state.was_never_used(design) && journal.says_ours(Kind::Bucket, &arn) {
        let reason = Some(t!("reason-untouched"));
        return (
            step(Change::Create.into()).because(reason),
            Ownership::Created,
        );
    }
    match (
        &state.owner.mark,
        journal.kept_from.map(|id| id.to_string()),
    ) {
        (Mark::Other(id), Some(kept)) if *id == kept => {
            let reason = Some(t!("reason-kept", id = id));
            (
                step(Does::Use(Kind::Bucket)).because(reason),
                Ownership::Used,
            )
        }
        (mark, _) if journal.is_used(design, Named::Bucket, Kind::Bucket, &arn, mark) => {
            (step(Does::Use(Kind::Bucket)), Ownership::Used)
        }
        (mark, _) => {
            planned.must_be_ours(mark, &arn);
            (step(Does::Keep(Kind::Bucket)), Ownership::Created)
        }
    }
}

/// Our statements of the bucket's policy.
fn statements(
    planned: &mut Planned<Change>,
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
) {
    let (kind, arn) = (Kind::BucketPolicyStatement, design.bucket_arn());
    let ours = design.bucket_statements();
    let (does, absent) = match (seen, usable(seen).map(|state| &state.policy)) {
        (_, Some(Seen::There(document))) => (need(document, &ours), false),
        (_, Some(Seen::Denied(action))) => (planned.denied(journal, kind, &arn, action), false),
        (Seen::Denied(_), _) => (Does::Keep(kind), true),
        (_, Some(Seen::Absent) | None) => (Change::AddStatements.into(), true),
    };
    let ids = ours.iter().filter_map(|one| one["Sid"].as_str());
    let ids: Vec<String> = ids.map(ToOwned::to_owned).collect();
    // If a run was stopped after writing, the policy that is there may be our own: the manifest knows better.
    let recorded = ids.iter().find_map(|id| {
        let item = journal.recorded(kind, &arn, Some(id))?;
        item.was_absent
    });
    let mut step = Step::new(does, &arn).with_ids(ids);
    if design.plain_http && step.writes() {
        step.reason = Some(t!("reason-plain-http"));
    }
    let was_absent = Some(recorded.unwrap_or(absent));
    planned.add_part(step, Ownership::Modified, Some(&design.region), was_absent);
}

/// What our statements need in this policy.
fn need(document: &Value, ours: &[Value]) -> Does<Change> {
    match policy::standing(document, ours) {
        Standing::AsPlanned => Does::Keep(Kind::BucketPolicyStatement),
        Standing::Different => Change::MendStatements.into(),
        Standing::Missing => Change::AddStatements.into(),
    }
}

/// The expiry of log files after so many days.
fn expiry(
    planned: &mut Planned<Change>,
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    days: i32,
) {
    let arn = design.bucket_arn();
    let does = match usable(seen).map(|state| state.retention_days(design)) {
        Some(Seen::There(found)) if found == days => Does::Keep(Kind::Lifecycle),
        Some(Seen::There(_)) => Change::MendExpiry { days }.into(),
        // The published policy does not let us read it.
        Some(Seen::Denied(action)) => planned.denied(journal, Kind::Lifecycle, &arn, action),
        Some(Seen::Absent) | None => {
            let new = seen.is_absent();
            Change::AddExpiry { days, new }.into()
        }
    };
    let step = Step::new(does, &arn).because(t!("reason-expiry", days = days));
    planned.add(step, Ownership::Created, Some(&design.region));
}

/// The bucket, if it is there and usable.
fn usable(seen: &Observed) -> Option<&State> {
    seen.there()?.as_ref().ok()
}
