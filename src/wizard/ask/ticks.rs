//! Some of a list: people search by typing, tick with Space and go on with Enter. dialoguer's list cannot be searched.

use std::collections::BTreeSet;

use console::{Key, Term, style, truncate_str};

use super::{Answered, broken, menus, terminal};
use crate::ui::{Result, layout::wrap_to, t};

/// How many items are shown at the same time.
const ROWS: usize = 10;

/// Asks for some of the items, at least one.
pub(super) fn several(question: &str, items: &[String]) -> Result<Answered<BTreeSet<usize>>> {
    let (term, columns) = terminal();
    let mut list = List {
        term: &term,
        columns,
        question,
        items,
        search: String::new(),
        at: 0,
        ticked: BTreeSet::new(),
        rows: 0,
        complaint: false,
    };
    let _ = term.hide_cursor();
    let chosen = list.read();
    let _ = term.show_cursor();
    if !chosen.map_err(broken)? {
        return Ok(None);
    }
    let names: Vec<&str> = list.ticked.iter().map(|at| items[*at].trim()).collect();
    menus::report(&term, columns, question, &names.join(", "))?;
    Ok(Some(list.ticked))
}

/// The list as it stands on the screen.
struct List<'a> {
    term: &'a Term,
    columns: usize,
    question: &'a str,
    items: &'a [String],
    search: String,
    /// The item of the cursor, among those that fit the search.
    at: usize,
    ticked: BTreeSet<usize>,
    rows: usize,
    /// Enter was pressed while nothing was ticked.
    complaint: bool,
}

impl List<'_> {
    /// Returns whether the list was answered; if not, the user goes back.
    fn read(&mut self) -> std::io::Result<bool> {
        loop {
            self.draw()?;
            self.complaint = false;
            match self.term.read_key()? {
                Key::Enter if self.ticked.is_empty() => self.complaint = true,
                Key::Enter => {
                    self.clear()?;
                    return Ok(true);
                }
                Key::Escape => {
                    self.clear()?;
                    return Ok(false);
                }
                Key::Char(' ') => self.tick(),
                Key::ArrowDown => self.at += 1,
                Key::ArrowUp => self.at = self.at.saturating_sub(1),
                Key::Backspace => {
                    self.search.pop();
                    self.at = 0;
                }
                Key::Char(char) if !char.is_control() => {
                    self.search.push(char);
                    self.at = 0;
                }
                _ => {}
            }
            self.at = self.at.min(self.fitting().len().saturating_sub(1));
        }
    }

    /// The items that contain what is searched for, in any case.
    fn fitting(&self) -> Vec<usize> {
        let wanted = self.search.to_lowercase();
        let items = self.items.iter().enumerate();
        items
            .filter(|(_, item)| item.to_lowercase().contains(&wanted))
            .map(|(number, _)| number)
            .collect()
    }

    fn tick(&mut self) {
        if let Some(&item) = self.fitting().get(self.at)
            && !self.ticked.remove(&item)
        {
            self.ticked.insert(item);
        }
    }

    fn draw(&mut self) -> std::io::Result<()> {
        self.clear()?;
        let how = t!("ask-several-how", question = self.question);
        let mut lines: Vec<String> = wrap_to(&format!("? {how}"), self.columns, 2)
            .lines()
            .map(ToOwned::to_owned)
            .collect();
        let ticked = t!("ask-several-ticked", count = self.ticked.len());
        lines.push(self.cut(&format!("  › {}▏ {ticked}", self.search)));
        let fitting = self.fitting();
        let from = self.at.saturating_sub(ROWS - 1);
        for (row, &item) in fitting.iter().enumerate().skip(from).take(ROWS) {
            let mark = if self.ticked.contains(&item) {
                'x'
            } else {
                ' '
            };
            let cursor = if row == self.at { '❯' } else { ' ' };
            let line = self.cut(&format!("{cursor} [{mark}] {}", self.items[item]));
            lines.push(if row == self.at {
                style(line).for_stderr().cyan().to_string()
            } else {
                line
            });
        }
        if self.complaint {
            let complaint = format!("✘ {}", t!("ask-several-none"));
            lines.push(style(self.cut(&complaint)).for_stderr().red().to_string());
        }
        self.rows = lines.len();
        self.term.write_line(&lines.join("\n"))
    }

    fn cut(&self, line: &str) -> String {
        truncate_str(line, self.columns.saturating_sub(1), "…").into_owned()
    }

    fn clear(&mut self) -> std::io::Result<()> {
        self.term.clear_last_lines(self.rows)?;
        self.rows = 0;
        Ok(())
    }
}
