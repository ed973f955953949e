//! What a run of `setup` finds out before it plans: the connection that is meant, its region, organization and prefix.

use std::fmt::Display;

use super::wizard;
use crate::{
    answers::{Answer, Answers, Any, Origin, Value},
    aws::Aws,
    central::{Central, Versioned, model::Status},
    commands::{
        App,
        session::{self, Session},
    },
    connection::{ConnectionId, ConnectionName, Design},
    resources::{
        bucket,
        families::Observed,
        organization,
        seen::{Mark, Seen},
    },
    ui::{Code, Failure, Result, shell::quoted, t},
};

/// The connection that is meant, as far as it is known before anybody is asked: by id, by name, or the default name,
/// with the region where that is taken elsewhere. With it the live connection of that name, where there is one.
pub(super) async fn look_up(
    session: &Session,
    given: &Answers,
    by_id: Option<ConnectionId>,
) -> Result<(ConnectionName, Option<Versioned>)> {
    let Session { aws, central } = session;
    if let Some(id) = by_id {
        let found = session::find(central, &id.to_string(), false).await?;
        if found.connection.status == Status::Deleted {
            let message = t!("connection-deleted", name = found.connection.name, id = id);
            let name = quoted(found.connection.name.as_str());
            return Err(Failure::new(Code::UnknownConnection, message)
                .hinted(t!("connection-deleted-hint", name = name)));
        }
        return Ok((found.connection.name.clone(), Some(found)));
    }
    if let Some(name) = given.name.get().cloned() {
        let found = central.by_name(&name).await?;
        return Ok((name, found));
    }
    let default = session::default_name(&aws.caller.account, None);
    let found = central.by_name(&default).await?;
    let elsewhere = found.as_ref().is_some_and(|found| {
        let connection = &found.connection;
        let home = connection.home_region.as_ref();
        connection.aws_account_id != aws.caller.account
            || home.is_some_and(|home| *home != aws.region)
    });
    if !elsewhere {
        return Ok((default, found));
    }
    let name = session::default_name(&aws.caller.account, Some(&aws.region));
    let found = central.by_name(&name).await?;
    Ok((name, found))
}

/// A connection lives in one account and one home region. True where we had to go to another region for it.
pub(super) async fn belongs_here(
    app: &App,
    session: &mut Session,
    found: &Versioned,
) -> Result<bool> {
    let connection = &found.connection;
    let aws = &session.aws;
    session::same_account(aws, found)?;
    match &connection.home_region {
        Some(home) if *home != aws.region => {
            if app.globals.region.is_some() {
                let complaint = t!(
                    "answer-fixed",
                    flag = "region",
                    saved = home,
                    given = aws.region
                );
                return Err(
                    Failure::new(Code::CannotChange, complaint).hinted(t!("answers-fixed-hint"))
                );
            }
            app.printer.say(&t!("region-of-connection", region = home));
            session.aws = session::aws_of(app, found).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Id and management account of the organization: seen where the caller may, else answers.
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
            wizard(app).organization(given, action).await
        }
    }
}

/// An answer that the organization itself gives; one that was given must agree with it.
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

/// Where only the bucket is known, its prefix is found if only one fits.
pub(super) async fn find_prefix(aws: &Aws, given: &mut Answers) -> Result<()> {
    let open = given.uses_existing() && !given.trail.is_given() && !given.prefix.is_given();
    let Some(bucket) = given.bucket.get().filter(|_| open) else {
        return Ok(());
    };
    // What cannot be listed is planned without a prefix; the bucket itself is looked at later.
    let found = bucket::log_prefixes(aws, bucket).await.unwrap_or_default();
    match &found[..] {
        [] => Ok(()),
        [only] => {
            if !only.is_empty() {
                // What others have there must fit as well as what is given.
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

/// A live connection of the same account that collects from the same bucket and prefix: each file would be sent twice.
pub(super) async fn connected_already(
    central: &Central,
    design: &Design,
) -> Result<Option<ConnectionName>> {
    if design.own_trail() {
        return Ok(None);
    }
    let found = session::collecting(central, design).await?;
    Ok(found.into_iter().next())
}

/// The deleted connection of this tenant and account that a bucket's mark names.
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
