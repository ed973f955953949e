//! Deletes the bucket: one that was never used, or one with its log files if the user asked for that.

use std::time::Duration;

use tokio::time::Instant;

use super::{empty::empty, foreign::not_deletable, look::observe, writes::fresh};
use crate::{
    aws::error::AwsError,
    resources::{
        cx::Cx,
        seen::{Seen, denied},
    },
    ui::{Code, Failure, Result, t},
};

/// How long one run goes on emptying a bucket; the next run continues.
const EMPTYING: Duration = Duration::from_secs(3600);
/// How long to wait for late log files: CloudTrail may deliver for some minutes after its trail is gone.
const LATE: Duration = Duration::from_secs(600);

/// Deletes a bucket that was never used. If it is in use by now, for example because another run continues the setup, it is
/// kept: the plan did not speak of log files.
pub(super) async fn delete_untouched(cx: Cx<'_>) -> Result<()> {
    match was_never_used(cx).await? {
        None => Ok(()),
        Some(true) => delete(cx, true).await,
        Some(false) => Err(Failure::new(
            Code::Conflict,
            t!("bucket-in-use", bucket = cx.design.bucket),
        )),
    }
}

/// Deletes a bucket that holds nothing but our log files, after deleting all versions of them.
pub(super) async fn delete_with_logs(cx: Cx<'_>) -> Result<()> {
    match was_never_used(cx).await? {
        None => Ok(()),
        Some(never_used) => delete(cx, never_used).await,
    }
}

async fn delete(cx: Cx<'_>, never_used: bool) -> Result<()> {
    let (aws, design) = (cx.aws, cx.design);
    let end = Instant::now() + EMPTYING;
    let mut late = None;
    loop {
        if !never_used {
            empty(cx, end).await?;
        }
        let late = *late.get_or_insert_with(|| Instant::now() + LATE);
        let error = match delete_bucket(cx).await {
            Err(error) if !error.is("NoSuchBucket") => error,
            _ => return Ok(()),
        };
        let (what, pause) = if error.is("BucketNotEmpty") {
            // What arrived meanwhile may not be ours. A bucket that was never used must hold old versions of something.
            if let Some(complaint) = not_deletable(aws, design).await? {
                return Err(Failure::new(Code::Conflict, complaint));
            }
            if never_used {
                return Err(error.into());
            }
            (t!("wait-bucket-empty"), Duration::from_secs(5))
        } else if fresh(&error).is_some() {
            (t!("wait-bucket-name"), Duration::from_secs(1))
        } else {
            return Err(error.into());
        };
        let now = Instant::now();
        if now >= late {
            return Err(error.into());
        }
        (cx.waiting)(&what, late - now);
        tokio::time::sleep(pause.min(late - now)).await;
    }
}

/// Whether the bucket was never used; `None` if it is gone. Refuses a bucket that is not ours.
async fn was_never_used(cx: Cx<'_>) -> Result<Option<bool>> {
    let design = cx.design;
    match observe(cx.aws, design).await? {
        Seen::There(Ok(state)) if state.was_never_used(design) => Ok(Some(true)),
        Seen::There(Ok(state)) => {
            state.owner.mark.must_be_ours(&design.bucket_arn())?;
            Ok(Some(false))
        }
        Seen::There(Err(_)) => Err(Failure::new(
            Code::Conflict,
            t!("conflict-bucket-taken", bucket = design.bucket),
        )),
        Seen::Absent => Ok(None),
        Seen::Denied(action) => Err(denied(&design.bucket_arn(), action)),
    }
}

async fn delete_bucket(cx: Cx<'_>) -> Result<(), AwsError> {
    cx.aws
        .s3
        .delete_bucket()
        .bucket(&cx.design.bucket)
        .expected_bucket_owner(cx.design.account.as_str())
        .send()
        .await
        .map_err(AwsError::of("s3:DeleteBucket"))?;
    Ok(())
}
