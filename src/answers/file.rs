//! The answers file: TOML, whose keys are the names of the flags.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::{Answers, Any, Kept, Origin, values::FilePath};
use crate::{connection::ConnectionName, ui::t};

impl Answers {
    /// Takes answers from a file if they are not given in another way, and adds all complaints, each with its line.
    pub(super) fn read(&mut self, file: &FilePath, complaints: &mut Vec<String>) {
        let unreadable =
            |place: &str, cause: &str| t!("answers-unreadable", file = place, cause = cause);
        let text = match std::fs::read_to_string(file.as_str()) {
            Ok(text) => text,
            Err(error) => return complaints.push(unreadable(file.as_str(), &error.to_string())),
        };
        let at = |line: usize| t!("answers-line", file = file, line = line);
        let entries = match entries(&text) {
            Ok(entries) => entries,
            Err(errors) => {
                let errors = errors.iter();
                return complaints
                    .extend(errors.map(|(line, cause)| unreadable(&at(*line), cause)));
            }
        };
        for Entry { line, key, value } in entries {
            let value = serde_json::to_value(value).unwrap_or_default();
            let mut known = self
                .each_mut()
                .filter(|(entry, _)| entry.kept != Kept::Never);
            match known.find(|(entry, _)| entry.key == key) {
                None => complaints.push(t!("answers-unknown-key", file = at(line), key = key)),
                Some((_, answer)) => {
                    if let Err(complaint) = answer.offer(&value, Origin::File) {
                        complaints.push(format!("{}, {key}: {complaint}", at(line)));
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

/// A key of a file.
struct Entry {
    line: usize,
    key: String,
    value: toml::Value,
}

/// Returns the keys of a file, from its first line to its last, or the lines that are not TOML, each with what is wrong there.
fn entries(text: &str) -> Result<Vec<Entry>, BTreeMap<usize, String>> {
    let line = |at: usize| {
        let before = text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    };
    let (document, mut errors) = DeTable::parse_recoverable(text);
    let table = toml::from_str::<toml::Table>(text);
    if let (Err(error), true) = (&table, errors.is_empty()) {
        // A value that TOML has no room for.
        errors.push(error.clone());
    }
    let mut wrong = BTreeMap::new();
    for error in errors {
        // One mistake may have several consequences in its line.
        let line = line(error.span().map_or(0, |span| span.start));
        wrong
            .entry(line)
            .or_insert_with(|| error.message().to_owned());
    }
    let Ok(mut table) = table else {
        return Err(wrong);
    };
    let keys = document.get_ref().keys().filter_map(|key| {
        let (key, line) = (key.get_ref().to_string(), line(key.span().start));
        let value = table.remove(&key)?;
        Some(Entry { line, key, value })
    });
    let mut entries: Vec<Entry> = keys.collect();
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}
