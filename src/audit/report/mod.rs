//! What an audit has found as a page for a browser: one file that needs nothing else, and runs nothing.
//!
//! Everything on it is text of the catalogues or text from outside, and both get into the page through `html::escape`. A policy in
//! the page itself keeps a browser from loading or running anything, should that fail.

mod about;
mod columns;
mod draft;
mod heat;
mod html;
mod proof;
#[cfg(test)]
mod tests;

use super::{
    certify::Certificate,
    screen::{self, Shown},
};
use crate::{
    central::model::Tenant,
    ui::{human, page::Tone, t},
};
pub(crate) use draft::Draft;
use html::{Table, code, escape, kinds, list, note, paragraph, section, verdict};

/// How many keys and rows of a list are shown.
pub(crate) const ROWS: usize = 100;

/// What the page is about.
pub(crate) struct Facts<'a> {
    pub shown: &'a Shown<'a>,
    pub tenant: &'a Tenant,
    /// What is proved, if that was asked for.
    pub proved: Option<&'a Certificate>,
    /// The first keys of missing files, at most [`ROWS`].
    pub missing: &'a [String],
}

/// What the page may load and run: nothing, but its own style counts (Content Security Policy Level 3, "default-src").
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Returns the page.
#[must_use]
pub(crate) fn page(facts: &Facts<'_>) -> String {
    let title = t!("report-title", name = facts.shown.connection.name);
    let title = escape(&title);
    let sections = [
        summary(facts),
        map(facts),
        places(facts),
        missing(facts),
        facts.proved.map(proof::section).unwrap_or_default(),
        about::section(facts),
    ]
    .concat();
    format!(
        "<!doctype html>\n\
         <html lang=\"{language}\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n\
         <style>\n{style}</style>\n\
         </head>\n\
         <body>\n\
         <main>\n\
         <h1>{title}</h1>\n\
         {sections}\
         </main>\n\
         </body>\n\
         </html>\n",
        language = escape(&t!("report-language")),
        style = include_str!("style.css"),
    )
}

/// The sentences that say whether all is well, and how many files there are of each kind.
fn summary(facts: &Facts<'_>) -> String {
    let (shown, total) = (facts.shown, facts.shown.tally.total);
    let open = total.unassigned + total.in_flight + total.reported;
    let tone = match (total.missing, total.objects, open) {
        (0, 1.., 0) => Tone::Added,
        (0, ..) => Tone::Plain,
        _ => Tone::Removed,
    };
    let mut html = verdict(&screen::verdict(shown), tone);
    if let Some(proved) = facts.proved {
        html.push_str(&proof::verdict(facts, proved));
    }
    html.push_str(&note(&t!(
        "audit-window",
        bucket = shown.bucket,
        since = human::minute(shown.window.since),
        until = human::minute(shown.window.until)
    )));
    let found = screen::kinds(shown);
    if !found.is_empty() {
        let (count, kind) = (t!("report-column-count"), t!("report-column-kind"));
        html.push_str(&kinds(&t!("report-kinds"), [&count, &kind], &found));
    }
    html
}

fn map(facts: &Facts<'_>) -> String {
    let map = heat::map(facts.shown.tally, facts.shown.window);
    let html = map.map(|(heading, html)| section("map", &heading, &html));
    html.unwrap_or_default()
}

/// The counts by account and region.
fn places(facts: &Facts<'_>) -> String {
    let (headings, rows) = screen::by_place(facts.shown.tally);
    if rows.is_empty() {
        return String::new();
    }
    let total = facts.shown.tally.total;
    let caption = t!(
        "report-places-files",
        files = total.objects,
        size = human::size(total.bytes)
    );
    let table = first_rows(&caption, &headings, &rows, headings.len() - 2);
    section("places", &t!("report-places"), &table)
}

/// A table with the first of these rows, and how many others there are.
fn first_rows(caption: &str, headings: &[String], rows: &[Vec<String>], numbers: usize) -> String {
    let table = Table {
        caption,
        headings,
        rows: &rows[..rows.len().min(ROWS)],
        numbers,
    };
    table.html() + &more(rows.len() - table.rows.len())
}

/// Says how many others there are.
fn more(count: usize) -> String {
    match count {
        0 => String::new(),
        count => note(&t!("rows-more", count = count)),
    }
}

/// The keys of what is missing, and what to do about it.
fn missing(facts: &Facts<'_>) -> String {
    let count = facts.shown.tally.total.missing;
    let heading = t!("report-missing");
    if count == 0 {
        let html = paragraph(&t!("report-missing-none")) + &advice(facts);
        return section("missing", &heading, &html);
    }
    let mut html = paragraph(&t!("report-missing-why"));
    html.push_str(&list("ol", facts.missing.iter().map(|key| code(key))));
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    html.push_str(&more(count.saturating_sub(facts.missing.len())));
    html.push_str(&advice(facts));
    section("missing", &heading, &html)
}

/// What is to be known of other trails, and what to do.
fn advice(facts: &Facts<'_>) -> String {
    let remarks = screen::remarks(facts.shown).into_iter();
    let next = screen::next(facts.shown).into_iter();
    let next = next.map(|(text, words)| format!("{text} `{}`", words.join(" ")));
    remarks.chain(next).map(|text| paragraph(&text)).collect()
}
