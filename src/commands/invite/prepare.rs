//! The connection that somebody else will set up: found, or saved as pending with the answers of step 1.

use crate::{
    answers::{Answers, Any, Origin, differs, must_stay},
    central::{
        Central, Versioned,
        model::{Connection, NewConnection, Organization, Status},
    },
    cli::{InviteArgs, OF_INVITE},
    commands::{app::App, invited::step_one, session, states::must_live},
    connection::{ConnectionId, ConnectionName},
    ui::{Code, Failure, Result, t},
};

/// Collects the answers of the command line, the environment and the answers file.
pub(super) fn collect(arguments: &InviteArgs) -> Result<Answers> {
    let variable = |name: &str| std::env::var(name).ok();
    let mut given = Answers::collect(&arguments.answers.0, variable)?.only(&OF_INVITE);
    session::take_name(&mut given, arguments.connection.as_deref())?;
    Ok(given)
}

/// Returns the connection that is named, which must be pending and fit the answers, or saves a new one.
pub(super) async fn prepare(
    app: &App,
    central: &Central,
    arguments: &InviteArgs,
    given: &mut Answers,
) -> Result<Versioned> {
    if let Some(id) = session::id_in(arguments.connection.as_deref()) {
        let found = session::find(app, central, &id.to_string(), false).await?;
        return fitting(app, given, found);
    }
    let (name, found) = answered(app, central, given).await?;
    match found {
        Some(found) => fitting(app, given, found),
        None => {
            let new = new_connection(name, given)?;
            central.create(ConnectionId::random(), &new).await
        }
    }
}

/// Asks until every question is answered. Esc goes back to the question before.
async fn answered(
    app: &App,
    central: &Central,
    given: &mut Answers,
) -> Result<(ConnectionName, Option<Versioned>)> {
    loop {
        match ask(app, central, given).await {
            Err(failure) if failure.back => app.wizard().back(given),
            answered => return answered,
        }
    }
}

/// Asks for what is open, and looks the connection up. One that is there needs no more answers.
async fn ask(
    app: &App,
    central: &Central,
    given: &mut Answers,
) -> Result<(ConnectionName, Option<Versioned>)> {
    let wizard = app.wizard();
    if !given.name.is_given() {
        wizard.account(given).await?;
        let Some(account) = given.account.get().cloned() else {
            return Err(missing(given));
        };
        let default = session::default_name(&account, None);
        let name = wizard.name(given, default).await?;
        let origin = match wizard.asks() {
            true => Origin::Prompt,
            false => Origin::Default,
        };
        given.name.set(name, origin);
    }
    let name = given.name.get().cloned().expect("it was answered above");
    let found = central.by_name(&name).await?;
    if found.is_none() {
        wizard.account(given).await?;
        wizard.step_one(given).await?;
        must_be_whole(given)?;
    }
    Ok((name, found))
}

/// Fails if something is missing that has no safe default, or does not fit together.
fn must_be_whole(given: &Answers) -> Result<()> {
    match flags_missing(given)[..] {
        [] => given.fit_together(),
        _ => Err(missing(given)),
    }
}

fn missing(given: &Answers) -> Failure {
    let flags = flags_missing(given).join(", ");
    Failure::new(Code::MissingAnswers, t!("invite-missing", flags = flags))
        .hinted(t!("invite-missing-hint"))
}

fn flags_missing(given: &Answers) -> Vec<&'static str> {
    let covers = given.covers_organization();
    let open = [
        ("--account", !given.account.is_given()),
        ("--org-id", covers && !given.org_id.is_given()),
        (
            "--management-account",
            covers && !given.management_account.is_given(),
        ),
    ];
    let open = open.into_iter().filter(|(_, open)| *open);
    open.map(|(flag, _)| flag).collect()
}

/// The connection with the answers of step 1. Where it is and what it consists of is said by whoever sets it up.
fn new_connection(name: ConnectionName, given: &Answers) -> Result<NewConnection> {
    let organization = match (given.covers_organization(), given.org_id.get()) {
        (true, Some(id)) => given
            .management_account
            .get()
            .map(|management| Organization {
                id: id.to_string(),
                management_account_id: management.clone(),
            }),
        _ => None,
    };
    let account = given.account.get().cloned();
    Ok(NewConnection {
        name,
        aws_account_id: account.ok_or_else(|| missing(given))?,
        partition: None,
        home_region: None,
        mode: None,
        settings: step_one(organization.as_ref()),
        accounts: organization.as_ref().and_then(|_| given.account_list()),
        organization,
        resources: None,
    })
}

/// Returns a connection that is there, if it is pending and as the answers have it.
fn fitting(app: &App, given: &Answers, found: Versioned) -> Result<Versioned> {
    let connection = &found.connection;
    must_live(app, connection)?;
    let (name, argument) = (&connection.name, app.argument(&connection.name));
    if connection.status != Status::Pending {
        let status = connection.status.shown();
        let set_up = t!("invite-set-up", name = name, status = status);
        return Err(Failure::new(Code::Conflict, set_up)
            .hinted(t!("invite-set-up-hint", argument = argument)));
    }
    must_be_answered_so(given, connection)?;
    let collected = connection.accounts.clone().unwrap_or_default();
    if given.account_list().is_some_and(|list| list != collected) {
        return Err(Failure::usage(t!("accounts-elsewhere", name = argument)));
    }
    app.printer.say(&t!("invite-again", name = name));
    Ok(found)
}

/// Fails if answers differ from those that the connection was prepared with, and names them all.
fn must_be_answered_so(given: &Answers, connection: &Connection) -> Result<()> {
    let mut saved = step_one(connection.organization.as_ref());
    let (name, account) = (&connection.name, &connection.aws_account_id);
    saved.insert("name".to_owned(), name.to_string().into());
    saved.insert("account".to_owned(), account.to_string().into());
    let mut fixed = Vec::new();
    for (entry, answer) in given.each() {
        let other = ["accounts", "answers"].contains(&entry.key);
        let Some(answer) = answer.to_json().filter(|_| !other) else {
            continue;
        };
        if saved.get(entry.key) != Some(&answer) {
            fixed.push(differs(entry, saved.get(entry.key), &answer));
        }
    }
    must_stay(fixed)
}
