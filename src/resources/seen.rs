//! What a look at AWS finds: something, nothing, or a refusal to look; and whose it is.

use crate::{
    aws::error::AwsError,
    connection::{ConnectionId, TAG_CONNECTION},
    ui::{Code, Failure, Result, t},
};

/// What a look at AWS found. A denial (403) is never an absence.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Seen<T> {
    #[default]
    Absent,
    There(T),
    /// The caller may not see it; the action that is missing.
    Denied(&'static str),
}

impl<T> Seen<T> {
    #[must_use]
    pub fn there(&self) -> Option<&T> {
        if let Self::There(value) = self {
            Some(value)
        } else {
            None
        }
    }

    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// What is there, turned into something else.
    #[must_use]
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Seen<U> {
        self.and_then(|value| Some(with(value)))
    }

    /// What is found in what is there; absent where nothing is.
    #[must_use]
    pub fn and_then<U>(self, find: impl FnOnce(T) -> Option<U>) -> Seen<U> {
        match self {
            Self::There(value) => find(value).map_or(Seen::Absent, Seen::There),
            Self::Absent => Seen::Absent,
            Self::Denied(action) => Seen::Denied(action),
        }
    }

    /// The action that is missing, where it cannot be seen.
    #[must_use]
    pub fn denied(&self) -> Option<&'static str> {
        if let Self::Denied(action) = self {
            Some(action)
        } else {
            None
        }
    }

    /// What is there, before it is deleted: a denial is not an absence, and so ends here.
    ///
    /// # Errors
    /// Names the action that is missing.
    pub fn or_gone(self, arn: &str) -> Result<Option<T>> {
        match self {
            Self::There(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::Denied(action) => Err(denied(arn, action)),
        }
    }
}

/// The refusal to change what cannot be looked at.
pub(crate) fn denied(arn: &str, action: &str) -> Failure {
    Failure::new(
        Code::AwsPermission,
        t!("document-unseen", arn = arn, action = action),
    )
}

impl<T> Seen<Seen<T>> {
    /// Two looks as one.
    #[must_use]
    pub fn flatten(self) -> Seen<T> {
        match self {
            Self::There(seen) => seen,
            Self::Absent => Seen::Absent,
            Self::Denied(action) => Seen::Denied(action),
        }
    }
}

/// Turns an error into what was seen: these codes mean absent, a denial is told with the action that is missing.
pub(crate) fn seen<T>(result: Result<T, AwsError>, absent: &[&str]) -> Result<Seen<T>, AwsError> {
    match result {
        Ok(value) => Ok(Seen::There(value)),
        Err(error) if absent.iter().any(|code| error.is(code)) => Ok(Seen::Absent),
        Err(error) if error.is_denied() => Ok(Seen::Denied(error.action)),
        Err(error) => Err(error),
    }
}

/// The end of a change that may be repeated: these codes say that it is done already.
pub(crate) fn done_or<T>(result: Result<T, AwsError>, already: &[&str]) -> Result<()> {
    match result {
        Err(error) if !already.iter().any(|code| error.is(code)) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether a resource carries our mark (SPEC 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Ours,
    /// No mark of ours or of any connection.
    None,
    /// The mark of another connection: its id.
    Other(String),
    /// The caller may not read it.
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

    pub(crate) fn of_tags<'a>(
        id: ConnectionId,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let value = tags
            .into_iter()
            .find(|(key, _)| *key == TAG_CONNECTION)
            .map(|(_, value)| value);
        Self::of(id, value)
    }

    /// `Ok` where it is ours; otherwise the refusal that names it.
    pub fn must_be_ours(&self, arn: &str) -> Result<()> {
        match self.complaint(arn) {
            None => Ok(()),
            Some(complaint) => Err(Failure::new(Code::Conflict, complaint)),
        }
    }

    /// Why this is not ours; `None` where it is.
    #[must_use]
    pub fn complaint(&self, arn: &str) -> Option<String> {
        match self {
            Self::Ours => None,
            Self::None => Some(t!("conflict-unmarked", arn = arn)),
            Self::Other(id) => Some(t!("conflict-other", arn = arn, id = id)),
            Self::Denied(action) => Some(t!("conflict-unseen", arn = arn, action = action)),
        }
    }
}
