//! The file of a fleet: a row for each account, in TOML or CSV. Everything that does not fit is reported at once, with its line and
//! its column.

mod csv;
mod rows;
mod tables;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::member::Member;
use crate::{
    answers::Flags,
    ui::{Code, Failure, Result, t},
};

/// A row as it is written.
#[derive(Debug, PartialEq)]
pub(super) struct Record {
    /// The line in which it begins.
    pub(super) line: usize,
    pub(super) fields: Vec<Field>,
}

/// What a row says in one column.
#[derive(Debug, PartialEq)]
pub(super) struct Field {
    pub(super) line: usize,
    /// The line that names the column.
    pub(super) heading: usize,
    pub(super) column: String,
    pub(super) texts: Vec<String>,
}

/// What does not fit, and the line in which it stands.
#[derive(Debug, PartialEq)]
pub(super) struct Complaint {
    pub(super) line: usize,
    pub(super) text: String,
}

impl Complaint {
    pub(super) fn new(line: usize, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { line, text }
    }

    /// A complaint about what stands in a column.
    pub(super) fn of(line: usize, column: &str, text: &str) -> Self {
        Self::new(line, format!("{column}: {text}"))
    }
}

/// Reads the members of a fleet. `common`: the answers of the command line, which hold for all of them.
pub(super) fn read(path: &Path, common: &Flags) -> Result<Vec<Member>> {
    let file = path.display().to_string();
    let unreadable = |cause: &str| Failure::usage(format!("--fleet: {file}: {cause}"));
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error.to_string()))?;
    let parse = match path.extension().and_then(|end| end.to_str()) {
        Some(end) if end.eq_ignore_ascii_case("toml") => tables::records,
        Some(end) if end.eq_ignore_ascii_case("csv") => csv::records,
        _ => return Err(unreadable(&t!("fleet-no-format"))),
    };
    let variable = |name: &str| std::env::var(name).ok();
    let read = parse(&text).and_then(|records| rows::members(&records, common, &variable));
    refused(&file, read)
}

/// Reports complaints in the order of their lines.
pub(super) fn refused<T>(file: &str, read: Result<T, Vec<Complaint>>) -> Result<T> {
    read.map_err(|mut complaints| {
        complaints.sort_by_key(|complaint| complaint.line);
        let complaints = complaints.into_iter().map(|Complaint { line, text }| {
            let place = t!("answers-line", file = file, line = line);
            format!("{place}: {text}")
        });
        Failure::headed(Code::Usage, t!("fleet-does-not-fit"), complaints.collect())
    })
}
