//! What is known of the writers of a folder, and what that says of its log files.

use std::{collections::BTreeSet, rc::Rc};

use super::days::{Day, OfDay, hashed};
use crate::audit::{
    Object,
    certify::around,
    unlisted::{is_told, times},
};

/// Who wrote a log file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrittenBy {
    /// The connection's trail: its digests list the file, or nobody else writes there.
    Ours,
    /// Only digests of another trail list the file, or those of the connection's trail, which tell of its time, do not.
    Another,
    /// Another trail may have written it: no digest lists the file, or none that can be read.
    Unknown,
}

/// What is known of the writers of a folder.
#[derive(Debug, Default)]
pub(crate) struct Writers {
    /// The names of other trails that write there.
    pub others: BTreeSet<String>,
    /// Whether the connection's trail, as it is, writes elsewhere only.
    pub(super) elsewhere: bool,
    /// The same days in the region that it logs, if that is why.
    pub(super) instead: Vec<Rc<OfDay>>,
    pub(super) days: Vec<Rc<OfDay>>,
}

impl Writers {
    /// Says who wrote a log file.
    #[must_use]
    pub(in crate::audit) fn of(&self, object: &Object) -> WrittenBy {
        if self.others.is_empty() && !self.elsewhere {
            return WrittenBy::Ours;
        }
        match self.listed(&object.key) {
            Some(by) => by,
            None if self.rule_out(object) => WrittenBy::Another,
            None => WrittenBy::Unknown,
        }
    }

    /// Says whose digests list a log file.
    pub(super) fn listed(&self, key: &str) -> Option<WrittenBy> {
        let key = hashed(key);
        if self.any(|day| day.ours.contains(&key)) {
            return Some(WrittenBy::Ours);
        }
        let theirs = self.any(|day| day.theirs.contains(&key));
        theirs.then_some(WrittenBy::Another)
    }

    /// Whether a log file that no digest lists is not that of the connection's trail: its digests tell of the time, here or in the only
    /// region that it logs.
    pub(super) fn rule_out(&self, object: &Object) -> bool {
        self.tell(object) || self.has_signed_instead(object)
    }

    /// Whether nobody else is known to write there, and no digest here says whose a log file is.
    pub(super) fn presume(&self, object: &Object) -> bool {
        self.others.is_empty() && self.listed(&object.key).is_none() && !self.tell(object)
    }

    /// Whether digests of the connection's trail tell of the time of a log file.
    fn tell(&self, object: &Object) -> bool {
        is_told(object, |at| self.any(|day| day.told.hold(at)))
    }

    /// Whether the connection's trail has signed at the time of a log file, and nothing here. That it logs another region alone is not
    /// enough: it may have logged every region then, without log file validation, so that no digest tells.
    fn has_signed_instead(&self, object: &Object) -> bool {
        let holds = |at| read(&self.instead).any(|day| day.told.hold(at));
        !self.any(|day| day.has_ours) && is_told(object, holds)
    }

    fn any(&self, fits: impl Fn(&Day) -> bool) -> bool {
        read(&self.days).any(fits)
    }

    /// A digest of the connection's trail that may not be read.
    pub(super) fn closed(&self) -> Option<&str> {
        read(&self.days).find_map(|day| day.closed.as_deref())
    }

    /// Whether an archived digest of the connection's trail may list a log file.
    pub(super) fn may_have_listed(&self, object: &Object) -> bool {
        let until = read(&self.days).filter_map(|day| day.archived_until).max();
        until.is_some_and(|until| times(object).flat_map(around).any(|at| at < until))
    }
}

/// The days whose digests were read.
fn read(days: &[Rc<OfDay>]) -> impl Iterator<Item = &Day> {
    days.iter().filter_map(|day| day.read.get())
}
