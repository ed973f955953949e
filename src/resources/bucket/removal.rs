//! What `remove` does with the bucket.

use super::{change::Change, state::Observed};
use crate::{
    connection::{Design, Kind},
    policy,
    resources::{
        planned::{Across, Planned, Removing, shared},
        seen::Seen,
        step::{Does, Step},
    },
    ui::t,
};

/// What `remove` does: our statements are taken out. The bucket stays with its logs, unless they are to be deleted.
#[must_use]
pub(crate) fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    remove_statements(&mut planned, design, seen, removing, across);
    remove_bucket(&mut planned, design, seen, removing, across);
    planned
}

fn remove_statements(
    planned: &mut Planned<Change>,
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) {
    let (kind, arn) = (Kind::BucketPolicyStatement, design.bucket_arn());
    if !removing.claims(kind, &arn) {
        return;
    }
    let state = match seen {
        Seen::There(Ok(state)) => state,
        Seen::There(Err(_)) | Seen::Absent => return,
        Seen::Denied(action) => return planned.cannot_look(&arn, action),
    };
    let document = match &state.policy {
        Seen::Absent => return,
        Seen::There(document) => document,
        Seen::Denied(action) => {
            let hidden = t!("document-denied", arn = arn, action = action);
            return planned.conflicts.push(hidden);
        }
    };
    let ids = design.bucket_statement_ids();
    let present: Vec<String> = policy::present(document, &ids)
        .into_iter()
        .cloned()
        .collect();
    if present.is_empty() {
        return;
    }
    // In a bucket that is not ours, other trails have statements of their own.
    let users = match removing.claims(Kind::Bucket, &arn) {
        true => &across.bucket_users[..],
        false => &[],
    };
    let step = match shared(users).or_else(|| across.stays_with_trail()) {
        None => Step::new(Change::RemoveStatements, &arn),
        kept => Step::new(Does::Keep(kind), &arn).because(kept),
    };
    planned.step(step.with_ids(present));
}

fn remove_bucket(
    planned: &mut Planned<Change>,
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) {
    let arn = design.bucket_arn();
    if !removing.claims(Kind::Bucket, &arn) {
        return;
    }
    let state = match seen {
        Seen::Absent => return,
        Seen::There(Ok(state)) => state,
        Seen::There(Err(_)) => {
            let taken = t!("conflict-bucket-taken", bucket = design.bucket);
            return planned.conflicts.push(taken);
        }
        Seen::Denied(action) => return planned.cannot_look(&arn, action),
    };
    if state.was_never_used(design) {
        let step = Step::new(Change::DeleteUntouched, &arn);
        return planned.step(step.because(Some(t!("reason-never-used"))));
    }
    planned.must_be_ours(&state.owner.mark, &arn);
    let kept = if !removing.wishes.delete_logs {
        Some(t!("reason-logs-kept"))
    } else {
        across.stays_with_trail()
    };
    if kept.is_some() {
        return planned.step(Step::new(Does::Keep(Kind::Bucket), &arn).because(kept));
    }
    match used_by_others(design, across) {
        Some(used) => planned.conflicts.push(used),
        None => planned.step(Step::new(Change::DeleteWithLogs, &arn)),
    }
}

/// Who else uses the bucket, if so. Not even `--force-shared` deletes the logs of others.
fn used_by_others(design: &Design, across: &Across) -> Option<String> {
    let bucket = &design.bucket;
    let trail = across.bucket_trail.as_ref();
    let connection = across.bucket_connection.as_ref();
    trail
        .map(|trail| t!("bucket-used-by-trail", bucket = bucket, trail = trail))
        .or_else(|| {
            connection.map(|name| t!("bucket-used-by-connection", bucket = bucket, name = name))
        })
}
