//! Questions with dialoguer: menus, yes or no, secrets. Esc goes back.
//!
//! dialoguer redraws a question as if it had one line on the terminal. So a question that is too long is printed before, and an
//! item that is too long is cut; the answer is printed whole.

use console::{Key, Term, style, truncate_str};
use dialoguer::{FuzzySelect, Password, Select, theme::ColorfulTheme};
use secrecy::SecretString;

use super::{Answered, broken, terminal};
use crate::ui::{Result, layout::wrap_to, t};

/// Lists with more choices than this are searched by typing.
pub(super) const MANY: usize = 12;

/// What a menu needs beside the question or an item: the marks around it.
const MARKS: usize = 16;

/// Asks for one of several items.
pub(super) fn select(question: &str, items: &[String], default: usize) -> Result<Answered<usize>> {
    let (term, columns) = terminal();
    let prompt = prompt(&term, columns, question)?;
    let cut: Vec<_> = items
        .iter()
        .map(|item| truncate_str(item, columns.saturating_sub(MARKS), "…"))
        .collect();
    let theme = ColorfulTheme::default();
    let chosen = if items.len() > MANY {
        FuzzySelect::with_theme(&theme)
            .with_prompt(prompt)
            .items(&cut)
            .default(default)
            .max_length(MANY)
            .report(false)
            .interact_on_opt(&term)
    } else {
        Select::with_theme(&theme)
            .with_prompt(prompt)
            .items(&cut)
            .default(default)
            .report(false)
            .interact_on_opt(&term)
    };
    let chosen = chosen.map_err(of_dialoguer)?;
    if let Some(chosen) = chosen {
        report(&term, columns, question, items[chosen].trim())?;
    }
    Ok(chosen)
}

/// Asks for yes or no. `y` and `n` choose, and Enter goes on; dialoguer would go on at once, or need Enter after Esc too.
pub(super) fn confirm(question: &str, default: bool) -> Result<Answered<bool>> {
    let (term, columns) = terminal();
    let prompt = prompt(&term, columns, question)?;
    let chosen = choose(&term, &prompt, default).map_err(broken)?;
    if let Some(yes) = chosen {
        report(&term, columns, question, &yes_or_no(yes))?;
    }
    Ok(chosen)
}

fn choose(term: &Term, prompt: &str, default: bool) -> std::io::Result<Answered<bool>> {
    let mut yes = default;
    loop {
        let keys = if default { "Y/n" } else { "y/N" };
        let chosen = style(yes_or_no(yes)).for_stderr().cyan();
        let mark = style("?").for_stderr().yellow();
        term.write_str(&format!("{mark} {prompt} ({keys}) › {chosen}"))?;
        let key = term.read_key();
        term.clear_line()?;
        match key? {
            Key::Char('y' | 'Y') => yes = true,
            Key::Char('n' | 'N') => yes = false,
            Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown | Key::Tab => {
                yes = !yes;
            }
            Key::Enter => return Ok(Some(yes)),
            Key::Escape => return Ok(None),
            _ => {}
        }
    }
}

fn yes_or_no(yes: bool) -> String {
    if yes {
        t!("answer-yes")
    } else {
        t!("answer-no")
    }
}

/// Asks for text that is not shown.
pub(super) fn secret(question: &str) -> Result<SecretString> {
    Password::new()
        .with_prompt(question)
        .interact()
        .map(SecretString::from)
        .map_err(of_dialoguer)
}

/// Returns what dialoguer is to show as the question. One that does not fit is printed now, and a short one takes its place.
pub(super) fn prompt(term: &Term, columns: usize, question: &str) -> Result<String> {
    if console::measure_text_width(question) + MARKS <= columns {
        return Ok(question.to_owned());
    }
    let whole = wrap_to(&format!("? {question}"), columns, 2);
    term.write_line(&whole).map_err(broken)?;
    Ok(t!("ask-choice"))
}

/// Prints the question with its answer, as it stays on the screen.
pub(super) fn report(term: &Term, columns: usize, question: &str, answer: &str) -> Result<()> {
    let mark = style("✔").for_stderr().green();
    let text = wrap_to(&format!("✔ {question} · {answer}"), columns, 2);
    let text = text.replacen('✔', &mark.to_string(), 1);
    term.write_line(&text).map_err(broken)
}

fn of_dialoguer(error: dialoguer::Error) -> crate::ui::Failure {
    let dialoguer::Error::IO(error) = error;
    broken(error)
}
