//! The connection that is meant: by its id, by its name, or by the default name.

use super::greeting::Greeting;
use crate::{
    answers::{Answers, Any, Origin},
    central::Versioned,
    cli::SetupArgs,
    commands::{
        app::App,
        invited::step_one,
        session::{self, Session},
        states::must_live,
    },
    connection::{ConnectionId, ConnectionName},
    resources::{seen::Seen, trail},
    ui::{Code, Failure, Result, t},
};

/// The connection that is meant, and the trails of its region.
pub(super) struct Meant {
    pub(super) name: ConnectionName,
    /// The connection as Central has it; `None` if it is new.
    pub(super) existing: Option<Versioned>,
    pub(super) trails: Seen<Vec<trail::State>>,
    /// Those of them that log management events.
    pub(super) management: Vec<trail::State>,
    /// The id with which a stack has marked what it made for a connection that Central does not have.
    pub(super) marked: Option<ConnectionId>,
}

impl Meant {
    /// Whether the answers of steps 2 and 3 are still to be given: it is new, or somebody has only prepared it.
    pub(super) fn is_open(&self) -> bool {
        let existing = self.existing.as_ref();
        existing.is_none_or(|found| found.connection.is_prepared())
    }
}

/// Collects the answers of the command line, the environment and the answers file.
pub(super) fn collect(arguments: &SetupArgs) -> Result<Answers> {
    let mut given = Answers::collect(&arguments.answers.0, |name| std::env::var(name).ok())?;
    session::take_name(&mut given, arguments.connection.as_deref())?;
    Ok(given)
}

/// Finds the connection and takes up its saved answers, or asks for the name of a new one.
pub(super) async fn find_meant(
    app: &App,
    session: &mut Session,
    given: &mut Answers,
    arguments: &SetupArgs,
) -> Result<Meant> {
    let by_id = by_invitation(session, arguments)?
        .or_else(|| session::id_in(arguments.connection.as_deref()));
    let (greeting, found, trails) = tokio::join!(
        Greeting::look(app, session),
        look_up(app, session, given, by_id),
        trail::list(&session.aws),
    );
    if !app.history.borrow().has_begun() {
        greeting.say(app, session);
    }
    let (mut name, mut existing) = found?;
    if by_id.is_none() && !given.name.is_given() {
        let chosen = app.wizard().name(given, name.clone()).await?;
        if app.wizard().asks() {
            given.name.set(chosen.clone(), Origin::Prompt);
        }
        if chosen != name {
            existing = session.central.by_name(&chosen).await?;
            name = chosen;
        }
    }
    let mut trails = trails?;
    if let Some(found) = &existing {
        if belongs_here(app, session, found).await? {
            trails = trail::list(&session.aws).await?;
        }
        let collected = found.connection.accounts.clone().unwrap_or_default();
        if given.account_list().is_some_and(|list| list != collected) {
            let name = app.argument(&found.connection.name);
            return Err(Failure::usage(t!("accounts-elsewhere", name = name)));
        }
        let connection = &found.connection;
        match connection.is_prepared() {
            true => given.take_prepared(&step_one(connection.organization.as_ref()))?,
            false => given.take_saved(&connection.settings)?,
        }
    }
    let management = trail::management_trails(&session.aws, &trails).await?;
    Ok(Meant {
        name,
        existing,
        trails,
        management,
        marked: None,
    })
}

/// Looks up what is known before the user is asked: the connection's name, and the live connection with that name if there is
/// one. Without an id or a name it is the default name, with the region if a connection elsewhere has that name.
async fn look_up(
    app: &App,
    session: &Session,
    given: &Answers,
    by_id: Option<ConnectionId>,
) -> Result<(ConnectionName, Option<Versioned>)> {
    let Session { aws, central } = session;
    if let Some(id) = by_id {
        let found = session::find(app, central, &id.to_string(), false).await?;
        must_live(app, &found.connection)?;
        if central.invited.is_some() {
            must_be_called(given, &found)?;
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

/// Makes sure that the session is in the connection's account and home region. Returns whether it had to change the region.
async fn belongs_here(app: &App, session: &mut Session, found: &Versioned) -> Result<bool> {
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

/// The id of the connection that an invitation is for. The command line may name no other one.
fn by_invitation(session: &Session, arguments: &SetupArgs) -> Result<Option<ConnectionId>> {
    let invited = session.central.invited;
    match (invited, session::id_in(arguments.connection.as_deref())) {
        (Some(invited), Some(named)) if named != invited => Err(other_connection(&invited, &named)),
        _ => Ok(invited),
    }
}

/// Fails if the connection that an invitation is for has another name than the one that was given.
fn must_be_called(given: &Answers, found: &Versioned) -> Result<()> {
    let name = &found.connection.name;
    match given.name.get() {
        Some(named) if named != name => Err(other_connection(name, named)),
        _ => Ok(()),
    }
}

fn other_connection(found: &impl ToString, named: &impl ToString) -> Failure {
    let (found, named) = (found.to_string(), named.to_string());
    let other = t!("setup-other-connection", found = found, named = named);
    Failure::new(Code::WrongTarget, other)
}
