//! How questions are asked: menus on a terminal, numbered lines for screen readers, or not at all.

use std::{
    collections::BTreeSet,
    io::{BufRead, IsTerminal, Write},
};

use dialoguer::{Confirm, FuzzySelect, Input, Password, Select, theme::ColorfulTheme};
use secrecy::SecretString;

use crate::ui::{Code, Failure, Result, t, visible};

/// The way in which questions are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// dialoguer, on a terminal.
    Menus,
    /// One line per question (`--accessible`, a terminal without cursor control).
    Lines,
    /// Nobody can be asked (`--no-input`, no terminal).
    Nobody,
}

/// Lists with more choices than this are searched by typing.
const MANY: usize = 12;

/// How many characters of the ticked items are shown.
const SHOWN: usize = 100;

/// Checks whether an answer fits; the error is the complaint.
pub(crate) type Check = fn(&str) -> Result<(), String>;

impl Ask {
    /// Chooses the way that fits the terminal and the flags.
    #[must_use]
    pub(crate) fn choose(no_input: bool, accessible: bool) -> Self {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        if no_input || !terminal {
            Self::Nobody
        } else if accessible || dumb {
            Self::Lines
        } else {
            Self::Menus
        }
    }

    #[must_use]
    pub(crate) fn possible(self) -> bool {
        self != Self::Nobody
    }

    /// Asks for a line of text until it fits.
    pub(crate) async fn text(
        self,
        question: &str,
        default: Option<String>,
        check: Check,
    ) -> Result<String> {
        let question = visible::inline(question).into_owned();
        blocking(move || match self {
            Self::Menus => {
                let theme = ColorfulTheme::default();
                let mut input = Input::<String>::with_theme(&theme)
                    .with_prompt(question)
                    .allow_empty(true);
                if let Some(default) = default {
                    input = input.default(default);
                }
                input
                    .validate_with(move |text: &String| check(text))
                    .interact_text()
                    .map_err(broken)
            }
            Self::Lines => loop {
                let shown = default.as_ref().filter(|default| !default.is_empty());
                let suffix = shown
                    .map(|default| format!(" [{default}]"))
                    .unwrap_or_default();
                let text = line(&format!("{question}{suffix}: "))?;
                let text = if text.is_empty() {
                    default.clone().unwrap_or_default()
                } else {
                    text
                };
                match check(&text) {
                    Ok(()) => return Ok(text),
                    Err(complaint) => say(&complaint),
                }
            },
            Self::Nobody => Err(nobody()),
        })
        .await
    }

    /// Asks for yes or no.
    pub(crate) async fn confirm(self, question: &str, default: bool) -> Result<bool> {
        let question = visible::inline(question).into_owned();
        blocking(move || match self {
            Self::Menus => Confirm::with_theme(&ColorfulTheme::default())
                .with_prompt(question)
                .default(default)
                .interact()
                .map_err(broken),
            Self::Lines => loop {
                let text = line(&format!(
                    "{question} ({}) ",
                    if default { "Y/n" } else { "y/N" }
                ))?
                .to_lowercase();
                match text.as_str() {
                    "" => return Ok(default),
                    "y" | "yes" => return Ok(true),
                    "n" | "no" => return Ok(false),
                    _ => say(&t!("ask-yes-or-no")),
                }
            },
            Self::Nobody => Err(nobody()),
        })
        .await
    }

    /// Asks for one of several items and returns its index. Long lists are searched by typing.
    pub(crate) async fn select(
        self,
        question: &str,
        items: Vec<String>,
        default: Option<usize>,
    ) -> Result<usize> {
        let items = shown(items);
        let question = visible::inline(question).into_owned();
        blocking(move || match self {
            Self::Menus => {
                let theme = ColorfulTheme::default();
                let default = default.unwrap_or_default();
                if items.len() > MANY {
                    FuzzySelect::with_theme(&theme)
                        .with_prompt(question)
                        .items(&items)
                        .default(default)
                        .interact()
                } else {
                    Select::with_theme(&theme)
                        .with_prompt(question)
                        .items(&items)
                        .default(default)
                        .interact()
                }
                .map_err(broken)
            }
            Self::Lines => {
                list(&question, &items);
                loop {
                    let suffix = default
                        .map(|default| format!(" [{}]", default + 1))
                        .unwrap_or_default();
                    let text = line(&format!("{}{suffix}: ", t!("ask-number")))?;
                    let chosen = if text.is_empty() {
                        default
                    } else {
                        text.parse::<usize>().ok().and_then(|n| n.checked_sub(1))
                    };
                    match chosen.filter(|chosen| *chosen < items.len()) {
                        Some(chosen) => return Ok(chosen),
                        None => say(&t!("ask-number-range", count = items.len())),
                    }
                }
            }
            Self::Nobody => Err(nobody()),
        })
        .await
    }

    /// Asks for some of several items, at least one, and returns their indices in order. On a terminal, items are searched by
    /// typing and ticked one by one.
    pub(crate) async fn several(
        self,
        question: &str,
        items: Vec<String>,
    ) -> Result<BTreeSet<usize>> {
        let items = shown(items);
        let question = visible::inline(question).into_owned();
        blocking(move || match self {
            Self::Menus => ticked(&question, &items),
            Self::Lines => numbered(&question, &items),
            Self::Nobody => Err(nobody()),
        })
        .await
    }

    /// Asks for text that is not shown.
    pub(crate) async fn secret(self, question: &str) -> Result<SecretString> {
        let question = visible::inline(question).into_owned();
        blocking(move || match self {
            Self::Menus | Self::Lines => Password::new()
                .with_prompt(question)
                .interact()
                .map(SecretString::from)
                .map_err(broken),
            Self::Nobody => Err(nobody()),
        })
        .await
    }
}

/// Lets people search the items by typing and tick them one by one, until they choose the first line.
fn ticked(question: &str, items: &[String]) -> Result<BTreeSet<usize>> {
    let theme = ColorfulTheme::default();
    let question = t!("ask-several-how", question = question);
    let mut chosen = BTreeSet::new();
    loop {
        // After a tick, people search on or end, so the cursor goes back to the first line.
        let at = FuzzySelect::with_theme(&theme)
            .with_prompt(&question)
            .items(tick_lines(items, &chosen))
            .default(0)
            .max_length(MANY)
            .report(false)
            .interact()
            .map_err(broken)?;
        match at.checked_sub(1) {
            None if chosen.is_empty() => say(&t!("ask-several-none")),
            None => return Ok(chosen),
            Some(number) => {
                if !chosen.remove(&number) {
                    chosen.insert(number);
                }
            }
        }
    }
}

/// Returns the lines to choose from: the first one ends the question and shows what is ticked, then comes each item with its
/// tick.
fn tick_lines(items: &[String], chosen: &BTreeSet<usize>) -> Vec<String> {
    let names: Vec<&str> = chosen.iter().map(|&number| items[number].trim()).collect();
    let names: String = names.join(", ").chars().take(SHOWN).collect();
    let mut lines = vec![t!("ask-several-done", count = chosen.len(), items = names)];
    lines.extend(items.iter().enumerate().map(|(number, item)| {
        let mark = if chosen.contains(&number) { 'x' } else { ' ' };
        format!("[{mark}] {item}")
    }));
    lines
}

/// Lets people type the items' numbers in one line; asks again until all of them fit.
fn numbered(question: &str, items: &[String]) -> Result<BTreeSet<usize>> {
    list(question, items);
    loop {
        let text = line(&format!("{}: ", t!("ask-numbers")))?;
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        let numbers = words.map(|word| word.parse::<usize>().ok()?.checked_sub(1));
        let chosen: Option<BTreeSet<usize>> = numbers
            .map(|number| number.filter(|number| *number < items.len()))
            .collect();
        match chosen.filter(|chosen| !chosen.is_empty()) {
            Some(chosen) => return Ok(chosen),
            None => say(&t!("ask-number-range", count = items.len())),
        }
    }
}

/// Shows the question, and below it the items with their numbers.
fn list(question: &str, items: &[String]) {
    say(question);
    for (number, item) in items.iter().enumerate() {
        say(&format!("  {}. {item}", number + 1));
    }
}

/// Runs a prompt aside. Prompts block, and a signal must be able to end the program while one is open.
async fn blocking<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(ask).await {
        Ok(answer) => answer,
        Err(error) => Err(Failure::new(Code::Failed, error.to_string())),
    }
}

fn broken(error: dialoguer::Error) -> Failure {
    let dialoguer::Error::IO(io) = &error;
    if io.kind() == std::io::ErrorKind::Interrupted {
        return Failure::new(Code::Interrupted, t!("interrupted"));
    }
    Failure::new(Code::Failed, t!("ask-broken", cause = error)).caused_by(error)
}

fn nobody() -> Failure {
    Failure::new(Code::MissingAnswers, t!("ask-nobody"))
}

/// Makes items safe to show: anyone may have chosen their names.
fn shown(items: Vec<String>) -> Vec<String> {
    let items = items.iter().map(|item| visible::inline(item).into_owned());
    items.collect()
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", visible::lines(text, false));
}

fn line(prompt: &str) -> Result<String> {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "{prompt}");
    let _ = err.flush();
    drop(err);
    let mut text = String::new();
    if std::io::stdin().lock().read_line(&mut text)? == 0 {
        return Err(Failure::new(Code::Declined, t!("ask-ended")));
    }
    Ok(text.trim().to_owned())
}
