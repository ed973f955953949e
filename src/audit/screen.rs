//! What an audit has found as a screen: the verdict first, then the numbers, then what is missing by place and time.

use super::{Counts, Others, Tally, Window};
use crate::{
    central::model::{Connection, Outcome, SkipReason, Status},
    ui::{
        bars::bars,
        command::command,
        human,
        layout::Width,
        page::{Page, ROWS, Tone},
        t,
    },
};

/// What the screen is about.
pub(crate) struct Shown<'a> {
    pub connection: &'a Connection,
    pub bucket: &'a str,
    pub window: &'a Window,
    pub tally: &'a Tally,
    /// Receipts for files that are not in the bucket any more.
    pub expired: u64,
    /// How many files were sent again.
    pub replayed: u64,
    pub commands: &'a Commands,
    /// Other trails that write into the same folders.
    pub others: &'a Others,
    /// Words instead of marks and drawings.
    pub words: bool,
    pub width: Width,
}

/// Commands that help, as their words, quoted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commands {
    /// Sends what is missing.
    pub replay: Vec<String>,
    /// Also sends what landed before the connection could hear of it.
    pub history: Vec<String>,
    /// Also sends what another trail may have written.
    pub unassigned: Vec<String>,
    /// Also sends what was skipped in a pause.
    pub paused: Vec<String>,
}

/// Returns the screen, without what to do.
#[must_use]
pub(crate) fn page(shown: &Shown<'_>) -> Page {
    let mut page = Page::default();
    page.heading(verdict(shown));
    let (since, until) = (shown.window.since, shown.window.until);
    page.line(
        Tone::Quiet,
        t!(
            "audit-window",
            bucket = shown.bucket,
            since = human::minute(since),
            until = human::minute(until)
        ),
    );
    if shown.tally.total.objects > 0 || shown.expired > 0 {
        page.blank();
        page.counts(kinds(shown));
    }
    if shown.tally.total.objects > 0 {
        sparkline(&mut page, shown);
        page.blank();
        places(&mut page, shown);
    }
    if shown.tally.total.missing > 0 {
        page.blank();
        times(&mut page, shown);
    }
    page
}

/// Returns what is to be known of other trails, and what to do: a sentence each, and the command in lines that can be pasted.
#[must_use]
pub(crate) fn advice(shown: &Shown<'_>) -> Page {
    let mut page = Page::default();
    for text in remarks(shown) {
        page.blank();
        page.plain(text);
    }
    let arrow = match shown.words {
        true => t!("status-fix"),
        false => "→".to_owned(),
    };
    for (text, words) in next(shown) {
        page.blank();
        page.plain(format!("{arrow} {text}"));
        page.verbatim(command(words, shown.width, 2));
    }
    page
}

/// What is to be known of other trails.
#[must_use]
pub(super) fn remarks(shown: &Shown<'_>) -> Vec<String> {
    let others = shown.others;
    if others.names.is_empty() {
        return Vec::new();
    }
    let names: Vec<&str> = others.names.iter().map(String::as_str).collect();
    vec![t!("audit-others", trails = names.join(", "))]
}

/// What to do: a sentence that ends in a colon, and the words of the command.
#[must_use]
pub(super) fn next<'a>(shown: &Shown<'a>) -> Vec<(String, &'a [String])> {
    let (total, commands) = (shown.tally.total, shown.commands);
    let paused = shown.tally.skipped.get(&Some(SkipReason::Paused));
    let is_active = shown.connection.status == Status::Active;
    let all: [(bool, String, &'a [String]); 4] = [
        (
            total.missing > 0,
            t!("audit-next-missing"),
            commands.replay.as_slice(),
        ),
        (
            is_active && paused.is_some_and(|count| *count > 0),
            t!("audit-next-paused"),
            commands.paused.as_slice(),
        ),
        (
            total.earlier > 0,
            t!("audit-next-earlier", count = total.earlier),
            commands.history.as_slice(),
        ),
        (
            total.unassigned > 0,
            t!("audit-next-unassigned", count = total.unassigned),
            commands.unassigned.as_slice(),
        ),
    ];
    let wanted = all.into_iter().filter(|(wanted, ..)| *wanted);
    wanted.map(|(_, text, words)| (text, words)).collect()
}

/// The sentence that says whether something is missing.
#[must_use]
pub(super) fn verdict(shown: &Shown<'_>) -> String {
    let (name, total) = (&shown.connection.name, shown.tally.total);
    if total.objects == 0 {
        t!("audit-nothing", name = name)
    } else if total.missing > 0 {
        t!(
            "audit-missing",
            count = total.missing,
            objects = total.objects,
            name = name
        )
    } else if total.unassigned > 0 {
        t!("audit-unsure", count = total.unassigned, name = name)
    } else {
        complete(shown)
    }
}

/// Nothing is missing, as far as that can be told while some files are on their way.
fn complete(shown: &Shown<'_>) -> String {
    let (name, total) = (&shown.connection.name, shown.tally.total);
    if total.reported > 0 {
        return t!("audit-undelivered", count = total.reported, name = name);
    }
    match (total.earlier, total.in_flight) {
        (0, 0) => t!("audit-complete", name = name),
        (0, count) => t!("audit-complete-so-far", count = count, name = name),
        (count, 0) => t!("audit-complete-since", count = count, name = name),
        (earlier, count) => t!(
            "audit-complete-since-so-far",
            name = name,
            count = count,
            earlier = earlier
        ),
    }
}

/// What became of the files: how many there are of each kind.
#[must_use]
pub(super) fn kinds(shown: &Shown<'_>) -> Vec<(Tone, u64, String)> {
    let total = shown.tally.total;
    let mut rows = vec![
        (
            Tone::Plain,
            total.objects,
            t!(
                "audit-files",
                count = total.objects,
                size = human::size(total.bytes)
            ),
        ),
        (Tone::Plain, total.delivered, t!("audit-delivered")),
        (Tone::Removed, total.missing, t!("audit-lost")),
    ];
    for (reason, count) in &shown.tally.skipped {
        rows.push((Tone::Plain, *count, skipped(*reason)));
    }
    for (outcome, count) in &shown.tally.reported {
        rows.push((Tone::Changed, *count, reported(*outcome)));
    }
    let grace = human::length(shown.window.grace);
    rows.extend([
        (
            Tone::Plain,
            total.in_flight,
            t!("audit-in-flight", time = grace),
        ),
        (Tone::Plain, total.earlier, t!("audit-earlier")),
        (Tone::Quiet, total.other_trail, t!("audit-other-trail")),
        (Tone::Changed, total.unassigned, t!("audit-unassigned")),
        (Tone::Quiet, shown.expired, t!("audit-expired")),
        (Tone::Plain, shown.replayed, t!("audit-replayed")),
    ]);
    rows.retain(|(_, count, _)| *count > 0);
    rows
}

fn skipped(reason: Option<SkipReason>) -> String {
    match reason {
        Some(SkipReason::AccountNotSelected) => t!("audit-skipped-account"),
        Some(SkipReason::Paused) => t!("audit-skipped-paused"),
        Some(SkipReason::LicenseEnded) => t!("audit-skipped-licence"),
        Some(SkipReason::Unknown) => t!("audit-skipped-unknown"),
        None => t!("audit-skipped"),
    }
}

fn reported(outcome: Outcome) -> String {
    match outcome {
        Outcome::Gone => t!("audit-gone"),
        Outcome::Archived => t!("audit-archived"),
        Outcome::Unknown => t!("audit-outcome-unknown"),
        // The other outcomes are not reports.
        Outcome::Denied | Outcome::Stored | Outcome::Skipped => t!("audit-denied"),
    }
}

/// The number of files over time as a line of bars, and below it where some are missing.
fn sparkline(page: &mut Page, shown: &Shown<'_>) {
    const WIDEST: usize = 72;
    let slots = shown.tally.slots;
    if shown.words || slots.count < 2 {
        return;
    }
    let room = shown.width.columns().unwrap_or(WIDEST).min(WIDEST);
    let merged = slots.count.div_ceil(room.saturating_sub(4).max(1));
    let times: Vec<(u64, u64)> = shown
        .tally
        .times
        .chunks(merged)
        .map(|times| {
            let sum = |of: fn(&Counts) -> u64| times.iter().map(of).sum::<u64>();
            (sum(|counts| counts.objects), sum(|counts| counts.missing))
        })
        .collect();
    let highest = times.iter().map(|(objects, _)| *objects).max();
    let highest = highest.unwrap_or_default();
    let bars = bars(times.iter().map(|(objects, _)| *objects), highest);
    let title = match slots.are_hours() && merged == 1 {
        true => t!("audit-per-hour", most = highest),
        false => t!("audit-over-time"),
    };
    page.blank();
    page.plain(title);
    page.plain(format!("  {bars}"));
    if shown.tally.total.missing > 0 {
        let mark = |(_, missing): &(u64, u64)| if *missing > 0 { '✗' } else { ' ' };
        let marks: String = times.iter().map(mark).collect();
        page.line(Tone::Removed, format!("  {}", marks.trim_end()));
    }
}

/// A column of a table: its heading, and its number.
type Column = (String, fn(&Counts) -> u64);

/// The columns that have a number anywhere.
fn columns(total: &Counts) -> Vec<Column> {
    let all: [Column; 9] = [
        (t!("audit-column-files"), |counts| counts.objects),
        (t!("audit-column-delivered"), |counts| counts.delivered),
        (t!("audit-column-missing"), |counts| counts.missing),
        (t!("audit-column-unwanted"), |counts| counts.unwanted),
        (t!("audit-column-reported"), |counts| counts.reported),
        (t!("audit-column-in-flight"), |counts| counts.in_flight),
        (t!("audit-column-earlier"), |counts| counts.earlier),
        (t!("audit-column-other-trail"), |counts| counts.other_trail),
        (t!("audit-column-unassigned"), |counts| counts.unassigned),
    ];
    let some = |column: &Column| (column.1)(total) > 0;
    all.into_iter().filter(some).collect()
}

/// The counts by account and region, those with the most missing files first.
fn places(page: &mut Page, shown: &Shown<'_>) {
    let (headings, rows) = by_place(shown.tally);
    let first = &rows[..rows.len().min(ROWS)];
    page.table(&headings, first, shown.width, shown.words);
    page.more(rows.len() - first.len());
}

/// The headings and rows of these counts. Every column but the first two is a number.
#[must_use]
pub(super) fn by_place(tally: &Tally) -> (Vec<String>, Vec<Vec<String>>) {
    let columns = columns(&tally.total);
    let regions = tally.places.iter();
    let mut found: Vec<_> = regions
        .flat_map(|(account, regions)| {
            let regions = regions.iter();
            regions.map(move |(region, counts)| (account, region, counts))
        })
        .filter(|(.., counts)| counts.objects > 0)
        .collect();
    found.sort_by_key(|(.., counts)| std::cmp::Reverse(counts.missing));
    let mut headings = vec![t!("column-account"), t!("column-region")];
    headings.extend(columns.iter().map(|(heading, _)| heading.clone()));
    let rows = found.iter().map(|(account, region, counts)| {
        let numbers = columns.iter().map(|(_, of)| of(counts).to_string());
        let names = [account.to_string(), region.to_string()];
        names.into_iter().chain(numbers).collect::<Vec<String>>()
    });
    (headings, rows.collect())
}

/// The times at which missing files landed, and whose they are.
fn times(page: &mut Page, shown: &Shown<'_>) {
    let slots = shown.tally.slots;
    let gaps = shown.tally.times.iter().enumerate();
    let gaps: Vec<_> = gaps.filter(|(_, counts)| counts.missing > 0).collect();
    let rows = gaps.iter().take(ROWS).map(|(slot, counts)| {
        vec![
            human::minute(slots.begins(*slot)),
            counts.missing.to_string(),
            counts.objects.to_string(),
            accounts_at(shown.tally, *slot),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let headings = [
        t!("audit-column-from"),
        t!("audit-column-missing"),
        t!("audit-column-files"),
        t!("column-account"),
    ];
    page.table(&headings, &rows, shown.width, shown.words);
    page.more(gaps.len() - rows.len());
}

/// The accounts of which files of a slot are missing: the first two, and how many others.
fn accounts_at(tally: &Tally, slot: usize) -> String {
    let missing = |slots: &Vec<Counts>| slots.get(slot).is_some_and(|counts| counts.missing > 0);
    let accounts = tally.accounts.iter();
    let accounts = accounts.filter(|(_, slots)| missing(slots));
    let names: Vec<&str> = accounts.map(|(account, _)| account.as_str()).collect();
    match names.len() {
        0..=2 => names.join(", "),
        count => t!(
            "audit-accounts-more",
            accounts = names[..2].join(", "),
            count = count - 2
        ),
    }
}
