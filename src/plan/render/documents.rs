//! The JSON documents that a plan writes as a screen, each before and after.

use serde_json::Value;

use super::{
    diff::{Line, compare},
    kind, mark,
    rows::{Group, Row, resource, rows},
    short, tone,
};
use crate::{
    connection::Kind,
    resources::{document::Written, families::Step, seen::Seen, step::Action},
    ui::{
        layout::{Width, padded, wrap_to},
        page::{Page, Tone},
        t,
    },
};

/// The order of the groups: what is yours comes first.
const ORDER: [Group; 6] = [
    Group::YoursChanged,
    Group::YoursUsed,
    Group::OursChanged,
    Group::New,
    Group::Deleted,
    Group::Kept,
];

/// Returns the documents of a plan with these steps as a screen: what is added, what is removed, and how much stays.
#[must_use]
pub(crate) fn documents(
    documents: &[Written],
    steps: &[Step],
    removal: bool,
    width: Width,
    words: bool,
) -> Page {
    let mut page = Page::default();
    let rows = rows(steps);
    let look = Look::new(width, words);
    for group in ORDER {
        let of_group: Vec<&Written> = documents
            .iter()
            .filter(|document| group_of(&rows, document) == group)
            .collect();
        if of_group.is_empty() {
            continue;
        }
        page.heading(format!("  {}", group.heading(removal)));
        for document in of_group {
            show(&mut page, document, &look);
            page.blank();
        }
    }
    page
}

/// The group of the resource that has the document.
fn group_of(rows: &[Row<'_>], document: &Written) -> Group {
    let kind = resource(document.kind);
    let mut rows = rows.iter();
    let row = rows.find(|row| row.kind == kind && row.arn == document.arn);
    row.and_then(Row::group).unwrap_or(Group::Kept)
}

/// How documents are laid out.
pub(super) struct Look {
    width: Width,
    words: bool,
    /// What stands before a line that is added, and before one that is removed.
    added: String,
    removed: String,
}

impl Look {
    pub(super) fn new(width: Width, words: bool) -> Self {
        let (added, removed) = if words {
            (t!("document-added"), t!("document-removed"))
        } else {
            ("+".to_owned(), "-".to_owned())
        };
        Self {
            width,
            words,
            added,
            removed,
        }
    }

    /// Puts a comparison of two documents on the page.
    pub(super) fn compared(&self, page: &mut Page, before: Option<&Value>, after: Option<&Value>) {
        for line in compare(before, after) {
            match line {
                Line::Same(text) => self.put(page, Tone::Plain, "", &text),
                Line::Added(text) => self.put(page, Tone::Added, &self.added, &text),
                Line::Removed(text) => self.put(page, Tone::Removed, &self.removed, &text),
                Line::Folded(count) => {
                    let text = t!("document-folded", count = count);
                    self.put(page, Tone::Quiet, "", &text);
                }
            }
        }
    }

    /// The start of a line with this mark. All starts have one width, so that documents stay aligned.
    fn start(&self, mark: &str) -> String {
        let widths = [&self.added, &self.removed].map(|mark| console::measure_text_width(mark));
        let width = widths.into_iter().max().unwrap_or_default();
        format!("    {} ", padded(mark, width))
    }

    /// Puts a line of a document on the page, broken where the terminal ends.
    fn put(&self, page: &mut Page, tone: Tone, mark: &str, text: &str) {
        let start = self.start(mark);
        let taken = console::measure_text_width(&start);
        let text = match self.width.columns() {
            Some(columns) => wrap_to(text, columns.saturating_sub(taken).max(1), 2),
            None => text.to_owned(),
        };
        for (number, part) in text.lines().enumerate() {
            let start = if number == 0 {
                start.clone()
            } else {
                " ".repeat(taken)
            };
            page.line(tone, format!("{start}{part}"));
        }
    }
}

/// What the document that a step is about is called.
pub(super) fn what(about: Kind) -> String {
    match about {
        Kind::Role => t!("document-trust"),
        Kind::FunctionPermission => t!("document-function-policy"),
        Kind::Lifecycle => t!("document-lifecycle"),
        other => kind(other),
    }
}

fn show(page: &mut Page, document: &Written, look: &Look) {
    let action = match (&document.before, &document.after) {
        (Seen::Denied(_), _) => Action::Keep,
        (Seen::Absent, _) => Action::Create,
        (Seen::There(_), Some(_)) => Action::Modify,
        (Seen::There(_), None) => Action::Delete,
    };
    let what = what(document.kind);
    let (mark, name) = (mark(action, look.words), short(&document.arn));
    page.line(tone(action), format!("  {mark} {what}  {name}"));
    if let Some(action) = document.before.denied() {
        let unread = t!("document-unread", action = action);
        return page.plain(format!("      {unread}"));
    }
    look.compared(page, document.before.there(), document.after.as_ref());
}
