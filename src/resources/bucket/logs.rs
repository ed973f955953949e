//! The log files in a bucket: where they lie, and their deletion where it was asked for in words.

use std::time::Duration;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::{observe, unseen};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::Design,
    resources::{Cx, Seen, seen},
    ui::{Code, Failure, Result, t},
};

pub(super) async fn has_objects(
    aws: &Aws,
    bucket: &str,
    prefix: Option<&str>,
) -> Result<bool, AwsError> {
    let list = aws
        .s3
        .list_objects_v2()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .set_prefix(prefix.map(ToOwned::to_owned))
        .max_keys(1)
        .send()
        .await
        .map_err(AwsError::of("s3:ListBucket"))?;
    Ok(!list.contents().is_empty())
}

/// The prefixes under which a bucket holds log files, each without its `AWSLogs/`; the first level of keys is looked
/// through. Control Tower puts them under the organization's id.
pub async fn log_prefixes(aws: &Aws, bucket: &str) -> Result<Vec<String>, AwsError> {
    let under = |prefix: String| async move {
        let listed = aws
            .s3
            .list_objects_v2()
            .bucket(bucket)
            .expected_bucket_owner(aws.caller.account.as_str())
            .prefix(prefix)
            .delimiter("/")
            .send()
            .await
            .map_err(AwsError::of("s3:ListBucket"))?;
        let folders = listed.common_prefixes().iter();
        Ok::<_, AwsError>(
            folders
                .filter_map(|folder| folder.prefix().map(ToOwned::to_owned))
                .collect::<Vec<_>>(),
        )
    };
    let mut found = Vec::new();
    for folder in under(String::new()).await? {
        if folder == "AWSLogs/" {
            found.push(String::new());
        } else if has_objects(aws, bucket, Some(&format!("{folder}AWSLogs/"))).await? {
            found.push(folder.trim_end_matches('/').to_owned());
        }
    }
    Ok(found)
}

/// Whether the bucket has Object Lock.
pub(super) async fn object_lock(aws: &Aws, bucket: &str) -> Result<Seen<()>, AwsError> {
    let lock = aws
        .s3
        .get_object_lock_configuration()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await
        .map_err(AwsError::of("s3:GetBucketObjectLockConfiguration"));
    let found = seen(lock, &["ObjectLockConfigurationNotFoundError"])?;
    Ok(found.and_then(|answer| {
        let lock = answer.object_lock_configuration()?;
        lock.object_lock_enabled().map(|_| ())
    }))
}

/// Why a bucket may not be emptied: other objects than our log files, or Object Lock.
pub async fn not_deletable(aws: &Aws, design: &Design) -> Result<Option<String>> {
    let bucket = &design.bucket;
    match object_lock(aws, bucket).await? {
        Seen::There(()) => return Ok(Some(t!("bucket-locked", bucket = bucket))),
        Seen::Unseen(action) => {
            return Ok(Some(t!(
                "document-unseen",
                arn = design.bucket_arn(),
                action = action
            )));
        }
        Seen::Absent => {}
    }
    // Keys are listed in order: whatever is not ours stands before, or after, the one prefix that is.
    let ours = design.log_prefix();
    let list = |after: Option<String>| {
        aws.s3
            .list_objects_v2()
            .bucket(bucket)
            .expected_bucket_owner(design.account.as_str())
            .set_start_after(after)
            .max_keys(1)
            .send()
    };
    for after in [None, Some(format!("{ours}\u{10ffff}"))] {
        let page = list(after).await.map_err(AwsError::of("s3:ListBucket"))?;
        if let Some(key) = page.contents().first().and_then(|object| object.key())
            && !key.starts_with(&ours)
        {
            return Ok(Some(t!(
                "bucket-foreign-objects",
                bucket = bucket,
                key = key
            )));
        }
    }
    Ok(None)
}

/// Deletes a bucket that holds nothing but our log files, emptied first, all versions. CloudTrail may deliver for some minutes after its trail is gone.
pub async fn delete_with_logs(cx: Cx<'_>) -> Result<()> {
    let (aws, design) = (cx.aws, cx.design);
    let mut untouched = false;
    match observe(aws, design).await? {
        Seen::There(Ok(state)) if state.untouched => untouched = true,
        Seen::There(Ok(state)) => state.mark.must_be_ours(&design.bucket_arn())?,
        Seen::There(Err(_)) => {
            return Err(Failure::new(
                Code::Conflict,
                t!("conflict-bucket-taken", bucket = design.bucket),
            ));
        }
        Seen::Absent => return Ok(()),
        Seen::Unseen(action) => return Err(unseen(&design.bucket_arn(), action)),
    }
    let gone = wait::until_accepted(
        cx.waiting,
        Duration::from_secs(600),
        |error| error.is("BucketNotEmpty").then(|| t!("wait-bucket-empty")),
        || async {
            if !untouched {
                empty(aws, design).await?;
            }
            aws.s3
                .delete_bucket()
                .bucket(&design.bucket)
                .expected_bucket_owner(design.account.as_str())
                .send()
                .await
                .map_err(AwsError::of("s3:DeleteBucket"))
        },
    )
    .await;
    match gone {
        Err(error) if !error.is("NoSuchBucket") => Err(error.into()),
        _ => Ok(()),
    }
}

async fn empty(aws: &Aws, design: &Design) -> Result<(), AwsError> {
    loop {
        let page = aws
            .s3
            .list_object_versions()
            .bucket(&design.bucket)
            .expected_bucket_owner(design.account.as_str())
            .send()
            .await
            .map_err(AwsError::of("s3:ListBucketVersions"))?;
        let versions = page
            .versions()
            .iter()
            .map(|object| (object.key(), object.version_id()));
        let markers = page
            .delete_markers()
            .iter()
            .map(|marker| (marker.key(), marker.version_id()));
        let objects: Vec<ObjectIdentifier> = versions
            .chain(markers)
            .filter_map(|(key, version)| {
                let version = version
                    .filter(|version| *version != "null")
                    .map(ToOwned::to_owned);
                ObjectIdentifier::builder()
                    .key(key?)
                    .set_version_id(version)
                    .build()
                    .ok()
            })
            .collect();
        if objects.is_empty() {
            return Ok(());
        }
        let delete = Delete::builder()
            .set_objects(Some(objects))
            .quiet(true)
            .build()
            .expect("objects are set");
        let answer = aws
            .s3
            .delete_objects()
            .bucket(&design.bucket)
            .expected_bucket_owner(design.account.as_str())
            .delete(delete)
            .send()
            .await
            .map_err(AwsError::of("s3:DeleteObject"))?;
        if let Some(error) = answer.errors().first() {
            return Err(AwsError::in_answer(
                "s3:DeleteObject",
                error.code(),
                error.message(),
            ));
        }
    }
}
