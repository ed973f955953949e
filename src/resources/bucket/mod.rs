//! The log bucket: the bucket itself and the expiry of log files here; our statements of its policy, what stands in the way
//! in a bucket that was there before us, and the log files in files of their own.

mod create;
mod lifecycle;
mod logs;
pub mod obstacles;
mod statements;

use std::collections::BTreeMap;

use serde_json::Value;

use create::fresh;
pub(crate) use create::once;
use lifecycle::{lifecycle, lifecycle_id};
use logs::has_objects;
pub use logs::{log_prefixes, not_deletable};
use statements::read_policy;

use super::{
    cx::Cx,
    planned::{Across, Claim, Journal, Planned, Removing, Shown, shared},
    seen::{Mark, Seen, seen},
    step::{self, Action, Does, Facts, Step},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Kind, Named, Ownership},
    policy::{
        self, Standing,
        grant::{Grant, Purpose},
    },
    ui::{Result, t},
};

/// A bucket as it stands.
#[derive(Clone, Debug)]
pub struct State {
    pub mark: Mark,
    pub tags: BTreeMap<String, String>,
    pub policy: Seen<Value>,
    /// No tags, no policy, no objects: what a run that was stopped right after `CreateBucket` leaves.
    pub untouched: bool,
    /// The lifecycle rule's days, where it is ours; unseen under the published policy.
    pub retention_days: Seen<i32>,
}

impl State {
    /// Left behind by a run that was stopped: it has the name that we compute, and nobody has touched it.
    fn was_never_used(&self, design: &Design) -> bool {
        self.mark == Mark::None && self.untouched && design.has_default_bucket()
    }
}

/// A bucket that is there but cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// `HeadBucket` was refused: another account's, or ours and hidden.
    Forbidden,
    /// It is in another region.
    Elsewhere(String),
}

/// What was seen of the bucket.
pub type Observed = Seen<Result<State, Unusable>>;

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Create,
    AddStatements,
    MendStatements,
    RemoveStatements,
    /// `new`: the bucket is made in this run, so nobody else has rules in it.
    AddExpiry {
        days: i32,
        new: bool,
    },
    MendExpiry {
        days: i32,
    },
    /// A bucket of the computed name that was never used.
    DeleteUntouched,
    DeleteWithLogs,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        let statements = |action, events| Facts::new(action, Kind::BucketPolicyStatement, events);
        let expiry = |action| Facts::new(action, Kind::Lifecycle, &["PutBucketLifecycle"]);
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::Bucket,
                &["CreateBucket", "PutBucketTagging"],
            ),
            Self::AddStatements => statements(Action::Create, &["PutBucketPolicy"]),
            Self::MendStatements => statements(Action::Modify, &["PutBucketPolicy"]),
            Self::RemoveStatements => {
                statements(Action::Restore, &["PutBucketPolicy", "DeleteBucketPolicy"])
            }
            Self::AddExpiry { .. } => expiry(Action::Create),
            Self::MendExpiry { .. } => expiry(Action::Modify),
            Self::DeleteUntouched | Self::DeleteWithLogs => {
                Facts::new(Action::Delete, Kind::Bucket, &["DeleteBucket"])
            }
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            Self::Create => &[],
            Self::AddStatements | Self::MendStatements => &[Kind::Bucket],
            Self::RemoveStatements => &[Kind::Trail],
            // S3 takes one change of a bucket at a time.
            Self::AddExpiry { .. } | Self::MendExpiry { .. } => {
                &[Kind::Bucket, Kind::BucketPolicyStatement]
            }
            Self::DeleteUntouched | Self::DeleteWithLogs => {
                &[Kind::Trail, Kind::BucketPolicyStatement]
            }
        }
    }
}

/// Carries a change out. Every one is safe to repeat.
pub async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create => create::create(cx).await,
        Change::AddStatements | Change::MendStatements => statements::merge_policy(cx).await,
        Change::RemoveStatements => statements::restore_policy(cx).await,
        Change::AddExpiry { days, new } => lifecycle::put_lifecycle(cx, *days, *new).await,
        Change::MendExpiry { days } => lifecycle::put_lifecycle(cx, *days, false).await,
        Change::DeleteUntouched | Change::DeleteWithLogs => logs::delete_with_logs(cx).await,
    }
}

/// What `setup` does with the bucket, our statements of its policy, and the expiry of log files.
#[must_use]
pub fn setup(
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

/// A bucket that was there before us. In another account it is hidden: HeadBucket names the owner that it expects.
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
    let step = Step::new(Does::Use, Kind::Bucket, design.bucket_arn());
    planned.add(step, Ownership::Used, Some(&design.region));
    planned
}

fn own(design: &Design, seen: &Observed, journal: Journal<'_>) -> Planned<Change> {
    let mut planned = Planned::default();
    let (arn, region) = (design.bucket_arn(), Some(&design.region));
    let (step, ownership) = whole(&mut planned, design, seen, journal);
    planned.add(step, ownership, region);

    let statements = design.bucket_statements();
    let state = seen.there().and_then(|seen| seen.as_ref().ok());
    let (does, absent) = match (seen, state.map(|state| &state.policy)) {
        (_, Some(Seen::There(document))) => (statements_need(document, &statements), false),
        (_, Some(Seen::Denied(action))) => {
            let kind = Kind::BucketPolicyStatement;
            (planned.denied(journal, kind, &arn, action), false)
        }
        (Seen::Denied(_), _) => (Does::Keep, true),
        (_, Some(Seen::Absent) | None) => (Change::AddStatements.into(), true),
    };
    let ids = statements.iter().filter_map(|one| one["Sid"].as_str());
    let ids: Vec<String> = ids.map(ToOwned::to_owned).collect();
    // Where a run was stopped after writing, the policy that is there may be our own: the manifest knows better.
    let recorded = ids.iter().find_map(|id| {
        let item = journal.recorded(Kind::BucketPolicyStatement, &arn, Some(id))?;
        item.was_absent
    });
    let mut step = Step::new(does, Kind::BucketPolicyStatement, &arn).with_ids(ids);
    if design.plain_http && step.writes() {
        step.reason = Some(t!("reason-plain-http"));
    }
    let was_absent = Some(recorded.unwrap_or(absent));
    planned.add_part(step, Ownership::Modified, region, was_absent);

    if let Some(days) = design.retention_days {
        if ownership == Ownership::Used {
            let note = t!("note-kept-bucket-expiry", bucket = design.bucket);
            planned.notes.push(note);
        } else {
            let does = match state.map(|state| &state.retention_days) {
                Some(Seen::There(found)) if *found == days => Does::Keep,
                Some(Seen::There(_)) => Change::MendExpiry { days }.into(),
                // The published policy does not let us read it.
                Some(Seen::Denied(action)) => {
                    planned.denied(journal, Kind::Lifecycle, &arn, action)
                }
                Some(Seen::Absent) | None => {
                    let new = seen.is_absent();
                    Change::AddExpiry { days, new }.into()
                }
            };
            let step = Step::new(does, Kind::Lifecycle, &arn)
                .because(Some(t!("reason-expiry", days = days)));
            planned.add(step, Ownership::Created, region);
        }
    }
    planned
}

/// The bucket itself, and whose it is.
fn whole(
    planned: &mut Planned<Change>,
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
) -> (Step<Change>, Ownership) {
    let arn = design.bucket_arn();
    let step = |does: Does<Change>| Step::new(does, Kind::Bucket, &arn);
    let state = match seen {
        Seen::Absent => return (step(Change::Create.into()), Ownership::Created),
        Seen::There(Err(unusable)) => {
            planned.conflicts.push(match unusable {
                Unusable::Forbidden => t!("conflict-bucket-taken", bucket = design.bucket),
                Unusable::Elsewhere(region) => t!(
                    "conflict-bucket-region",
                    bucket = design.bucket,
                    region = region
                ),
            });
            return (step(Does::Keep), Ownership::Created);
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
    match (&state.mark, journal.kept_from.map(|id| id.to_string())) {
        (Mark::Other(id), Some(kept)) if *id == kept => {
            let reason = Some(t!("reason-kept", id = id));
            (step(Does::Use).because(reason), Ownership::Used)
        }
        (mark, _) if journal.is_used(design, Named::Bucket, Kind::Bucket, &arn, mark) => {
            (step(Does::Use), Ownership::Used)
        }
        (mark, _) => {
            planned.must_be_ours(mark, &arn);
            (step(Does::Keep), Ownership::Created)
        }
    }
}

/// What our statements of the policy need.
fn statements_need(document: &Value, ours: &[Value]) -> Does<Change> {
    match policy::standing(document, ours) {
        Standing::AsPlanned => Does::Keep,
        Standing::Different => Change::MendStatements.into(),
        Standing::Missing => Change::AddStatements.into(),
    }
}

/// What `remove` does: our statements are taken out; the bucket stays with its logs, unless they are to be deleted.
#[must_use]
pub fn remove(
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
            let hidden = t!("document-unseen", arn = arn, action = action);
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
    let stays = || {
        across
            .trail_stays
            .as_ref()
            .map(|_| t!("reason-trail-stays"))
    };
    let step = match shared(users).or_else(stays) {
        None => Step::new(Change::RemoveStatements, kind, &arn),
        kept => Step::new(Does::Keep, kind, &arn).because(kept),
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
        let step = Step::new(Change::DeleteUntouched, Kind::Bucket, &arn);
        return planned.step(step.because(Some(t!("reason-never-used"))));
    }
    planned.must_be_ours(&state.mark, &arn);
    let kept = if !removing.wishes.delete_logs {
        Some(t!("reason-logs-kept"))
    } else {
        across
            .trail_stays
            .as_ref()
            .map(|_| t!("reason-trail-stays"))
    };
    if kept.is_some() {
        return planned.step(Step::new(Does::Keep, Kind::Bucket, &arn).because(kept));
    }
    // Not even --force-shared deletes the logs of others.
    let bucket = &design.bucket;
    let trail = across.bucket_trail.as_ref();
    let connection = across.bucket_connection.as_ref();
    let used = trail
        .map(|trail| t!("bucket-used-by-trail", bucket = bucket, trail = trail))
        .or_else(|| {
            connection.map(|name| t!("bucket-used-by-connection", bucket = bucket, name = name))
        });
    match used {
        Some(used) => planned.conflicts.push(used),
        None => planned.step(Step::new(Change::DeleteWithLogs, Kind::Bucket, &arn)),
    }
}

/// What a manifest may claim.
#[must_use]
pub fn claims(design: &Design) -> Vec<Claim> {
    if !design.own_trail() {
        return Vec::new();
    }
    let (arn, ids) = (design.bucket_arn(), design.bucket_statement_ids());
    vec![
        Claim::whole(Kind::Bucket, arn.clone()),
        Claim::parts(Kind::BucketPolicyStatement, arn.clone(), ids),
        Claim::whole(Kind::Lifecycle, arn),
    ]
}

/// How surely a claim is seen to be true. A bucket may be kept from an earlier connection: its mark alone is not enough.
#[must_use]
pub fn shown(_: &Design, seen: &Observed, across: &Across, kind: Kind) -> Shown {
    let ours = own_mark(seen) == Some(&Mark::Ours);
    match kind {
        Kind::Bucket | Kind::Lifecycle if ours => Shown::Perhaps,
        Kind::BucketPolicyStatement if across.bucket_is_there => Shown::Perhaps,
        _ => Shown::No,
    }
}

/// A bucket may be kept from an earlier connection: its mark does not tell whose the others are.
#[must_use]
pub fn mark(_: &Observed) -> Option<&Mark> {
    None
}

/// The mark on the bucket.
#[must_use]
pub fn own_mark(seen: &Observed) -> Option<&Mark> {
    let state = seen.there()?.as_ref().ok()?;
    Some(&state.mark)
}

async fn tags(aws: &Aws, bucket: &str) -> Result<Seen<BTreeMap<String, String>>, AwsError> {
    let tags = aws
        .s3
        .get_bucket_tagging()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await
        .map_err(AwsError::of("s3:GetBucketTagging"));
    Ok(match seen(tags, &["NoSuchTagSet", "NoSuchTagSetError"])? {
        Seen::There(tags) => Seen::There(
            tags.tag_set()
                .iter()
                .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                .collect(),
        ),
        Seen::Absent => Seen::There(BTreeMap::new()),
        Seen::Denied(action) => Seen::Denied(action),
    })
}

/// `HeadBucket`: absent, there, or there and unusable.
async fn head(aws: &Aws, bucket: &str) -> Result<Seen<Option<Unusable>>, AwsError> {
    let head = aws
        .s3
        .head_bucket()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await;
    let here = aws.region.as_str();
    match head {
        Ok(answer) => Ok(Seen::There(match answer.bucket_region() {
            Some(region) if region != here => Some(Unusable::Elsewhere(region.to_owned())),
            _ => None,
        })),
        Err(error) => {
            let error = AwsError::of("s3:ListBucket")(error);
            match error.status {
                Some(404) => Ok(Seen::Absent),
                Some(301 | 307 | 400) if error.bucket_region.is_some() => Ok(Seen::There(Some(
                    Unusable::Elsewhere(error.bucket_region.clone().unwrap_or_default()),
                ))),
                Some(403) => Ok(Seen::There(Some(Unusable::Forbidden))),
                _ => Err(error),
            }
        }
    }
}

pub async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    let bucket = &design.bucket;
    match head(aws, bucket).await? {
        Seen::There(None) => {}
        Seen::There(Some(unusable)) => return Ok(Seen::There(Err(unusable))),
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Denied(action) => return Ok(Seen::Denied(action)),
    }
    if !design.own_trail() {
        // It is not ours: nothing of it is ours to look into.
        return Ok(Seen::There(Ok(State {
            mark: Mark::None,
            tags: BTreeMap::new(),
            policy: Seen::Absent,
            untouched: false,
            retention_days: Seen::Absent,
        })));
    }
    let rule = lifecycle_id(design.id);
    let wants_lifecycle = design.retention_days.is_some();
    let (tags, policy, lifecycle) =
        tokio::try_join!(tags(aws, bucket), read_policy(aws, bucket), async {
            if wants_lifecycle {
                lifecycle(aws, bucket, &rule).await
            } else {
                Ok(Seen::Absent)
            }
        })?;
    let (mark, tags) = match tags {
        Seen::There(tags) => (
            Mark::of_tags(
                design.id,
                tags.iter()
                    .map(|(key, value)| (key.as_str(), value.as_str())),
            ),
            tags,
        ),
        Seen::Denied(action) => (Mark::Denied(action), BTreeMap::new()),
        Seen::Absent => (Mark::None, BTreeMap::new()),
    };
    let bare = mark == Mark::None && tags.is_empty() && policy.is_absent();
    let untouched = bare && !has_objects(aws, bucket, None).await?;
    Ok(Seen::There(Ok(State {
        mark,
        tags,
        policy,
        untouched,
        retention_days: lifecycle,
    })))
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.bucket_arn();
    let mut looks = obstacles::actions(design, purpose);
    if !design.own_trail() {
        looks.push("s3:ListBucket");
        return vec![Grant::new(&looks, &arn)];
    }
    let mut grants = vec![Grant::new(
        &["s3:ListBucket", "s3:GetBucketPolicy", "s3:GetBucketTagging"],
        &arn,
    )];
    match purpose {
        Purpose::Setup => {
            let mut actions = looks;
            actions.extend([
                "s3:CreateBucket",
                "s3:PutBucketTagging",
                "s3:PutBucketPolicy",
            ]);
            // Rules of others are kept where they can be read. The published policy lets them be written alone, which is
            // enough for a new bucket.
            if design.retention_days.is_some() {
                actions.extend([
                    "s3:GetLifecycleConfiguration",
                    "s3:PutLifecycleConfiguration",
                ]);
            }
            grants.push(Grant::new(&actions, &arn));
        }
        Purpose::Status => grants.push(Grant::new(&["s3:GetLifecycleConfiguration"], &arn)),
        // DeleteBucket takes empty buckets only: one that a stopped run left behind before its first log file.
        Purpose::Remove => grants.push(Grant::new(
            &[
                "s3:PutBucketPolicy",
                "s3:DeleteBucketPolicy",
                "s3:DeleteBucket",
            ],
            &arn,
        )),
        Purpose::RemoveLogs => {
            grants.push(Grant::new(
                &[
                    "s3:ListBucketVersions",
                    "s3:GetBucketObjectLockConfiguration",
                    "s3:GetBucketPolicy",
                ],
                &arn,
            ));
            grants.push(Grant::new(
                &["s3:DeleteObject", "s3:DeleteObjectVersion"],
                format!("{arn}/*"),
            ));
        }
    }
    grants
}
