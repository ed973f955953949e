//! The question after the plan: apply it, explain it, show its documents, change an answer, or save the answers and quit.

use super::{prepare::which_answer, prepared::Prepared, save::save};
use crate::{
    answers::Origin,
    commands::app::App,
    plan::render,
    ui::{Code, Failure, Result, page::Page, t},
};

/// What the user decided.
pub(super) enum Confirmed {
    Apply,
    /// An answer is open again.
    Changed,
    /// Nothing is applied; the answers are saved.
    Quit,
}

/// The choices, in the order of the menu.
#[derive(Clone, Copy)]
enum Choice {
    Apply,
    Decline,
    Explain,
    Documents,
    Change,
    SaveAndQuit,
}

impl Choice {
    fn text(self) -> String {
        match self {
            Self::Apply => t!("confirm-yes"),
            Self::Decline => t!("confirm-no"),
            Self::Explain => t!("confirm-explain"),
            Self::Documents => t!("confirm-changes"),
            Self::Change => t!("confirm-change"),
            Self::SaveAndQuit => t!("confirm-save"),
        }
    }
}

/// Asks about the cost, then about the plan.
pub(super) async fn confirm(app: &App, prepared: &mut Prepared) -> Result<Confirmed> {
    match decide(app, prepared).await {
        Err(failure) if failure.back && has_questions(app) => {
            app.history.borrow_mut().reopen(&mut prepared.given);
            Ok(Confirmed::Changed)
        }
        decided => decided,
    }
}

/// The cost, if it ends the run: it is not accepted, and nobody can be asked.
pub(super) fn unaccepted<'a>(app: &App, prepared: &'a Prepared) -> Option<&'a str> {
    let asked = app.ask.possible() && !app.globals.yes;
    open_cost(prepared).filter(|_| !asked)
}

/// The cost, if it is not accepted yet.
fn open_cost(prepared: &Prepared) -> Option<&str> {
    let accepted = prepared.given.accept_cost.is(&true);
    prepared.cost.as_deref().filter(|_| !accepted)
}

/// Whether there is a question to go back to.
fn has_questions(app: &App) -> bool {
    !app.history.borrow().questions().is_empty()
}

async fn decide(app: &App, prepared: &mut Prepared) -> Result<Confirmed> {
    accept_cost(app, prepared).await?;
    if app.globals.yes {
        return Ok(Confirmed::Apply);
    }
    if !app.ask.possible() {
        return Err(Failure::new(Code::MissingAnswers, t!("confirm-missing")));
    }
    let choices = choices(app, prepared);
    loop {
        let items = choices.iter().map(|choice| choice.text()).collect();
        let chosen = app
            .ask
            .afresh()
            .select(&t!("ask-apply"), items, Some(0))
            .await?;
        match choices[chosen] {
            Choice::Apply => return Ok(Confirmed::Apply),
            Choice::Decline => return Err(Failure::new(Code::Declined, t!("declined"))),
            Choice::Explain => app.printer.show(&explained(app, prepared)),
            Choice::Documents => app.printer.show(&documents(app, prepared)),
            Choice::Change => {
                if let Some(number) = which_answer(app).await? {
                    let given = &mut prepared.given;
                    app.history.borrow_mut().back_to(number, given);
                    return Ok(Confirmed::Changed);
                }
            }
            Choice::SaveAndQuit => match save(app, prepared).await {
                Err(failure) if failure.back => {}
                saved => return saved.map(|()| Confirmed::Quit),
            },
        }
    }
}

fn choices(app: &App, prepared: &Prepared) -> Vec<Choice> {
    let mut choices = vec![Choice::Apply, Choice::Decline, Choice::Explain];
    if !documents(app, prepared).lines.is_empty() {
        choices.push(Choice::Documents);
    }
    if has_questions(app) {
        choices.push(Choice::Change);
    }
    if prepared.existing.is_none() {
        choices.push(Choice::SaveAndQuit);
    }
    choices
}

/// Asks whether the cost is accepted. If it is not, the user may change an answer.
async fn accept_cost(app: &App, prepared: &mut Prepared) -> Result<()> {
    if let Some(cost) = unaccepted(app, prepared) {
        let failure = Failure::new(Code::MissingAnswers, cost).hinted(t!("cost-hint"));
        // The cost alone is not all that is missing.
        return Err(match app.globals.yes {
            true => failure,
            false => failure.hinted(t!("confirm-missing")),
        });
    }
    if open_cost(prepared).is_none() {
        return Ok(());
    }
    if app.ask.afresh().confirm(&t!("ask-cost"), false).await? {
        prepared.given.accept_cost.set(true, Origin::Prompt);
        return Ok(());
    }
    // Existing resources avoid the cost.
    app.history.borrow_mut().take_back_to(&t!("ask-resources"));
    Err(match has_questions(app) {
        true => Failure::back(),
        false => Failure::new(Code::Declined, t!("declined")),
    })
}

fn explained(app: &App, prepared: &Prepared) -> Page {
    let steps = &prepared.plan.steps;
    let mut page = render::explanation(&prepared.design, steps, app.printer.words);
    let events = render::events(steps).join(", ");
    page.plain(t!("plan-events", events = events));
    page
}

fn documents(app: &App, prepared: &Prepared) -> Page {
    let (plan, printer) = (&prepared.plan, app.printer);
    let (width, words) = (printer.width(), printer.words);
    let documents = prepared.shown_documents();
    let mut page = render::documents(&documents, &plan.steps, false, width, words);
    let (steps, settings) = (prepared.shown_steps(), prepared.shown_settings());
    page.lines
        .extend(render::settings(&steps, &settings, width, words).lines);
    page
}
