//! The message catalogue: every sentence that the program says, by id, in the language chosen at start. clap's help is always
//! in English and is not here.

use std::sync::OnceLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::visible;

/// The complete English catalogue.
pub(crate) const ENGLISH: &str = include_str!("messages/en.ftl");

fn bundle() -> &'static FluentBundle<FluentResource> {
    static BUNDLE: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    BUNDLE.get_or_init(|| {
        let mut bundle = FluentBundle::new_concurrent(vec![
            "en".parse::<LanguageIdentifier>()
                .expect("en is a language"),
        ]);
        bundle.set_use_isolating(false);
        // build.rs has already parsed the same text, so there are no errors to handle.
        let resource =
            FluentResource::try_new(ENGLISH.to_owned()).unwrap_or_else(|(partial, _)| partial);
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
