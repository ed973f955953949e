//! The plan as a screen: what is new and ours, what is yours and changes, what is only read, and counts.

use super::{
    kind, mark,
    rows::{Group, Row, grouped, is_of_organization, resource, rows},
    short, tone,
};
use crate::{
    connection::{Design, Feed, Kind},
    plan::file::{Line, PlanFile},
    resources::{families::Step, step::Action},
    ui::{
        layout::Width,
        page::{Page, Tone},
        t,
        table::labelled,
    },
};

/// How much of what a screen lists is created, changed, deleted, used and kept. A resource that changes counts once: its parts
/// say how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    create: usize,
    change: usize,
    delete: usize,
    used: usize,
    kept: usize,
}

impl Counts {
    fn of(rows: &[Row<'_>]) -> Self {
        let mut counts = Self::default();
        for row in rows {
            match row.group() {
                Some(Group::New | Group::Deleted) => {
                    for step in row.own.into_iter().chain(row.listed_parts()) {
                        counts.add(step.action());
                    }
                }
                Some(Group::OursChanged | Group::YoursChanged) => counts.change += 1,
                Some(Group::YoursUsed) => counts.used += 1,
                Some(Group::Kept) => counts.kept += 1,
                None => {}
            }
        }
        counts
    }

    fn add(&mut self, action: Action) {
        match action {
            Action::Create => self.create += 1,
            Action::Modify | Action::Restore => self.change += 1,
            Action::Delete => self.delete += 1,
            Action::Use => self.used += 1,
            Action::Keep => self.kept += 1,
        }
    }

    /// Adds what a plan in a file writes, counted as on the screen of that plan.
    fn add_lines(&mut self, lines: &[Line]) {
        let mut resources: Vec<(Kind, &str)> = Vec::new();
        for line in lines.iter().filter(|line| line.writes()) {
            let of = (resource(line.kind), line.arn.as_str());
            if !resources.contains(&of) {
                resources.push(of);
            }
        }
        for (kind, arn) in resources {
            let of = |line: &&Line| resource(line.kind) == kind && line.arn == arn;
            let own = lines.iter().filter(of).find(|line| line.kind == kind);
            match own.map(|own| own.action) {
                Some(Action::Create) if is_of_organization(kind) => self.change += 1,
                Some(Action::Create | Action::Delete) => {
                    let written = lines.iter().filter(of).filter(|line| line.writes());
                    written.for_each(|line| self.add(line.action));
                }
                _ => self.change += 1,
            }
        }
    }

    /// The counts in words, without those that are zero.
    fn said(self) -> String {
        match self.listed() {
            Some(counts) => t!("plan-counts", counts = counts),
            None => t!("plan-counts-none"),
        }
    }

    fn listed(self) -> Option<String> {
        let said: Vec<String> = [
            (self.create, t!("count-create", number = self.create)),
            (self.change, t!("count-change", number = self.change)),
            (self.delete, t!("count-delete", number = self.delete)),
            (self.used, t!("count-used", number = self.used)),
            (self.kept, t!("count-kept", number = self.kept)),
        ]
        .into_iter()
        .filter_map(|(number, words)| (number > 0).then_some(words))
        .collect();
        (!said.is_empty()).then(|| said.join(&t!("counts-between")))
    }
}

/// What plans in files create, change and delete, in words; `None` if that is nothing. Each is counted as on its own screen.
#[must_use]
pub(crate) fn counted<'a>(plans: impl IntoIterator<Item = &'a PlanFile>) -> Option<String> {
    let mut counts = Counts::default();
    for plan in plans {
        counts.add_lines(&plan.steps);
    }
    counts.listed()
}

/// Returns the steps as a screen, in groups, with counts below.
#[must_use]
pub(crate) fn groups(steps: &[Step], removal: bool, width: Width, words: bool) -> Page {
    let mut page = Page::default();
    let rows = rows(steps);
    let kinds = rows.iter().map(|row| width_of(&kind(row.kind)));
    let look = Look {
        kinds: kinds.max().unwrap_or_default(),
        width,
        words,
    };
    for (group, of_group) in grouped(&rows) {
        page.heading(format!("  {}", group.heading(removal)));
        for row in of_group {
            show(&mut page, row, group, look);
        }
        page.blank();
    }
    let stay = rows.iter().filter(|row| row.group().is_none()).count();
    if stay > 0 {
        page.line(Tone::Quiet, t!("plan-kept", count = stay));
    }
    page.plain(Counts::of(&rows).said());
    page
}

fn width_of(text: &str) -> usize {
    console::measure_text_width(text)
}

/// How rows are laid out.
#[derive(Clone, Copy)]
struct Look {
    /// The width of the longest name of a kind.
    kinds: usize,
    width: Width,
    words: bool,
}

fn show(page: &mut Page, row: &Row<'_>, group: Group, look: Look) {
    let Look { kinds, words, .. } = look;
    let action = row.action(group);
    let reason = row.own.and_then(|step| step.reason.as_deref());
    let named = labelled(&kind(row.kind), kinds, short(row.arn), words);
    let mut text = format!("  {} {named}", mark(action, words));
    if let Some(reason) = reason {
        text.push_str(&format!("  ({reason})"));
    }
    page.line(tone(action), text);
    let indent = " ".repeat(look.indent());
    for part in row.listed_parts() {
        page.line(
            tone(part.action()),
            format!("{indent}{}", of_part(part, group, words)),
        );
    }
}

impl Look {
    /// How far parts stand below their resource: below its name, if there is room.
    fn indent(self) -> usize {
        match self.width.columns() {
            Some(columns) if columns < 60 => 4,
            _ => self.kinds + 6,
        }
    }
}

/// A part in one line. What is put into something that is not ours is named by its id.
fn of_part(part: &Step, group: Group, words: bool) -> String {
    let mut text = format!("{} {}", mark(part.action(), words), kind(part.kind()));
    if group == Group::YoursChanged && !part.ids.is_empty() {
        text.push_str(&format!("  {}", part.ids.join(", ")));
    }
    if let Some(reason) = &part.reason {
        text.push_str(&format!("  ({reason})"));
    }
    text
}

/// Returns the way of the log files, from the trail to Sophos.
#[must_use]
pub(crate) fn path(design: &Design, steps: &[Step], tenant: &str, words: bool) -> String {
    let rows = rows(steps);
    let named = |kind: Kind| {
        let what = super::kind(kind);
        let row = rows.iter().find(|row| row.kind == kind);
        match row.and_then(|row| row.own).map(Step::action) {
            Some(Action::Create) => t!("path-new", kind = what),
            Some(Action::Use) | None => t!("path-yours", kind = what),
            Some(_) => t!("path-ours", kind = what),
        }
    };
    let bridge = || vec![Kind::Bucket, Kind::EventRule, Kind::Function];
    let hops = match &design.feed {
        Feed::New | Feed::Subscribe { .. } | Feed::Trail { .. } => {
            vec![Kind::Trail, Kind::Bucket, Kind::Topic, Kind::Function]
        }
        Feed::Bucket { .. } => vec![Kind::Bucket, Kind::Topic, Kind::Function],
        Feed::EventBridge { .. } => bridge(),
    };
    let arrow = if words {
        t!("path-to")
    } else {
        " ─▶ ".to_owned()
    };
    let mut names: Vec<String> = hops.into_iter().map(named).collect();
    names.push(format!("Sophos {tenant}"));
    format!("  {}", names.join(&arrow))
}
