//! `remove --fleet`: look at all, show one plan, confirm by the number of accounts, remove several at the same time, one row of each
//! account after another.

use std::path::PathBuf;

use super::{
    looked::{self, Looked},
    member::Member,
    must_be_of_fleets,
    outcome::{Outcome, Word},
    run::Ended,
    verb::Verb,
    waves,
    whole::Fleet,
};
use crate::{
    answers::Flags,
    cli::RemoveArgs,
    commands::app::App,
    plan::file::Purpose,
    ui::{Code, Exit, Failure, Result, t},
};

pub(in crate::commands) async fn run(app: &App, arguments: &RemoveArgs) -> Result<Exit> {
    must_be_of_fleets(&[
        ("--out", arguments.out.is_some()),
        ("--plan", arguments.plan.is_some()),
        ("--confirm-account", arguments.confirm_account.is_some()),
        ("--delete-logs", arguments.delete_logs),
        ("--confirm-bucket", arguments.confirm_bucket.is_some()),
        ("--central-only", arguments.central_only),
        ("--without-central", arguments.without_central),
    ])?;
    unattended(app, arguments)?;
    let fleet = Fleet::gather(app, &arguments.fleet, &Flags::new()).await?;
    let count = fleet.members.len();
    must_be_confirmed(arguments.confirm_accounts, count)?;
    let wishes = [
        ("--keep-trail", arguments.keep_trail),
        ("--force-shared", arguments.force_shared),
    ];
    let wishes = wishes.iter().filter(|(_, given)| *given);
    let wishes: Vec<&'static str> = wishes.map(|(flag, _)| *flag).collect();
    let fleet = &fleet;
    let removal = Removal { fleet, wishes };
    waves::run(fleet, &removal, std::future::ready(None)).await
}

/// The removal of each member.
struct Removal<'a> {
    fleet: &'a Fleet<'a>,
    /// Flags of all members.
    wishes: Vec<&'static str>,
}

impl Verb for Removal<'_> {
    const DONE: Word = Word::Removed;
    const PURPOSE: Purpose = Purpose::Remove;

    fn plan(&self, member: &Member, file: &str) -> Vec<String> {
        plan_words(self.fleet, member, file, &self.wishes)
    }

    fn judge(&self, member: &Member, ended: Ended, file: PathBuf) -> Looked {
        judge(member, ended, file)
    }

    fn apply(&self, member: &Member, file: &str) -> Vec<String> {
        take_out(self.fleet, member, file)
    }

    async fn agree(&self, later: bool) -> Result<()> {
        confirm(self.fleet.app, self.fleet.members.len(), later).await
    }
}

/// Where nobody can be asked, the number of accounts is the consent: the file names them, and whoever runs it has counted.
fn unattended(app: &App, arguments: &RemoveArgs) -> Result<()> {
    if app.ask.possible() && !app.globals.yes {
        return Ok(());
    }
    let missing = [
        ("--yes", app.globals.yes),
        ("--confirm-accounts N", arguments.confirm_accounts.is_some()),
    ];
    let missing = missing.iter().filter(|(_, given)| !*given);
    let missing: Vec<&str> = missing.map(|(flag, _)| *flag).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let flags = missing.join(", ");
    let text = match app.globals.yes {
        true => t!("remove-missing-yes", flags = flags),
        false => t!("remove-missing", flags = flags),
    };
    Err(Failure::new(Code::MissingAnswers, text))
}

fn must_be_confirmed(given: Option<usize>, count: usize) -> Result<()> {
    match given.filter(|given| *given != count) {
        None => Ok(()),
        Some(given) => {
            let text = t!("fleet-other-number", given = given, count = count);
            Err(Failure::new(Code::WrongTarget, text))
        }
    }
}

/// Asks for the number of accounts. `later`: some were removed before.
async fn confirm(app: &App, count: usize, later: bool) -> Result<()> {
    let question = t!("fleet-ask-remove");
    let typed = app.ask.afresh().text(&question, None, |_| Ok(())).await?;
    if typed.trim() == count.to_string() {
        return Ok(());
    }
    let text = match later {
        true => t!("fleet-other-number-later", given = typed, count = count),
        false => t!("fleet-other-number", given = typed, count = count),
    };
    Err(Failure::new(Code::Declined, text))
}

fn plan_words(fleet: &Fleet<'_>, member: &Member, plan: &str, wishes: &[&str]) -> Vec<String> {
    let mut words = vec![
        "remove".to_owned(),
        member.name.to_string(),
        format!("--out={plan}"),
    ];
    words.extend(wishes.iter().map(|wish| (*wish).to_owned()));
    words.extend(fleet.tenant(member));
    words
}

/// The command line that removes exactly what was planned, in the account of the row and in no other.
fn take_out(fleet: &Fleet<'_>, member: &Member, plan: &str) -> Vec<String> {
    let mut words = vec![
        "remove".to_owned(),
        "--yes".to_owned(),
        format!("--confirm-account={}", member.account),
        format!("--plan={plan}"),
    ];
    words.extend(fleet.tenant(member));
    words
}

fn judge(member: &Member, ended: Ended, plan: PathBuf) -> Looked {
    let Ended { code, document } = ended;
    match (code, document["result"].as_str()) {
        (0, Some("planned")) => Looked::Planned { plan },
        (0, _) => Looked::Done(Outcome {
            connection: document["connection"].clone(),
            ..Outcome::new(member, Word::Removed)
        }),
        _ => looked::refusal(member, Ended { code, document }),
    }
}
