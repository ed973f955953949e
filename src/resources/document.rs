//! Changes of documents that others write too. AWS has no compare-and-set for them, so a document is read right before each
//! attempt and written once; the caller then reads it back (SPEC 2.1). [`Written`] is what a plan knows of such a change.

use std::{future::Future, time::Duration};

use aws_config::retry::RetryConfig;
use serde_json::Value;
use tokio::time::Instant;

use super::{cx::Cx, seen::Seen};
use crate::{
    aws::error::AwsError,
    connection::Kind,
    ui::{Failure, Result, t},
};

/// How long a change is tried again after refusals.
const BUDGET: Duration = Duration::from_secs(60);
/// Number of further attempts after answers that do not say whether the document was written.
const UNCLEAR: u32 = 4;

/// A document that a step writes, as it was seen and as the step leaves it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    /// What the step is about, which says which document of the resource it writes. For a role, that is its trust.
    pub kind: Kind,
    /// ARN of the resource that has the document.
    pub arn: String,
    pub before: Seen<Value>,
    /// `None` if there is none afterwards, or if it could not be read.
    pub after: Option<Value>,
}

impl Written {
    /// What `change` makes of a document. Of one that could not be read, nobody knows.
    #[must_use]
    pub(crate) fn by(
        kind: Kind,
        arn: String,
        before: Seen<Value>,
        change: impl FnOnce(Option<&Value>) -> Option<Value>,
    ) -> Self {
        let after = match &before {
            Seen::Denied(_) => None,
            seen => change(seen.there()),
        };
        Self {
            kind,
            arn,
            before,
            after,
        }
    }

    /// A document that could not be read, and stays.
    #[must_use]
    pub(crate) fn unread(kind: Kind, arn: &str, action: &'static str) -> Self {
        Self::by(kind, arn.to_owned(), Seen::Denied(action), |_| None)
    }
}

/// Why a change did not go through.
pub(crate) enum Refused {
    /// AWS refused, perhaps only for the moment.
    Aws(AwsError),
    Failure(Failure),
}

impl From<AwsError> for Refused {
    fn from(error: AwsError) -> Self {
        Self::Aws(error)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Turns the SDK's retries off: it would send a document again that someone else has changed meanwhile.
#[must_use]
pub(crate) fn once() -> RetryConfig {
    RetryConfig::disabled()
}

/// Makes a change of a document. Each `attempt` reads the document first and leaves it alone if the change is there already. It
/// is repeated after a refusal that `passing` knows, and if the answer was lost or AWS failed.
pub(crate) async fn change<F, Fut>(
    cx: Cx<'_>,
    passing: impl Fn(&AwsError) -> Option<String>,
    mut attempt: F,
) -> Result<()>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(), Refused>>,
{
    let end = Instant::now() + BUDGET;
    let mut pause = Duration::from_millis(500);
    let mut unclear = 0;
    loop {
        let error = match attempt().await {
            Ok(()) => return Ok(()),
            Err(Refused::Failure(failure)) => return Err(failure),
            Err(Refused::Aws(error)) => error,
        };
        let now = Instant::now();
        let what = match passing(&error) {
            Some(what) => what,
            None if error.is_passing() && unclear < UNCLEAR => {
                unclear += 1;
                t!("wait-document")
            }
            None => return Err(error.into()),
        };
        if now >= end {
            return Err(error.into());
        }
        (cx.waiting)(&what, end - now);
        tokio::time::sleep(pause.min(end - now)).await;
        pause = (pause * 2).min(Duration::from_secs(8));
    }
}

/// Parses a policy document from an answer of AWS. One that does not parse is an error and not absent, since it would be
/// overwritten.
pub(crate) fn readable(
    action: &'static str,
    found: Seen<Option<String>>,
) -> Result<Seen<Value>, AwsError> {
    match found.and_then(|text| text) {
        Seen::There(text) => match serde_json::from_str(&text) {
            Ok(document) => Ok(Seen::There(document)),
            Err(error) => {
                let cause = error.to_string();
                Err(AwsError::in_answer(
                    action,
                    Some("UnreadableDocument"),
                    Some(&cause),
                ))
            }
        },
        Seen::Absent => Ok(Seen::Absent),
        Seen::Denied(action) => Ok(Seen::Denied(action)),
    }
}
