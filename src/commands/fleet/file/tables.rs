//! A fleet as TOML: a table `[[member]]` for each account.

use toml::de::{DeTable, DeValue};

use super::{Complaint, Field, Record};
use crate::ui::t;

/// The name of the tables.
const MEMBER: &str = "member";

/// Returns the rows of a file, or everything that is not as it should be.
pub(super) fn records(text: &str) -> Result<Vec<Record>, Vec<Complaint>> {
    let line = |at: usize| {
        let before = text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    };
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut complaints: Vec<Complaint> = Vec::new();
    for error in errors {
        let at = line(error.span().map_or(0, |span| span.start));
        // One mistake may have several consequences in its line.
        if complaints.iter().all(|complaint| complaint.line != at) {
            complaints.push(Complaint::new(at, error.message()));
        }
    }
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let mut records = Vec::new();
    for (key, value) in document.get_ref() {
        let at = line(key.span().start);
        let name: &str = key.get_ref();
        let tables = value.get_ref().as_array().filter(|_| name == MEMBER);
        let Some(tables) = tables else {
            complaints.push(Complaint::of(at, name, &t!("fleet-only-members")));
            continue;
        };
        for table in tables.iter() {
            let at = line(table.span().start);
            match table.get_ref().as_table() {
                Some(table) => records.push(record(at, table, line, &mut complaints)),
                None => complaints.push(Complaint::of(at, name, &t!("fleet-only-members"))),
            }
        }
    }
    records.sort_by_key(|record| record.line);
    if complaints.is_empty() {
        Ok(records)
    } else {
        Err(complaints)
    }
}

fn record(
    at: usize,
    table: &DeTable<'_>,
    line: impl Fn(usize) -> usize,
    complaints: &mut Vec<Complaint>,
) -> Record {
    let mut fields = Vec::new();
    for (key, value) in table {
        let (line, column) = (line(key.span().start), key.get_ref().to_string());
        match texts(value.get_ref()) {
            Some(texts) => fields.push(Field {
                line,
                heading: line,
                column,
                texts,
            }),
            None => complaints.push(Complaint::of(line, &column, &t!("fleet-no-text"))),
        }
    }
    fields.sort_by_key(|field| field.line);
    Record { line: at, fields }
}

/// The texts of a value, or of each value of a list.
fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::Array(items) => items.iter().map(|item| text(item.get_ref())).collect(),
        single => Some(vec![text(single)?]),
    }
}

fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        _ => None,
    }
}
