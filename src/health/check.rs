//! One check of a connection, as JSON and as a line.

use serde_json::{Value, json};

use super::about::About;

/// A check: what was found and, if it is wrong, what helps.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub about: About,
    /// Whether it is right; `None` if that cannot be said.
    pub ok: Option<bool>,
    pub detail: String,
    pub fix: Option<String>,
    /// The words of the fix, quoted, if it is a command.
    pub command: Option<Vec<String>>,
    /// What is to be said before that command.
    pub sentence: Option<String>,
    /// The same as `detail` for people, with times and sizes in round numbers.
    pub shown: Option<String>,
    /// The same as `detail` for people who want it exact, with times and sizes as they are written.
    pub in_full: Option<String>,
    /// It is advice, and does not depend on something that could not be seen.
    pub remark: bool,
    /// A part that should be there is not, or was not finished.
    pub missing: bool,
}

impl Check {
    #[must_use]
    pub(crate) fn new(about: About, ok: Option<bool>, detail: impl Into<String>) -> Self {
        Self {
            about,
            ok,
            detail: detail.into(),
            fix: None,
            command: None,
            sentence: None,
            shown: None,
            in_full: None,
            remark: false,
            missing: false,
        }
    }

    /// A check that finds nothing right or wrong: advice.
    #[must_use]
    pub(crate) fn remark(about: About, detail: impl Into<String>) -> Self {
        Self {
            remark: true,
            ..Self::new(about, None, detail)
        }
    }

    /// Adds what helps, if the check found something wrong.
    #[must_use]
    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        if self.ok == Some(false) {
            self.fix = Some(fix.into());
        }
        self
    }

    /// Adds the command that helps, if the check found something wrong. `words` are quoted.
    #[must_use]
    pub(crate) fn run(mut self, words: &[String]) -> Self {
        if self.ok == Some(false) {
            self.command = Some(words.to_vec());
        }
        self.fix(words.join(" "))
    }

    /// Adds a sentence and the command that it ends in, if the check found something wrong. `words` are quoted.
    #[must_use]
    pub(crate) fn run_as(mut self, sentence: String, words: &[String]) -> Self {
        let fix = format!("{sentence} {}", words.join(" "));
        self = self.run(words).fix(fix);
        if self.ok == Some(false) {
            self.sentence = Some(sentence);
        }
        self
    }

    /// Marks that a part is not there, or was not finished.
    #[must_use]
    pub(crate) fn missing(mut self) -> Self {
        self.missing = true;
        self
    }

    /// Sets what people see instead of the detail.
    #[must_use]
    pub(crate) fn shown(mut self, text: impl Into<String>) -> Self {
        self.shown = Some(text.into());
        self
    }

    /// Sets what people see instead of the detail if they ask for each part.
    #[must_use]
    pub(crate) fn in_full(mut self, text: impl Into<String>) -> Self {
        self.in_full = Some(text.into());
        self
    }

    /// Whether another look found the same.
    #[must_use]
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.about, self.ok, &self.detail) == (other.about, other.ok, &other.detail)
    }

    /// Whether no check found something wrong.
    #[must_use]
    pub(crate) fn healthy(checks: &[Self]) -> bool {
        checks.iter().all(|check| check.ok != Some(false))
    }

    #[must_use]
    pub(crate) fn to_json(&self) -> Value {
        let mut value =
            json!({ "name": self.about.as_str(), "ok": self.ok, "detail": self.detail });
        if let Some(fix) = &self.fix {
            value["fix"] = fix.clone().into();
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_healthy_unless_a_check_found_something_wrong() {
        let of = |found: &[Option<bool>]| {
            let checks = found.iter().map(|ok| Check::new(About::Code, *ok, ""));
            Check::healthy(&checks.collect::<Vec<_>>())
        };
        assert!(of(&[]));
        assert!(of(&[Some(true), None]));
        assert!(!of(&[Some(true), Some(false), None]));
    }

    #[test]
    fn only_what_is_wrong_has_something_that_helps() {
        for (ok, helps) in [(Some(true), false), (None, false), (Some(false), true)] {
            let check = Check::new(About::Code, ok, "detail").fix("run setup");
            assert_eq!(check.fix.is_some(), helps, "{ok:?}");
            let fix = helps.then_some("run setup");
            let mut expected = json!({ "name": "code", "ok": ok, "detail": "detail" });
            if let Some(fix) = fix {
                expected["fix"] = fix.into();
            }
            assert_eq!(check.to_json(), expected);
            let words = ["run", "setup"].map(ToOwned::to_owned);
            let check = Check::new(About::Code, ok, "detail").run(&words);
            assert_eq!(check.command.is_some(), helps, "{ok:?}");
            assert_eq!(check.to_json(), expected);
        }
    }
}
