//! A fleet as CSV (RFC 4180): its first row names the columns. Empty cells say nothing.

use std::{iter::Peekable, str::Chars};

use super::{Complaint, Field, Record};
use crate::ui::t;

/// Returns the rows of a file, or everything that is not CSV.
pub(super) fn records(text: &str) -> Result<Vec<Record>, Vec<Complaint>> {
    let mut complaints = Vec::new();
    let mut reader = Reader::new(text);
    let mut rows = Vec::new();
    while let Some((line, row)) = reader.row() {
        match row {
            Ok(cells) if cells.iter().all(String::is_empty) => {}
            Ok(cells) => rows.push((line, cells)),
            Err(complaint) => complaints.push(Complaint::new(line, complaint)),
        }
    }
    let mut rows = rows.into_iter();
    let (heading, columns) = rows.next().unwrap_or((1, Vec::new()));
    for (number, column) in columns.iter().enumerate() {
        if columns[..number].contains(column) {
            let complaint = t!("fleet-column-twice");
            complaints.push(Complaint::of(heading, column, &complaint));
        }
    }
    let mut records = Vec::new();
    for (line, cells) in rows {
        if cells.len() != columns.len() {
            let (cells, columns) = (cells.len(), columns.len());
            let complaint = t!("fleet-cells", count = cells, columns = columns);
            complaints.push(Complaint::new(line, complaint));
            continue;
        }
        let fields = columns.iter().zip(cells);
        let fields = fields.filter(|(_, cell)| !cell.is_empty());
        let fields = fields.map(|(column, cell)| Field {
            line,
            heading,
            column: column.clone(),
            texts: vec![cell],
        });
        let fields = fields.collect();
        records.push(Record { line, fields });
    }
    if complaints.is_empty() {
        Ok(records)
    } else {
        Err(complaints)
    }
}

/// Reads rows and counts lines.
struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
    line: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        // Spreadsheets put a byte order mark before UTF-8.
        let text = text.trim_start_matches('\u{feff}');
        Self {
            chars: text.chars().peekable(),
            line: 1,
        }
    }

    /// The cells of a row, or what is wrong with it, and the line in which it begins; `None` at the end.
    fn row(&mut self) -> Option<(usize, Result<Vec<String>, String>)> {
        self.chars.peek()?;
        let begins = self.line;
        let mut cells = Vec::new();
        loop {
            let cell = match self.chars.next_if_eq(&'"') {
                Some(_) => self.quoted(),
                None => self.plain(),
            };
            match cell {
                Ok(cell) => cells.push(cell),
                Err(complaint) => {
                    self.skip_line();
                    return Some((begins, Err(complaint)));
                }
            }
            if self.chars.next_if_eq(&',').is_none() {
                self.skip_line();
                return Some((begins, Ok(cells)));
            }
        }
    }

    /// A cell up to the comma or the end of the line, without blanks around it.
    fn plain(&mut self) -> Result<String, String> {
        let mut cell = String::new();
        while let Some(char) = self.chars.next_if(|char| !",\n".contains(*char)) {
            if char == '"' {
                return Err(t!("fleet-quote-inside"));
            }
            cell.push(char);
        }
        Ok(cell.trim().to_owned())
    }

    /// A cell whose first quote is read already.
    fn quoted(&mut self) -> Result<String, String> {
        let mut cell = String::new();
        loop {
            match self.chars.next() {
                None => return Err(t!("fleet-quote-open")),
                Some('"') if self.chars.next_if_eq(&'"').is_some() => cell.push('"'),
                Some('"') => break,
                Some(char) => {
                    self.line += usize::from(char == '\n');
                    cell.push(char);
                }
            }
        }
        while self.chars.next_if(|char| " \r".contains(*char)).is_some() {}
        match self.chars.peek() {
            None | Some(',' | '\n') => Ok(cell),
            Some(_) => Err(t!("fleet-quote-after")),
        }
    }

    fn skip_line(&mut self) {
        if self.chars.by_ref().any(|char| char == '\n') {
            self.line += 1;
        }
    }
}
