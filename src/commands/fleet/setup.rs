//! `setup --fleet`: look at all, show one plan, confirm, set up several at the same time.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    looked::{self, Looked},
    member::Member,
    must_be_of_fleets, organization,
    outcome::{Outcome, Word},
    run::Ended,
    show,
    whole::Fleet,
};
use crate::{
    central::model::Status,
    cli::{AnswerFlags, FleetArgs, SetupArgs},
    commands::{app::App, session},
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
    let (looked, advice) = tokio::join!(
        looked::look(
            &fleet,
            |member, plan| {
                let file = format!("--out={plan}");
                words(
                    &fleet,
                    common,
                    member,
                    &["plan", "--detailed-exitcode"],
                    &file,
                )
            },
            |member, ended, plan| judge(common, member, ended, plan),
        ),
        organization::advice(&fleet),
    );
    looked::show(&fleet, &looked, advice);
    if !looked::is_any_open(&looked) {
        return show::ended(app, &looked::left(&fleet, looked));
    }
    if !app.globals.yes {
        if !app.ask.possible() {
            return Err(Failure::new(Code::MissingAnswers, t!("confirm-missing")));
        }
        let question = t!("fleet-ask-setup");
        if !app.ask.afresh().confirm(&question, false).await? {
            let failure = Failure::new(Code::Declined, t!("declined"));
            return looked::declined(app, &failure, &looked::left(&fleet, looked));
        }
    }
    let apply = |member: &Member, plan: &str| {
        let file = format!("--plan={plan}");
        words(&fleet, common, member, &["setup"], &file)
    };
    let outcomes = looked::carry_out(&fleet, looked, apply, Word::Applied).await;
    show::ended(app, &outcomes)
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
            None => Looked::Planned { plan, document },
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
