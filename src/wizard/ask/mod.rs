//! How questions are asked: menus on a terminal, numbered lines for screen readers, or not at all.

mod lines;
mod menus;
mod ticks;
mod typed;

use std::{collections::BTreeSet, io::IsTerminal};

use console::Term;
use secrecy::SecretString;

use crate::ui::{Code, Failure, Result, layout::Width, t, visible};

/// The way in which questions are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Menus, on a terminal.
    Menus,
    /// One line per question (`--accessible`, a terminal without cursor control).
    Lines,
    /// Nobody can be asked (`--no-input`, no terminal).
    Nobody,
}

/// An answer; `None` if the user wants to go back to the question before.
type Answered<T> = Option<T>;

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
        self.blocking(move |menus| match menus {
            true => typed::text(&question, default.as_deref(), check),
            false => lines::text(&question, default.as_deref(), check),
        })
        .await
    }

    /// Asks for yes or no.
    pub(crate) async fn confirm(self, question: &str, default: bool) -> Result<bool> {
        let question = visible::inline(question).into_owned();
        self.blocking(move |menus| match menus {
            true => menus::confirm(&question, default),
            false => lines::confirm(&question, default),
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
        self.blocking(move |menus| match menus {
            true => menus::select(&question, &items, default.unwrap_or_default()),
            false => lines::select(&question, &items, default),
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
        self.blocking(move |menus| match menus {
            true => ticks::several(&question, &items),
            false => lines::several(&question, &items),
        })
        .await
    }

    /// Asks for text that is not shown.
    pub(crate) async fn secret(self, question: &str) -> Result<SecretString> {
        let question = visible::inline(question).into_owned();
        self.blocking(move |_| menus::secret(&question).map(Some))
            .await
    }

    /// Runs a prompt on another thread: prompts block, and a signal must be able to end the program while one is open. `ask` is
    /// told whether there are menus. The wish to go back is [`Failure::back`].
    async fn blocking<T: Send + 'static>(
        self,
        ask: impl FnOnce(bool) -> Result<Answered<T>> + Send + 'static,
    ) -> Result<T> {
        if self == Self::Nobody {
            return Err(Failure::new(Code::MissingAnswers, t!("ask-nobody")));
        }
        match tokio::task::spawn_blocking(move || ask(self == Self::Menus)).await {
            Ok(answer) => answer?.ok_or_else(Failure::back),
            Err(error) => Err(Failure::new(Code::Failed, error.to_string())),
        }
    }
}

/// Makes items safe to show: anyone may have chosen their names.
fn shown(items: Vec<String>) -> Vec<String> {
    let items = items.iter().map(|item| visible::inline(item).into_owned());
    items.collect()
}

/// The terminal that questions are asked on, and how wide it is.
fn terminal() -> (Term, usize) {
    let term = Term::stderr();
    let columns = Width::of(&term).columns().unwrap_or(80);
    (term, columns)
}

/// The failure of a prompt: Ctrl-C, or a terminal that cannot be read.
fn broken(error: std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::Interrupted {
        return Failure::new(Code::Interrupted, t!("interrupted"));
    }
    Failure::new(Code::Failed, t!("ask-broken", cause = error)).caused_by(error)
}
