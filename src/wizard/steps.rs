//! The headings of the three steps, and below each what was answered before anyone was asked.

use console::Style;
use serde_json::Value;

use super::{Wizard, ask::Ask};
use crate::{
    answers::{Answers, Entry, Group, Origin, plain},
    ui::{shell::quoted, t},
};

/// A step of the wizard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Organization,
    Resources,
    Details,
}

impl Wizard<'_> {
    /// Opens a step: its heading stands there even if nothing of it is asked. Says what was answered before, and by what.
    pub(super) fn open(&self, step: Step, given: &Answers) {
        if !self.history.borrow_mut().opens(step) {
            return;
        }
        self.head(step);
        for line in answered(step, given) {
            self.printer.say(&line);
        }
    }

    /// Prints the heading of a step, unless the last heading is that of the same step.
    pub(super) fn head(&self, step: Step) {
        if !self.history.borrow_mut().enters(step) {
            return;
        }
        let (number, title) = match step {
            Step::Organization => (1, t!("step-organization")),
            Step::Resources => (2, t!("step-resources")),
            Step::Details => (3, t!("step-details")),
        };
        let heading = t!("step", number = number, title = title);
        let heading = self.printer.paint(Style::new().bold(), &heading);
        self.printer.say(&format!("\n{heading}"));
    }

    /// Says something below the heading of a step, unless it stands there already.
    pub(super) fn remark(&self, step: Step, text: &str) {
        if self.is_unsaid(step, text) {
            self.printer.say(text);
        }
    }

    /// The same for something that should not be overlooked.
    pub(super) fn caution(&self, step: Step, text: &str) {
        if self.is_unsaid(step, text) {
            self.printer.warn(text);
        }
    }

    /// Whether something does not stand below the heading of a step yet. Where nothing is asked, there are no headings.
    pub(super) fn is_unsaid(&self, step: Step, text: &str) -> bool {
        if self.asks() {
            self.head(step);
        }
        self.history.borrow_mut().remarks(text)
    }

    /// Says how to go back before the first question that one can go back from.
    pub(super) fn hint(&self) {
        if !self.history.borrow_mut().hints() {
            return;
        }
        let how = match self.ask {
            Ask::Menus => t!("hint-esc"),
            Ask::Lines | Ask::Nobody => t!("hint-back"),
        };
        let how = self.printer.paint(Style::new().dim(), &how);
        self.printer.say(&how);
    }
}

/// One line for each origin of answers of a step.
fn answered(step: Step, given: &Answers) -> Vec<String> {
    let group = match step {
        Step::Organization => Group::Organization,
        Step::Resources => Group::Resources,
        Step::Details => Group::Details,
    };
    let origins = [
        Origin::Flag,
        Origin::Environment,
        Origin::File,
        Origin::Saved,
    ];
    let line = |origin: Origin| {
        let of_step = given
            .each()
            .filter(|(entry, answer)| entry.group == group && answer.origin() == Some(origin));
        let words = of_step.filter_map(|(entry, answer)| words(entry, &answer.to_json()?));
        let words: Vec<String> = words.collect();
        let answers = format!("`{}`", words.join(" "));
        let line = match origin {
            Origin::Environment => t!("answered-environment", answers = answers),
            Origin::File => t!("answered-file", answers = answers),
            Origin::Saved => t!("answered-saved", answers = answers),
            Origin::Flag | Origin::Prompt | Origin::Default => {
                t!("answered-flags", answers = answers)
            }
        };
        (!words.is_empty()).then_some(line)
    };
    origins.into_iter().filter_map(line).collect()
}

/// An answer as the flag that gives it. What is off has none, unless its flag can be turned around.
fn words(entry: &Entry, value: &Value) -> Option<String> {
    let key = entry.key;
    match value {
        Value::Bool(true) => Some(format!("--{key}")),
        Value::Bool(false) => (key == "organization").then(|| format!("--no-{key}")),
        other => Some(format!("--{key} {}", quoted(&plain(other)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_says_its_own_answers_and_where_they_come_from() {
        let mut given = Answers::default();
        for (key, text, origin) in [
            ("organization", "false", Origin::Flag),
            ("accounts", "111122223333,123456789012", Origin::File),
            ("resources", "new", Origin::Flag),
            ("trail", "theirs", Origin::Environment),
            ("bucket", "logs", Origin::Saved),
            ("role", "mine", Origin::Prompt),
        ] {
            given.answer(key, text, origin).unwrap();
        }
        let first = [
            "  Answered by flags: `--no-organization`",
            "  Answered by the answers file: `--accounts 111122223333,123456789012`",
        ];
        assert_eq!(answered(Step::Organization, &given), first);
        let second = [
            "  Answered by flags: `--resources new`",
            "  Answered by the environment: `--trail theirs`",
        ];
        assert_eq!(answered(Step::Resources, &given), second);
        let third = ["  Answered by saved settings: `--bucket logs`"];
        assert_eq!(answered(Step::Details, &given), third);
    }
}
