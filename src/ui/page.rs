//! A screen as lines. A line says what it means (its tone); the printer decides how that looks.

use super::{layout::Width, t, table::table};

/// How many rows of a list a page shows.
pub(crate) const ROWS: usize = 20;

/// What a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Heading,
    /// Something that is there afterwards and was not before.
    Added,
    Changed,
    /// Something that was there before and is not afterwards.
    Removed,
    /// Worth less attention than the rest.
    Quiet,
    /// Laid out already. It is not wrapped, so that it can be pasted.
    Verbatim,
}

/// A line of a screen, before it is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub tone: Tone,
    pub text: String,
}

/// The lines of a screen, from top to bottom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub lines: Vec<Line>,
}

impl Page {
    pub(crate) fn line(&mut self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        self.lines.push(Line { tone, text });
    }

    pub(crate) fn plain(&mut self, text: impl Into<String>) {
        self.line(Tone::Plain, text);
    }

    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.line(Tone::Heading, text);
    }

    /// Text whose lines stay as they are, such as those of [`command`](super::command::command).
    pub(crate) fn verbatim(&mut self, text: impl Into<String>) {
        self.line(Tone::Verbatim, text);
    }

    pub(crate) fn blank(&mut self) {
        self.plain("");
    }

    /// A table with a quiet heading, laid out by [`table`].
    pub(crate) fn table(
        &mut self,
        headings: &[String],
        rows: &[Vec<String>],
        width: Width,
        words: bool,
    ) {
        let mut tone = Tone::Quiet;
        for line in table(headings, rows, width, words).lines() {
            self.line(tone, line);
            tone = Tone::Plain;
        }
    }

    /// What there is how often, a line for each kind.
    pub(crate) fn counts(&mut self, rows: Vec<(Tone, u64, String)>) {
        let widest = rows.iter().map(|(_, count, _)| count.to_string().len());
        let widest = widest.max().unwrap_or_default();
        for (tone, count, text) in rows {
            self.line(tone, format!("  {count:>widest$}  {text}"));
        }
    }

    /// Says how many rows there are besides those that are shown.
    pub(crate) fn more(&mut self, count: usize) {
        if count > 0 {
            self.line(Tone::Quiet, t!("rows-more", count = count));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heading_of_a_table_is_quiet_its_rows_are_not_and_numbers_end_together() {
        let mut page = Page::default();
        let row = |text: &str| vec![text.to_owned()];
        let headings = row("NAME");
        page.table(&headings, &[row("a"), row("b")], Width::UNLIMITED, false);
        page.counts(vec![
            (Tone::Plain, 10, "files".to_owned()),
            (Tone::Removed, 2, "missing".to_owned()),
        ]);
        page.more(0);
        page.more(3);
        let lines = page.lines.iter();
        let lines: Vec<_> = lines.map(|line| (line.tone, line.text.as_str())).collect();
        let expected = [
            (Tone::Quiet, "NAME"),
            (Tone::Plain, "a"),
            (Tone::Plain, "b"),
            (Tone::Plain, "  10  files"),
            (Tone::Removed, "   2  missing"),
            (Tone::Quiet, "… 3 more"),
        ];
        assert_eq!(lines, expected);
    }
}
