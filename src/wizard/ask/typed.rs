//! A line of text typed on a terminal, shown or hidden. Esc goes back.

use console::{Key, Term, measure_text_width};
use secrecy::SecretString;

use super::{
    Answered, Check, broken, columns,
    drawn::Drawn,
    edit::Edit,
    keys::{Event, Keys},
    look, menus, not_empty,
};
use crate::ui::{Result, layout::wrap_to, t};

/// Asks for text until it fits. Enter alone takes the default.
pub(super) fn text(
    question: &str,
    default: Option<&str>,
    check: Check,
) -> Result<Answered<String>> {
    let term = Term::stderr();
    let mut line = Line::new(&term, question);
    line.default = default.filter(|text| !text.is_empty());
    let answer = line.read(check, default.unwrap_or_default());
    let answer = answer.map_err(broken)?;
    if let Some(text) = &answer {
        let none = t!("answer-none");
        let shown = if text.is_empty() { &none } else { text };
        menus::report(&term, question, shown)?;
    }
    Ok(answer)
}

/// Asks for text that is not shown: a dot stands for each of its characters.
pub(super) fn secret(question: &str) -> Result<Answered<SecretString>> {
    let term = Term::stderr();
    let mut line = Line::new(&term, question);
    line.hidden = true;
    let answer = line.read(not_empty, "").map_err(broken)?;
    if answer.is_some() {
        menus::report(&term, question, &t!("answer-hidden"))?;
    }
    Ok(answer.map(SecretString::from))
}

/// The line as it is being typed.
struct Line<'a> {
    term: &'a Term,
    question: &'a str,
    default: Option<&'a str>,
    typed: Edit,
    hidden: bool,
    drawn: Drawn<'a>,
    complaint: Option<String>,
}

impl<'a> Line<'a> {
    fn new(term: &'a Term, question: &'a str) -> Self {
        Self {
            term,
            question,
            default: None,
            typed: Edit::default(),
            hidden: false,
            drawn: Drawn::on(term),
            complaint: None,
        }
    }

    fn read(&mut self, check: Check, default: &str) -> std::io::Result<Answered<String>> {
        let mut keys = Keys::of(self.term);
        loop {
            self.draw()?;
            let Event::Key(key) = keys.wait()? else {
                continue;
            };
            match key {
                Key::Enter => {
                    let typed: String = self.typed.chars.iter().collect();
                    let text = match typed.trim() {
                        "" => default.to_owned(),
                        text => text.to_owned(),
                    };
                    match check(&text) {
                        Ok(()) => {
                            self.drawn.clear()?;
                            return Ok(Some(text));
                        }
                        Err(complaint) => self.complaint = Some(complaint),
                    }
                }
                Key::Escape => {
                    self.drawn.clear()?;
                    return Ok(None);
                }
                key => self.typed.press(&key),
            }
        }
    }

    /// Draws the question and what is typed; the cursor stands where the next character goes.
    fn draw(&mut self) -> std::io::Result<()> {
        let columns = columns(self.term);
        let default = self.default.map(|text| format!(" ({text})"));
        let question = format!("? {}{} ›", self.question, default.unwrap_or_default());
        let mut lines: Vec<String> = Vec::new();
        if let Some(complaint) = &self.complaint {
            lines.extend(look::complaint(complaint, columns));
        }
        let question = wrap_to(&question, columns, 2);
        lines.extend(question.lines().map(ToOwned::to_owned));
        // What is typed stands behind the question, or in a line of its own if there is no room. Of a text that is longer
        // than the line, the part around the cursor is shown.
        let last = lines.last().map_or(0, |line| measure_text_width(line));
        let typed: String = self.shown().iter().collect();
        if last + 1 + measure_text_width(&typed) < columns {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
            }
        } else {
            lines.push("  ".to_owned());
        }
        let start = lines.last().map_or(0, |line| measure_text_width(line));
        let room = columns.saturating_sub(start + 1);
        let (before, behind) = self.around_cursor(room);
        self.drawn.draw(lines.join("\n") + &before, &behind)
    }

    /// The part of the text that fits, before the cursor and behind it.
    fn around_cursor(&self, room: usize) -> (String, String) {
        let text = |chars: &[char]| chars.iter().collect::<String>();
        let width = |chars: &[char]| measure_text_width(&text(chars));
        let typed = self.shown();
        let cursor = self.typed.cursor;
        let mut from = 0;
        while width(&typed[from..cursor]) > room {
            from += 1;
        }
        let mut to = typed.len();
        while to > cursor && width(&typed[from..to]) > room {
            to -= 1;
        }
        (text(&typed[from..cursor]), text(&typed[cursor..to]))
    }

    /// What is typed, as it is shown.
    fn shown(&self) -> Vec<char> {
        match self.hidden {
            true => vec!['•'; self.typed.chars.len()],
            false => self.typed.chars.clone(),
        }
    }
}
