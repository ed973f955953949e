//! What was seen in AWS: something, nothing, or a refusal; and whose it is.

use std::collections::BTreeMap;

use crate::{
    aws::error::AwsError,
    connection::{ConnectionId, TAG_CONNECTION, TAG_MANAGED_BY},
    ui::{Code, Failure, Result, t},
};

/// What was seen of something in AWS. A denial (403) is never an absence.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) enum Seen<T> {
    #[default]
    Absent,
    There(T),
    /// Access denied: names the action that the caller lacks.
    Denied(&'static str),
}

impl<T> Seen<T> {
    #[must_use]
    pub(crate) fn there(&self) -> Option<&T> {
        if let Self::There(value) = self {
            Some(value)
        } else {
            None
        }
    }

    #[must_use]
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The same, with what is there borrowed.
    #[must_use]
    pub(crate) fn as_ref(&self) -> Seen<&T> {
        match self {
            Self::There(value) => Seen::There(value),
            Self::Absent => Seen::Absent,
            Self::Denied(action) => Seen::Denied(action),
        }
    }

    /// Turns what is there into something else.
    #[must_use]
    pub(crate) fn map<U>(self, with: impl FnOnce(T) -> U) -> Seen<U> {
        self.and_then(|value| Some(with(value)))
    }

    /// Looks for something in what is there; absent if it is not found.
    #[must_use]
    pub(crate) fn and_then<U>(self, find: impl FnOnce(T) -> Option<U>) -> Seen<U> {
        match self {
            Self::There(value) => find(value).map_or(Seen::Absent, Seen::There),
            Self::Absent => Seen::Absent,
            Self::Denied(action) => Seen::Denied(action),
        }
    }

    /// What was seen further in, in what is there.
    #[must_use]
    pub(crate) fn and_seen<U>(self, look: impl FnOnce(T) -> Seen<U>) -> Seen<U> {
        self.map(look).flatten()
    }

    /// The action that the caller lacks, if access was denied.
    #[must_use]
    pub(crate) fn denied(&self) -> Option<&'static str> {
        if let Self::Denied(action) = self {
            Some(action)
        } else {
            None
        }
    }

    /// What is there, `None` if it is gone. A denial is not an absence, so it is an error.
    ///
    /// # Errors
    /// Names the action that the caller lacks.
    pub(crate) fn or_gone(self, arn: &str) -> Result<Option<T>> {
        match self {
            Self::There(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::Denied(action) => Err(denied(arn, action)),
        }
    }
}

/// The refusal to change what cannot be read (access denied).
pub(crate) fn denied(arn: &str, action: &str) -> Failure {
    Failure::new(
        Code::AwsPermission,
        t!("document-denied", arn = arn, action = action),
    )
}

impl<T> Seen<Seen<T>> {
    /// Makes one result out of two nested ones.
    #[must_use]
    pub(crate) fn flatten(self) -> Seen<T> {
        match self {
            Self::There(seen) => seen,
            Self::Absent => Seen::Absent,
            Self::Denied(action) => Seen::Denied(action),
        }
    }
}

/// Turns the result of a call into what was seen: errors with one of the `absent` codes mean absent, a denial keeps the
/// action that the caller lacks.
pub(crate) fn seen<T>(result: Result<T, AwsError>, absent: &[&str]) -> Result<Seen<T>, AwsError> {
    match result {
        Ok(value) => Ok(Seen::There(value)),
        Err(error) if absent.iter().any(|code| error.is(code)) => Ok(Seen::Absent),
        Err(error) if error.is_denied() => Ok(Seen::Denied(error.action)),
        Err(error) => Err(error),
    }
}

/// Ends a change that may be repeated: an error with one of the `already` codes says that it is done already.
pub(crate) fn done_or<T>(result: Result<T, AwsError>, already: &[&str]) -> Result<()> {
    match result {
        Err(error) if !already.iter().any(|code| error.is(code)) => Err(error.into()),
        _ => Ok(()),
    }
}

/// The tags of a resource.
pub(crate) type Tags = Seen<BTreeMap<String, String>>;

/// Whether a resource carries our mark (SPEC 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Ours,
    /// It carries no connection's mark.
    None,
    /// It carries the mark of another connection, with this id.
    Other(String),
    /// The mark cannot be read (access denied): names the action that the caller lacks.
    Denied(&'static str),
}

impl Mark {
    pub(crate) fn of(id: ConnectionId, value: Option<&str>) -> Self {
        match value {
            Some(value) if value == id.to_string() => Self::Ours,
            Some(value) => Self::Other(value.to_owned()),
            None => Self::None,
        }
    }

    pub(crate) fn of_tags(id: ConnectionId, tags: &Tags) -> Self {
        match tags {
            Seen::There(tags) => Self::of(id, tags.get(TAG_CONNECTION).map(String::as_str)),
            Seen::Absent => Self::None,
            Seen::Denied(action) => Self::Denied(action),
        }
    }

    /// Refuses a resource that does not carry our mark.
    pub(crate) fn must_be_ours(&self, arn: &str) -> Result<()> {
        match self.complaint(arn) {
            None => Ok(()),
            Some(complaint) => Err(Failure::new(Code::Conflict, complaint)),
        }
    }

    /// Why a resource with this mark is not ours; `None` if it is.
    #[must_use]
    pub(crate) fn complaint(&self, arn: &str) -> Option<String> {
        match self {
            Self::Ours => None,
            Self::None => Some(t!("conflict-unmarked", arn = arn)),
            Self::Other(id) => Some(t!("conflict-other", arn = arn, id = id)),
            Self::Denied(action) => Some(t!("conflict-denied", arn = arn, action = action)),
        }
    }
}

/// Whose a resource is.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub mark: Mark,
    /// The stack that has made it, if it says so.
    pub stack: Option<Stack>,
    /// Its tags, as far as the caller may see them. Those of what was there before us are not read.
    pub tags: Tags,
}

impl Owner {
    /// The owner that tags name.
    pub(crate) fn of_tags(id: ConnectionId, tags: Tags) -> Self {
        Self {
            mark: Mark::of_tags(id, &tags),
            stack: Stack::of_tags(&tags),
            tags,
        }
    }

    /// The stack that has made a resource with the connection's mark. What is not marked may be of any stack.
    #[must_use]
    pub(crate) fn stack_of_ours(&self) -> Option<&Stack> {
        let stack = self.stack.as_ref();
        stack.filter(|_| self.mark == Mark::Ours)
    }
}

/// A stack, or other infrastructure code, that has made a resource and owns it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stack {
    /// The name of the CloudFormation stack, if AWS shows it.
    pub name: Option<String>,
}

impl Stack {
    pub(crate) fn of_tags(tags: &Tags) -> Option<Self> {
        let tags = tags.there()?;
        // CloudFormation tags what it makes with it (CloudFormation user guide, "Resource tag"); nobody else can set a tag that
        // begins with `aws:`.
        let name = tags.get("aws:cloudformation:stack-name").cloned();
        (name.is_some() || tags.contains_key(TAG_MANAGED_BY)).then_some(Self { name })
    }
}
