//! What an open question has drawn, so that something else can be drawn in its place.

use std::io;

use console::{Term, measure_text_width};

use crate::ui::{layout::Width, rows::taken};

pub(super) struct Drawn<'a> {
    term: &'a Term,
    /// What was drawn, up to the cursor.
    before: String,
}

impl<'a> Drawn<'a> {
    /// Nothing yet, where the cursor stands.
    pub(super) fn on(term: &'a Term) -> Self {
        let before = String::new();
        Self { term, before }
    }

    /// Draws a text in place of what was drawn. The cursor stands before `behind`, which is a part of one line.
    pub(super) fn draw(&mut self, before: String, behind: &str) -> io::Result<()> {
        self.clear()?;
        self.term.write_str(&before)?;
        self.term.write_str(behind)?;
        self.term.move_cursor_left(measure_text_width(behind))?;
        self.before = before;
        Ok(())
    }

    /// Takes away what was drawn, and nothing above it. If the terminal has become narrower meanwhile, it has broken lines that
    /// are longer than its width, and all of them moved.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        if self.before.is_empty() {
            return Ok(());
        }
        let rows = taken(&self.before, Width::of(self.term).columns());
        self.before.clear();
        self.term.move_cursor_up(rows - 1)?;
        self.term.clear_to_end_of_screen()
    }
}
