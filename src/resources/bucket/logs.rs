//! The log files in a bucket: where they lie, and their deletion where it was asked for in words.

use std::time::Duration;

use aws_sdk_s3::{
    operation::list_object_versions::ListObjectVersionsOutput,
    types::{Delete, ObjectIdentifier},
};
use serde_json::Value;
use tokio::time::Instant;

use super::{fresh, observe, statements::read_policy};
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    policy,
    resources::{
        cx::Cx,
        seen::{Seen, denied, seen},
    },
    ui::{Code, Failure, Result, t},
};

/// How long one run goes on emptying a bucket; the next run goes on from there.
const EMPTYING: Duration = Duration::from_secs(3600);
/// How long late log files are waited for: CloudTrail may deliver for some minutes after its trail is gone.
const LATE: Duration = Duration::from_secs(600);

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
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let page = aws
            .s3
            .list_objects_v2()
            .bucket(bucket)
            .expected_bucket_owner(aws.caller.account.as_str())
            .delimiter("/")
            .set_continuation_token(token)
            .send()
            .await
            .map_err(AwsError::of("s3:ListBucket"))?;
        for folder in page.common_prefixes().iter().filter_map(|one| one.prefix()) {
            if folder == "AWSLogs/" {
                found.push(String::new());
            } else if has_objects(aws, bucket, Some(&format!("{folder}AWSLogs/"))).await? {
                found.push(folder.trim_end_matches('/').to_owned());
            }
        }
        token = page.next_continuation_token().map(ToOwned::to_owned);
        if token.is_none() {
            return Ok(found);
        }
    }
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
    // The second in some partitions (Terraform's provider knows both).
    let absent = [
        "ObjectLockConfigurationNotFoundError",
        "ObjectLockConfigurationNotFound",
    ];
    Ok(seen(lock, &absent)?.and_then(|answer| {
        let lock = answer.object_lock_configuration()?;
        lock.object_lock_enabled().map(|_| ())
    }))
}

/// What our trail writes below, exactly: log files, digests and insights of its account; of an organization's trail all below
/// the organization's id, and what the management account has of its own (CloudTrail user guide, "Finding your CloudTrail log
/// files"). Config, load balancers and flow logs lie below `AWSLogs/` too.
fn log_folders(design: &Design) -> Vec<String> {
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

/// One page of all versions of all objects; with `level` one level deep, each folder as one entry.
async fn versions(
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

/// A key of the bucket that our trail has not written, whatever version of it: looked for level by level, so that the number
/// of log files does not matter.
async fn foreign_key(aws: &Aws, design: &Design) -> Result<Option<String>, AwsError> {
    let ours = log_folders(design);
    let mut open = vec![String::new()];
    while let Some(prefix) = open.pop() {
        let mut page = versions(aws, design, &prefix, true, None).await?;
        loop {
            let keys = page.versions().iter().filter_map(|one| one.key());
            let marked = page.delete_markers().iter().filter_map(|one| one.key());
            // Below our folders nothing is looked at: what stands at this level is not in one.
            if let Some(key) = keys.chain(marked).next() {
                return Ok(Some(key.to_owned()));
            }
            for folder in page.common_prefixes().iter().filter_map(|one| one.prefix()) {
                if ours.iter().any(|ours| ours == folder) {
                    continue;
                }
                if !ours.iter().any(|ours| ours.starts_with(folder)) {
                    return Ok(Some(folder.to_owned()));
                }
                open.push(folder.to_owned());
            }
            if page.is_truncated() != Some(true) {
                break;
            }
            page = versions(aws, design, &prefix, true, Some(&page)).await?;
        }
    }
    Ok(None)
}

/// A statement of somebody else that allows writing into the bucket: its `Sid`, or the statement itself.
fn foreign_writer(document: &Value, ours: &[String]) -> Option<String> {
    let writes = |action: &Value| {
        let action = action.as_str().unwrap_or_default();
        ["s3:PutObject", "s3:PutObjectAcl", "s3:ReplicateObject"]
            .iter()
            .any(|write| policy::evaluate::like(action, write))
    };
    let found = policy::statements(document).into_iter().find(|statement| {
        let sid = statement["Sid"].as_str().unwrap_or_default();
        let actions = match &statement["Action"] {
            Value::Array(list) => list.iter().any(writes),
            one @ Value::String(_) => writes(one),
            // `NotAction`: all but some.
            _ => true,
        };
        statement["Effect"] == "Allow" && actions && !ours.iter().any(|id| id == sid)
    })?;
    let sid = found["Sid"].as_str().map(ToOwned::to_owned);
    Some(sid.unwrap_or_else(|| found.to_string()))
}

/// Why a bucket may not be emptied: Object Lock, objects that are not our trail's, or somebody else who writes there.
pub async fn not_deletable(aws: &Aws, design: &Design) -> Result<Option<String>> {
    let bucket = &design.bucket;
    let hidden = |action: &str| {
        let arn = design.bucket_arn();
        Ok(Some(t!("document-unseen", arn = arn, action = action)))
    };
    match object_lock(aws, bucket).await? {
        Seen::There(()) => return Ok(Some(t!("bucket-locked", bucket = bucket))),
        Seen::Denied(action) => return hidden(action),
        Seen::Absent => {}
    }
    match read_policy(aws, bucket).await? {
        Seen::There(document) => {
            let ours = design.bucket_statement_ids();
            if let Some(statement) = foreign_writer(&document, &ours) {
                return Ok(Some(t!(
                    "bucket-foreign-writer",
                    bucket = bucket,
                    statement = statement
                )));
            }
        }
        Seen::Denied(action) => return hidden(action),
        Seen::Absent => {}
    }
    let foreign = foreign_key(aws, design).await?;
    Ok(foreign.map(|key| t!("bucket-foreign-objects", bucket = bucket, key = key)))
}

/// Deletes a bucket that holds nothing but our log files, emptied first, all versions.
pub(super) async fn delete_with_logs(cx: Cx<'_>) -> Result<()> {
    let (aws, design) = (cx.aws, cx.design);
    let mut untouched = false;
    match observe(aws, design).await? {
        Seen::There(Ok(state)) if state.untouched && design.has_default_bucket() => {
            untouched = true;
        }
        Seen::There(Ok(state)) => state.mark.must_be_ours(&design.bucket_arn())?,
        Seen::There(Err(_)) => {
            return Err(Failure::new(
                Code::Conflict,
                t!("conflict-bucket-taken", bucket = design.bucket),
            ));
        }
        Seen::Absent => return Ok(()),
        Seen::Denied(action) => return Err(denied(&design.bucket_arn(), action)),
    }
    let end = Instant::now() + EMPTYING;
    let mut late = None;
    loop {
        if !untouched {
            empty(aws, design, end).await?;
        }
        let late = *late.get_or_insert_with(|| Instant::now() + LATE);
        let gone = aws
            .s3
            .delete_bucket()
            .bucket(&design.bucket)
            .expected_bucket_owner(design.account.as_str())
            .send()
            .await
            .map_err(AwsError::of("s3:DeleteBucket"));
        match gone {
            Err(error) if error.is("BucketNotEmpty") => {
                // What came meanwhile may be somebody else's, and one that nobody used holds old versions of something.
                if let Some(complaint) = not_deletable(aws, design).await? {
                    return Err(Failure::new(Code::Conflict, complaint));
                }
                let now = Instant::now();
                if untouched || now >= late {
                    return Err(error.into());
                }
                (cx.waiting)(&t!("wait-bucket-empty"), late - now);
                tokio::time::sleep(Duration::from_secs(5).min(late - now)).await;
            }
            Err(error) if fresh(&error).is_some() && !error.is("NoSuchBucket") => {
                let now = Instant::now();
                if now >= late {
                    return Err(error.into());
                }
                (cx.waiting)(&t!("wait-bucket-name"), late - now);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) if !error.is("NoSuchBucket") => return Err(error.into()),
            _ => return Ok(()),
        }
    }
}

/// Deletes every version of everything in our folders, each by its id: `null` too, or a marker would only be put on top of it
/// in a bucket whose versioning was turned on later (recorded).
async fn empty(aws: &Aws, design: &Design, end: Instant) -> Result<()> {
    for folder in log_folders(design) {
        loop {
            if let Some(complaint) = not_deletable(aws, design).await? {
                return Err(Failure::new(Code::Conflict, complaint));
            }
            if Instant::now() >= end {
                let not_empty = t!("bucket-not-emptied", bucket = design.bucket);
                return Err(Failure::new(Code::Failed, not_empty));
            }
            let page = versions(aws, design, &folder, false, None).await?;
            let there = page
                .versions()
                .iter()
                .map(|object| (object.key(), object.version_id()));
            let marked = page
                .delete_markers()
                .iter()
                .map(|marker| (marker.key(), marker.version_id()));
            let objects: Vec<ObjectIdentifier> = there
                .chain(marked)
                .filter_map(|(key, version)| {
                    ObjectIdentifier::builder()
                        .key(key?)
                        .version_id(version.unwrap_or("null"))
                        .build()
                        .ok()
                })
                .collect();
            if objects.is_empty() {
                break;
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
                let (code, message) = (error.code(), error.message());
                return Err(AwsError::in_answer("s3:DeleteObject", code, message).into());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_else_may_write_into_the_bucket_is_found_in_its_policy() {
        let ours = ["SophosCt-1-Write".to_owned()];
        let found = |sid: &str, effect: &str, action: Value| {
            let statement = json!({ "Sid": sid, "Effect": effect, "Principal": "*", "Action": action, "Resource": "*" });
            foreign_writer(&json!({ "Statement": statement }), &ours).is_some()
        };
        for action in [
            json!("s3:PutObject"),
            json!(["s3:GetObject", "s3:Put*"]),
            json!("s3:*"),
            json!("*"),
            json!("S3:putobjectacl"),
            json!("s3:*Object"),
            json!("s3:Put?bject"),
            json!("s3:ReplicateObject"),
        ] {
            assert!(found("Config", "Allow", action.clone()), "{action}");
        }
        assert!(!found("SophosCt-1-Write", "Allow", json!("s3:PutObject")));
        assert!(!found("Tls", "Deny", json!("s3:*")));
        assert!(!found(
            "Readers",
            "Allow",
            json!(["s3:GetObject", "s3:ListBucket"])
        ));
    }
}
