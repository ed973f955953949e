//! How many rows of the terminal talk has taken, so that what was written since some moment can be taken away again.

use std::sync::atomic::{AtomicUsize, Ordering};

use console::Term;

use super::{
    layout::{Width, width_of},
    live::above,
    t,
};

static WRITTEN: AtomicUsize = AtomicUsize::new(0);

/// How many rows were written up to now.
#[must_use]
pub(crate) fn written() -> usize {
    WRITTEN.load(Ordering::Relaxed)
}

/// Counts a text whose last line is ended.
pub(crate) fn count(text: &str) {
    let columns = Width::of(&Term::stderr()).columns();
    WRITTEN.fetch_add(taken(text, columns), Ordering::Relaxed);
}

/// Notes that something was written whose rows are not known: what stands above it stays.
pub(super) fn lose_count() {
    const MANY: usize = 1 << 20;
    WRITTEN.fetch_add(MANY, Ordering::Relaxed);
}

/// Takes away what was written since this many rows. Returns whether it could: what has scrolled off the screen stays.
pub(crate) fn erase_to(row: usize) -> bool {
    let term = Term::stderr();
    let rows = written().saturating_sub(row);
    let fits = match term.size_checked() {
        Some((height, _)) => rows < usize::from(height),
        None => false,
    };
    if !fits || above(|| term.clear_last_lines(rows)).is_err() {
        return false;
    }
    WRITTEN.store(row, Ordering::Relaxed);
    true
}

/// How many rows the lines of a text take: a terminal breaks those that are longer than a row.
#[must_use]
pub(crate) fn taken(text: &str, columns: Option<usize>) -> usize {
    let rows = |line: &str| columns.map_or(1, |columns| rows_of(line, columns));
    console::strip_ansi_codes(text).split('\n').map(rows).sum()
}

/// The first lines of a text, as many as these rows have room for. If there are more, the last row says how many.
#[must_use]
pub(super) fn first(text: &str, rows: usize, columns: Option<usize>) -> String {
    if taken(text, columns) <= rows {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut room = rows.saturating_sub(1);
    let mut fitting = 0;
    for line in &lines {
        let Some(left) = room.checked_sub(taken(line, columns)) else {
            break;
        };
        room = left;
        fitting += 1;
    }
    let more = t!("status-more", count = lines.len() - fitting);
    let shown = lines[..fitting].iter().copied().chain([more.as_str()]);
    shown.collect::<Vec<_>>().join("\n")
}

fn rows_of(line: &str, columns: usize) -> usize {
    let (mut rows, mut filled) = (1, 0);
    for char in line.chars() {
        let width = width_of(char);
        // A wide character is not split: it goes to the next row if one column is left.
        if filled + width > columns && filled > 0 {
            rows += 1;
            filled = 0;
        }
        filled += width;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::{first, taken};

    #[test]
    fn a_line_takes_as_many_rows_as_it_fills_and_at_least_one() {
        for (text, columns, rows) in [
            ("", Some(10), 1),
            ("\nheading", Some(10), 2),
            ("0123456789", Some(10), 1),
            ("0123456789a\nb", Some(10), 3),
            ("\u{1b}[1m0123456789\u{1b}[0m", Some(10), 1),
            ("証跡を作成しま", Some(10), 2),
            ("証跡を作", Some(3), 4),
            ("0123456789a", None, 1),
        ] {
            assert_eq!(taken(text, columns), rows, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_cut_at_the_end_and_counted() {
        let text = "verdict\none\ntwo\nthree";
        assert_eq!(first(text, 4, Some(80)), text);
        assert_eq!(first(text, 3, Some(80)), "verdict\none\n… 2 more lines");
        assert_eq!(first("a\nb\nc", 2, None), "a\n… 2 more lines");
        // A line of two rows, of which there is room for one.
        let long = "verdict\n0123456789a\nend";
        assert_eq!(first(long, 3, Some(10)), "verdict\n… 2 more lines");
        let last = first("verdict\none\n0123456789a", 3, Some(10));
        assert_eq!(last, "verdict\none\n… one more line");
    }
}
