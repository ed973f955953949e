//! The changes that can be made to the bucket.

use super::{create, delete, lifecycle, policy};
use crate::{
    connection::{Design, Kind},
    resources::{
        cx::Cx,
        step::{self, Action, Facts},
    },
    ui::Result,
};

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Create,
    AddStatements,
    MendStatements,
    RemoveStatements,
    /// `new`: the bucket is made in this run, so it has no rules of others.
    AddExpiry {
        days: i32,
        new: bool,
    },
    MendExpiry {
        days: i32,
    },
    /// A bucket of the computed name that was never used.
    DeleteUntouched,
    DeleteWithLogs,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        let statements = |action, events| Facts::new(action, Kind::BucketPolicyStatement, events);
        let expiry = |action| Facts::new(action, Kind::Lifecycle, &["PutBucketLifecycle"]);
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::Bucket,
                &["CreateBucket", "PutBucketTagging"],
            ),
            Self::AddStatements => statements(Action::Create, &["PutBucketPolicy"]),
            Self::MendStatements => statements(Action::Modify, &["PutBucketPolicy"]),
            Self::RemoveStatements => {
                statements(Action::Restore, &["PutBucketPolicy", "DeleteBucketPolicy"])
            }
            Self::AddExpiry { .. } => expiry(Action::Create),
            Self::MendExpiry { .. } => expiry(Action::Modify),
            Self::DeleteUntouched | Self::DeleteWithLogs => {
                Facts::new(Action::Delete, Kind::Bucket, &["DeleteBucket"])
            }
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            Self::Create => &[],
            Self::AddStatements | Self::MendStatements => &[Kind::Bucket],
            Self::RemoveStatements => &[Kind::Trail],
            // S3 takes one change of a bucket at a time.
            Self::AddExpiry { .. } | Self::MendExpiry { .. } => {
                &[Kind::Bucket, Kind::BucketPolicyStatement]
            }
            Self::DeleteUntouched | Self::DeleteWithLogs => {
                &[Kind::Trail, Kind::BucketPolicyStatement]
            }
        }
    }
}

/// Carries a change out. Every change is safe to repeat.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create => create::create(cx).await,
        Change::AddStatements | Change::MendStatements => policy::merge_policy(cx).await,
        Change::RemoveStatements => policy::restore_policy(cx).await,
        Change::AddExpiry { days, new } => lifecycle::put_lifecycle(cx, *days, *new).await,
        Change::MendExpiry { days } => lifecycle::put_lifecycle(cx, *days, false).await,
        Change::DeleteUntouched => delete::delete_untouched(cx).await,
        Change::DeleteWithLogs => delete::delete_with_logs(cx).await,
    }
}
