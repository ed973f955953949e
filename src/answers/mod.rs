//! The answers of `setup` and `plan`: one catalogue for flags, environment variables, answers file, saved settings and
//! prompts. Each answer has a type of its own and knows where it comes from; all are resolved once into a design. Commands
//! never see clap.
//!
//! To add an answer, add one line to `catalogue.rs` and use it.

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

pub(crate) use answer::{Answer, Any, Origin, Shape, Value, fits};
pub(crate) use catalogue::{Answers, CATALOGUE, Entry, Group, Help, Kept, is_variable};
pub(crate) use output::plain;
use serde_json::{Map, Value as Json};
pub(crate) use values::{Notify, Source, Trail, parse_duration};

use crate::{
    connection::AccountId,
    ui::{Code, Failure, Result, t, visible},
};

/// Flags from the command line: each key with its values; `organization` may also be `false`.
pub(crate) type Flags = BTreeMap<&'static str, Vec<String>>;

/// Says that an answer is another than the saved one.
#[must_use]
pub(crate) fn differs(entry: &Entry, saved: Option<&Json>, given: &Json) -> String {
    t!(
        "answer-fixed",
        flag = entry.key,
        saved = saved.map_or_else(|| t!("answer-none"), plain),
        given = plain(given)
    )
}

/// Returns all answers that differ and may not as one error, if there are any.
pub(crate) fn must_stay(differing: Vec<String>) -> Result<()> {
    if differing.is_empty() {
        return Ok(());
    }
    Err(
        Failure::list(Code::CannotChange, t!("answers-fixed"), differing)
            .hinted(t!("answers-fixed-hint")),
    )
}

/// Returns all complaints as one error, if there are any.
pub(crate) fn must_fit(complaints: Vec<String>) -> Result<()> {
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
    /// Collects the answers: flags win over the environment, and the environment over the answers file. Everything that does
    /// not fit is reported at once.
    pub(crate) fn collect(
        flags: &Flags,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
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

    /// Tells `-v` and `--log-file` each answer and where it comes from. None of them is a secret.
    pub(crate) fn trace(&self) {
        for (entry, answer) in self.each() {
            if let (Some(origin), Some(value)) = (answer.origin(), answer.to_json()) {
                let value = visible::inline(&value.to_string()).into_owned();
                tracing::debug!(key = entry.key, ?origin, value, "answer");
            }
        }
    }

    /// Returns only the answers of these keys.
    #[must_use]
    pub(crate) fn only(mut self, keys: &[&str]) -> Self {
        for (entry, answer) in self.each_mut() {
            if !keys.contains(&entry.key) {
                answer.clear();
            }
        }
        self
    }

    /// Sets the answer of a key from text, which is checked like the value of a flag.
    ///
    /// # Errors
    /// Says what does not fit, and what would.
    ///
    /// # Panics
    /// If the catalogue does not have the key.
    pub(crate) fn answer(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), String> {
        self.of_key(key).parse(&[text.to_owned()], origin)
    }

    /// Sets the answer of a key to a value that is taken as it is, including blanks at its ends.
    ///
    /// # Errors
    /// Says what does not fit, and what would.
    ///
    /// # Panics
    /// If the catalogue does not have the key.
    pub(crate) fn load(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), String> {
        self.of_key(key).load(&text.into(), origin)
    }

    fn of_key(&mut self, key: &str) -> &mut dyn Any {
        let found = self.each_mut().find(|(entry, _)| entry.key == key);
        found.expect("the catalogue has the key").1
    }

    /// Whether the trail and the bucket exist already, as far as this was answered.
    #[must_use]
    pub(crate) fn uses_existing(&self) -> bool {
        self.resources.is(&Source::Existing)
    }

    /// Whether an organization is to be covered, as far as this was answered.
    #[must_use]
    pub(crate) fn covers_organization(&self) -> bool {
        self.organization.is(&true)
    }

    /// `--accounts`: the accounts of the organization to collect from; `None` for all of them.
    #[must_use]
    pub(crate) fn account_list(&self) -> Option<Vec<AccountId>> {
        let accounts = self.accounts.get()?;
        Some(accounts.0.iter().cloned().collect())
    }

    /// Returns the hosts outside the API host's domain that log files may go to. They never come from saved settings.
    #[must_use]
    pub(crate) fn trusted_hosts(&self) -> Vec<String> {
        let hosts = self.ingest_hosts.get();
        hosts.map(|hosts| hosts.0.clone()).unwrap_or_default()
    }

    /// Returns `--wait`; by default three minutes, or twenty if only the next log file can show that it works.
    #[must_use]
    pub(crate) fn wait(&self, only_a_file: bool) -> Duration {
        let default = Duration::from_secs(if only_a_file { 20 * 60 } else { 180 });
        self.wait.get().map_or(default, |wait| wait.time)
    }

    /// Takes the answers that a connection was set up with. A given answer that differs is a planned change if it may change;
    /// all those that may not change are refused together.
    pub(crate) fn take_saved(&mut self, settings: &Map<String, Json>) -> Result<()> {
        self.take(settings, |_| true)
    }

    /// The same for a connection of which only step 1 is answered: everything else is open.
    pub(crate) fn take_prepared(&mut self, settings: &Map<String, Json>) -> Result<()> {
        self.take(settings, |entry| entry.group == Group::Organization)
    }

    /// Takes the saved answers of the entries that are wanted.
    fn take(
        &mut self,
        settings: &Map<String, Json>,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Result<()> {
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
            if entry.kept != Kept::Saved || !wanted(entry) {
                continue;
            }
            match (answer.to_json(), settings.get(entry.key)) {
                (Some(given), Some(saved)) if given == *saved => {}
                (Some(_), _) if entry.changeable => {}
                (Some(given), saved) => fixed.push(differs(entry, saved, &given)),
                (None, Some(saved)) => {
                    answer.load(saved, Origin::Saved).map_err(|complaint| {
                        let unfit = t!("saved-unfit", flag = entry.key, complaint = complaint);
                        Failure::new(Code::Conflict, unfit)
                    })?;
                }
                (None, None) => {}
            }
        }
        must_stay(fixed)?;
        // The trail that a connection collects from is saved by its ARN.
        let saved = settings.get("trail").map(plain);
        if let (Some(saved), Some(Trail::Name(_))) = (saved, self.trail.get())
            && self.uses_existing()
        {
            let complaint = t!("invalid-arn", value = saved);
            let unfit = t!("saved-unfit", flag = "trail", complaint = complaint);
            return Err(Failure::new(Code::Conflict, unfit));
        }
        Ok(())
    }
}
