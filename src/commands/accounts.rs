//! `accounts`: shows or changes which accounts of the organization are collected, from the next file on. Only Central changes. If
//! there are AWS credentials, AWS is asked which accounts are members, and what they are called.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::json;
use tokio::time::timeout;

use super::{
    app::App,
    session,
    states::{must_live, remark},
};
use crate::{
    answers::must_fit,
    aws::Aws,
    central::model::Connection,
    cli::AccountsArgs,
    connection::{AccountId, accounts},
    policy::grant::Grant,
    resources::{
        organization::{self, Member},
        seen::Seen,
    },
    ui::{Exit, Failure, Result, t, table::labelled},
};

/// How the list is to change.
enum Change {
    Set(BTreeSet<AccountId>),
    /// Added, removed.
    Edit(BTreeSet<AccountId>, BTreeSet<AccountId>),
    All,
}

impl Change {
    /// The accounts that it names to be collected, and the flag that does.
    fn coming(&self) -> (Vec<AccountId>, &'static str) {
        match self {
            Self::Set(coming) => (coming.iter().cloned().collect(), "set"),
            Self::Edit(coming, _) => (coming.iter().cloned().collect(), "add"),
            Self::All => (Vec::new(), "all"),
        }
    }

    /// The accounts that it names to be left out although they are not in the list.
    fn strange(&self, connection: &Connection) -> Vec<AccountId> {
        match self {
            Self::Edit(_, leaving) => {
                let listed = listed(connection);
                leaving.difference(&listed).cloned().collect()
            }
            Self::Set(_) | Self::All => Vec::new(),
        }
    }
}

/// The accounts that are collected; empty for all.
fn listed(connection: &Connection) -> BTreeSet<AccountId> {
    connection.accounts.iter().flatten().cloned().collect()
}

/// The accounts of the organization; why not, if AWS does not tell.
type Known = Result<Vec<Member>, String>;

pub(super) async fn run(app: &App, arguments: AccountsArgs) -> Result<Exit> {
    let change = change(&arguments)?;
    let central = session::central(app).await?;
    let found = session::find(app, &central, &arguments.connection, true).await?;
    must_live(app, &found.connection)?;
    let mut known = None;
    let found = match change {
        None => found,
        Some(change) => {
            let Some(organization) = &found.connection.organization else {
                let name = &found.connection.name;
                return Err(Failure::usage(t!("accounts-no-organization", name = name)));
            };
            let (coming, flag) = change.coming();
            if !coming.is_empty() {
                let members = members(app, &organization.id).await;
                must_be_members(app, &found.connection, &members, &coming, flag)?;
                known = Some(members);
            }
            let (before, strange) = (listed(&found.connection), change.strange(&found.connection));
            let wanted = |connection: &Connection| {
                must_live(app, connection)?;
                let accounts = changed(app, connection, &change)?;
                let wanted: BTreeSet<AccountId> = accounts.iter().cloned().collect();
                Ok((wanted != listed(connection)).then(|| json!({ "accounts": accounts })))
            };
            let found = central.change(found, wanted).await?;
            say_ignored(app, &strange, listed(&found.connection) == before);
            found
        }
    };
    let names = names(app, &found.connection, known).await;
    show(app, &found.connection, &names);
    Ok(Exit::Done)
}

/// Names the accounts that were to be left out and are not in the list, and says if there was nothing to change.
fn say_ignored(app: &App, strange: &[AccountId], unchanged: bool) {
    if !strange.is_empty() {
        let accounts = named(strange);
        let count = strange.len();
        app.printer.warn(&t!(
            "accounts-not-listed",
            count = count,
            accounts = accounts
        ));
    }
    if unchanged {
        app.printer.say(&t!("accounts-unchanged"));
    }
}

/// Shows which accounts are collected, with those names that are known.
fn show(app: &App, connection: &Connection, names: &BTreeMap<AccountId, String>) {
    if app.printer.json() {
        let mut document = json!({ "connection": connection });
        // A connection without an organization says so.
        document["connection"]["organization"] = json!(connection.organization);
        if !names.is_empty() {
            document["names"] = json!(names);
        }
        app.printer.document(&document);
        return;
    }
    let name = &connection.name;
    let listed = connection.accounts.as_deref().unwrap_or_default();
    if connection.organization.is_none() {
        app.printer
            .data(&t!("accounts-no-organization", name = name));
    } else if listed.is_empty() {
        app.printer.data(&t!("accounts-all", name = name));
    } else {
        for account in listed {
            app.printer.data(&line(account, names, app.printer.words));
        }
        app.printer.say(&t!("accounts-some", count = listed.len()));
    }
    if let Some(text) = remark(app, connection) {
        app.printer.warn(&text);
    }
}

/// An account with its name, if that is known.
fn line(account: &AccountId, names: &BTreeMap<AccountId, String>, words: bool) -> String {
    let id = account.as_str();
    match names.get(account) {
        Some(name) => labelled(id, id.len(), name, words),
        None => id.to_owned(),
    }
}

/// Returns the names of the listed accounts. AWS is asked if that was not done yet; what it does not tell is left out.
async fn names(
    app: &App,
    connection: &Connection,
    known: Option<Known>,
) -> BTreeMap<AccountId, String> {
    let listed: BTreeSet<&AccountId> = connection.accounts.iter().flatten().collect();
    let Some(organization) = connection
        .organization
        .as_ref()
        .filter(|_| !listed.is_empty())
    else {
        return BTreeMap::new();
    };
    let known = match known {
        Some(known) => known,
        None => {
            let known = members(app, &organization.id).await;
            if let Err(cause) = &known {
                app.printer.say(&t!("accounts-nameless", cause = cause));
            }
            known
        }
    };
    let members = known.unwrap_or_default().into_iter();
    let named = members.filter(|one| listed.contains(&one.id) && !one.name.is_empty());
    named.map(|one| (one.id, one.name)).collect()
}

/// Fails if coming accounts are not members of the organization. Central does not know, AWS does if there are credentials;
/// otherwise it is said that nobody checked. An account that is listed already may stay: it may have left, or be about to join.
fn must_be_members(
    app: &App,
    connection: &Connection,
    known: &Known,
    coming: &[AccountId],
    flag: &str,
) -> Result<()> {
    let Some(organization) = &connection.organization else {
        return Ok(());
    };
    let id = &organization.id;
    let members = match known {
        Ok(members) => members,
        Err(cause) => {
            app.printer.warn(&unchecked(id, cause));
            return Ok(());
        }
    };
    let listed: BTreeSet<&AccountId> = connection.accounts.iter().flatten().collect();
    let strangers = organization::strangers(members, coming).into_iter();
    let (stay, strange): (Vec<_>, Vec<_>) = strangers.partition(|one| listed.contains(one));
    if !strange.is_empty() {
        return Err(Failure::usage(t!(
            "accounts-strangers",
            flag = flag,
            count = strange.len(),
            accounts = named(&strange),
            id = id
        ))
        .hinted(t!("accounts-strangers-hint")));
    }
    if let Some(text) = said_of_non_members(id, &Seen::There(stay)) {
        app.printer.warn(&text);
    }
    Ok(())
}

/// The first ones of some accounts.
fn named(accounts: &[AccountId]) -> String {
    const SHOWN: usize = 10;
    let mut named: Vec<&str> = accounts.iter().take(SHOWN).map(AccountId::as_str).collect();
    if accounts.len() > SHOWN {
        named.push("…");
    }
    named.join(", ")
}

/// Asks AWS for the accounts of an organization.
async fn members(app: &App, organization: &str) -> Known {
    /// Without credentials, the SDK searches for them for a while.
    const SIGN_IN: Duration = Duration::from_secs(3);
    /// A page has twenty accounts (Organizations API reference, `ListAccounts`).
    const LIST: Duration = Duration::from_secs(10);
    let late = |_| t!("accounts-unchecked-late");
    let connect = async {
        let aws = Aws::connect(&session::aws_options(app).await?).await?;
        session::warn_of_aws(app, &aws);
        Ok::<_, Failure>(aws)
    };
    let aws = timeout(SIGN_IN, connect).await.map_err(late)?;
    let aws = aws.map_err(|failure| failure.message)?;
    let listed = organization::members_of(&aws, organization);
    match timeout(LIST, listed).await.map_err(late)? {
        Ok(Seen::There(members)) => Ok(members),
        Ok(Seen::Denied(action)) => Err(action.to_owned()),
        // The caller is in another organization.
        Ok(Seen::Absent) => Err(t!("accounts-unchecked-elsewhere")),
        Err(error) => Err(Failure::from(error).message),
    }
}

/// The permissions for what AWS is asked: the names of the organization's accounts, and whether those that are added are among them. It works
/// without.
#[must_use]
pub(super) fn grants() -> Vec<Grant> {
    let reads = [
        "sts:GetCallerIdentity",
        "organizations:DescribeOrganization",
        "organizations:ListAccounts",
    ];
    vec![Grant::new(&reads, "*")]
}

fn unchecked(organization: &str, cause: &str) -> String {
    t!("accounts-unchecked", id = organization, cause = cause)
}

/// Names the accounts that are not members of the organization, at most the first ones, or says why that cannot be checked.
/// `None` if all of them are members.
pub(super) fn said_of_non_members(
    organization: &str,
    seen: &Seen<Vec<AccountId>>,
) -> Option<String> {
    let found = match seen {
        Seen::There(found) => found,
        Seen::Denied(action) => return Some(unchecked(organization, action)),
        // The caller is in another organization.
        Seen::Absent => {
            let elsewhere = t!("accounts-unchecked-elsewhere");
            return Some(unchecked(organization, &elsewhere));
        }
    };
    (!found.is_empty()).then(|| {
        t!(
            "accounts-non-members",
            count = found.len(),
            accounts = named(found),
            id = organization
        )
    })
}

fn change(arguments: &AccountsArgs) -> Result<Option<Change>> {
    let mut complaints = Vec::new();
    let mut read = |flag: &str, text: &Option<String>| {
        let parsed = text.as_deref().map(accounts::parse).transpose();
        parsed.unwrap_or_else(|complaint| {
            complaints.push(format!("--{flag}: {complaint}"));
            None
        })
    };
    let set = read("set", &arguments.set);
    let add = read("add", &arguments.add);
    let remove = read("remove", &arguments.remove);
    must_fit(complaints)?;
    Ok(match (set, add, remove) {
        (Some(set), ..) => Some(Change::Set(set)),
        (None, None, None) => arguments.all.then_some(Change::All),
        (None, add, remove) => Some(Change::Edit(
            add.unwrap_or_default(),
            remove.unwrap_or_default(),
        )),
    })
}

/// Returns the changed list. It is empty for all accounts.
fn changed(app: &App, connection: &Connection, change: &Change) -> Result<Vec<AccountId>> {
    let present = connection.accounts.clone().unwrap_or_default();
    match change {
        Change::All => Ok(Vec::new()),
        Change::Set(accounts) => Ok(accounts.iter().cloned().collect()),
        Change::Edit(..) if present.is_empty() => Err(Failure::usage(t!("accounts-edit-all"))),
        Change::Edit(add, remove) => {
            let list: BTreeSet<AccountId> =
                present.into_iter().chain(add.iter().cloned()).collect();
            let list: Vec<AccountId> = list
                .into_iter()
                .filter(|one| !remove.contains(one))
                .collect();
            match list.len() {
                0 => {
                    let argument = app.argument(&connection.name);
                    Err(Failure::usage(t!(
                        "accounts-none-left",
                        argument = argument
                    )))
                }
                count if count > accounts::MOST => Err(Failure::usage(t!(
                    "accounts-too-many",
                    number = count,
                    most = accounts::MOST
                ))),
                _ => Ok(list),
            }
        }
    }
}
