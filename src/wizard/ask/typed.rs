//! A line of text typed on a terminal, shown or hidden. Esc goes back.

use console::{Key, Term};
use secrecy::SecretString;

use super::{Answered, Check, broken, look, menus, not_empty, terminal};
use crate::ui::{Result, layout::wrap_to, t};

/// Asks for text until it fits. Enter alone takes the default.
pub(super) fn text(
    question: &str,
    default: Option<&str>,
    check: Check,
) -> Result<Answered<String>> {
    let (term, columns) = terminal();
    let mut line = Line::new(&term, columns, question);
    line.default = default.filter(|text| !text.is_empty());
    let answer = line.read(check, default.unwrap_or_default());
    let answer = answer.map_err(broken)?;
    if let Some(text) = &answer {
        let none = t!("answer-none");
        let shown = if text.is_empty() { &none } else { text };
        menus::report(&term, columns, question, shown)?;
    }
    Ok(answer)
}

/// Asks for text that is not shown: a dot stands for each of its characters.
pub(super) fn secret(question: &str) -> Result<Answered<SecretString>> {
    let (term, columns) = terminal();
    let mut line = Line::new(&term, columns, question);
    line.hidden = true;
    let answer = line.read(not_empty, "").map_err(broken)?;
    if answer.is_some() {
        menus::report(&term, columns, question, &t!("answer-hidden"))?;
    }
    Ok(answer.map(SecretString::from))
}

/// The line as it is being typed.
struct Line<'a> {
    term: &'a Term,
    columns: usize,
    question: &'a str,
    default: Option<&'a str>,
    typed: Vec<char>,
    hidden: bool,
    cursor: usize,
    /// Rows that are drawn now, and cleared before the next drawing.
    rows: usize,
    complaint: Option<String>,
}

impl<'a> Line<'a> {
    fn new(term: &'a Term, columns: usize, question: &'a str) -> Self {
        Self {
            term,
            columns,
            question,
            default: None,
            typed: Vec::new(),
            hidden: false,
            cursor: 0,
            rows: 0,
            complaint: None,
        }
    }

    fn read(&mut self, check: Check, default: &str) -> std::io::Result<Answered<String>> {
        loop {
            self.draw()?;
            match self.term.read_key()? {
                Key::Enter => {
                    let typed: String = self.typed.iter().collect();
                    let text = match typed.trim() {
                        "" => default.to_owned(),
                        text => text.to_owned(),
                    };
                    match check(&text) {
                        Ok(()) => {
                            self.clear()?;
                            return Ok(Some(text));
                        }
                        Err(complaint) => self.complaint = Some(complaint),
                    }
                }
                Key::Escape => {
                    self.clear()?;
                    return Ok(None);
                }
                key => self.edit(key),
            }
        }
    }

    fn edit(&mut self, key: Key) {
        match key {
            Key::Char(char) if !char.is_control() => {
                self.typed.insert(self.cursor, char);
                self.cursor += 1;
            }
            Key::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.typed.remove(self.cursor);
            }
            Key::Del if self.cursor < self.typed.len() => {
                self.typed.remove(self.cursor);
            }
            Key::ArrowLeft => self.cursor = self.cursor.saturating_sub(1),
            Key::ArrowRight => self.cursor = (self.cursor + 1).min(self.typed.len()),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.typed.len(),
            _ => {}
        }
    }

    /// Draws the question and what is typed; the cursor stands where the next character goes.
    fn draw(&mut self) -> std::io::Result<()> {
        self.clear()?;
        let default = self.default.map(|text| format!(" ({text})"));
        let question = format!("? {}{} ›", self.question, default.unwrap_or_default());
        let mut lines: Vec<String> = Vec::new();
        if let Some(complaint) = &self.complaint {
            lines.extend(look::complaint(complaint, self.columns));
        }
        lines.extend(
            wrap_to(&question, self.columns, 2)
                .lines()
                .map(ToOwned::to_owned),
        );
        // What is typed stands behind the question, or in a line of its own if there is no room. Of a text that is longer
        // than the line, the part around the cursor is shown.
        let last = lines
            .last()
            .map_or(0, |line| console::measure_text_width(line));
        let typed: String = self.shown().iter().collect();
        if last + 1 + console::measure_text_width(&typed) < self.columns {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
            }
        } else {
            lines.push("  ".to_owned());
        }
        let start = lines
            .last()
            .map_or(0, |line| console::measure_text_width(line));
        let room = self.columns.saturating_sub(start + 1);
        let (shown, before) = self.around_cursor(room);
        if let Some(line) = lines.last_mut() {
            line.push_str(&shown);
        }
        self.rows = lines.len();
        self.term.write_str(&lines.join("\n"))?;
        let back = console::measure_text_width(&shown) - before;
        self.term.move_cursor_left(back)
    }

    /// The part of the text that fits, and how wide it is up to the cursor.
    fn around_cursor(&self, room: usize) -> (String, usize) {
        let width = |chars: &[char]| {
            let text: String = chars.iter().collect();
            console::measure_text_width(&text)
        };
        let typed = self.shown();
        let mut from = 0;
        while width(&typed[from..self.cursor]) > room {
            from += 1;
        }
        let mut to = typed.len();
        while width(&typed[from..to]) > room {
            to -= 1;
        }
        let shown = typed[from..to].iter().collect();
        (shown, width(&typed[from..self.cursor]))
    }

    /// What is typed, as it is shown.
    fn shown(&self) -> Vec<char> {
        match self.hidden {
            true => vec!['•'; self.typed.len()],
            false => self.typed.clone(),
        }
    }

    fn clear(&mut self) -> std::io::Result<()> {
        if self.rows > 0 {
            self.term.clear_line()?;
            self.term.clear_last_lines(self.rows - 1)?;
        }
        self.rows = 0;
        Ok(())
    }
}
