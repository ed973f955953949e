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
                return complaints.push(unreadable(located(&text, &error)));
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

/// What is wrong in a file that is not TOML, with its line.
fn located(text: &str, error: &toml::de::Error) -> String {
    let cause = error.message();
    let before = error.span().and_then(|span| text.get(..span.start));
    match before {
        Some(before) => t!(
            "answers-line",
            line = before.matches('\n').count() + 1,
            cause = cause
        ),
        None => cause.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_toml_is_named_with_its_line() {
        let text = "name = \"shop\"\nbucket = \n";
        let error = text.parse::<toml::Table>().unwrap_err();
        let line = t!("answers-line", line = 2, cause = error.message());
        assert_eq!(located(text, &error), line);
    }
}
