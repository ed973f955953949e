//! How questions are asked: menus on a terminal, numbered lines for screen readers, or not at all.

mod drawn;
mod echo;
mod edit;
mod keys;
mod lines;
mod list;
mod look;
mod menus;
mod rows;
mod typed;

use std::{collections::BTreeSet, io::IsTerminal};

use console::Term;
use secrecy::SecretString;

use crate::ui::{Code, Failure, Result, layout::Width, signs::Question, t, visible};
use echo::Quiet;
pub(crate) use echo::restore;
pub(crate) use rows::{Row, Rows};

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

    /// Forgets the keys that were pressed before: they cannot be meant for what is shown only now. For questions about a plan, a
    /// removal or a cost.
    #[must_use]
    pub(crate) fn afresh(self) -> Self {
        if self.possible() {
            echo::forget();
        }
        self
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
        self.pick(question, Rows::of(items), default).await
    }

    /// Asks for one of several rows and returns its index. Only the row in focus shows its detail.
    pub(crate) async fn pick(
        self,
        question: &str,
        rows: Rows,
        default: Option<usize>,
    ) -> Result<usize> {
        let rows = rows.safe();
        let question = visible::inline(question).into_owned();
        self.blocking(move |menus| match menus {
            true => list::select(&question, &rows, default.unwrap_or_default()),
            false => lines::select(&question, &rows, default),
        })
        .await
    }

    /// Asks for some of several rows, at least one, and returns their indices in order. On a terminal, rows are searched by
    /// typing and ticked one by one.
    pub(crate) async fn several(self, question: &str, rows: Rows) -> Result<BTreeSet<usize>> {
        let rows = rows.safe();
        let question = visible::inline(question).into_owned();
        self.blocking(move |menus| match menus {
            true => list::several(&question, &rows),
            false => lines::several(&question, &rows),
        })
        .await
    }

    /// Asks for text that is not shown.
    pub(crate) async fn secret(self, question: &str) -> Result<SecretString> {
        let question = visible::inline(question).into_owned();
        self.blocking(move |menus| match menus {
            true => typed::secret(&question),
            false => {
                let _quiet = Quiet::begin();
                lines::secret(&question)
            }
        })
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
        let ask = move || {
            let menus = self == Self::Menus;
            let _quiet = menus.then(Quiet::begin);
            ask(menus)
        };
        let _question = Question::open();
        match tokio::task::spawn_blocking(ask).await {
            Ok(answer) => answer?.ok_or_else(Failure::back),
            Err(error) => Err(Failure::new(Code::Failed, error.to_string())),
        }
    }
}

/// Checks that something was typed.
pub(crate) fn not_empty(text: &str) -> Result<(), String> {
    match text.trim() {
        "" => Err(t!("ask-empty")),
        _ => Ok(()),
    }
}

/// How wide the terminal is that questions are asked on.
fn columns(term: &Term) -> usize {
    Width::of(term).columns().unwrap_or(80)
}

/// The failure of a prompt: Ctrl-C, or a terminal that cannot be read.
fn broken(error: std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::Interrupted {
        return Failure::new(Code::Interrupted, t!("interrupted"));
    }
    Failure::new(Code::Failed, t!("ask-broken", cause = error)).caused_by(error)
}
