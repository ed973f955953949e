//! Command lines that give the same plan.

use std::path::Path;

use super::{handed::OF_EACH_RUN, prepared::Prepared};
use crate::{
    answers::{Answers, Origin},
    central::model::IdType,
    cli::{self, Globals},
    commands::{app::App, session::Session},
    connection::ConnectionName,
    ui::shell::quoted,
};

/// Returns the words of the command line, quoted. `costs`: the plan creates a further, billed copy of management events.
pub(super) fn equivalent(
    app: &App,
    given: &Answers,
    name: &ConnectionName,
    session: &Session,
    costs: bool,
) -> Vec<String> {
    let mut given = given.clone();
    // The command must not ask whether the cost is accepted.
    if costs {
        given.accept_cost.set(true, Origin::Prompt);
    }
    let words = match &*app.plan_file.borrow() {
        Some(file) => of_plan(&given, file),
        None => anew("setup", &given, name, session, app.adopting.get()),
    };
    unattended(app, words)
}

/// Returns the words of the command line that registers what a stack has made from a plan's template, quoted.
pub(in crate::commands) fn adopting(app: &App, prepared: &Prepared) -> Vec<String> {
    let Prepared {
        session,
        given,
        design,
        ..
    } = prepared;
    unattended(app, anew("setup", given, &design.name, session, true))
}

/// Returns the words of the command line that makes the plan of a file again, quoted. What is saved at Central is read from there, and
/// money and waiting are no part of planning.
pub(super) fn planning(app: &App, prepared: &Prepared) -> Vec<String> {
    let Prepared {
        session, design, ..
    } = prepared;
    let mut given = prepared.given.clone();
    for (entry, answer) in given.each_mut() {
        let of_applying = ["accept-cost", "wait", "wait-for-logs"].contains(&entry.key);
        if of_applying || answer.origin() == Some(Origin::Saved) {
            answer.clear();
        }
    }
    let mut words = anew("plan", &given, &design.name, session, false);
    words.extend(app.settled().repeated());
    words
}

/// Adds what any command needs that asks nobody.
fn unattended(app: &App, mut words: Vec<String>) -> Vec<String> {
    let globals = app.settled();
    // A command that asks nobody needs to know where the secret is.
    if let Some(file) = globals
        .client_secret_file
        .as_ref()
        .filter(|_| !globals.sandbox)
    {
        let file = quoted(&file.to_string_lossy());
        words.extend(["--client-secret-file".to_owned(), file]);
    }
    words.extend(globals.repeated());
    words.extend(["--no-input".to_owned(), "--yes".to_owned()]);
    words
}

/// The words that apply a plan file: it has every answer but those of each run.
fn of_plan(given: &Answers, file: &Path) -> Vec<String> {
    let mut words = vec![cli::PROGRAM.to_owned(), "setup".to_owned()];
    words.extend(["--plan".to_owned(), quoted(&file.to_string_lossy())]);
    words.extend(given.to_arguments_of(|key| OF_EACH_RUN.contains(&key)));
    words
}

/// The words of a verb that plans from the answers, in the same place.
fn anew(
    verb: &str,
    given: &Answers,
    name: &ConnectionName,
    session: &Session,
    adopt: bool,
) -> Vec<String> {
    let Session { aws, central } = session;
    let mut words = vec![
        cli::PROGRAM.to_owned(),
        verb.to_owned(),
        quoted(name.as_str()),
    ];
    // The code itself is not shown.
    if central.invited.is_some() {
        words.extend(["--code".to_owned(), "-".to_owned()]);
    }
    if adopt {
        words.push("--adopt".to_owned());
    }
    words.extend(["--region".to_owned(), aws.region.to_string()]);
    words.extend(given.to_arguments());
    words.extend([
        "--expect-account".to_owned(),
        aws.caller.account.to_string(),
    ]);
    // Which tenant it is depends on a choice, or on who has invited: a command that asks nobody must name it.
    if central.who.id_type != IdType::Tenant || central.invited.is_some() {
        words.extend(["--expect-tenant".to_owned(), quoted(&central.tenant().id)]);
    }
    words
}

/// Returns how a command line begins that sets the connection up in another account: its words, quoted. A profile stands for an
/// account, so this one's is not among them.
pub(super) fn elsewhere(app: &App, name: &ConnectionName) -> Vec<String> {
    let globals = Globals {
        profile: None,
        ..app.settled()
    };
    let mut words = vec![
        cli::PROGRAM.to_owned(),
        "setup".to_owned(),
        quoted(name.as_str()),
    ];
    words.extend(globals.repeated());
    words
}
