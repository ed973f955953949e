//! The answers of `setup` and `plan`: one catalogue for flags, environment variables, answers file, saved settings and
//! prompts. Each answer has a type of its own and knows where it comes from; all are resolved once into a design. Commands
//! never see clap.
//!
//! To add an answer: one line in `catalogue.rs`, and its use.

mod answer;
mod catalogue;
mod design;
mod file;
mod output;
#[cfg(test)]
mod tests;
mod together;
mod values;

use std::{collections::BTreeMap, time::Duration};

pub use answer::{Answer, Any, Origin, Shape, Value, fits};
pub use catalogue::{Answers, CATALOGUE, Entry, Kept, is_variable};
use serde_json::Map;
pub use values::{Accounts, Notify, Source, Trail, parse_duration};

use crate::{
    connection::AccountId,
    ui::{Code, Failure, Result, t},
};

/// Flags as the command line has them: each key with its values, `organization` also as `false`.
pub type Flags = BTreeMap<&'static str, Vec<String>>;

/// All that does not fit, as one error.
pub fn must_fit(complaints: Vec<String>) -> Result<()> {
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(Failure::list(
            Code::Usage,
            t!("answers-do-not-fit"),
            complaints,
        ))
    }
}

impl Answers {
    /// Flags over environment over answers file. Everything that does not fit is reported at once.
    pub fn collect(flags: &Flags, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut answers = Self::default();
        let mut complaints = Vec::new();
        for (entry, answer) in answers.each_mut() {
            let from_flag = flags
                .get(entry.key)
                .map(|texts| (texts.clone(), Origin::Flag, format!("--{}", entry.key)));
            let from_variable = || {
                let text = variable(&entry.variable()).filter(|text| !text.is_empty())?;
                Some((vec![text], Origin::Environment, entry.variable()))
            };
            if let Some((texts, origin, source)) = from_flag.or_else(from_variable)
                && let Err(complaint) = answer.parse(&texts, origin)
            {
                complaints.push(format!("{source}: {complaint}"));
            }
        }
        if let Some(file) = answers.answers.get().cloned() {
            answers.read(&file, &mut complaints);
        }
        must_fit(complaints)?;
        Ok(answers)
    }

    /// Sets the answer of a key from text, checked as a flag's is.
    ///
    /// # Errors
    /// What does not fit, and what would.
    ///
    /// # Panics
    /// Where the catalogue does not have the key.
    pub fn answer(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), String> {
        self.of_key(key).parse(&[text.to_owned()], origin)
    }

    /// The same of a value that is taken as it is, blanks at its edges too.
    ///
    /// # Errors
    /// What does not fit, and what would.
    ///
    /// # Panics
    /// Where the catalogue does not have the key.
    pub fn load(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), String> {
        self.of_key(key).load(&text.into(), origin)
    }

    fn of_key(&mut self, key: &str) -> &mut dyn Any {
        let found = self.each_mut().find(|(entry, _)| entry.key == key);
        found.expect("the catalogue has the key").1
    }

    /// Whether trail and bucket were there before us, as far as it was answered.
    #[must_use]
    pub fn uses_existing(&self) -> bool {
        self.resources.is(&Source::Existing)
    }

    /// Whether an organization is to be covered, as far as it was answered.
    #[must_use]
    pub fn covers_organization(&self) -> bool {
        self.organization.is(&true)
    }

    /// `--accounts`: those of the organization to collect from; `None` for all.
    #[must_use]
    pub fn account_list(&self) -> Option<Vec<AccountId>> {
        let accounts = self.accounts.get()?;
        Some(accounts.0.iter().cloned().collect())
    }

    /// Hosts that log files may go to though they are outside the API host's domain: never from saved settings.
    #[must_use]
    pub fn trusted_hosts(&self) -> Vec<String> {
        let hosts = self.ingest_hosts.get();
        hosts.map(|hosts| hosts.0.clone()).unwrap_or_default()
    }

    /// `--wait`; by default three minutes, or twenty where only the next log file can tell.
    #[must_use]
    pub fn wait(&self, only_a_file: bool) -> Duration {
        let default = Duration::from_secs(if only_a_file { 20 * 60 } else { 180 });
        self.wait.get().map_or(default, |wait| wait.time)
    }

    /// Takes up the answers that a connection was set up with. One that differs is a planned change where it can
    /// change; otherwise all that cannot are refused together.
    pub fn take_saved(&mut self, settings: &Map<String, serde_json::Value>) -> Result<()> {
        // The name of an existing trail is saved as its ARN.
        let saved = settings.get("trail").and_then(|saved| saved.as_str());
        if let Some(saved) = saved.and_then(|text| text.parse::<Trail>().ok())
            && let (Some(given), Some(origin)) = (self.trail.get(), self.trail.origin())
            && saved.is_of(given)
        {
            self.trail.set(saved, origin);
        }
        let mut fixed = Vec::new();
        for (entry, answer) in self.each_mut() {
            if entry.kept != Kept::Saved {
                continue;
            }
            match (answer.to_json(), settings.get(entry.key)) {
                (Some(given), Some(saved)) if given == *saved => {}
                (Some(_), _) if entry.changeable => {}
                (Some(given), saved) => {
                    let was = saved.map_or_else(|| t!("answer-none"), output::plain);
                    fixed.push(t!(
                        "answer-fixed",
                        flag = entry.key,
                        saved = was,
                        given = output::plain(&given)
                    ));
                }
                (None, Some(saved)) => {
                    answer.load(saved, Origin::Saved).map_err(|complaint| {
                        let unfit = t!("saved-unfit", flag = entry.key, complaint = complaint);
                        Failure::new(Code::Conflict, unfit)
                    })?;
                }
                (None, None) => {}
            }
        }
        if fixed.is_empty() {
            Ok(())
        } else {
            Err(
                Failure::list(Code::CannotChange, t!("answers-fixed"), fixed)
                    .hinted(t!("answers-fixed-hint")),
            )
        }
    }
}
