//! The message catalogue: every sentence the program says, by id, in the language chosen at start.
//! clap's own help stays English and is not here.

use std::sync::OnceLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::visible;

/// The English catalogue, complete.
pub const ENGLISH: &str = include_str!("messages/en.ftl");

fn bundle() -> &'static FluentBundle<FluentResource> {
    static BUNDLE: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    BUNDLE.get_or_init(|| {
        let mut bundle = FluentBundle::new_concurrent(vec![
            "en".parse::<LanguageIdentifier>()
                .expect("en is a language"),
        ]);
        bundle.set_use_isolating(false);
        // Errors here are faults of the catalogue itself; `tests/messages.rs` finds them before a user does.
        let resource =
            FluentResource::try_new(ENGLISH.to_owned()).unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
        bundle
    })
}

/// Looks a message up and fills its arguments in. An unknown id is shown as it is.
#[must_use]
pub fn message(id: &str, args: &[(&'static str, String)]) -> String {
    let bundle = bundle();
    let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
        return id.to_owned();
    };
    let mut values = FluentArgs::new();
    for (name, value) in args {
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

/// `t!("message-id", name = value, …)`: the message as a `String`.
#[macro_export]
macro_rules! t {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::ui::messages::message($id, &[$((stringify!($name), ($value).to_string())),*])
    };
}
