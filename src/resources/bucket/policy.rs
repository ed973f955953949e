//! Our statements of the bucket's policy: read, merged or taken out, written and read again (SPEC 2.1).

use std::time::Duration;

use serde_json::Value;

use super::{
    state::Observed,
    writes::{fresh, once},
};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::{Design, Kind},
    policy,
    resources::{
        cx::Cx,
        document::{self, Written},
        seen::{Seen, denied, seen},
    },
    ui::{Code, Failure, Result, t},
};

/// The bucket's policy before and after our statements are put into it.
#[must_use]
pub(super) fn merged(design: &Design, seen: &Observed) -> Written {
    written(design, seen, |before| Some(with_ours(design, before)))
}

/// The bucket's policy before and after our statements are taken out.
#[must_use]
pub(super) fn restored(design: &Design, seen: &Observed) -> Written {
    written(design, seen, |before| without_ours(design, before?))
}

fn written(
    design: &Design,
    seen: &Observed,
    change: impl FnOnce(Option<&Value>) -> Option<Value>,
) -> Written {
    let before = match seen {
        Seen::There(Ok(state)) => state.policy.clone(),
        Seen::There(Err(_)) | Seen::Absent => Seen::Absent,
        Seen::Denied(action) => Seen::Denied(action),
    };
    let (kind, arn) = (Kind::BucketPolicyStatement, design.bucket_arn());
    Written::by(kind, arn, before, change)
}

/// The policy with our statements in it.
fn with_ours(design: &Design, before: Option<&Value>) -> Value {
    policy::merge(before, &design.bucket_statements())
}

/// The policy without our statements. `None` if nothing else is in it: S3 accepts no policy without statements, so there was
/// none before ours.
fn without_ours(design: &Design, before: &Value) -> Option<Value> {
    policy::without(before, &design.bucket_statement_ids())
}

pub(super) async fn read_policy(aws: &Aws, bucket: &str) -> Result<Seen<Value>, AwsError> {
    let policy = aws
        .s3
        .get_bucket_policy()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await
        .map_err(AwsError::of("s3:GetBucketPolicy"));
    let found = seen(policy, &["NoSuchBucketPolicy"])?.map(|answer| answer.policy);
    document::readable("s3:GetBucketPolicy", found)
}

/// Puts our statements into the bucket's policy and waits until they can be read back.
pub(super) async fn merge_policy(cx: Cx<'_>) -> Result<()> {
    let ours = cx.design.bucket_statements();
    document::change(cx, fresh, || async {
        let before = match read_policy(cx.aws, &cx.design.bucket).await? {
            Seen::There(document) if policy::contains(&document, &ours) => return Ok(()),
            Seen::There(document) => Some(document),
            Seen::Absent => None,
            Seen::Denied(action) => return Err(denied(&cx.design.bucket_arn(), action).into()),
        };
        write_policy(cx, &with_ours(cx.design, before.as_ref())).await?;
        Ok(())
    })
    .await?;
    visible(cx, |document| {
        document.is_some_and(|document| policy::contains(document, &ours))
    })
    .await
}

/// Takes our statements out; the document is deleted if nothing else is in it.
pub(super) async fn restore_policy(cx: Cx<'_>) -> Result<()> {
    let ids = cx.design.bucket_statement_ids();
    document::change(cx, fresh, || async {
        let document = match read_policy(cx.aws, &cx.design.bucket).await? {
            Seen::There(document) => document,
            Seen::Absent => return Ok(()),
            Seen::Denied(action) => return Err(denied(&cx.design.bucket_arn(), action).into()),
        };
        if policy::present(&document, &ids).is_empty() {
            return Ok(());
        }
        match without_ours(cx.design, &document) {
            Some(rest) => write_policy(cx, &rest).await?,
            None => delete_policy(cx).await?,
        }
        Ok(())
    })
    .await?;
    visible(cx, |document| {
        document.is_none_or(|document| policy::present(document, &ids).is_empty())
    })
    .await
}

async fn write_policy(cx: Cx<'_>, document: &Value) -> Result<(), AwsError> {
    cx.aws
        .s3
        .put_bucket_policy()
        .bucket(&cx.design.bucket)
        .expected_bucket_owner(cx.design.account.as_str())
        .policy(document.to_string())
        .customize()
        .config_override(once())
        .send()
        .await
        .map_err(AwsError::of("s3:PutBucketPolicy"))?;
    Ok(())
}

async fn delete_policy(cx: Cx<'_>) -> Result<(), AwsError> {
    cx.aws
        .s3
        .delete_bucket_policy()
        .bucket(&cx.design.bucket)
        .expected_bucket_owner(cx.design.account.as_str())
        .customize()
        .config_override(once())
        .send()
        .await
        .map_err(AwsError::of("s3:DeleteBucketPolicy"))?;
    Ok(())
}

/// Waits until the policy `fits` when it is read back.
async fn visible(cx: Cx<'_>, fits: impl Fn(Option<&Value>) -> bool) -> Result<()> {
    let what = t!("wait-bucket-policy");
    let seen = wait::until_visible(cx.waiting, &what, Duration::from_secs(60), || async {
        let document = read_policy(cx.aws, &cx.design.bucket).await?;
        Ok::<_, AwsError>(fits(document.there()))
    });
    if seen.await? {
        Ok(())
    } else {
        Err(Failure::new(
            Code::Aws,
            t!("policy-not-visible", arn = cx.design.bucket_arn()),
        ))
    }
}
