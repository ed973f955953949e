//! The questions that were answered, with what was known before each: the way back.

use std::collections::BTreeSet;

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
}

/// The questions that were asked in this run, in order; the last one may be open.
#[derive(Debug, Default)]
pub(crate) struct History {
    asked: Vec<Asked>,
    /// These are not asked again.
    settled: BTreeSet<Question>,
    begun: bool,
    /// The steps whose headings were printed.
    opened: BTreeSet<Step>,
    /// The step of the last heading, if nothing else was printed since.
    step: Option<Step>,
}

impl History {
    /// Notes what is known before a question is asked.
    pub(super) fn asks(&mut self, text: &str, given: &Answers) {
        self.begun = true;
        self.asked.push(Asked {
            text: text.to_owned(),
            before: given.clone(),
            settled: self.settled.clone(),
        });
    }

    /// Notes that a step is opened; returns whether it was not before.
    pub(super) fn opens(&mut self, step: Step) -> bool {
        self.opened.insert(step)
    }

    /// Notes that a heading is printed now; returns whether another one stands above.
    pub(super) fn enters(&mut self, step: Step) -> bool {
        self.step.replace(step) != Some(step)
    }

    /// Notes that what is printed now belongs to no step.
    pub(super) fn leaves(&mut self) {
        self.step = None;
    }

    pub(super) fn settle(&mut self, question: Question) {
        self.settled.insert(question);
    }

    #[must_use]
    pub(super) fn is_settled(&self, question: Question) -> bool {
        self.settled.contains(&question)
    }

    /// Goes back from the open question to the one before, or asks the open one again if it is the first.
    pub(crate) fn back(&mut self, given: &mut Answers) {
        let open = self.asked.pop();
        if let Some(asked) = self.asked.pop().or(open) {
            self.restore(asked, given);
        }
    }

    /// Goes back to the last question that was answered; returns whether there is one.
    pub(crate) fn again(&mut self, given: &mut Answers) -> bool {
        // A plan or a complaint stands above.
        self.leaves();
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

    /// Goes back to one of [`Self::questions`]. It and those after it are asked again.
    pub(crate) fn back_to(&mut self, number: usize, given: &mut Answers) {
        self.asked.truncate(number + 1);
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
        history.asks("organization?", &given);
        given.organization.set(false, Origin::Prompt);
        history.asks("names?", &given);
        history.settle(Question::Names);
        history.asks("apply?", &given);

        history.back(&mut given);
        assert!(!history.is_settled(Question::Names));
        assert!(given.organization.is_given());
        history.asks("names?", &given);
        history.back(&mut given);
        assert!(!given.organization.is_given());
        assert_eq!(history.questions(), [""; 0]);

        history.asks("organization?", &given);
        history.back(&mut given);
        history.asks("organization?", &given);
        assert_eq!(history.questions(), ["organization?"]);
    }
}
