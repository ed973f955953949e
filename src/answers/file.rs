//! The answers file: TOML, whose keys are the names of the flags.

use super::{Answers, Any, Kept, Origin, values::FilePath};
use crate::{connection::ConnectionName, ui::t};

impl Answers {
    /// Takes answers from a file if they are not given in another way, and adds all complaints.
    pub(super) fn read(&mut self, file: &FilePath, complaints: &mut Vec<String>) {
        let unreadable = |cause: String| t!("answers-unreadable", file = file, cause = cause);
        let text = match std::fs::read_to_string(file.as_str()) {
            Ok(text) => text,
            Err(error) => return complaints.push(unreadable(error.to_string())),
        };
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                let error: toml::de::Error = error;
                return complaints.push(unreadable(error.message().to_owned()));
            }
        };
        for (key, value) in table {
            let value = serde_json::to_value(value).unwrap_or_default();
            let mut known = self
                .each_mut()
                .filter(|(entry, _)| entry.kept != Kept::Never);
            match known.find(|(entry, _)| entry.key == key) {
                None => complaints.push(t!("answers-unknown-key", file = file, key = key)),
                Some((_, answer)) => {
                    if let Err(complaint) = answer.offer(&value, Origin::File) {
                        complaints.push(format!("{file}, {key}: {complaint}"));
                    }
                }
            }
        }
    }

    /// Returns the answers as a TOML file that gives the same plan.
    #[must_use]
    pub(crate) fn to_file(&self, name: &ConnectionName) -> String {
        let mut map = self.to_settings();
        map.extend(
            self.accounts
                .to_json()
                .map(|accounts| ("accounts".to_owned(), accounts)),
        );
        map.insert("name".to_owned(), name.to_string().into());
        toml::to_string(&map).expect("texts, numbers, flags and lists are TOML")
    }
}
