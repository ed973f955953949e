//! Questions line by line, for screen readers and terminals without cursor control. `<` goes back.

use std::{
    collections::BTreeSet,
    io::{BufRead, Write},
};

use console::{Key, Term};
use secrecy::SecretString;

use super::{Answered, Check, broken, not_empty, rows::Rows};
use crate::ui::{Code, Failure, Result, t, visible};

/// What is typed to go back to the question before.
const BACK: &str = "<";

pub(super) fn text(
    question: &str,
    default: Option<&str>,
    check: Check,
) -> Result<Answered<String>> {
    loop {
        let shown = default.filter(|default| !default.is_empty());
        let suffix = shown
            .map(|default| format!(" [{default}]"))
            .unwrap_or_default();
        let Some(text) = line(&format!("{question}{suffix}: "))? else {
            return Ok(None);
        };
        let text = if text.is_empty() {
            default.unwrap_or_default().to_owned()
        } else {
            text
        };
        match check(&text) {
            Ok(()) => return Ok(Some(text)),
            Err(complaint) => say(&complaint),
        }
    }
}

pub(super) fn confirm(question: &str, default: bool) -> Result<Answered<bool>> {
    let keys = if default { "Y/n" } else { "y/N" };
    loop {
        let Some(text) = line(&format!("{question} ({keys}) "))? else {
            return Ok(None);
        };
        match text.to_lowercase().as_str() {
            "" => return Ok(Some(default)),
            "y" | "yes" => return Ok(Some(true)),
            "n" | "no" => return Ok(Some(false)),
            _ => say(&t!("ask-yes-or-no")),
        }
    }
}

pub(super) fn select(
    question: &str,
    rows: &Rows,
    default: Option<usize>,
) -> Result<Answered<usize>> {
    list(question, rows);
    loop {
        let suffix = default
            .map(|default| format!(" [{}]", default + 1))
            .unwrap_or_default();
        let Some(text) = line(&format!("{}{suffix}: ", t!("ask-number")))? else {
            return Ok(None);
        };
        let chosen = if text.is_empty() {
            default
        } else {
            text.parse::<usize>().ok().and_then(|n| n.checked_sub(1))
        };
        match chosen.filter(|chosen| *chosen < rows.rows.len()) {
            Some(chosen) => return Ok(Some(chosen)),
            None => say(&t!("ask-number-range", count = rows.rows.len())),
        }
    }
}

/// Lets people type the items' numbers in one line; asks again until all of them fit.
pub(super) fn several(question: &str, rows: &Rows) -> Result<Answered<BTreeSet<usize>>> {
    list(question, rows);
    loop {
        let Some(text) = line(&format!("{}: ", t!("ask-numbers")))? else {
            return Ok(None);
        };
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        let numbers = words.map(|word| word.parse::<usize>().ok()?.checked_sub(1));
        let chosen: Option<BTreeSet<usize>> = numbers
            .map(|number| number.filter(|number| *number < rows.rows.len()))
            .collect();
        match chosen.filter(|chosen| !chosen.is_empty()) {
            Some(chosen) => return Ok(Some(chosen)),
            None => say(&t!("ask-number-range", count = rows.rows.len())),
        }
    }
}

/// Asks for text that is not shown. It is read key by key, and nothing is written for a key.
pub(super) fn secret(question: &str) -> Result<Answered<SecretString>> {
    let term = Term::stderr();
    loop {
        prompt(&format!("{question}: "));
        let text = hidden(&term);
        say("");
        let text = text.map_err(broken)?;
        if text == BACK {
            return Ok(None);
        }
        match not_empty(&text) {
            Ok(()) => return Ok(Some(SecretString::from(text))),
            Err(complaint) => say(&complaint),
        }
    }
}

fn hidden(term: &Term) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        match term.read_key()? {
            Key::Enter => return Ok(text.trim().to_owned()),
            Key::Backspace => {
                text.pop();
            }
            Key::Char(char) if !char.is_control() => text.push(char),
            _ => {}
        }
    }
}

/// Shows the question, and below it the rows with their numbers.
fn list(question: &str, rows: &Rows) {
    say(question);
    for (number, row) in rows.rows.iter().enumerate() {
        say(&format!("  {}. {}", number + 1, row.words(&rows.headings)));
    }
}

fn prompt(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "{text}");
    let _ = err.flush();
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", visible::lines(text, false));
}

/// Reads a line; `None` to go back.
fn line(question: &str) -> Result<Option<String>> {
    prompt(question);
    let mut text = String::new();
    if std::io::stdin().lock().read_line(&mut text)? == 0 {
        return Err(Failure::new(Code::Declined, t!("ask-ended")));
    }
    let text = text.trim();
    Ok((text != BACK).then(|| text.to_owned()))
}
