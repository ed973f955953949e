//! What a list consists of: rows in columns, and for each row what is shown only while it is in focus.

use crate::ui::visible;

/// Rows to pick from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// None for rows of one text each.
    pub headings: Vec<String>,
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    /// One cell for each heading. A row with one cell alone goes over all columns.
    pub cells: Vec<String>,
    /// What is shown below the list while the row is in focus, such as its ARN.
    pub detail: String,
}

impl Rows {
    /// Rows of one text each.
    #[must_use]
    pub(super) fn of(texts: Vec<String>) -> Self {
        Self {
            headings: Vec::new(),
            rows: texts.into_iter().map(Row::alone).collect(),
        }
    }

    /// Makes the rows safe to show: anyone may have chosen their names.
    #[must_use]
    pub(super) fn safe(mut self) -> Self {
        let cells = self.rows.iter_mut().flat_map(|row| {
            let detail = std::iter::once(&mut row.detail);
            row.cells.iter_mut().chain(detail)
        });
        for text in self.headings.iter_mut().chain(cells) {
            *text = visible::inline(text).into_owned();
        }
        self
    }
}

impl Row {
    /// A row of one text.
    #[must_use]
    pub(crate) fn alone(text: String) -> Self {
        Self {
            cells: vec![text],
            detail: String::new(),
        }
    }

    /// The text that tells the row from the others.
    #[must_use]
    pub(super) fn name(&self) -> &str {
        self.cells.first().map_or("", |cell| cell.trim())
    }

    /// The whole row in words, for those to whom columns mean nothing.
    #[must_use]
    pub(super) fn words(&self, headings: &[String]) -> String {
        let mut words = vec![self.name().to_owned()];
        let others = self.cells.iter().zip(headings).skip(1);
        for (cell, heading) in others.filter(|(cell, _)| !cell.is_empty()) {
            words.push(format!("{} {cell}", heading.to_lowercase()));
        }
        if !self.detail.is_empty() {
            words.push(self.detail.clone());
        }
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_told_in_words_without_its_empty_cells() {
        let texts = |texts: &[&str]| -> Vec<String> {
            let texts = texts.iter().map(|text| (*text).to_owned());
            texts.collect()
        };
        let row = Row {
            cells: texts(&["theirs", "logs", ""]),
            detail: "arn:aws:x".to_owned(),
        };
        let headings = texts(&["NAME", "BUCKET", "USED BY"]);
        assert_eq!(row.words(&headings), "theirs, bucket logs, arn:aws:x");
        assert_eq!(Row::alone("none".to_owned()).words(&headings), "none");
    }

    #[test]
    fn nothing_in_a_row_acts_on_the_terminal() {
        let rows = Rows::of(vec!["a\u{1b}[2J".to_owned()]).safe();
        assert_eq!(rows.rows[0].name(), "a\\u{1b}[2J");
    }
}
