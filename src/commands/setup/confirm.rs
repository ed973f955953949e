//! The question after the plan: apply it, explain it, show its documents, change an answer, or save the answers and quit.

use super::{prepare::which_answer, prepared::Prepared};
use crate::{
    answers::Origin,
    commands::app::App,
    plan::render,
    ui::{Code, Exit, Failure, Result, page::Page, shell::quoted, t},
};

/// What the user decided.
pub(super) enum Confirmed {
    Apply,
    /// An answer is open again.
    Changed,
    /// Nothing is applied; the answers are to be saved.
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
            Self::Documents => t!("confirm-documents"),
            Self::Change => t!("confirm-change"),
            Self::SaveAndQuit => t!("confirm-save"),
        }
    }
}

/// Asks about the cost, then about the plan.
pub(super) async fn confirm(app: &App, prepared: &mut Prepared) -> Result<Confirmed> {
    match decide(app, prepared).await {
        Err(failure) if failure.back && !app.history.borrow().questions().is_empty() => {
            app.history.borrow_mut().again(&mut prepared.given);
            Ok(Confirmed::Changed)
        }
        decided => decided,
    }
}

async fn decide(app: &App, prepared: &mut Prepared) -> Result<Confirmed> {
    accept_cost(app, prepared).await?;
    if app.globals.yes {
        return Ok(Confirmed::Apply);
    }
    if !app.ask.possible() {
        return Err(Failure::new(Code::MissingAnswers, t!("confirm-missing")));
    }
    let mut choices = vec![Choice::Apply, Choice::Decline, Choice::Explain];
    if !prepared.plan.documents.is_empty() {
        choices.push(Choice::Documents);
    }
    if !app.history.borrow().questions().is_empty() {
        choices.push(Choice::Change);
    }
    if prepared.existing.is_none() {
        choices.push(Choice::SaveAndQuit);
    }
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
            Choice::SaveAndQuit => return Ok(Confirmed::Quit),
        }
    }
}

async fn accept_cost(app: &App, prepared: &mut Prepared) -> Result<()> {
    let accepted = prepared.given.accept_cost.is(&true);
    let Some(cost) = prepared.cost.as_ref().filter(|_| !accepted) else {
        return Ok(());
    };
    let asked = app.ask.possible() && !app.globals.yes;
    if !asked {
        return Err(Failure::new(Code::MissingAnswers, cost.clone()).hinted(t!("cost-hint")));
    }
    if !app.ask.afresh().confirm(&t!("ask-cost"), false).await? {
        return Err(Failure::new(Code::Declined, t!("declined")));
    }
    prepared.given.accept_cost.set(true, Origin::Prompt);
    Ok(())
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
    render::documents(
        &plan.documents,
        &plan.steps,
        false,
        printer.width,
        printer.words,
    )
}

/// Writes the answers to a file, and says how to go on from it.
pub(super) async fn save_and_quit(app: &App, prepared: &Prepared) -> Result<Exit> {
    let name = &prepared.design.name;
    let file = match prepared.given.save_answers.get() {
        Some(file) => file.to_string(),
        None => {
            let default = format!("{}.toml", crate::connection::names::default_name(name));
            let fits = |text: &str| match text.trim() {
                "" => Err(t!("ask-file-empty")),
                _ => Ok(()),
            };
            app.ask.text(&t!("ask-file"), Some(default), fits).await?
        }
    };
    prepared.save_answers_in(&file)?;
    let command = format!(
        "sophos-ct setup {} --answers {}",
        app.argument(name),
        quoted(&file)
    );
    app.update_report(|report| report.result = "planned");
    app.printer.say(&t!("saved-answers", command = command));
    Ok(Exit::Declined)
}
