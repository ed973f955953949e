//! Tables for people.

use comfy_table::{Table, presets};

use super::layout::{Width, cut, padded, shortened};

/// A borderless table with a heading. Where it does not fit, each row is a list of its own: its cells are never broken. `words`: a
/// list for each row as well, whose cells are not told apart by columns.
#[must_use]
pub(crate) fn table(
    headings: &[String],
    rows: &[Vec<String>],
    width: Width,
    words: bool,
) -> String {
    if words {
        return lists_in_words(headings, rows);
    }
    let text = lines(headings, rows);
    let fits = |columns| {
        let mut widths = text.lines().map(console::measure_text_width);
        widths.all(|width| width <= columns)
    };
    if width.columns().is_none_or(fits) {
        text
    } else {
        lists(headings, rows)
    }
}

fn lines(headings: &[String], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings);
    table.add_rows(rows);
    let lines = table.lines().map(|line| {
        // Each cell has a blank on both sides.
        let line = line.trim_end();
        line.strip_prefix(' ').unwrap_or(line).to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The first cell of each row, and below it the others with their headings.
fn lists(headings: &[String], rows: &[Vec<String>]) -> String {
    // The first heading is not shown.
    let shown = headings.iter().skip(1);
    let widths = shown.map(|heading| console::measure_text_width(heading));
    let width = widths.max().unwrap_or_default();
    let mut lines = Vec::new();
    for row in rows {
        for (number, (heading, cell)) in headings.iter().zip(row).enumerate() {
            lines.push(match number {
                0 => cell.clone(),
                _ => format!("  {}  {cell}", padded(heading, width)),
            });
        }
    }
    lines.join("\n")
}

/// The cells of each row with their headings, those behind the first one indented.
fn lists_in_words(headings: &[String], rows: &[Vec<String>]) -> String {
    let mut lines = Vec::new();
    for row in rows {
        for (number, (heading, cell)) in headings.iter().zip(row).enumerate() {
            let indent = if number == 0 { "" } else { "  " };
            lines.push(format!("{indent}{heading}: {cell}"));
        }
    }
    lines.join("\n")
}

/// A label and what it stands for, in two columns, of which the first one has this width. `words`: a colon stands between them.
#[must_use]
pub(crate) fn labelled(label: &str, width: usize, text: &str, words: bool) -> String {
    if words {
        format!("{label}: {text}")
    } else {
        format!("{}{GAP}{text}", padded(label, width))
    }
}

/// The blanks between two columns.
const GAP: &str = "  ";

/// No column is narrower, unless all of its cells are.
const NARROW: usize = 10;

/// Rows in columns, one line for each, and their heading.
pub(crate) struct Columns {
    pub heading: String,
    pub lines: Vec<String>,
}

/// Lays rows out in columns that fit. Long cells lose their middle; if that is not enough, columns are left out, the last one
/// first. A row with one cell alone goes over all columns.
#[must_use]
pub(crate) fn columns(headings: &[String], rows: &[&[String]], room: usize) -> Columns {
    let widths = fitting(&natural(headings, rows), room);
    let line = |cells: &[String]| match cells {
        [alone] if headings.len() != 1 => cut(alone, room),
        cells => {
            let cells = cells.iter().zip(&widths);
            let cells = cells.map(|(cell, width)| padded(&shortened(cell, *width), *width));
            let line = cells.collect::<Vec<_>>().join(GAP);
            line.trim_end().to_owned()
        }
    };
    Columns {
        heading: line(headings),
        lines: rows.iter().map(|cells| line(cells)).collect(),
    }
}

/// How wide the columns are where there is room for all.
fn natural(headings: &[String], rows: &[&[String]]) -> Vec<usize> {
    let width_of = |(column, heading): (usize, &String)| {
        let rows = rows.iter().filter(|cells| cells.len() == headings.len());
        let cells = rows.map(|cells| console::measure_text_width(&cells[column]));
        let heading = console::measure_text_width(heading);
        cells.max().unwrap_or_default().max(heading)
    };
    headings.iter().enumerate().map(width_of).collect()
}

/// The widths of as many columns as there is room for. The widest ones give way first.
fn fitting(natural: &[usize], room: usize) -> Vec<usize> {
    let taken = |widths: &[usize]| {
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        widths.iter().sum::<usize>() + gaps
    };
    let narrow: Vec<usize> = natural.iter().map(|width| NARROW.min(*width)).collect();
    let fits = |count: &usize| taken(&narrow[..*count]) <= room;
    let count = (1..=natural.len()).rev().find(fits).unwrap_or(1);
    let mut widths: Vec<usize> = natural.iter().copied().take(count).collect();
    while taken(&widths) > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 1 => *widest -= 1,
            _ => break,
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_at_every_width_and_the_last_ones_are_left_out_first() {
        let texts = |texts: &[&str]| -> Vec<String> {
            let texts = texts.iter().map(|text| (*text).to_owned());
            texts.collect()
        };
        let headings = texts(&["NAME", "バケット", "SCOPE"]);
        let trail = texts(&["theirs", "theirs-111122223333", "organization"]);
        let other = texts(&["証跡", "logs", "account"]);
        let alone = texts(&["A bucket in this account"]);
        let rows: [&[String]; 3] = [&trail, &other, &alone];
        let wide = columns(&headings, &rows, 41);
        assert_eq!(wide.heading, "NAME    バケット             SCOPE");
        let lines = [
            "theirs  theirs-111122223333  organization",
            "証跡    logs                 account",
            "A bucket in this account",
        ];
        assert_eq!(wide.lines, lines);
        let narrow = columns(&headings, &rows, 20);
        assert_eq!(narrow.heading, "NAME    バケット");
        let lines = ["theirs  theirs…23333", "証跡    logs", "A bucket in this…"];
        assert_eq!(narrow.lines, lines);
        for room in 2..60 {
            let Columns { heading, lines } = columns(&headings, &rows, room);
            for line in lines.iter().chain([&heading]) {
                assert!(console::measure_text_width(line) <= room, "{room}: {line}");
            }
        }
        assert_eq!(columns(&[], &[&alone], 60).lines, alone);
    }

    #[test]
    fn a_table_that_does_not_fit_becomes_a_list_for_each_row() {
        let texts = |texts: &[&str]| -> Vec<String> {
            let texts = texts.iter().map(|text| (*text).to_owned());
            texts.collect()
        };
        let headings = texts(&["NAME", "状態"]);
        let rows = [texts(&["demo", "有効"]), texts(&["other", "保留中"])];
        let wide = "NAME   状態\ndemo   有効\nother  保留中";
        let of_columns = |columns| table(&headings, &rows, Width::of_columns(columns), false);
        assert_eq!(of_columns(13), wide);
        let narrow = "demo\n  状態  有効\nother\n  状態  保留中";
        assert_eq!(of_columns(12), narrow);
    }

    #[test]
    fn in_words_a_colon_tells_a_label_from_what_it_stands_for() {
        let texts = |texts: [&str; 2]| texts.map(ToOwned::to_owned);
        let headings = texts(["NAME", "状態"]);
        let rows = [["demo", "有効"], ["other", "保留中"]].map(|row| Vec::from(texts(row)));
        let told = "NAME: demo\n  状態: 有効\nNAME: other\n  状態: 保留中";
        assert_eq!(table(&headings, &rows, Width::of_columns(80), true), told);
        assert_eq!(labelled("状態", 6, "有効", false), "状態    有効");
        assert_eq!(labelled("状態", 6, "有効", true), "状態: 有効");
    }
}
