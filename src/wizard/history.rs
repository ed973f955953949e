//! The questions that were answered, with what was known before each: the way back.

use std::collections::{BTreeMap, BTreeSet};

use super::steps::Step;
use crate::answers::Answers;

/// Questions whose answer leaves no value behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    /// "Which accounts of the organization?", answered with all.
    Accounts,
    /// "Use these names?"
    Names,
    /// The same, answered with no.
    OtherNames,
    /// The name of an answer's key, answered with the default.
    NameOf(&'static str),
}

/// A question that was asked.
#[derive(Clone, Debug)]
struct Asked {
    /// As it was shown.
    text: String,
    before: Answers,
    settled: BTreeSet<Question>,
    /// What stands above it, and how many rows were written before it.
    above: Above,
    row: usize,
}

/// What was printed above a question.
#[derive(Clone, Debug, Default)]
struct Above {
    /// The steps whose headings were printed.
    opened: BTreeSet<Step>,
    /// The step of the last heading, if nothing else was printed since.
    step: Option<Step>,
    /// The remarks below that heading.
    remarks: BTreeSet<String>,
    /// How to go back was said.
    hinted: bool,
}

/// The questions that were asked in this run, in order; the last one may be open.
#[derive(Debug, Default)]
pub(crate) struct History {
    asked: Vec<Asked>,
    /// These are not asked again.
    settled: BTreeSet<Question>,
    begun: bool,
    above: Above,
    /// What was typed as answers, by question. Going back does not forget it.
    typed: BTreeMap<String, String>,
}

impl History {
    /// Notes what is known before a question is asked. `row`: how many rows were written before it.
    pub(super) fn asks(&mut self, text: &str, given: &Answers, row: usize) {
        self.begun = true;
        self.asked.push(Asked {
            text: text.to_owned(),
            before: given.clone(),
            settled: self.settled.clone(),
            above: self.above.clone(),
            row,
        });
    }

    /// Notes what was typed as the answer to a question; `None` if its default was taken, which may be another one the next time.
    pub(super) fn types(&mut self, question: &str, text: Option<&str>) {
        match text {
            Some(text) => self.typed.insert(question.to_owned(), text.to_owned()),
            None => self.typed.remove(question),
        };
    }

    /// What was typed last as the answer to a question.
    #[must_use]
    pub(super) fn typed(&self, question: &str) -> Option<String> {
        self.typed.get(question).cloned()
    }

    /// Takes back every question after this one, if it was asked.
    pub(crate) fn take_back_to(&mut self, question: &str) {
        if let Some(number) = self.asked.iter().position(|asked| asked.text == question) {
            self.asked.truncate(number + 1);
        }
    }

    /// Notes that a step is opened; returns whether it was not before.
    pub(super) fn opens(&mut self, step: Step) -> bool {
        self.above.opened.insert(step)
    }

    /// Notes that a heading is printed now; returns whether another one stands above.
    pub(super) fn enters(&mut self, step: Step) -> bool {
        let enters = self.above.step.replace(step) != Some(step);
        if enters {
            self.above.remarks.clear();
        }
        enters
    }

    /// Notes that what is printed now belongs to no step.
    pub(super) fn leaves(&mut self) {
        self.above.step = None;
    }

    /// Notes that a remark is printed now; returns whether it does not stand below the last heading yet.
    pub(super) fn remarks(&mut self, text: &str) -> bool {
        self.above.remarks.insert(text.to_owned())
    }

    /// Whether the next question is to be preceded by how to go back: there is a question to go back to, and nothing above says
    /// it yet.
    pub(super) fn hints(&mut self) -> bool {
        !self.asked.is_empty() && !std::mem::replace(&mut self.above.hinted, true)
    }

    /// Whether a question can be gone back to from the open one.
    #[must_use]
    pub(super) fn has_before(&self) -> bool {
        self.asked.len() > 1
    }

    pub(super) fn settle(&mut self, question: Question) {
        self.settled.insert(question);
    }

    #[must_use]
    pub(super) fn is_settled(&self, question: Question) -> bool {
        self.settled.contains(&question)
    }

    /// Goes back from the open question to the one before, or asks the open one again if it is the first. `erases` takes away
    /// what was printed since a row; it returns whether it could.
    pub(super) fn back(&mut self, given: &mut Answers, erases: impl FnOnce(usize) -> bool) {
        let open = self.asked.pop();
        if let Some(asked) = self.asked.pop().or(open) {
            if erases(asked.row) {
                self.above.clone_from(&asked.above);
            }
            self.restore(asked, given);
        }
    }

    /// Goes back to the last question that was answered; returns whether there is one.
    pub(crate) fn again(&mut self, given: &mut Answers) -> bool {
        let last = self.asked.pop();
        let found = last.is_some();
        if let Some(asked) = last {
            self.restore(asked, given);
        }
        found
    }

    /// Whether a question was asked, even if it was gone back from.
    #[must_use]
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }

    /// The questions that can be answered anew, as they were shown.
    #[must_use]
    pub(crate) fn questions(&self) -> Vec<String> {
        self.asked.iter().map(|asked| asked.text.clone()).collect()
    }

    /// Goes back from the plan to one of [`Self::questions`]. It and those after it are asked again.
    pub(crate) fn back_to(&mut self, number: usize, given: &mut Answers) {
        self.asked.truncate(number + 1);
        self.reopen(given);
    }

    /// Goes back from the plan to the last question that was answered.
    pub(crate) fn reopen(&mut self, given: &mut Answers) {
        self.leaves();
        self.again(given);
    }

    fn restore(&mut self, asked: Asked, given: &mut Answers) {
        *given = asked.before;
        self.settled = asked.settled;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::{Any, Origin};

    #[test]
    fn the_way_back_leads_to_each_question_and_forgets_what_came_after() {
        let mut history = History::default();
        let mut given = Answers::default();
        history.asks("organization?", &given, 0);
        given.organization.set(false, Origin::Prompt);
        history.asks("names?", &given, 1);
        history.settle(Question::Names);
        history.asks("apply?", &given, 2);

        history.back(&mut given, |_| false);
        assert!(!history.is_settled(Question::Names));
        assert!(given.organization.is_given());
        history.asks("names?", &given, 1);
        history.back(&mut given, |_| false);
        assert!(!given.organization.is_given());
        assert_eq!(history.questions(), [""; 0]);

        history.asks("organization?", &given, 0);
        history.back(&mut given, |_| false);
        history.asks("organization?", &given, 0);
        assert_eq!(history.questions(), ["organization?"]);
    }

    #[test]
    fn what_was_erased_is_printed_again_and_what_still_stands_is_not() {
        for erased in [true, false] {
            let mut history = History::default();
            let mut given = Answers::default();
            assert!(history.enters(Step::Organization));
            assert!(history.remarks("no organization"));
            history.asks("first?", &given, 7);
            assert!(history.opens(Step::Resources) && history.enters(Step::Resources));
            assert!(history.hints());
            history.asks("second?", &given, 11);
            let mut from = 0;
            history.back(&mut given, |row| {
                from = row;
                erased
            });
            assert_eq!(from, 7);
            assert_eq!(history.opens(Step::Resources), erased);
            assert_eq!(history.enters(Step::Organization), !erased);
            assert_eq!(history.remarks("no organization"), !erased);
            history.asks("first?", &given, 7);
            assert_eq!(history.hints(), erased);
        }
    }

    #[test]
    fn how_to_go_back_is_said_once_and_only_where_there_is_a_question_to_go_back_to() {
        let mut history = History::default();
        let given = Answers::default();
        assert!(!history.hints());
        history.asks("first?", &given, 0);
        assert!(!history.has_before());
        assert!(history.hints());
        history.asks("second?", &given, 1);
        assert!(history.has_before());
        assert!(!history.hints());
    }
}
