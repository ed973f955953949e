//! What is proved as a screen: the verdict first, then the numbers, then what is wrong by place and time.

use super::{
    check::Checked,
    found::{Certificate, Counts},
    proof::Proof,
};
use crate::ui::{
    human,
    layout::Width,
    page::{Page, ROWS, Tone},
    t,
};

/// How a screen is laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub width: Width,
    /// Words instead of marks and drawings.
    pub words: bool,
}

/// Returns the screen of a proof of the connection with this name.
#[must_use]
pub(crate) fn page(name: &str, certificate: &Certificate, layout: Layout) -> Page {
    let mut page = Page::default();
    page.heading(verdict(name, certificate));
    facts(&mut page, certificate, layout);
    page
}

/// Returns the screen of a check.
#[must_use]
pub(crate) fn check_page(checked: &Checked, layout: Layout) -> Page {
    let mut page = Page::default();
    let (header, certificate) = (&checked.header, &checked.certificate);
    if checked.holds() {
        page.heading(match certificate.proves_nothing() {
            true => t!("certify-intact"),
            false => t!("certify-holds"),
        });
    } else {
        page.heading(t!("certify-does-not-hold"));
        for difference in checked.differences.iter().take(ROWS) {
            page.line(Tone::Removed, format!("  - {difference}"));
        }
        page.more(checked.differences.len().saturating_sub(ROWS) + checked.more);
    }
    page.plain(verdict(header.connection.as_str(), certificate));
    page.blank();
    for line in [
        t!(
            "certify-about",
            name = header.connection,
            id = header.connection_id,
            tenant = header.tenant
        ),
        t!(
            "audit-window",
            bucket = header.bucket,
            since = human::minute(header.since),
            until = human::minute(header.until)
        ),
        t!(
            "certify-made",
            at = human::minute(header.made_at),
            tool = header.tool
        ),
    ] {
        page.line(Tone::Quiet, line);
    }
    facts(&mut page, certificate, layout);
    keys(&mut page, certificate, layout);
    page
}

/// The sentences that say whether everything is proved.
#[must_use]
pub(crate) fn verdict(name: &str, certificate: &Certificate) -> String {
    let (total, files) = (&certificate.total, certificate.total.files());
    let proved = total.of(Proof::Proved);
    let wrong = total.wrong();
    let told = || t!("certify-wrong", name = name, count = wrong, files = files);
    if certificate.proves_nothing() {
        let nothing = nothing(name, certificate);
        match wrong {
            0 => nothing,
            _ => t!("certify-nothing-wrong", nothing = nothing, wrong = told()),
        }
    } else if wrong > 0 {
        told()
    } else if !certificate.is_clean() {
        t!("certify-holes", name = name, proved = proved, files = files)
    } else if proved == files {
        t!("certify-all", name = name, count = files)
    } else {
        t!("certify-some", name = name, proved = proved, files = files)
    }
}

/// Says that nothing is proved, and why.
fn nothing(name: &str, certificate: &Certificate) -> String {
    let files = certificate.total.files();
    if certificate.digests == 0 {
        t!("certify-no-digests", name = name)
    } else if certificate.invalid_digests() as u64 >= certificate.digests {
        t!("certify-no-digest-holds", name = name)
    } else if files == 0 {
        t!("certify-no-files", name = name)
    } else {
        t!("certify-none", name = name, count = files)
    }
}

/// The numbers, the places, the times and what is wrong with the digests.
fn facts(page: &mut Page, certificate: &Certificate, layout: Layout) {
    page.blank();
    page.counts(kinds(certificate));
    if certificate.total.files() > 0 {
        page.blank();
        first_rows(page, &by_place(certificate), layout);
    }
    if certificate.total.wrong() > 0 {
        page.blank();
        first_rows(page, &by_time(certificate), layout);
    }
    if !certificate.findings.is_empty() {
        page.blank();
        page.heading(t!("certify-findings"));
        for finding in certificate.findings.iter().take(ROWS) {
            let tone = match finding.what.is_wrong() {
                true => Tone::Removed,
                false => Tone::Plain,
            };
            page.line(tone, format!("  - {}", finding.shown()));
        }
        page.more(certificate.findings.len().saturating_sub(ROWS));
    }
}

/// How many log files there are of each proof, and how many digests.
#[must_use]
pub(crate) fn kinds(certificate: &Certificate) -> Vec<(Tone, u64, String)> {
    let proofs = Proof::COUNTED.into_iter();
    let mut rows: Vec<(Tone, u64, String)> = proofs
        .map(|proof| {
            let tone = match proof.is_wrong() {
                true => Tone::Removed,
                false => Tone::Plain,
            };
            (tone, certificate.total.of(proof), proof.shown())
        })
        .collect();
    let (digests, gaps) = (certificate.digests, certificate.gaps() as u64);
    let invalid = certificate.invalid_digests() as u64;
    rows.extend([
        (Tone::Plain, digests, t!("certify-digests", count = digests)),
        (
            Tone::Removed,
            invalid,
            t!("certify-invalid-digests", count = invalid),
        ),
        (Tone::Removed, gaps, t!("certify-gaps", count = gaps)),
    ]);
    rows.retain(|(_, count, _)| *count > 0);
    rows
}

/// How many columns at the end of [`by_place`] and [`by_time`] are numbers.
pub(crate) const NUMBERS: usize = 3;

/// The headings of these numbers.
fn headings() -> [String; NUMBERS] {
    [
        t!("audit-column-files"),
        t!("certify-column-proved"),
        t!("certify-column-wrong"),
    ]
}

fn cells(counts: &Counts) -> [String; NUMBERS] {
    let numbers = [counts.files(), counts.of(Proof::Proved), counts.wrong()];
    numbers.map(|number| number.to_string())
}

/// Headings and rows.
type Rows = (Vec<String>, Vec<Vec<String>>);

/// The counts by account and region, those with the most that is wrong first.
#[must_use]
pub(crate) fn by_place(certificate: &Certificate) -> Rows {
    let places = certificate.places.iter();
    let mut places: Vec<_> = places.filter(|(_, counts)| counts.files() > 0).collect();
    places.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.wrong()));
    let rows = places.iter().map(|((account, region), counts)| {
        let names = [account.to_string(), region.to_string()];
        names
            .into_iter()
            .chain(cells(counts))
            .collect::<Vec<String>>()
    });
    let names = [t!("column-account"), t!("column-region")];
    let all = names.into_iter().chain(headings()).collect();
    (all, rows.collect())
}

/// The times at which something is wrong.
#[must_use]
pub(crate) fn by_time(certificate: &Certificate) -> Rows {
    let times = certificate.times.iter().enumerate();
    let times = times.filter(|(_, counts)| counts.wrong() > 0);
    let rows = times.map(|(slot, counts)| {
        let begins = human::minute(certificate.slots.begins(slot));
        std::iter::once(begins)
            .chain(cells(counts))
            .collect::<Vec<String>>()
    });
    let from = std::iter::once(t!("audit-column-from"));
    (from.chain(headings()).collect(), rows.collect())
}

/// The keys, so that whoever does not trust the file can compare them with those of CloudTrail.
fn keys(page: &mut Page, certificate: &Certificate, layout: Layout) {
    if certificate.keys.is_empty() {
        return;
    }
    page.blank();
    page.heading(t!("certify-keys"));
    let (headings, rows) = by_key(certificate);
    page.table(&headings, &rows, layout.width, layout.words);
    page.line(Tone::Quiet, t!("certify-keys-compare"));
}

/// The keys that CloudTrail had in use.
#[must_use]
pub(crate) fn by_key(certificate: &Certificate) -> Rows {
    let rows = certificate.keys.iter().map(|((region, fingerprint), key)| {
        vec![
            fingerprint.clone(),
            region.to_string(),
            String::from(key.hash),
            human::minute(key.from),
            human::minute(key.until),
        ]
    });
    let headings = vec![
        t!("certify-column-fingerprint"),
        t!("column-region"),
        t!("certify-column-hash"),
        t!("certify-column-from"),
        t!("certify-column-until"),
    ];
    (headings, rows.collect())
}

fn first_rows(page: &mut Page, (headings, rows): &Rows, layout: Layout) {
    let first = &rows[..rows.len().min(ROWS)];
    page.table(headings, first, layout.width, layout.words);
    page.more(rows.len() - first.len());
}
