//! The plan as a screen: what is new and ours, what is yours and changes, what is only read, and counts.

use super::{kind, short};
use crate::{
    connection::{Design, Feed, Kind},
    resources::{families::Step, step::Action},
    ui::{
        layout::{Width, padded},
        page::{Page, Tone},
        t,
    },
};

/// Everything in a plan about one resource: the resource itself, and parts of it.
struct Row<'a> {
    kind: Kind,
    arn: &'a str,
    /// What happens to the resource itself; `None` if only parts of it are in the plan.
    own: Option<&'a Step>,
    parts: Vec<&'a Step>,
}

/// The groups of a plan, in the order of the screen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    New,
    OursChanged,
    YoursChanged,
    YoursUsed,
    Deleted,
    Kept,
}

impl Group {
    const ALL: [Self; 6] = [
        Self::New,
        Self::OursChanged,
        Self::YoursChanged,
        Self::YoursUsed,
        Self::Deleted,
        Self::Kept,
    ];

    fn heading(self, removal: bool) -> String {
        match self {
            Self::New => t!("group-new"),
            Self::OursChanged => t!("group-ours-changed"),
            Self::YoursChanged if removal => t!("group-yours-restored"),
            Self::YoursChanged => t!("group-yours-changed"),
            Self::YoursUsed => t!("group-yours-used"),
            Self::Deleted => t!("group-deleted"),
            Self::Kept => t!("group-kept"),
        }
    }
}

/// The resource that a part belongs to.
fn resource(kind: Kind) -> Kind {
    match kind {
        Kind::RolePolicy => Kind::Role,
        Kind::BucketPolicyStatement | Kind::BucketNotification | Kind::Lifecycle => Kind::Bucket,
        Kind::TopicPolicyStatement | Kind::Subscription => Kind::Topic,
        Kind::FunctionPermission => Kind::Function,
        Kind::TrailTopic => Kind::Trail,
        whole => whole,
    }
}

fn rows(steps: &[Step]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for step in steps {
        let kind = resource(step.kind());
        let found = rows
            .iter()
            .position(|row| row.kind == kind && row.arn == step.arn);
        let at = found.unwrap_or_else(|| {
            rows.push(Row {
                kind,
                arn: &step.arn,
                own: None,
                parts: Vec::new(),
            });
            rows.len() - 1
        });
        if step.kind() == kind {
            rows[at].own = Some(step);
        } else {
            rows[at].parts.push(step);
        }
    }
    rows
}

impl Row<'_> {
    fn changes_parts(&self) -> bool {
        self.parts.iter().any(|part| part.writes())
    }

    /// Whether the resource is of the whole organization, and stays when the connection is removed.
    fn is_of_organization(&self) -> bool {
        matches!(self.kind, Kind::TrustedAccess | Kind::ServiceLinkedRole)
    }

    /// The group of the row; `None` if it stays as it is, without a reason to name it.
    fn group(&self) -> Option<Group> {
        let changes = self.changes_parts();
        Some(match self.own.map(Step::action) {
            Some(Action::Create) if self.is_of_organization() => Group::YoursChanged,
            Some(Action::Create) => Group::New,
            Some(Action::Delete) => Group::Deleted,
            Some(Action::Modify | Action::Restore) => Group::OursChanged,
            Some(Action::Keep) if changes => Group::OursChanged,
            Some(Action::Keep) => self.own?.reason.as_ref().map(|_| Group::Kept)?,
            Some(Action::Use) | None if changes => Group::YoursChanged,
            Some(Action::Use) => Group::YoursUsed,
            None => {
                let named = self.parts.iter().any(|part| part.reason.is_some());
                named.then_some(Group::Kept)?
            }
        })
    }
}

/// How many of a plan's steps create, change, use and delete. What is added to a resource that is not ours is a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    create: usize,
    change: usize,
    used: usize,
    delete: usize,
}

impl Counts {
    fn of(rows: &[Row<'_>]) -> Self {
        let mut counts = Self::default();
        for row in rows {
            let yours = row.group() == Some(Group::YoursChanged);
            for step in row.own.iter().chain(&row.parts) {
                match step.action() {
                    Action::Create if !yours => counts.create += 1,
                    Action::Create | Action::Modify | Action::Restore => counts.change += 1,
                    Action::Use => counts.used += 1,
                    Action::Delete if yours => counts.change += 1,
                    Action::Delete => counts.delete += 1,
                    Action::Keep => {}
                }
            }
        }
        counts
    }
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
    for group in Group::ALL {
        let of_group: Vec<&Row<'_>> = rows
            .iter()
            .filter(|row| row.group() == Some(group))
            .collect();
        if of_group.is_empty() {
            continue;
        }
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
    let counts = Counts::of(&rows);
    page.plain(t!(
        "plan-counts",
        create = counts.create,
        change = counts.change,
        used = counts.used,
        delete = counts.delete
    ));
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
    let own = row.own.map(Step::action);
    // Of a resource that is only there for its parts, the parts are what changes.
    let action = match group {
        Group::YoursChanged if own != Some(Action::Create) => Action::Modify,
        Group::OursChanged => Action::Modify,
        _ => own.unwrap_or(Action::Keep),
    };
    let reason = row.own.and_then(|step| step.reason.as_deref());
    let mut text = format!(
        "  {} {}  {}",
        mark(action, words),
        padded(&kind(row.kind), kinds),
        short(row.arn)
    );
    if let Some(reason) = reason {
        text.push_str(&format!("  ({reason})"));
    }
    page.line(tone(action), text);
    let indent = " ".repeat(look.indent());
    for part in row
        .parts
        .iter()
        .filter(|part| part.writes() || part.reason.is_some())
    {
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

fn tone(action: Action) -> Tone {
    match action {
        Action::Create => Tone::Added,
        Action::Modify | Action::Restore => Tone::Changed,
        Action::Delete => Tone::Removed,
        Action::Use | Action::Keep => Tone::Plain,
    }
}

/// What stands before a step: a mark, or a word for screen readers.
fn mark(action: Action, words: bool) -> String {
    if words {
        return super::verb(action);
    }
    match action {
        Action::Create => "+",
        Action::Modify | Action::Restore => "~",
        Action::Delete => "-",
        Action::Use | Action::Keep => "=",
    }
    .to_owned()
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
