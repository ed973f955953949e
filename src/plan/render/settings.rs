//! The settings that a plan changes as a screen, each before and after.

use serde_json::{Map, Value};

use super::{documents::Look, kind, mark, tone};
use crate::{
    connection::Kind,
    plan::file,
    resources::{families::Step, settings::Settings, step::Action},
    ui::{layout::Width, page::Page},
};

/// Returns the settings that steps change of what is there already. Those of what is made are in its steps.
#[must_use]
pub(crate) fn settings(steps: &[Step], settings: &[Settings], width: Width, words: bool) -> Page {
    let mut page = Page::default();
    let look = Look::new(width, words);
    let mut shown: Vec<(Kind, &str)> = Vec::new();
    for step in steps {
        let (action, about) = (step.action(), (step.kind(), step.arn.as_str()));
        let changes = matches!(action, Action::Modify | Action::Restore);
        // Several steps may be about one resource.
        if !changes || shown.contains(&about) {
            continue;
        }
        shown.push(about);
        let told = file::of_step(step, settings).into_iter();
        let changed = told.filter(|one| one.unread.is_none() && one.before != one.after);
        let (mut before, mut after) = (Map::new(), Map::new());
        for one in changed {
            before.extend(one.before.map(|value| (one.name.clone(), value)));
            after.extend(one.after.map(|value| (one.name, value)));
        }
        if before.is_empty() && after.is_empty() {
            continue;
        }
        let mark = mark(action, words);
        let heading = format!("  {mark} {} {}", kind(step.kind()), step.arn);
        page.line(tone(action), heading);
        let (before, after) = (Value::Object(before), Value::Object(after));
        look.compared(&mut page, Some(&before), Some(&after));
        page.blank();
    }
    page
}
