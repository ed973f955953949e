//! `status --fleet`: looks at each account, several at the same time.

use super::{
    member::Member,
    must_be_of_fleets,
    outcome::{Outcome, Word},
    show,
    whole::Fleet,
};
use crate::{
    answers::Flags,
    cli::StatusArgs,
    commands::app::App,
    ui::{Exit, Result},
};

pub(in crate::commands) async fn run(app: &App, arguments: &StatusArgs) -> Result<Exit> {
    must_be_of_fleets(&[
        ("--all", arguments.all),
        ("--watch", arguments.watch),
        ("--parts", arguments.parts),
    ])?;
    let fleet = &Fleet::gather(app, &arguments.fleet, &Flags::new()).await?;
    let members: Vec<&Member> = fleet.members.iter().collect();
    let outcomes = fleet.each(members, |_, member| look(fleet, member)).await;
    show::ended(app, &outcomes)
}

/// Looks at one account.
async fn look(fleet: &Fleet<'_>, member: &Member) -> Outcome {
    let app = fleet.app;
    let mut words = vec!["status".to_owned(), member.name.to_string()];
    words.extend(fleet.tenant(member));
    let line = app.progress().step(&member.label());
    let telling = (!app.printer.live).then_some(&line);
    let ended = super::run::run(fleet, member, &words, telling).await;
    let mut outcome = Outcome::of(member, ended, Word::Healthy);
    if outcome.is_unhealthy() {
        outcome.word = Word::Unhealthy;
    }
    match outcome.word {
        Word::Healthy => line.done(),
        _ => line.failed(),
    }
    outcome
}
