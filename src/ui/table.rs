//! Tables for people.

use comfy_table::{ContentArrangement, Table, presets};

/// A borderless table with a heading, as wide as the terminal allows.
#[must_use]
pub(crate) fn table(headings: &[String], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    // A table that goes into a file or a pipe is not cut.
    if let Some((_, columns)) = console::Term::stdout().size_checked() {
        table.set_width(columns);
    }
    table.set_header(headings);
    table.add_rows(rows);
    table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}
