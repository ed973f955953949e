//! What to keep for the day on which access to Central is gone: then `remove --without-central` finds what is ours by names.

use super::app::App;
use crate::{
    connection::{Design, names::default_name},
    health::screen::View,
    ui::{
        command::command as laid_out,
        page::{Page, Tone},
        shell::quoted,
        t,
    },
};

/// The command that removes the connection without Central, in words that are quoted.
#[must_use]
pub(super) fn command(app: &App, design: &Design) -> Vec<String> {
    let mut words = app.command("remove", &design.name);
    words.extend(["--region".to_owned(), design.region.to_string()]);
    words.push("--without-central".to_owned());
    for (flag, name) in other_names(design) {
        words.extend([flag.to_owned(), quoted(name)]);
    }
    words
}

/// Puts what to keep on a page: in one line or, with the parts, as the command that takes it.
pub(super) fn show(page: &mut Page, app: &App, design: &Design, view: View) {
    if view.parts {
        page.line(Tone::Quiet, t!("leaving-command", id = design.id));
        page.verbatim(laid_out(&command(app, design), view.width, 2));
        return;
    }
    let mut kept = vec![t!(
        "leaving-kept",
        name = design.name,
        account = design.account,
        region = design.region,
        id = design.id
    )];
    let names = other_names(design).into_iter();
    kept.extend(names.map(|(flag, name)| format!("{flag} {}", quoted(name))));
    let kept = kept.join(&t!("counts-between"));
    page.line(Tone::Quiet, t!("leaving-keep", kept = kept));
}

/// The names of what is ours, where they are not the default ones, and their flags.
fn other_names(design: &Design) -> Vec<(&'static str, &str)> {
    let default = default_name(&design.name);
    let (trail, bucket) = (design.trail.as_str(), design.bucket.as_str());
    let (topic, function) = (design.topic.as_str(), design.function.as_str());
    let role = design.role.as_str();
    let own = design.own_trail();
    let names = [
        (own && trail != default, "--trail", trail),
        (own && !design.has_default_bucket(), "--bucket", bucket),
        (design.own_topic() && topic != default, "--topic", topic),
        (function != default, "--function", function),
        (design.own_role && role != default, "--role", role),
    ];
    let differing = names.into_iter().filter(|(differs, ..)| *differs);
    differing.map(|(_, flag, name)| (flag, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{Feed, fixture};

    #[test]
    fn only_names_of_what_is_ours_that_cannot_be_computed_are_kept() {
        for (feed, design) in fixture::every_feed() {
            assert!(other_names(&design).is_empty(), "{feed}");
        }
        let mut design = fixture::design(Feed::New);
        design.function = "forwarder".parse().unwrap();
        design.bucket = "our-logs".parse().unwrap();
        design.role = "theirs".parse().unwrap();
        let expected = [("--bucket", "our-logs"), ("--function", "forwarder")];
        assert_eq!(other_names(&design)[..2], expected);
        assert_eq!(other_names(&design).len(), 3);
        // The user's own role is not looked for.
        design.own_role = false;
        assert_eq!(other_names(&design), expected);
    }
}
