//! What has moved since a plan was made: in words, and documents line by line.

use serde_json::Value;

use super::{
    documents::{Look, what},
    kind, verb,
};
use crate::{
    answers::plain,
    plan::file::{How, Moved},
    resources::step::Action,
    ui::{
        layout::Width,
        page::{Page, Tone},
        t,
    },
};

/// Says in one sentence what has moved.
#[must_use]
pub(crate) fn said(moved: &Moved) -> String {
    let arn = &moved.arn;
    let document = what(moved.kind);
    match &moved.how {
        How::Step { planned, found } => t!(
            "moved-step",
            kind = kind(moved.kind),
            arn = arn,
            planned = action(*planned),
            found = action(*found)
        ),
        How::Document { found: None, .. } => {
            t!("moved-document-gone", document = document, arn = arn)
        }
        How::Document { planned: None, .. } => {
            t!("moved-document-new", document = document, arn = arn)
        }
        How::Document { .. } => t!("moved-document", document = document, arn = arn),
        How::After { .. } => t!("moved-after", document = document, arn = arn),
        How::Setting {
            name,
            planned,
            found,
        } => t!(
            "moved-setting",
            kind = kind(moved.kind),
            arn = arn,
            name = name,
            planned = value(planned.as_ref()),
            found = value(found.as_ref())
        ),
        How::Left {
            name,
            planned,
            found,
        } => t!(
            "moved-left",
            kind = kind(moved.kind),
            arn = arn,
            name = name,
            planned = value(planned.as_ref()),
            found = value(found.as_ref())
        ),
        How::Sight { found: true } => t!("moved-readable", document = document, arn = arn),
        How::Sight { found: false } => t!("moved-unreadable", document = document, arn = arn),
    }
}

/// A setting's value in a sentence.
fn value(value: Option<&Value>) -> String {
    value.map_or_else(|| t!("moved-nothing"), plain)
}

fn action(action: Option<Action>) -> String {
    action.map_or_else(|| t!("moved-nothing"), verb)
}

/// Returns the documents that have moved as a screen: from what was planned to what was found.
#[must_use]
pub(crate) fn moved(all: &[Moved], width: Width, words: bool) -> Page {
    let look = Look::new(width, words);
    let mut page = Page::default();
    for moved in all {
        let (How::Document { planned, found } | How::After { planned, found }) = &moved.how else {
            continue;
        };
        page.line(Tone::Changed, format!("  {}", said(moved)));
        look.compared(&mut page, planned.as_ref(), found.as_ref());
        page.blank();
    }
    page
}
