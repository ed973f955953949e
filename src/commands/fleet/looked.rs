//! The look at every member before anything is changed: its plan, or why there is none; and all of them as one plan.

use std::path::PathBuf;

use serde_json::Value;

use super::{
    member::Member,
    outcome::{Outcome, Word},
    run::{self, Ended},
    scope,
    show::told,
    whole::Fleet,
};
use crate::{
    commands::app::App,
    plan::file::PlanFile,
    ui::{Exit, Failure, Result, page::Page, t},
};

/// What was planned for a member.
pub(super) enum Looked {
    /// Something is to be done. The plan is in a file.
    Planned { plan: PathBuf, document: Value },
    /// It is set up, but not yet found healthy. Its plan, in a file too, changes nothing.
    Unproved { plan: PathBuf },
    /// Nothing is left to do.
    Done(Outcome),
    /// It cannot be done.
    Refused(Outcome),
}

impl Looked {
    /// Whether the member is still to be run.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Planned { .. } | Self::Unproved { .. })
    }

    fn is_fine(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }

    fn shown(&self) -> String {
        match self {
            Self::Planned { .. } => {
                counted(self.steps()).unwrap_or_else(|| t!("fleet-only-central"))
            }
            Self::Unproved { .. } => t!("fleet-unproved"),
            Self::Done(outcome) | Self::Refused(outcome) => outcome.word.shown(),
        }
    }

    /// The steps of what is to be done.
    fn steps(&self) -> &[Value] {
        let steps = match self {
            Self::Planned { document, .. } => document["steps"].as_array(),
            _ => None,
        };
        steps.map(Vec::as_slice).unwrap_or_default()
    }
}

/// Plans for every member; nothing is changed. `words`: the command line that plans, with the file for the plan. `judge` says what
/// the answer means.
pub(super) async fn look(
    fleet: &Fleet<'_>,
    words: impl Fn(&Member, &str) -> Vec<String>,
    judge: impl Fn(&Member, Ended, PathBuf) -> Looked,
) -> Vec<Looked> {
    let (words, judge) = (&words, &judge);
    let members: Vec<&Member> = fleet.members.iter().collect();
    fleet
        .each(members, |number, member| async move {
            let plan = fleet.plans.path().join(format!("{number}.json"));
            let words = words(member, &plan.to_string_lossy());
            let label = t!("fleet-looking", member = member.label());
            let judge = |ended: Result<Ended>| match ended {
                Ok(ended) => judge(member, ended, plan),
                Err(failure) => Looked::Refused(Outcome::failed(member, &failure)),
            };
            run::run(fleet, member, &label, &words, judge, Looked::is_fine).await
        })
        .await
}

/// Shows all plans as one, and why some accounts have none. Where nothing is left to do, the summary that follows says all of it.
pub(super) fn show(fleet: &Fleet<'_>, looked: &[Looked], advice: Option<String>) {
    if is_any_open(looked) {
        show_plans(fleet, looked);
    }
    if let Some(advice) = advice {
        fleet.app.printer.warn(&advice);
    }
}

fn show_plans(fleet: &Fleet<'_>, looked: &[Looked]) {
    let app = fleet.app;
    let mut page = Page::default();
    page.blank();
    page.heading(t!("fleet-plan", count = looked.len()));
    let plans: Vec<Option<PlanFile>> = looked.iter().map(scope::plan).collect();
    let regions = scope::regions(fleet, &plans);
    let mut headings = vec![t!("column-account"), t!("column-name")];
    headings.extend(regions.as_ref().map(|_| t!("column-region")));
    headings.push(t!("column-plan"));
    let rows = fleet.members.iter().zip(looked).enumerate();
    let rows = rows.map(|(number, (member, looked))| {
        let mut cells = vec![member.account.to_string(), member.name.to_string()];
        cells.extend(regions.as_ref().map(|regions| regions[number].clone()));
        cells.push(looked.shown());
        cells
    });
    let rows: Vec<Vec<String>> = rows.collect();
    page.table(&headings, &rows, app.printer.width(), app.printer.words);
    page.blank();
    if let Some(steps) = counted(looked.iter().flat_map(Looked::steps)) {
        page.plain(t!("fleet-total", steps = steps));
    }
    scope::show(&mut page, &plans, &app.printer.attention());
    app.printer.show(&page);
    for outcome in looked.iter().filter_map(refused) {
        app.printer.failure(&told(outcome), false);
    }
}

fn refused(looked: &Looked) -> Option<&Outcome> {
    match looked {
        Looked::Refused(outcome) => Some(outcome),
        _ => None,
    }
}

/// How many steps create, change and delete something; `None` if none does.
fn counted<'a>(steps: impl IntoIterator<Item = &'a Value>) -> Option<String> {
    let (mut create, mut change, mut delete) = (0_usize, 0_usize, 0_usize);
    for step in steps {
        match step["action"].as_str() {
            Some("create") => create += 1,
            Some("modify" | "restore") => change += 1,
            Some("delete") => delete += 1,
            _ => {}
        }
    }
    let counts = [
        (create, t!("count-create", number = create)),
        (change, t!("count-change", number = change)),
        (delete, t!("count-delete", number = delete)),
    ];
    let counts = counts.into_iter().filter(|(number, _)| *number > 0);
    let counts: Vec<String> = counts.map(|(_, said)| said).collect();
    (!counts.is_empty()).then(|| counts.join(&t!("counts-between")))
}

/// Runs every open member by its plan, also where that changes nothing, one line each, until all are done or a signal asks for the
/// end. `words`: the command line that carries out a plan file; `fine`: the result of one that changed something.
pub(super) async fn carry_out(
    fleet: &Fleet<'_>,
    looked: Vec<Looked>,
    words: impl Fn(&Member, &str) -> Vec<String>,
    fine: Word,
) -> Vec<Outcome> {
    let app = fleet.app;
    app.if_stopped.replace(Some(t!("fleet-go-on")));
    app.gently.begin(t!("fleet-stopping"));
    let words = &words;
    let items: Vec<(&Member, Looked)> = fleet.members.iter().zip(looked).collect();
    fleet
        .each(items, |_, (member, looked)| async move {
            let plan = match looked {
                Looked::Done(outcome) | Looked::Refused(outcome) => return outcome,
                Looked::Planned { plan, .. } | Looked::Unproved { plan } => plan,
            };
            if app.gently.asked().is_some() {
                return Outcome::new(member, Word::Planned);
            }
            let (label, words) = (member.label(), words(member, &plan.to_string_lossy()));
            let judge = |ended: Result<Ended>| Outcome::of(member, ended, fine).advised();
            run::run(fleet, member, &label, &words, judge, Outcome::is_fine).await
        })
        .await
}

/// The outcomes of a run that goes no further than the plans.
pub(super) fn left(fleet: &Fleet<'_>, looked: Vec<Looked>) -> Vec<Outcome> {
    let members = fleet.members.iter().zip(looked);
    let outcomes = members.map(|(member, looked)| match looked {
        Looked::Done(outcome) | Looked::Refused(outcome) => outcome,
        Looked::Planned { .. } | Looked::Unproved { .. } => Outcome::new(member, Word::Planned),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_changes_that_there_are_are_counted() {
        let steps = |actions: &[&str]| -> Vec<Value> {
            let steps = actions.iter().map(|action| json!({ "action": action }));
            steps.collect()
        };
        let some = steps(&["create", "keep", "create", "modify", "restore"]);
        assert_eq!(counted(&some).unwrap(), "2 to create, 2 to change");
        assert_eq!(counted(&steps(&["use", "keep"])), None);
    }
}
