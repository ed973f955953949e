//! What `setup` finds out in AWS and Central for answers that are still open: the organization, the prefix, an earlier
//! connection.

use std::fmt::Display;

use crate::{
    answers::{Answer, Answers, Any, Origin, Value},
    aws::Aws,
    central::{Central, model::Status},
    commands::{app::App, session::Session},
    connection::{
        AccountId, ConnectionId, ConnectionName, Design,
        names::{self, BucketName},
    },
    resources::{
        bucket,
        families::Observed,
        organization,
        seen::{Mark, Seen},
    },
    ui::{Code, Failure, Result, shell::quoted, t},
};

/// Finds the id and the management account of the organization. If the caller may not see them, they must be answers.
pub(super) async fn find_organization(app: &App, aws: &Aws, given: &mut Answers) -> Result<()> {
    if !given.covers_organization() {
        return Ok(());
    }
    match organization::describe(aws).await? {
        Seen::There(found) => {
            let id = found.id.parse().map_err(Failure::usage)?;
            takes_seen("org-id", &mut given.org_id, id)?;
            let management = &mut given.management_account;
            takes_seen("management-account", management, found.management)
        }
        Seen::Absent => Err(Failure::new(
            Code::Conflict,
            t!("no-organization", account = aws.caller.account),
        )),
        Seen::Denied(action) => {
            if given.org_id.is_given() && given.management_account.is_given() {
                return Ok(());
            }
            app.wizard().organization(given, action).await
        }
    }
}

/// Takes an answer from the organization itself. An answer that was given must agree with it.
fn takes_seen<T: Value + Display>(flag: &str, answer: &mut Answer<T>, seen: T) -> Result<()> {
    match answer.get() {
        Some(wanted) if *wanted != seen => Err(Failure::usage(t!(
            "organization-differs",
            flag = flag,
            given = wanted,
            value = seen
        ))),
        _ => {
            answer.default_to(seen);
            Ok(())
        }
    }
}

/// Finds the prefix of a bucket without a trail, if exactly one fits.
pub(super) async fn find_prefix(aws: &Aws, given: &mut Answers) -> Result<()> {
    let open = given.uses_existing() && !given.trail.is_given() && !given.prefix.is_given();
    let Some(bucket) = given.bucket.get().filter(|_| open) else {
        return Ok(());
    };
    // If the bucket cannot be listed, the plan has no prefix. The bucket itself is observed later.
    let found = bucket::log_prefixes(aws, bucket).await.unwrap_or_default();
    match &found[..] {
        [] => Ok(()),
        [only] => {
            if !only.is_empty() {
                // A prefix that was found must be as valid as one that is given.
                given
                    .prefix
                    .answer(only, Origin::Default)
                    .map_err(|complaint| Failure::new(Code::Conflict, complaint))?;
            }
            Ok(())
        }
        several => Err(Failure::list(
            Code::MissingAnswers,
            t!("missing-prefix", bucket = bucket),
            several
                .iter()
                .map(|prefix| format!("--prefix {}", quoted(prefix)))
                .collect(),
        )),
    }
}

/// Returns the deleted connection that a bucket's mark names, if it is of this tenant and account.
pub(super) async fn kept_from(
    central: &Central,
    design: &Design,
    observed: &Observed,
) -> Result<Option<ConnectionId>> {
    let Seen::There(Ok(state)) = &observed.bucket else {
        return Ok(None);
    };
    let Mark::Other(id) = &state.owner.mark else {
        return Ok(None);
    };
    let Ok(id) = id.parse::<ConnectionId>() else {
        return Ok(None);
    };
    let deleted = is_deleted(central, id, &design.account).await?;
    Ok(deleted.then_some(id))
}

/// Whether a connection is a deleted one of this tenant and account.
async fn is_deleted(central: &Central, id: ConnectionId, account: &AccountId) -> Result<bool> {
    if !central.may_read(id) {
        return Ok(false);
    }
    let before = central.by_id(id).await?;
    Ok(before.is_some_and(|before| {
        let connection = &before.connection;
        connection.status == Status::Deleted && connection.aws_account_id == *account
    }))
}

/// Returns the bucket that an earlier, deleted connection of this name has left under the default name that repeats the account,
/// unless there is one under the usual name.
pub(super) async fn kept_bucket(
    session: &Session,
    given: &Answers,
    name: &ConnectionName,
) -> Result<Option<BucketName>> {
    let Session { aws, central } = session;
    let account = &aws.caller.account;
    let open = !given.bucket.is_given() && !given.uses_existing();
    let repeating = names::repeating_bucket(name, account, &aws.region);
    let Some(bucket) = repeating.filter(|_| open) else {
        return Ok(None);
    };
    let Seen::There(id) = bucket::marked_by(aws, &bucket).await? else {
        return Ok(None);
    };
    let usual = names::default_bucket(name, account, &aws.region);
    let kept = is_deleted(central, id, account).await? && bucket::is_free(aws, &usual).await?;
    Ok(kept.then_some(bucket))
}
