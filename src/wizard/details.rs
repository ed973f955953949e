//! Step 3: the names of what is created, each with a default.

use super::{Question, Step, Wizard, known::Known};
use crate::{
    answers::{Answers, Any, Notify},
    connection::{ConnectionName, names},
    ui::{Result, t, table::labelled},
};

impl Wizard<'_> {
    /// Step 3: shows the defaults, and asks for each name if they are not taken as they are.
    pub(super) async fn names(
        &self,
        given: &mut Answers,
        name: &ConnectionName,
        known: &Known<'_>,
    ) -> Result<()> {
        self.open(Step::Details, given);
        let open = open_names(given, name, known);
        if open.is_empty() {
            return Ok(());
        }
        let settled = |question| self.history.borrow().is_settled(question);
        let settle = |question| self.history.borrow_mut().settle(question);
        if !settled(Question::Names) {
            self.show_names(&open);
            let question = t!("ask-defaults");
            self.asks_now(&question, given);
            let as_they_are = self.ask.confirm(&question, true).await?;
            settle(Question::Names);
            if !as_they_are {
                settle(Question::OtherNames);
            }
        }
        if settled(Question::OtherNames) {
            for (key, default) in open {
                if !settled(Question::NameOf(key)) {
                    self.asks_now(&label(key), given);
                    self.type_name(given, key, default).await?;
                    settle(Question::NameOf(key));
                }
            }
        }
        Ok(())
    }

    fn show_names(&self, open: &[(&'static str, String)]) {
        let labels = open.iter().map(|(key, _)| label(key));
        let width = labels
            .map(|label| console::measure_text_width(&label))
            .max();
        let line = |(key, default): &(&'static str, String)| {
            let shown = if default.is_empty() {
                t!("answer-none")
            } else {
                default.clone()
            };
            let width = width.unwrap_or_default();
            format!(
                "  {}",
                labelled(&label(key), width, &shown, self.printer.words)
            )
        };
        let lines: Vec<String> = open.iter().map(line).collect();
        self.remark(Step::Details, &lines.join("\n"));
    }

    async fn type_name(&self, given: &mut Answers, key: &str, default: String) -> Result<()> {
        let (question, default) = (label(key), Some(default));
        match key {
            "bucket" => self.type_in(&mut given.bucket, &question, default).await,
            "prefix" => self.type_in(&mut given.prefix, &question, default).await,
            "trail" => self.type_in(&mut given.trail, &question, default).await,
            "topic" => self.type_in(&mut given.topic, &question, default).await,
            "function" => self.type_in(&mut given.function, &question, default).await,
            _ => self.type_in(&mut given.role, &question, default).await,
        }
    }
}

/// Returns the names that are still open: the key of each answer with its default.
fn open_names(
    given: &Answers,
    name: &ConnectionName,
    known: &Known<'_>,
) -> Vec<(&'static str, String)> {
    let default = names::default_name(name);
    let bucket = match known.kept {
        Some(kept) => kept.to_string(),
        None => names::default_bucket(name, known.account, known.region).to_string(),
    };
    // The names of an existing trail and its bucket are known, or not ours to choose.
    let new = !given.uses_existing();
    let without_topic = given.notify.is(&Notify::EventBridge);
    let brought = given.role_arn.is_given();
    [
        ("bucket", bucket, new && !given.bucket.is_given()),
        ("prefix", String::new(), new && !given.prefix.is_given()),
        ("trail", default.clone(), new && !given.trail.is_given()),
        (
            "topic",
            default.clone(),
            !without_topic && !given.topic.is_given(),
        ),
        ("function", default.clone(), !given.function.is_given()),
        ("role", default, !brought && !given.role.is_given()),
    ]
    .into_iter()
    .filter_map(|(key, default, open)| open.then_some((key, default)))
    .collect()
}

/// Returns what the answer of a key is called.
fn label(key: &str) -> String {
    match key {
        "bucket" => t!("answer-bucket"),
        "prefix" => t!("answer-prefix"),
        "trail" => t!("answer-trail"),
        "topic" => t!("answer-topic"),
        "function" => t!("answer-function"),
        _ => t!("answer-role"),
    }
}
