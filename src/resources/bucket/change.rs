//! The changes that can be made to the bucket.

use super::{create, delete, lifecycle, policy, state::Observed};
use crate::{
    connection::{Design, Kind},
    resources::{
        cx::Cx,
        document::Written,
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
        let statements = |action| {
            Facts::new(
                action,
                Kind::BucketPolicyStatement,
                &["PutBucketPolicy"],
                &["s3:PutBucketPolicy"],
            )
        };
        let expiry = |action| {
            Facts::new(
                action,
                Kind::Lifecycle,
                &["PutBucketLifecycle"],
                &["s3:PutLifecycleConfiguration"],
            )
        };
        let delete =
            |permissions| Facts::new(Action::Delete, Kind::Bucket, &["DeleteBucket"], permissions);
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::Bucket,
                &["CreateBucket", "PutBucketTagging"],
                &["s3:CreateBucket", "s3:PutBucketTagging"],
            ),
            Self::AddStatements => statements(Action::Create),
            Self::MendStatements => statements(Action::Modify),
            Self::RemoveStatements => Facts::new(
                Action::Restore,
                Kind::BucketPolicyStatement,
                &["PutBucketPolicy", "DeleteBucketPolicy"],
                &["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"],
            ),
            Self::AddExpiry { .. } => expiry(Action::Create),
            Self::MendExpiry { .. } => expiry(Action::Modify),
            Self::DeleteUntouched => delete(&["s3:DeleteBucket"]),
            Self::DeleteWithLogs => delete(&[
                "s3:DeleteObject",
                "s3:DeleteObjectVersion",
                "s3:DeleteBucket",
            ]),
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

/// The document that a change writes, before and after; `None` if the change writes none.
#[must_use]
pub(crate) fn written(design: &Design, seen: &Observed, change: Change) -> Option<Written> {
    match change {
        Change::AddStatements | Change::MendStatements => Some(policy::merged(design, seen)),
        Change::RemoveStatements => Some(policy::restored(design, seen)),
        Change::AddExpiry { days, .. } | Change::MendExpiry { days } => {
            Some(lifecycle::written(design, seen, days))
        }
        Change::Create | Change::DeleteUntouched | Change::DeleteWithLogs => None,
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
