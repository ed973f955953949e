//! The message catalogue: every sentence that the program says, by id, in the language chosen at start. clap's help is always
//! in English and is not here.

use std::sync::OnceLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::visible;

/// A language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    En,
    Ja,
}

impl Language {
    /// The language of the environment: the first of these variables that is set decides (POSIX, "Internationalization
    /// Variables").
    #[must_use]
    pub(crate) fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(variable);
        match set.find(|value| !value.is_empty()) {
            Some(value)
                if value == "ja" || value.starts_with("ja_") || value.starts_with("ja.") =>
            {
                Self::Ja
            }
            _ => Self::En,
        }
    }

    fn catalogue(self) -> &'static str {
        match self {
            Self::En => include_str!("messages/en.ftl"),
            Self::Ja => include_str!("messages/ja.ftl"),
        }
    }

    fn id(self) -> LanguageIdentifier {
        let id = match self {
            Self::En => "en",
            Self::Ja => "ja",
        };
        id.parse().expect("a language")
    }
}

static LANGUAGE: OnceLock<Language> = OnceLock::new();

/// Chooses the language of all messages, once, before the first of them.
pub(crate) fn speak(language: Language) {
    // A second choice is ignored.
    let _ = LANGUAGE.set(language);
}

fn bundle() -> &'static FluentBundle<FluentResource> {
    static BUNDLE: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    BUNDLE.get_or_init(|| {
        let language = LANGUAGE.get().copied().unwrap_or(Language::En);
        let mut bundle = FluentBundle::new_concurrent(vec![language.id()]);
        bundle.set_use_isolating(false);
        // build.rs has parsed the same text.
        let resource = FluentResource::try_new(language.catalogue().to_owned())
            .unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
        bundle
    })
}

// A type for each message, and `t!`; see build.rs.
include!(concat!(env!("OUT_DIR"), "/messages.rs"));
pub(crate) use t;

/// Looks up a message and fills in its arguments.
fn message(id: &str, arguments: &[(&'static str, String)]) -> String {
    let bundle = bundle();
    let pattern = bundle.get_message(id).and_then(|message| message.value());
    let pattern = pattern.expect("the catalogue has each message of `of`");
    let mut values = FluentArgs::new();
    for (name, value) in arguments {
        // Only counts are numbers to Fluent (plural rules); ids such as account numbers stay text.
        match value.parse::<u32>() {
            Ok(number) if *name == "count" => values.set(*name, number),
            _ => values.set(*name, visible::inline(value).into_owned()),
        }
    }
    let mut errors = Vec::new();
    bundle
        .format_pattern(pattern, Some(&values), &mut errors)
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_that_of_the_first_variable_that_is_set() {
        let of = |set: &[(&str, &str)]| {
            Language::of_environment(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[]), Language::En);
        assert_eq!(of(&[("LANG", "ja_JP.UTF-8")]), Language::Ja);
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "ja")]), Language::Ja);
        assert_eq!(
            of(&[("LC_ALL", "C"), ("LANG", "ja_JP.UTF-8")]),
            Language::En
        );
        assert_eq!(of(&[("LANG", "jam_JM")]), Language::En);
    }

    #[test]
    fn japanese_brackets_and_question_marks_are_full_width() {
        let text = Language::Ja.catalogue();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            // What is in backticks is typed as it stands.
            let prose: String = line.split('`').step_by(2).collect();
            let after_words =
                |(at, _): (usize, &str)| !prose[..at].ends_with(|c: char| c.is_ascii());
            let asks = prose.match_indices('?').any(after_words);
            assert!(!asks && !prose.contains(['(', ')']), "{line}");
        }
    }
}
