//! Creates a bucket of ours and marks it.

use std::time::Duration;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Tag, Tagging};

use super::{
    look::{head, observe},
    writes::{FRESH, fresh},
};
use crate::{
    aws::{error::AwsError, wait},
    resources::{
        cx::Cx,
        seen::{Mark, Seen},
        tags::tags_as,
    },
    ui::{Code, Failure, Result, t},
};

/// Creates the bucket and marks it. An unmarked bucket that is there already is taken only if it is untouched.
pub(super) async fn create(cx: Cx<'_>) -> Result<()> {
    let (aws, design) = (cx.aws, cx.design);
    // In us-east-1 a second CreateBucket succeeds and resets the bucket's ACL, so look first.
    let there = if design.region.as_str() == "us-east-1" {
        !head(aws, &design.bucket).await?.is_absent()
    } else {
        false
    };
    if there {
        return adopt(cx).await;
    }
    let configuration = (design.region.as_str() != "us-east-1").then(|| {
        CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::from(design.region.as_str()))
            .build()
    });
    let made = wait::until_accepted(
        cx.waiting,
        Duration::from_secs(120),
        |error| error.is("OperationAborted").then(|| t!("wait-bucket-name")),
        || async {
            aws.s3
                .create_bucket()
                .bucket(&design.bucket)
                .set_create_bucket_configuration(configuration.clone())
                .send()
                .await
                .map_err(AwsError::of("s3:CreateBucket"))
        },
    )
    .await;
    match made {
        Ok(_) => put_tags(cx).await,
        Err(error) if error.is("BucketAlreadyOwnedByYou") => adopt(cx).await,
        Err(error) if error.is("BucketAlreadyExists") => Err(Failure::new(
            Code::Conflict,
            t!("conflict-bucket-taken", bucket = design.bucket),
        )),
        Err(error) => Err(error.into()),
    }
}

/// Marks a bucket that is there already, if it may be ours.
async fn adopt(cx: Cx<'_>) -> Result<()> {
    match observe(cx.aws, cx.design).await? {
        Seen::There(Ok(state)) if state.owner.mark == Mark::Ours => Ok(()),
        Seen::There(Ok(state)) if state.was_never_used(cx.design) => put_tags(cx).await,
        Seen::There(Ok(state)) => state.owner.mark.must_be_ours(&cx.design.bucket_arn()),
        _ => Err(Failure::new(
            Code::Conflict,
            t!("conflict-bucket-taken", bucket = cx.design.bucket),
        )),
    }
}

/// Marks a bucket that has no tags yet: `PutBucketTagging` replaces the whole set.
async fn put_tags(cx: Cx<'_>) -> Result<()> {
    let tags = Tagging::builder()
        .set_tag_set(Some(tags_as!(Tag, cx.design)))
        .build()
        .expect("the tag set is set");
    wait::until_accepted(cx.waiting, FRESH, fresh, || async {
        cx.aws
            .s3
            .put_bucket_tagging()
            .bucket(&cx.design.bucket)
            .expected_bucket_owner(cx.design.account.as_str())
            .tagging(tags.clone())
            .send()
            .await
            .map_err(AwsError::of("s3:PutBucketTagging"))
    })
    .await?;
    Ok(())
}
