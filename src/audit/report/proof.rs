//! What CloudTrail has signed, as a part of the page.

use super::{
    Facts, ROWS, first_rows,
    html::{self, code, escape, kinds, list, note, prose},
    more,
};
use crate::{
    audit::certify::{Certificate, screen},
    ui::{page::Tone, t},
};

/// The sentence that says whether everything is proved.
#[must_use]
pub(super) fn verdict(facts: &Facts<'_>, proved: &Certificate) -> String {
    let name = facts.shown.connection.name.as_str();
    let tone = match proved.is_clean() {
        false => Tone::Removed,
        true if proved.proves_nothing() => Tone::Plain,
        true => Tone::Added,
    };
    html::verdict(&screen::verdict(name, proved), tone)
}

/// Returns the counts, where and when something is wrong, what is wrong, and the keys of CloudTrail.
#[must_use]
pub(super) fn section(proved: &Certificate) -> String {
    let mut body = String::new();
    let found = screen::kinds(proved);
    if !found.is_empty() {
        let (count, kind) = (t!("report-column-count"), t!("report-column-kind"));
        body.push_str(&kinds(&t!("report-proof-kinds"), [&count, &kind], &found));
    }
    for (caption, (headings, rows)) in [
        (t!("report-places"), screen::by_place(proved)),
        (t!("report-proof-times"), screen::by_time(proved)),
    ] {
        if !rows.is_empty() {
            body.push_str(&first_rows(&caption, &headings, &rows, screen::NUMBERS));
        }
    }
    body.push_str(&wrong_files(proved));
    body.push_str(&findings(proved));
    let (headings, rows) = screen::by_key(proved);
    if !rows.is_empty() {
        body.push_str(&first_rows(&t!("certify-keys"), &headings, &rows, 0));
        body.push_str(&note(&t!("certify-keys-compare")));
    }
    html::section("proof", &t!("report-proof"), &body)
}

/// The first files of which something is wrong.
fn wrong_files(proved: &Certificate) -> String {
    if proved.wrong.is_empty() {
        return String::new();
    }
    let files = proved.wrong.iter().map(|(proof, key)| {
        let proof = escape(&proof.shown());
        format!("{proof}<br>{}", code(key))
    });
    let count = usize::try_from(proved.total.wrong()).unwrap_or(usize::MAX);
    format!(
        "<h3>{}</h3>\n{}{}",
        escape(&t!("report-proof-wrong")),
        list("ul", files),
        more(count.saturating_sub(proved.wrong.len()))
    )
}

/// What is known about the digests.
fn findings(proved: &Certificate) -> String {
    if proved.findings.is_empty() {
        return String::new();
    }
    let findings = proved.findings.iter().take(ROWS).map(|finding| {
        let text = prose(&finding.shown());
        match finding.what.is_wrong() {
            true => format!("<span class=\"bad\">{text}</span>"),
            false => text,
        }
    });
    format!(
        "<h3>{}</h3>\n{}{}",
        escape(&t!("certify-findings")),
        list("ul", findings),
        more(proved.findings.len().saturating_sub(ROWS))
    )
}
