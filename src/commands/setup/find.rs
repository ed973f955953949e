//! What `setup` finds out in AWS and Central for answers that are still open: the organization, the prefix, an earlier
//! connection.

use std::fmt::Display;

use crate::{
    answers::{Answer, Answers, Any, Origin, Value},
    aws::Aws,
    central::{Central, model::Status},
    commands::app::App,
    connection::{ConnectionId, Design},
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
    let Mark::Other(id) = &state.mark else {
        return Ok(None);
    };
    let Ok(id) = id.parse::<ConnectionId>() else {
        return Ok(None);
    };
    let before = central.by_id(id).await?;
    Ok(before
        .filter(|before| {
            before.connection.status == Status::Deleted
                && before.connection.aws_account_id == design.account
        })
        .map(|_| id))
}
