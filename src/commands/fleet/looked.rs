//! The look at every member before anything is changed: its plan, or why there is none; and all of them as one plan.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;

use super::{
    member::Member,
    outcome::{Outcome, Word},
    run::{self, Ended},
    show::told,
    whole::Fleet,
};
use crate::{
    commands::app::App,
    ui::{
        Exit, Failure, Result,
        page::{Page, Tone},
        t,
    },
};

/// What was planned for a member.
pub(super) enum Looked {
    /// Something is to be done. The plan is in a file.
    Planned { plan: PathBuf, document: Value },
    /// It is set up, but not yet found healthy.
    Unproved,
    /// Nothing is left to do.
    Done(Outcome),
    /// It cannot be done.
    Refused(Outcome),
}

impl Looked {
    /// Whether the member is still to be run.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Planned { .. } | Self::Unproved)
    }

    fn shown(&self) -> String {
        match self {
            Self::Planned { document, .. } => counted(&document["steps"]),
            Self::Unproved => t!("fleet-unproved"),
            Self::Done(outcome) | Self::Refused(outcome) => outcome.word.shown(),
        }
    }
}

/// Plans for every member; nothing is changed. `words`: the command line that plans, with the file for the plan. `judge` says what
/// the answer means.
pub(super) async fn look(
    fleet: &Fleet<'_>,
    words: impl Fn(&Member, &str) -> Vec<String>,
    judge: impl Fn(&Member, Ended, PathBuf) -> Looked,
) -> Vec<Looked> {
    let app = fleet.app;
    let (words, judge) = (&words, &judge);
    let members: Vec<&Member> = fleet.members.iter().collect();
    fleet
        .each(members, |number, member| async move {
            let plan = fleet.plans.path().join(format!("{number}.json"));
            let words = words(member, &plan.to_string_lossy());
            let label = t!("fleet-looking", member = member.label());
            let line = app.progress().step(&label);
            let telling = (!app.printer.live).then_some(&line);
            let looked = match run::run(fleet, member, &words, telling).await {
                Ok(ended) => judge(member, ended, plan),
                Err(failure) => Looked::Refused(Outcome::failed(member, &failure)),
            };
            match looked {
                Looked::Refused(_) => line.failed(),
                _ => line.done(),
            }
            looked
        })
        .await
}

/// Shows all plans as one, and why some accounts have none.
pub(super) fn show(fleet: &Fleet<'_>, looked: &[Looked], advice: Option<String>) {
    let app = fleet.app;
    let mut page = Page::default();
    page.blank();
    page.heading(t!("fleet-plan", count = looked.len()));
    let headings = [t!("column-account"), t!("column-name"), t!("column-plan")];
    let rows = fleet.members.iter().zip(looked).map(|(member, looked)| {
        let (account, name) = (member.account.to_string(), member.name.to_string());
        vec![account, name, looked.shown()]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    page.table(&headings, &rows, app.printer.width(), app.printer.words);
    let documents = looked.iter().filter_map(|looked| match looked {
        Looked::Planned { document, .. } => document["steps"].as_array(),
        _ => None,
    });
    let steps: Vec<Value> = documents.flatten().cloned().collect();
    page.blank();
    page.line(
        Tone::Plain,
        t!("fleet-total", steps = counted(&Value::Array(steps))),
    );
    app.printer.show(&page);
    for outcome in looked.iter().filter_map(refused) {
        app.printer.failure(&told(outcome), false);
    }
    if let Some(advice) = advice {
        app.printer.warn(&advice);
    }
}

fn refused(looked: &Looked) -> Option<&Outcome> {
    match looked {
        Looked::Refused(outcome) => Some(outcome),
        _ => None,
    }
}

/// How many steps of each kind there are, those that change nothing left out.
fn counted(steps: &Value) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let steps = steps.as_array().into_iter().flatten();
    for action in steps.filter_map(|step| step["action"].as_str()) {
        *counts.entry(action).or_default() += 1;
    }
    let of = |action: &str| counts.get(action).copied().unwrap_or_default();
    t!(
        "fleet-steps",
        create = of("create"),
        modify = of("modify"),
        restore = of("restore"),
        delete = of("delete")
    )
}

/// Runs every open member, one line each, until all are done or a signal asks for the end. `words`: the command line that changes
/// something; `fine`: the result of one that did.
pub(super) async fn carry_out(
    fleet: &Fleet<'_>,
    looked: Vec<Looked>,
    words: impl Fn(&Member, Option<&str>) -> Vec<String>,
    fine: Word,
) -> Vec<Outcome> {
    let app = fleet.app;
    app.if_stopped.replace(Some(t!("fleet-go-on")));
    app.gently.begin();
    let words = &words;
    let items: Vec<(&Member, Looked)> = fleet.members.iter().zip(looked).collect();
    fleet
        .each(items, |_, (member, looked)| async move {
            let plan = match looked {
                Looked::Done(outcome) | Looked::Refused(outcome) => return outcome,
                Looked::Unproved => None,
                Looked::Planned { plan, .. } => Some(plan),
            };
            if app.gently.asked().is_some() {
                return Outcome::new(member, Word::Planned);
            }
            let plan = plan.as_ref().map(|plan| plan.to_string_lossy());
            let words = words(member, plan.as_deref());
            act(fleet, member, &words, fine).await
        })
        .await
}

/// Runs one member.
async fn act(fleet: &Fleet<'_>, member: &Member, words: &[String], fine: Word) -> Outcome {
    let app = fleet.app;
    let line = app.progress().step(&member.label());
    let telling = (!app.printer.live).then_some(&line);
    let ended = run::run(fleet, member, words, telling).await;
    let outcome = Outcome::of(member, ended, fine);
    match outcome.is_failed() {
        true => line.failed(),
        false => line.done(),
    }
    outcome
}

/// The outcomes of a run that goes no further than the plans.
pub(super) fn left(fleet: &Fleet<'_>, looked: Vec<Looked>) -> Vec<Outcome> {
    let members = fleet.members.iter().zip(looked);
    let outcomes = members.map(|(member, looked)| match looked {
        Looked::Done(outcome) | Looked::Refused(outcome) => outcome,
        Looked::Planned { .. } | Looked::Unproved => Outcome::new(member, Word::Planned),
    });
    outcomes.collect()
}

/// Whether anything is left to do.
pub(super) fn is_any_open(looked: &[Looked]) -> bool {
    looked.iter().any(Looked::is_open)
}

/// A plan that was refused: what its run says.
pub(super) fn refusal(member: &Member, ended: Ended) -> Looked {
    Looked::Refused(Outcome::of(member, Ok(ended), Word::Failed))
}

/// Ends a run in which somebody has declined. What was planned is shown all the same.
pub(super) fn declined(app: &App, failure: &Failure, outcomes: &[Outcome]) -> Result<Exit> {
    app.printer.failure(failure, false);
    super::show::ended(app, outcomes)?;
    Ok(failure.exit())
}
