//! The heat map: how many of the log files of each account and time Central has. A cell has a colour, and says the same in words.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::{
    columns::{Columns, Parts},
    html::{escape, note, paragraph, scroll},
};
use crate::{
    audit::{Counts, Tally, Window},
    ui::t,
};

/// More columns than these are narrow, and are printed across the page.
const NARROW: usize = 48;

/// Fewer columns than these may be as wide as the names of their days.
const ROOMY: usize = 5;

/// How many rows there are at most; what is left has a row together.
pub(super) const ROWS: usize = 60;

/// Returns the heading and the map: of the accounts, or of the regions where there is one account. `None` if there is nothing to
/// show.
#[must_use]
pub(super) fn map(tally: &Tally, window: &Window) -> Option<(String, String)> {
    let by_region = tally.accounts.len() == 1;
    let columns = Columns::new(tally.slots);
    let parts = Parts::new(&columns, window);
    let (heading, first, rows) = if by_region {
        let regions = tally.regions.iter();
        let regions = regions.map(|(region, counts)| (region.to_string(), counts.as_slice()));
        let rows = rows(&columns, regions);
        (t!("report-map-regions"), t!("column-region"), rows)
    } else {
        let accounts = tally.accounts.iter();
        let accounts = accounts.map(|(account, counts)| (account.to_string(), counts.as_slice()));
        let rows = rows(&columns, accounts);
        (t!("report-map-accounts"), t!("column-account"), rows)
    };
    if rows.is_empty() {
        return None;
    }
    let mut html = paragraph(&t!("report-map-explained"));
    if rows.len() > ROWS {
        html.push_str(&note(&t!("report-map-worst", count = ROWS)));
    }
    html.push_str(&legend());
    let table = table(&columns, parts, &first, &rows);
    html.push_str(&scroll(&heading, &table));
    Some((heading, html))
}

/// What became of the log files of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) files: u64,
    pub(super) received: u64,
    pub(super) missing: u64,
    pub(super) reported: u64,
}

impl From<&Counts> for Cell {
    fn from(counts: &Counts) -> Self {
        Self {
            files: counts.objects,
            received: counts.delivered,
            missing: counts.missing,
            reported: counts.reported,
        }
    }
}

impl Cell {
    pub(super) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.received += other.received;
        self.missing += other.missing;
        self.reported += other.reported;
    }

    fn lost(self) -> u64 {
        self.missing + self.reported
    }

    /// How many files Central ought to have.
    fn due(self) -> u64 {
        self.received + self.lost()
    }

    /// The colour, by the share that Central has.
    pub(super) fn class(self) -> &'static str {
        let (received, due) = (self.received, self.due());
        if due == 0 {
            "none"
        } else if self.lost() == 0 {
            "all"
        } else if received.saturating_mul(100) >= due.saturating_mul(99) {
            "nearly"
        } else if received.saturating_mul(10) >= due.saturating_mul(9) {
            "most"
        } else if received.saturating_mul(2) >= due {
            "half"
        } else {
            "few"
        }
    }

    pub(super) fn words(self) -> String {
        let (received, due) = (self.received, self.due());
        match (self.missing, self.reported) {
            _ if self.files == 0 => t!("report-cell-no-file"),
            _ if due == 0 => t!("report-cell-none"),
            (0, 0) => t!("report-cell-all", count = due),
            (missing, 0) => t!(
                "report-cell-missing",
                received = received,
                due = due,
                missing = missing
            ),
            (0, reported) => t!(
                "report-cell-reported",
                received = received,
                due = due,
                reported = reported
            ),
            (missing, reported) => t!(
                "report-cell-both",
                received = received,
                due = due,
                missing = missing,
                reported = reported
            ),
        }
    }

    fn html(self) -> String {
        let mark = match self.class() {
            "none" => "·".to_owned(),
            "all" => String::new(),
            _ => short(self.lost()),
        };
        let mark = match mark.is_empty() {
            true => mark,
            false => format!("<b aria-hidden=\"true\">{mark}</b>"),
        };
        let (class, words) = (self.class(), escape(&self.words()));
        format!(
            "<td class=\"{class}\" title=\"{words}\">{mark}<span class=\"sr\">{words}</span></td>"
        )
    }
}

/// A number in at most four characters.
pub(super) fn short(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => format!("{}k", number / 1_000),
        _ => format!("{}M", number / 1_000_000),
    }
}

/// A row: whose it is, and its cells.
pub(super) type Row = (String, Vec<Cell>);

/// The rows, those with the most missing files first.
#[must_use]
pub(super) fn rows<'a>(
    columns: &Columns,
    counts: impl Iterator<Item = (String, &'a [Counts])>,
) -> Vec<Row> {
    let mut rows: Vec<Row> = counts
        .map(|(name, counts)| (name, columns.join(counts)))
        .collect();
    rows.sort_by_cached_key(|(_, cells)| {
        let sum = sum(cells);
        Reverse((sum.missing, sum.reported))
    });
    rows
}

fn sum(cells: &[Cell]) -> Cell {
    let mut sum = Cell::default();
    cells.iter().for_each(|cell| sum.add(*cell));
    sum
}

/// The rows that are shown: the first ones, and one for all others.
#[must_use]
pub(super) fn few(rows: &[Row]) -> Vec<Row> {
    let (first, others) = rows.split_at(rows.len().min(ROWS));
    let mut shown = first.to_vec();
    if let Some((_, cells)) = others.first() {
        let mut together = vec![Cell::default(); cells.len()];
        for (_, cells) in others {
            let pairs = together.iter_mut().zip(cells);
            pairs.for_each(|(sum, cell)| sum.add(*cell));
        }
        shown.push((t!("report-map-others", count = others.len()), together));
    }
    shown
}

fn table(columns: &Columns, parts: Parts, first: &str, rows: &[Row]) -> String {
    let class = match columns.count > NARROW {
        true => "map narrow",
        false => "map",
    };
    let sentences = [vec![columns.words()], parts.words()].concat();
    let sentences: Vec<String> = sentences.iter().map(|text| escape(text)).collect();
    let mut html = format!(
        "<table class=\"{class}\">\n<caption><span>{}</span></caption>\n<thead>\n{}</thead>\n<tbody>\n",
        sentences.join("<br>"),
        headings(columns, parts, first)
    );
    for (name, cells) in few(rows) {
        let cells: String = cells.into_iter().map(Cell::html).collect();
        let name = escape(&name);
        html.push_str(&format!("<tr><th scope=\"row\">{name}</th>{cells}</tr>\n"));
    }
    html.push_str("</tbody>\n</table>\n");
    html
}

/// Two rows of headings: the days and their hours, or the months and their days. A column that is not whole is marked.
fn headings(columns: &Columns, parts: Parts, first: &str) -> String {
    let written = |at: Timestamp, format: &str| at.strftime(format).to_string();
    let part = escape(&t!("report-map-part"));
    let mut groups: Vec<(Timestamp, usize)> = Vec::new();
    let mut below = String::new();
    for (number, at) in columns.times().enumerate() {
        let format = columns.group();
        match groups.last_mut() {
            Some((last, count)) if written(*last, format) == written(at, format) => *count += 1,
            _ => groups.push((at, 1)),
        }
        let time = written(at, columns.within());
        below.push_str(&match parts.contain(number, columns) {
            true => format!(
                "<th class=\"part\" scope=\"col\" title=\"{part}\">{time}<span class=\"sr\"> {part}</span></th>"
            ),
            false => format!("<th scope=\"col\">{time}</th>"),
        });
    }
    let groups: String = groups
        .into_iter()
        .map(|(at, count)| {
            let name = written(at, columns.group());
            let shown = written(at, columns.short_group(count));
            // There is room for whole names beside a few columns.
            let whole = match columns.count < ROOMY {
                true => " class=\"whole\"",
                false => "",
            };
            let shown = match shown == name || !whole.is_empty() {
                true => format!("<span>{name}</span>"),
                false => {
                    format!("<b aria-hidden=\"true\">{shown}</b><span class=\"sr\">{name}</span>")
                }
            };
            format!(
                "<th{whole} scope=\"colgroup\" colspan=\"{count}\" title=\"{name}\">{shown}</th>"
            )
        })
        .collect();
    let first = escape(first);
    format!(
        "<tr><th class=\"first\" scope=\"col\" rowspan=\"2\">{first}</th>{groups}</tr>\n<tr>{below}</tr>\n"
    )
}

/// What the colours mean, each with a word.
fn legend() -> String {
    let items: String = [
        ("all", "", t!("report-share-all")),
        ("nearly", "1", t!("report-share-nearly")),
        ("most", "1", t!("report-share-most")),
        ("half", "1", t!("report-share-half")),
        ("few", "1", t!("report-share-few")),
        ("none", "·", t!("report-cell-none")),
    ]
    .into_iter()
    .map(|(class, mark, words)| {
        let words = escape(&words);
        format!(
            "<li><span class=\"{class}\" aria-hidden=\"true\"><b>{mark}</b></span>{words}</li>\n"
        )
    })
    .collect();
    let label = escape(&t!("report-legend"));
    format!("<ul class=\"legend\" aria-label=\"{label}\">\n{items}</ul>\n")
}
