//! `status --fleet`: looks at each account, several at the same time.

use super::{
    member::Member,
    must_be_of_fleets,
    outcome::{Outcome, Word},
    run::{self, Ended},
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
    let mut words = vec!["status".to_owned(), member.name.to_string()];
    words.extend(fleet.tenant(member));
    let judge = |ended: Result<Ended>| {
        let mut outcome = Outcome::of(member, ended, Word::Healthy);
        if outcome.is_unhealthy() {
            outcome.word = Word::Unhealthy;
        }
        outcome
    };
    let label = member.label();
    run::run(fleet, member, &label, &words, judge, Outcome::is_fine).await
}
