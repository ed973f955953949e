//! The summary of a fleet: a table, the reasons of what failed, and JSON.

use serde_json::{Value, json};

use super::outcome::{Outcome, Word, exit};
use crate::{
    commands::app::App,
    ui::{Code, Exit, Failure, Result, t, table::table},
};

/// Shows what has become of the members, and returns the exit code.
pub(super) fn ended(app: &App, outcomes: &[Outcome]) -> Result<Exit> {
    if app.printer.json() {
        let members: Vec<Value> = outcomes.iter().map(Outcome::to_json).collect();
        app.printer.document(&json!({ "members": members }));
    } else {
        summary(app, outcomes);
    }
    for outcome in outcomes.iter().filter(|one| !one.error.is_null()) {
        app.printer.failure(&told(outcome), false);
    }
    let failed = outcomes.iter().filter(|one| one.is_failed()).count();
    let unhealthy = outcomes.iter().filter(|one| one.is_unhealthy()).count();
    let text = t!(
        "fleet-summary",
        count = outcomes.len(),
        failed = failed,
        unhealthy = unhealthy
    );
    app.printer.say(&text);
    let Some(code) = app.gently.asked() else {
        return Ok(exit(outcomes));
    };
    if outcomes.iter().any(|one| one.word == Word::Planned) {
        app.printer.say(&t!("fleet-go-on"));
    }
    Ok(code.exit())
}

fn summary(app: &App, outcomes: &[Outcome]) {
    let headings = [t!("column-account"), t!("column-name"), t!("column-result")];
    let rows = outcomes.iter().map(|outcome| {
        let word = outcome.word.shown();
        let word = match outcome.is_unhealthy() {
            true => t!("fleet-but-unhealthy", result = word),
            false => word,
        };
        vec![outcome.account.to_string(), outcome.name.to_string(), word]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let (width, words) = (app.printer.data_width(), app.printer.words);
    app.printer.data(&table(&headings, &rows, width, words));
}

/// Why a member failed, as it is said of one that runs alone.
pub(super) fn told(outcome: &Outcome) -> Failure {
    let text = |key: &str| outcome.error[key].as_str().unwrap_or_default();
    let account = format!("{} {}", outcome.account, outcome.name);
    let mut lines = text("message").lines();
    let first = lines.next().unwrap_or_default();
    let mut message = t!("fleet-why", account = account, why = first);
    // A list has its items in the lines below.
    for line in lines {
        message.push('\n');
        message.push_str(line);
    }
    let mut failure = Failure::new(Code::Failed, message);
    let hints = text("hint").lines().map(ToOwned::to_owned);
    failure.hints = hints.collect();
    failure.request_id = outcome.error["requestId"].as_str().map(ToOwned::to_owned);
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_of_a_list_stay_in_lines_of_their_own() {
        let outcome = Outcome {
            account: "111122223333".parse().unwrap(),
            name: "shop".parse().unwrap(),
            word: Word::Failed,
            connection: Value::Null,
            error: json!({ "message": "One of these:\n  - a\n  - b", "hint": "first\nsecond" }),
        };
        let told = told(&outcome);
        let message = "111122223333 shop: One of these:\n  - a\n  - b";
        assert_eq!(told.message, message);
        assert_eq!(told.hints, ["first", "second"]);
    }
}
