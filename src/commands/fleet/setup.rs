//! `setup --fleet`: look at all, show one plan, confirm, set up several at the same time, one row of each account after another.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    looked::{self, Looked},
    member::Member,
    must_be_of_fleets, organization,
    outcome::{Outcome, Word},
    run::Ended,
    verb::Verb,
    waves,
    whole::Fleet,
};
use crate::{
    central::model::Status,
    cli::{AnswerFlags, FleetArgs, SetupArgs},
    commands::{app::App, session},
    plan::file::Purpose,
    ui::{Code, Exit, Failure, Result, t},
};

pub(in crate::commands) async fn run(
    app: &App,
    arguments: &FleetArgs,
    setup: &SetupArgs,
    plan: bool,
) -> Result<Exit> {
    let common = &setup.answers;
    let given = |key: &str| common.0.contains_key(key);
    must_be_of_fleets(&[
        ("--code", setup.code.is_some()),
        ("--plan", plan),
        ("--adopt", setup.adopt),
        ("--name", given("name")),
        ("--expect-account", given("expect-account")),
        ("--save-answers", given("save-answers")),
    ])?;
    let fleet = Fleet::gather(app, arguments, &common.0).await?;
    let fleet = &fleet;
    let setup = Setup { fleet, common };
    waves::run(fleet, &setup, organization::advice(fleet)).await
}

/// The setup of each member, with the answers that hold for all of them.
struct Setup<'a> {
    fleet: &'a Fleet<'a>,
    common: &'a AnswerFlags,
}

impl Verb for Setup<'_> {
    const DONE: Word = Word::Applied;
    const PURPOSE: Purpose = Purpose::Setup;

    fn plan(&self, member: &Member, file: &str) -> Vec<String> {
        let verb = ["plan", "--detailed-exitcode"];
        let file = format!("--out={file}");
        words(self.fleet, self.common, member, &verb, &file)
    }

    fn judge(&self, member: &Member, ended: Ended, file: PathBuf) -> Looked {
        judge(self.common, member, ended, file)
    }

    fn apply(&self, member: &Member, file: &str) -> Vec<String> {
        let file = format!("--plan={file}");
        words(self.fleet, self.common, member, &["setup"], &file)
    }

    async fn agree(&self, later: bool) -> Result<()> {
        let ask = self.fleet.app.ask;
        if !ask.possible() {
            return Err(Failure::new(Code::MissingAnswers, t!("confirm-missing")));
        }
        let question = t!("fleet-ask-setup");
        if ask.afresh().confirm(&question, false).await? {
            return Ok(());
        }
        let declined = match later {
            true => t!("fleet-declined"),
            false => t!("declined"),
        };
        Err(Failure::new(Code::Declined, declined))
    }
}

/// The command line of a member. Its defaults are taken without a question: the one question is about all plans.
fn words(
    fleet: &Fleet<'_>,
    common: &AnswerFlags,
    member: &Member,
    verb: &[&str],
    file: &str,
) -> Vec<String> {
    let mut words: Vec<String> = verb.iter().map(|word| (*word).to_owned()).collect();
    words.extend(["--yes".to_owned(), file.to_owned()]);
    words.extend(member.flags_of_setup(common));
    if member.tenant.is_none() {
        words.extend(fleet.tenant(member));
    }
    words
}

/// What a plan means: something to do (exit code 7), nothing, or a refusal.
fn judge(common: &AnswerFlags, member: &Member, ended: Ended, plan: PathBuf) -> Looked {
    let Ended { code, document } = ended;
    if code == Exit::ChangesPending as i32 {
        return match unaccepted(common, member, &plan) {
            Some(failure) => Looked::Refused(Outcome::failed(member, &failure)),
            None => Looked::Planned { plan },
        };
    }
    if code != 0 {
        return looked::refusal(member, Ended { code, document });
    }
    let connection = document["connection"].clone();
    if connection["status"] != Status::Active.as_str() {
        return Looked::Unproved { plan };
    }
    Looked::Done(Outcome {
        connection,
        ..Outcome::new(member, Word::Unchanged)
    })
}

/// The cost of a plan, if nobody has accepted it.
fn unaccepted(common: &AnswerFlags, member: &Member, plan: &Path) -> Option<Failure> {
    let key = "accept-cost";
    let said = member.answers.get(key).or_else(|| common.0.get(key));
    let said = said.and_then(|texts| texts.last().cloned());
    let said = said.or_else(|| session::variable("SOPHOS_CT_ACCEPT_COST"));
    // An answers file may accept it: then the member's own run knows.
    let file = common.0.contains_key("answers") || session::variable("SOPHOS_CT_ANSWERS").is_some();
    let accepted = said.is_some_and(|said| said != "false") || file;
    let text = std::fs::read_to_string(plan).ok().filter(|_| !accepted)?;
    let plan: Value = serde_json::from_str(&text).ok()?;
    let cost = plan["cost"].as_str()?;
    Some(Failure::new(Code::MissingAnswers, cost).hinted(t!("cost-hint")))
}
