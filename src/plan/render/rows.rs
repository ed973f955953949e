//! The steps of a plan by resource, and the groups in which screens show them.

use crate::{
    connection::Kind,
    resources::{families::Step, step::Action},
    ui::t,
};

/// Everything in a plan about one resource: the resource itself, and parts of it.
pub(super) struct Row<'a> {
    pub kind: Kind,
    pub arn: &'a str,
    /// What happens to the resource itself; `None` if only parts of it are in the plan.
    pub own: Option<&'a Step>,
    pub parts: Vec<&'a Step>,
}

/// The groups of a plan, in the order of the screen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    New,
    OursChanged,
    YoursChanged,
    YoursUsed,
    Deleted,
    Kept,
}

impl Group {
    pub(super) const ALL: [Self; 6] = [
        Self::New,
        Self::OursChanged,
        Self::YoursChanged,
        Self::YoursUsed,
        Self::Deleted,
        Self::Kept,
    ];

    pub(super) fn heading(self, removal: bool) -> String {
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
pub(super) fn resource(kind: Kind) -> Kind {
    match kind {
        Kind::RolePolicy => Kind::Role,
        Kind::BucketPolicyStatement | Kind::BucketNotification | Kind::Lifecycle => Kind::Bucket,
        Kind::TopicPolicyStatement | Kind::Subscription => Kind::Topic,
        Kind::FunctionPermission => Kind::Function,
        Kind::TrailTopic => Kind::Trail,
        whole => whole,
    }
}

/// Whether a resource is of the whole organization, and stays when the connection is removed.
pub(super) fn is_of_organization(kind: Kind) -> bool {
    matches!(kind, Kind::TrustedAccess | Kind::ServiceLinkedRole)
}

/// The resources of a plan, in the order of its steps.
pub(super) fn rows(steps: &[Step]) -> Vec<Row<'_>> {
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

/// The resources of each group that has any.
pub(super) fn grouped<'a>(rows: &'a [Row<'a>]) -> impl Iterator<Item = (Group, Vec<&'a Row<'a>>)> {
    let of = |group| {
        let of_group = rows.iter().filter(move |row| row.group() == Some(group));
        (group, of_group.collect::<Vec<_>>())
    };
    let groups = Group::ALL.into_iter().map(of);
    groups.filter(|(_, of_group)| !of_group.is_empty())
}

impl<'a> Row<'a> {
    /// The parts that a screen lists: those that change, and those that stay for a stated reason.
    pub(super) fn listed_parts(&self) -> impl Iterator<Item = &'a Step> {
        let parts = self.parts.iter().copied();
        parts.filter(|part| part.writes() || part.reason.is_some())
    }

    fn changes_parts(&self) -> bool {
        self.parts.iter().any(|part| part.writes())
    }

    /// The group of the row; `None` if it stays as it is, without a reason to name it.
    pub(super) fn group(&self) -> Option<Group> {
        let changes = self.changes_parts();
        Some(match self.own.map(Step::action) {
            Some(Action::Create) if is_of_organization(self.kind) => Group::YoursChanged,
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

    /// What happens to the resource, as the screen says it. Of one that is only there for its parts, the parts are what changes.
    pub(super) fn action(&self, group: Group) -> Action {
        let own = self.own.map(Step::action);
        match group {
            Group::YoursChanged if own != Some(Action::Create) => Action::Modify,
            Group::OursChanged => Action::Modify,
            _ => own.unwrap_or(Action::Keep),
        }
    }
}
