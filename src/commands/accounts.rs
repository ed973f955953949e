//! `accounts`: shows or changes which accounts of the organization are collected, from the next file on. Only Central changes. If
//! there are AWS credentials, AWS is asked which accounts are members.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;

use super::{app::App, session};
use crate::{
    answers::must_fit,
    aws::Aws,
    central::{
        Central, Versioned,
        model::{Connection, Status},
    },
    cli::AccountsArgs,
    connection::{AccountId, accounts},
    resources::{organization, seen::Seen},
    ui::{Code, Exit, Failure, Result, t},
};

/// How the list is to change.
enum Change {
    Set(BTreeSet<AccountId>),
    /// Added, removed.
    Edit(BTreeSet<AccountId>, BTreeSet<AccountId>),
    All,
}

pub(super) async fn run(app: &App, arguments: AccountsArgs) -> Result<Exit> {
    let change = change(&arguments)?;
    let central = session::central(app).await?;
    let found = session::find(&central, &arguments.connection, false).await?;
    let found = match change {
        None => found,
        Some(change) => {
            if found.connection.organization.is_none() {
                let name = &found.connection.name;
                return Err(Failure::usage(t!("accounts-no-organization", name = name)));
            }
            tell_non_members(app, &found.connection, &change).await;
            apply(&central, found, &change).await?
        }
    };
    let connection = &found.connection;
    if app.printer.json() {
        app.printer.document(&json!({ "connection": connection }));
        return Ok(Exit::Done);
    }
    match connection.accounts.as_deref() {
        Some(accounts @ [_, ..]) => {
            for account in accounts {
                app.printer.data(account.as_str());
            }
            app.printer
                .say(&t!("accounts-some", count = accounts.len()));
        }
        _ if connection.organization.is_none() => app
            .printer
            .say(&t!("accounts-no-organization", name = connection.name)),
        _ => app.printer.say(&t!("accounts-all", name = connection.name)),
    }
    Ok(Exit::Done)
}

/// Warns of added accounts that are not members of the organization. Central does not know, AWS does if there are credentials.
async fn tell_non_members(app: &App, connection: &Connection, change: &Change) {
    /// Without credentials, the SDK searches for them for a while.
    const LONGEST: Duration = Duration::from_secs(5);
    let (Change::Set(coming) | Change::Edit(coming, _)) = change else {
        return;
    };
    let Some(organization) = connection
        .organization
        .as_ref()
        .filter(|_| !coming.is_empty())
    else {
        return;
    };
    let coming: Vec<_> = coming.iter().cloned().collect();
    let id = organization.id.as_str();
    let looked = async {
        let aws = Aws::connect(&session::aws_options(app).await?).await?;
        session::warn_of_aws(app, &aws);
        Ok::<_, Failure>(organization::non_members(&aws, id, &coming).await?)
    };
    let text = match tokio::time::timeout(LONGEST, looked).await {
        Ok(Ok(seen)) => said_of_non_members(id, &seen),
        Ok(Err(failure)) => Some(unchecked(id, &failure.message)),
        Err(_) => Some(unchecked(id, &t!("accounts-unchecked-late"))),
    };
    if let Some(text) = text {
        app.printer.warn(&text);
    }
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
    const SHOWN: usize = 10;
    let found = match seen {
        Seen::There(found) => found,
        Seen::Denied(action) => return Some(unchecked(organization, action)),
        // The caller is in another organization.
        Seen::Absent => {
            let elsewhere = t!("accounts-unchecked-elsewhere");
            return Some(unchecked(organization, &elsewhere));
        }
    };
    let mut named: Vec<&str> = found.iter().take(SHOWN).map(AccountId::as_str).collect();
    if found.len() > SHOWN {
        named.push("…");
    }
    (!found.is_empty()).then(|| {
        t!(
            "accounts-non-members",
            count = found.len(),
            accounts = named.join(", "),
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
fn changed(found: &Versioned, change: &Change) -> Result<Vec<AccountId>> {
    let present = found.connection.accounts.clone().unwrap_or_default();
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
                0 => Err(Failure::usage(t!("accounts-none-left"))),
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

/// Applies the change. If someone else has changed the connection in between, it is applied once more to what they left.
async fn apply(central: &Central, found: Versioned, change: &Change) -> Result<Versioned> {
    let wanted = json!({ "accounts": changed(&found, change)? });
    match central.update(&found, &wanted).await {
        Err(failure) if failure.code == Code::Conflict => {
            let newer = central.by_id(found.connection.id).await?;
            match newer.filter(|newer| newer.connection.status != Status::Deleted) {
                Some(newer) => {
                    let wanted = json!({ "accounts": changed(&newer, change)? });
                    central.update(&newer, &wanted).await
                }
                None => Err(failure),
            }
        }
        done => done,
    }
}
