//! The log files in the bucket: where they are, and what else is listed there.

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use jiff::{SignedDuration, Timestamp};

use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
};

/// The prefixes under which a bucket holds log files, each without its `AWSLogs/`. Only the first level of keys is searched:
/// Control Tower puts log files under the organization's id.
pub(crate) async fn log_prefixes(aws: &Aws, bucket: &str) -> Result<Vec<String>, AwsError> {
    let mut found = Vec::new();
    let mut pages = aws
        .s3
        .list_objects_v2()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .delimiter("/")
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(AwsError::of("s3:ListBucket"))?;
        for folder in page.common_prefixes().iter().filter_map(|one| one.prefix()) {
            if folder == "AWSLogs/" {
                found.push(String::new());
            } else if has_objects(aws, bucket, Some(&format!("{folder}AWSLogs/"))).await? {
                found.push(folder.trim_end_matches('/').to_owned());
            }
        }
    }
    Ok(found)
}

/// When the newest log file of the home region landed in the last hour. `None` if there is none, or if it cannot be seen: the
/// trail says nearly the same.
pub(crate) async fn newest(aws: &Aws, design: &Design, now: Timestamp) -> Option<Timestamp> {
    const RECENT: SignedDuration = SignedDuration::from_hours(1);
    let (owner, region) = (design.trail_owner(), &design.region);
    let organization = design.organization.as_ref();
    let organization = organization.map_or_else(String::new, |one| format!("{}/", one.id));
    let day = now.strftime("%Y/%m/%d");
    let root = design.log_prefix();
    let folder = format!("{root}{organization}{owner}/CloudTrail/{region}/{day}/");
    // `account_CloudTrail_region_time_random.json.gz`, so names are in the order of time (CloudTrail user guide, "Finding your
    // CloudTrail log files").
    let recent = (now - RECENT).strftime("%Y%m%dT%H%M");
    let list = aws
        .s3
        .list_objects_v2()
        .bucket(&design.bucket)
        .expected_bucket_owner(design.account.as_str())
        .prefix(&folder)
        .start_after(format!("{folder}{owner}_CloudTrail_{region}_{recent}"))
        .send()
        .await
        .ok()?;
    let times = list.contents().iter().filter_map(|one| one.last_modified());
    let last = times.map(|at| at.secs()).max()?;
    Timestamp::from_second(last).ok()
}

/// Whether a bucket holds any object, or any below a prefix.
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

/// The folders that our trail, and nothing else, writes into: log files, digests and insights of its account; an organization's
/// trail also writes into the folder of the organization's id (CloudTrail user guide, "Finding your CloudTrail log files").
/// Config, load balancers and flow logs write below `AWSLogs/` too.
pub(super) fn log_folders(design: &Design) -> Vec<String> {
    let start = design.log_prefix();
    let kinds = ["CloudTrail", "CloudTrail-Digest", "CloudTrail-Insight"];
    let owner = design.trail_owner();
    let mut folders: Vec<String> = kinds
        .iter()
        .map(|kind| format!("{start}{owner}/{kind}/"))
        .collect();
    if let Some(organization) = &design.organization {
        folders.push(format!("{start}{}/", organization.id));
    }
    folders
}

/// One page of all versions of all objects below a prefix. With `level`, the page goes only one level deep and has one entry for
/// each folder.
pub(super) async fn versions(
    aws: &Aws,
    design: &Design,
    prefix: &str,
    level: bool,
    after: Option<&ListObjectVersionsOutput>,
) -> Result<ListObjectVersionsOutput, AwsError> {
    let marker = |of: fn(&ListObjectVersionsOutput) -> Option<&str>| {
        after.and_then(of).map(ToOwned::to_owned)
    };
    aws.s3
        .list_object_versions()
        .bucket(&design.bucket)
        .expected_bucket_owner(design.account.as_str())
        .prefix(prefix)
        .set_delimiter(level.then(|| "/".to_owned()))
        .set_key_marker(marker(|page| page.next_key_marker()))
        .set_version_id_marker(marker(|page| page.next_version_id_marker()))
        .send()
        .await
        .map_err(AwsError::of("s3:ListBucketVersions"))
}
