//! Answers written out: as saved settings and as arguments.

use serde_json::{Map, Value};

use super::{Answers, Kept, Origin};
use crate::ui::shell::quoted;

impl Answers {
    /// Returns the answers to keep in Central: no secrets, nothing that only concerned this run.
    #[must_use]
    pub(crate) fn to_settings(&self) -> Map<String, Value> {
        let saved = self.each().filter(|(entry, _)| entry.kept == Kept::Saved);
        saved
            .filter_map(|(entry, answer)| Some((entry.key.to_owned(), answer.to_json()?)))
            .collect()
    }

    /// Returns the arguments that give the same plan without questions; defaults are left out.
    #[must_use]
    pub(crate) fn to_arguments(&self) -> Vec<String> {
        self.to_arguments_of(|_| true)
    }

    /// Returns these arguments for the wanted answers only.
    #[must_use]
    pub(crate) fn to_arguments_of(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut arguments = Vec::new();
        for (entry, answer) in self.each() {
            let told = matches!(entry.kept, Kept::Saved | Kept::Told) && wanted(entry.key);
            let (Some(value), Some(origin)) = (answer.to_json(), answer.origin()) else {
                continue;
            };
            if !told || origin == Origin::Default {
                continue;
            }
            let flag = || format!("--{}", entry.key);
            match value {
                Value::Bool(true) => arguments.push(flag()),
                Value::Bool(false) => {}
                Value::Array(list) => {
                    for item in list {
                        arguments.extend([flag(), quoted(&plain(&item))]);
                    }
                }
                other => arguments.extend([flag(), quoted(&plain(&other))]),
            }
        }
        arguments
    }
}

/// Returns a value as plain text.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
