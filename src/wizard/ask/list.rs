//! A list on a terminal: arrows move, a long one is searched by typing, Space ticks where several may be chosen, Enter goes on.
//! Esc ends a search, and otherwise goes back. Each row has one line; below the list stands what else is known of the row in
//! focus.

use std::collections::BTreeSet;

use console::{Key, Term};

use super::{
    Answered, broken,
    drawn::Drawn,
    keys::{Event, Keys},
    look, menus,
    rows::{Row, Rows},
};
use crate::ui::{
    Result,
    layout::wrap_to,
    t,
    table::{Columns, columns},
};

/// How many rows are shown at the same time. Of longer lists one row is searched by typing.
const MANY: usize = 12;

/// Asks for one of the rows.
pub(super) fn select(question: &str, rows: &Rows, default: usize) -> Result<Answered<usize>> {
    let term = Term::stderr();
    let shown = match rows.rows.len() > MANY {
        true => t!("ask-search-how", question = question),
        false => question.to_owned(),
    };
    let mut list = List::new(&term, shown, rows, None);
    list.at = default;
    if !list.is_answered()? {
        return Ok(None);
    }
    let chosen = list.fitting().get(list.at).copied();
    if let Some(chosen) = chosen {
        menus::report_choice(&term, question, rows.rows[chosen].name())?;
    }
    Ok(chosen)
}

/// Asks for some of the rows, at least one.
pub(super) fn several(question: &str, rows: &Rows) -> Result<Answered<BTreeSet<usize>>> {
    let term = Term::stderr();
    let shown = t!("ask-several-how", question = question);
    let mut list = List::new(&term, shown, rows, Some(BTreeSet::new()));
    if !list.is_answered()? {
        return Ok(None);
    }
    let ticked = list.ticked.take().unwrap_or_default();
    let names = ticked.iter().map(|item| rows.rows[*item].cells.join(" "));
    let names: Vec<String> = names.collect();
    menus::report(&term, question, &names.join(", "))?;
    Ok(Some(ticked))
}

/// The list as it stands on the screen.
struct List<'a> {
    term: &'a Term,
    width: usize,
    question: String,
    rows: &'a Rows,
    /// The rows for `width`.
    table: Columns,
    search: String,
    /// The row in focus, among those that fit the search.
    at: usize,
    /// `None` where only one row is chosen.
    ticked: Option<BTreeSet<usize>>,
    drawn: Drawn<'a>,
    /// Enter was pressed while nothing was chosen.
    complaint: bool,
}

impl<'a> List<'a> {
    fn new(
        term: &'a Term,
        question: String,
        rows: &'a Rows,
        ticked: Option<BTreeSet<usize>>,
    ) -> Self {
        let width = super::columns(term);
        Self {
            term,
            width,
            question,
            rows,
            table: laid_out(rows, width, indent(ticked.as_ref())),
            search: String::new(),
            at: 0,
            ticked,
            drawn: Drawn::on(term),
            complaint: false,
        }
    }

    /// Returns whether the list was answered; if not, the user goes back.
    fn is_answered(&mut self) -> Result<bool> {
        let _ = self.term.hide_cursor();
        let answered = self.read();
        let _ = self.term.show_cursor();
        answered.map_err(broken)
    }

    fn read(&mut self) -> std::io::Result<bool> {
        let mut keys = Keys::of(self.term);
        loop {
            self.draw()?;
            let Event::Key(key) = keys.wait()? else {
                continue;
            };
            self.complaint = false;
            let last = self.fitting().len().saturating_sub(1);
            match key {
                Key::Enter if self.is_complete() => {
                    self.drawn.clear()?;
                    return Ok(true);
                }
                Key::Enter => self.complaint = true,
                Key::Escape if !self.search.is_empty() => self.end_search(),
                Key::Escape => {
                    self.drawn.clear()?;
                    return Ok(false);
                }
                Key::Char(' ') if self.ticked.is_some() => self.tick(),
                Key::ArrowDown if self.at == last => self.at = 0,
                Key::ArrowDown => self.at += 1,
                Key::ArrowUp => self.at = self.at.checked_sub(1).unwrap_or(last),
                Key::Home => self.at = 0,
                Key::End => self.at = last,
                Key::Backspace if self.is_searched() => {
                    self.search.pop();
                    self.at = 0;
                }
                Key::Char(char) if self.is_searched() && !char.is_control() => {
                    self.search.push(char);
                    self.at = 0;
                }
                _ => {}
            }
        }
    }

    /// Shows all rows. The focus stays on its row, and ticks stay too.
    fn end_search(&mut self) {
        self.at = self.fitting().get(self.at).copied().unwrap_or_default();
        self.search.clear();
    }

    fn is_searched(&self) -> bool {
        self.ticked.is_some() || self.rows.rows.len() > MANY
    }

    fn is_complete(&self) -> bool {
        match &self.ticked {
            Some(ticked) => !ticked.is_empty(),
            None => !self.fitting().is_empty(),
        }
    }

    /// The rows that contain what is searched for, in any case.
    fn fitting(&self) -> Vec<usize> {
        let wanted = self.search.to_lowercase();
        let fits = |row: &Row| {
            let mut cells = row.cells.iter();
            cells.any(|cell| cell.to_lowercase().contains(&wanted))
        };
        let rows = self.rows.rows.iter().enumerate();
        rows.filter(|(_, row)| fits(row))
            .map(|(number, _)| number)
            .collect()
    }

    fn tick(&mut self) {
        let item = self.fitting().get(self.at).copied();
        if let (Some(item), Some(ticked)) = (item, &mut self.ticked)
            && !ticked.remove(&item)
        {
            ticked.insert(item);
        }
    }

    fn draw(&mut self) -> std::io::Result<()> {
        self.fit();
        let mut lines = self.above();
        let below = self.below();
        let fitting = self.fitting();
        // What scrolls off the screen could not be cleared. One line tells how many rows are left out, and the cursor stands in
        // another one.
        let taken = lines.len() + below.len() + 2;
        let room = height(self.term).saturating_sub(taken).clamp(1, MANY);
        let from = (self.at + 1).saturating_sub(room);
        for (row, item) in fitting.iter().enumerate().skip(from).take(room) {
            lines.push(self.line(*item, row == self.at));
        }
        let more = fitting.len().saturating_sub(room);
        if more > 0 {
            lines.push(format!("  {}", t!("rows-more", count = more)));
        }
        lines.extend(below);
        self.drawn.draw(lines.join("\n") + "\n", "")
    }

    /// Lays the rows out anew if the terminal has another width.
    fn fit(&mut self) {
        let width = super::columns(self.term);
        if width != self.width {
            self.width = width;
            self.table = laid_out(self.rows, width, indent(self.ticked.as_ref()));
        }
    }

    /// The question, what is searched for, and the headings.
    fn above(&self) -> Vec<String> {
        let question = wrap_to(&format!("? {}", self.question), self.width, 2);
        let mut lines: Vec<String> = question.lines().map(ToOwned::to_owned).collect();
        if self.is_searched() {
            let ticked = self.ticked.as_ref().map(BTreeSet::len);
            let ticked = ticked.map(|count| t!("ask-several-ticked", count = count));
            let ticked = ticked.unwrap_or_default();
            let line = format!("  › {}▏ {ticked}", self.search);
            let line = console::truncate_str(&line, self.width.saturating_sub(1), "…");
            lines.push(line.trim_end().to_owned());
        }
        if !self.table.heading.is_empty() {
            let heading = look::heading(&self.table.heading);
            lines.push(format!("{:1$}{heading}", "", indent(self.ticked.as_ref())));
        }
        lines
    }

    fn line(&self, item: usize, focused: bool) -> String {
        let mark = match &self.ticked {
            Some(ticked) if ticked.contains(&item) => "[x] ",
            Some(_) => "[ ] ",
            None => "",
        };
        look::row(&format!("{mark}{}", self.table.lines[item]), focused)
    }

    /// What else is known of the row in focus, and the complaint.
    fn below(&self) -> Vec<String> {
        let detail = self.detail();
        let mut lines: Vec<String> = detail.lines().map(look::quiet).collect();
        if self.complaint {
            let complaint = match &self.ticked {
                Some(_) => t!("ask-several-none"),
                None => t!("ask-search-none"),
            };
            lines.extend(look::complaint(&complaint, self.width));
        }
        lines
    }

    /// The detail of the row in focus, and the cells that its line has no room for.
    fn detail(&self) -> String {
        let fitting = self.fitting();
        let Some(&item) = fitting.get(self.at) else {
            return String::new();
        };
        let Row { cells, detail } = &self.rows.rows[item];
        let line = &self.table.lines[item];
        let mut parts = Vec::new();
        if !detail.is_empty() {
            parts.push(format!("    {detail}"));
        }
        for (number, cell) in cells.iter().enumerate() {
            if line.contains(cell.as_str()) || detail.contains(cell.as_str()) {
                continue;
            }
            parts.push(match self.rows.headings.get(number) {
                Some(heading) if cells.len() > 1 => format!("    {heading}: {cell}"),
                _ => format!("    {cell}"),
            });
        }
        wrap_to(&parts.join("\n"), self.width, 0)
    }
}

/// The rows in columns that fit behind an indent.
fn laid_out(rows: &Rows, width: usize, indent: usize) -> Columns {
    let cells: Vec<&[String]> = rows.rows.iter().map(|row| row.cells.as_slice()).collect();
    columns(&rows.headings, &cells, width.saturating_sub(indent + 1))
}

/// How far the rows are indented: behind the cursor, and behind the ticks.
fn indent(ticked: Option<&BTreeSet<usize>>) -> usize {
    match ticked {
        Some(_) => 6,
        None => 2,
    }
}

/// How many lines the terminal has. One that does not know its size says 0.
fn height(term: &Term) -> usize {
    match term.size_checked() {
        Some((rows, _)) if rows > 0 => rows.into(),
        _ => 24,
    }
}
