//! The look at every member before anything is changed: its plan, or why there is none; and all of them as one plan.

use std::path::PathBuf;

use super::{
    member::Member,
    outcome::{Outcome, Word},
    run::{self, Ended},
    scope,
    show::told,
    verb::Verb,
    whole::Fleet,
};
use crate::{
    plan::{
        file::{PlanFile, Purpose},
        render,
    },
    ui::{Code, Result, page::Page, t},
};

/// Refusals that another row of the same account can be the cure of: it may make what is missing, or take away what is in the way.
const CURABLE: [Code; 3] = [Code::Conflict, Code::MissingAnswers, Code::TrailLimit];

/// A row of the file, and what was planned for it.
pub(super) struct Row {
    /// Where its member stands among those of the fleet.
    pub(super) number: usize,
    pub(super) looked: Looked,
}

/// What was planned for a member.
pub(super) enum Looked {
    /// Something is to be done. The plan is in a file.
    Planned { plan: PathBuf },
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

    /// Whether it is refused, whatever becomes of other rows of its account.
    pub(super) fn is_final(&self) -> bool {
        let error = refused(self).map(|outcome| &outcome.error["code"]);
        error.is_some_and(|error| CURABLE.iter().all(|code| error != code.as_str()))
    }

    fn is_fine(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }

    /// What is to be done, in words.
    fn shown(&self, plan: Option<&PlanFile>) -> String {
        match self {
            Self::Planned { .. } => {
                let kept = plan.is_some_and(|plan| !plan.users.is_empty());
                render::counted(plan).unwrap_or_else(|| match kept {
                    true => t!("fleet-kept"),
                    false => t!("fleet-only-central"),
                })
            }
            Self::Unproved { .. } => t!("fleet-unproved"),
            Self::Done(outcome) | Self::Refused(outcome) => outcome.word.shown(),
        }
    }
}

/// Plans for these members, in the order in which they run; nothing is changed.
pub(super) async fn look(fleet: &Fleet<'_>, verb: &impl Verb, numbers: Vec<usize>) -> Vec<Row> {
    let order = &numbers.clone();
    fleet
        .each(numbers, |place, number| async move {
            let member = &fleet.members[number];
            let file = fleet.plans.path().join(format!("{number}.json"));
            let words = verb.plan(member, &file.to_string_lossy());
            let label = t!("fleet-looking", member = member.label());
            let judge = |ended: Result<Ended>| match ended {
                Ok(ended) => verb.judge(member, ended, file),
                Err(failure) => Looked::Refused(Outcome::failed(member, &failure)),
            };
            // One behind another of its account is looked at once more, if that one is to be run.
            let mut before = order[..place].iter();
            let behind = before.any(|other| fleet.members[*other].account == member.account);
            let is_fine = |looked: &Looked| looked.is_fine() || (behind && !looked.is_final());
            let looked = run::run(fleet, member, &label, &words, judge, is_fine).await;
            Row { number, looked }
        })
        .await
}

/// Shows all plans as one, and why some accounts have none. Where nothing is left to do, the summary that follows says all of it.
/// `waiting`: how many rows are planned once these are done.
pub(super) fn show(
    fleet: &Fleet<'_>,
    purpose: Purpose,
    rows: &[Row],
    waiting: usize,
) -> Result<()> {
    if !is_any_open(rows) {
        return Ok(());
    }
    let app = fleet.app;
    let mut page = Page::default();
    page.blank();
    page.heading(t!("fleet-plan", count = rows.len()));
    let plans = rows.iter().map(|row| scope::plan(&row.looked, purpose));
    let plans = plans.collect::<Result<Vec<Option<PlanFile>>>>()?;
    let regions = scope::regions(fleet, rows, &plans);
    let mut headings = vec![t!("column-account"), t!("column-name")];
    headings.extend(regions.as_ref().map(|_| t!("column-region")));
    headings.push(t!("column-plan"));
    let lines = rows.iter().enumerate().map(|(place, row)| {
        let member = &fleet.members[row.number];
        let mut cells = vec![member.account.to_string(), member.name.to_string()];
        cells.extend(regions.as_ref().map(|regions| regions[place].clone()));
        cells.push(row.looked.shown(plans[place].as_ref()));
        cells
    });
    let lines: Vec<Vec<String>> = lines.collect();
    page.table(&headings, &lines, app.printer.width(), app.printer.words);
    page.blank();
    if let Some(steps) = render::counted(plans.iter().flatten()) {
        page.plain(t!("fleet-total", steps = steps));
    }
    if waiting > 0 {
        page.plain(t!("fleet-waiting", count = waiting));
    }
    scope::show(&mut page, &plans, &app.printer.attention());
    app.printer.show(&page);
    for outcome in rows.iter().filter_map(|row| refused(&row.looked)) {
        app.printer.failure(&told(outcome), false);
    }
    Ok(())
}

fn refused(looked: &Looked) -> Option<&Outcome> {
    match looked {
        Looked::Refused(outcome) => Some(outcome),
        _ => None,
    }
}

/// Runs every open row by its plan, also where that changes nothing, one line each, until all are done or a signal asks for the
/// end. No two of them are of one account.
pub(super) async fn carry_out<V: Verb>(
    fleet: &Fleet<'_>,
    verb: &V,
    rows: Vec<Row>,
) -> Vec<(usize, Outcome)> {
    let app = fleet.app;
    app.if_stopped.replace(Some(t!("fleet-go-on")));
    app.gently.begin(t!("fleet-stopping"));
    let outcomes = fleet.each(rows, |_, Row { number, looked }| async move {
        let member = &fleet.members[number];
        let plan = match looked {
            Looked::Done(outcome) | Looked::Refused(outcome) => return (number, outcome),
            Looked::Planned { plan } | Looked::Unproved { plan } => plan,
        };
        if app.gently.asked().is_some() {
            return (number, Outcome::new(member, Word::Planned));
        }
        let (label, words) = (member.label(), verb.apply(member, &plan.to_string_lossy()));
        let judge = |ended: Result<Ended>| Outcome::of(member, ended, V::DONE).advised();
        let outcome = run::run(fleet, member, &label, &words, judge, Outcome::is_fine).await;
        (number, outcome)
    });
    outcomes.await
}

/// The outcomes of rows that go no further than their plans.
pub(super) fn left(fleet: &Fleet<'_>, rows: Vec<Row>) -> Vec<(usize, Outcome)> {
    let outcomes = rows.into_iter().map(|Row { number, looked }| {
        let outcome = match looked {
            Looked::Done(outcome) | Looked::Refused(outcome) => outcome,
            Looked::Planned { .. } | Looked::Unproved { .. } => {
                Outcome::new(&fleet.members[number], Word::Planned)
            }
        };
        (number, outcome)
    });
    outcomes.collect()
}

/// Whether anything is left to do.
pub(super) fn is_any_open(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.looked.is_open())
}

/// A plan that was refused: what its run says.
pub(super) fn refusal(member: &Member, ended: Ended) -> Looked {
    Looked::Refused(Outcome::of(member, Ok(ended), Word::Failed))
}
