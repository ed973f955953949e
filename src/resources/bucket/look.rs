//! Reads the bucket: whether it is there and usable, whose it is, and its settings.

use std::collections::BTreeMap;

use super::{
    lifecycle,
    logs::has_objects,
    policy::read_policy,
    state::{Observed, State, Unusable},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{ConnectionId, Design, TAG_CONNECTION},
    resources::seen::{Owner, Seen, Tags, seen},
    ui::t,
};

/// Reads the bucket, and its settings if the trail is ours.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    let bucket = &design.bucket;
    match head(aws, bucket).await? {
        Seen::There(None) => {}
        Seen::There(Some(unusable)) => return Ok(Seen::There(Err(unusable))),
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Denied(action) => return Ok(Seen::Denied(action)),
    }
    if !design.own_trail() {
        // The rest is not ours to look into.
        return Ok(Seen::There(Ok(State {
            owner: Owner::of_tags(design.id, Seen::Absent),
            policy: Seen::Absent,
            untouched: false,
            rules: Seen::Absent,
        })));
    }
    let wants_lifecycle = design.retention_days.is_some();
    let (tags, policy, rules) =
        tokio::try_join!(tags(aws, bucket), read_policy(aws, bucket), async {
            if wants_lifecycle {
                lifecycle::rules(aws, bucket).await
            } else {
                Ok(Seen::Absent)
            }
        })?;
    let bare = tags.there().is_some_and(BTreeMap::is_empty) || tags.is_absent();
    let bare = bare && policy.is_absent();
    let untouched = bare && !has_objects(aws, bucket, None).await?;
    Ok(Seen::There(Ok(State {
        owner: Owner::of_tags(design.id, tags),
        policy,
        untouched,
        rules,
    })))
}

/// Reads which connection's mark a bucket carries. It is absent if the bucket is, or has none.
pub(crate) async fn marked_by(aws: &Aws, bucket: &str) -> Result<Seen<ConnectionId>, AwsError> {
    match head(aws, bucket).await? {
        Seen::There(None) => {}
        Seen::There(Some(Unusable::Forbidden)) => return Ok(Seen::Denied("s3:ListBucket")),
        Seen::There(Some(Unusable::Elsewhere(_))) | Seen::Absent => return Ok(Seen::Absent),
        Seen::Denied(action) => return Ok(Seen::Denied(action)),
    }
    Ok(match tags(aws, bucket).await? {
        Seen::There(tags) => {
            let id = tags.get(TAG_CONNECTION).and_then(|id| id.parse().ok());
            id.map_or(Seen::Absent, Seen::There)
        }
        Seen::Absent => Seen::Absent,
        Seen::Denied(action) => Seen::Denied(action),
    })
}

/// Whether no bucket has this name, as far as can be seen.
pub(crate) async fn is_free(aws: &Aws, bucket: &str) -> Result<bool, AwsError> {
    Ok(head(aws, bucket).await?.is_absent())
}

/// Whether a bucket is there and in this account, in whatever region.
pub(crate) async fn is_in_account(aws: &Aws, bucket: &str) -> Result<bool, AwsError> {
    let found = head(aws, bucket).await?;
    Ok(matches!(
        found,
        Seen::There(None | Some(Unusable::Elsewhere(_)))
    ))
}

/// Says why a bucket certainly cannot be used: it is not there, or it is in another region. A denial does not say either.
pub(crate) async fn unusable(aws: &Aws, bucket: &str) -> Result<Option<String>, AwsError> {
    Ok(match head(aws, bucket).await? {
        Seen::Absent => Some(t!("conflict-bucket-gone", bucket = bucket)),
        Seen::There(Some(elsewhere @ Unusable::Elsewhere(_))) => Some(elsewhere.complaint(bucket)),
        Seen::There(None | Some(Unusable::Forbidden)) | Seen::Denied(_) => None,
    })
}

/// Asks `HeadBucket`: absent, there, or there and unusable.
pub(super) async fn head(aws: &Aws, bucket: &str) -> Result<Seen<Option<Unusable>>, AwsError> {
    let head = aws
        .s3
        .head_bucket()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await;
    let here = aws.region.as_str();
    match head {
        Ok(answer) => Ok(Seen::There(match answer.bucket_region() {
            Some(region) if region != here => Some(Unusable::Elsewhere(region.to_owned())),
            _ => None,
        })),
        Err(error) => {
            let error = AwsError::of("s3:ListBucket")(error);
            match error.status {
                Some(404) => Ok(Seen::Absent),
                Some(301 | 307 | 400) if error.bucket_region.is_some() => Ok(Seen::There(Some(
                    Unusable::Elsewhere(error.bucket_region.clone().unwrap_or_default()),
                ))),
                Some(403) => Ok(Seen::There(Some(Unusable::Forbidden))),
                _ => Err(error),
            }
        }
    }
}

async fn tags(aws: &Aws, bucket: &str) -> Result<Tags, AwsError> {
    let tags = aws
        .s3
        .get_bucket_tagging()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await
        .map_err(AwsError::of("s3:GetBucketTagging"));
    Ok(match seen(tags, &["NoSuchTagSet", "NoSuchTagSetError"])? {
        Seen::There(tags) => Seen::There(
            tags.tag_set()
                .iter()
                .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                .collect(),
        ),
        Seen::Absent => Seen::There(BTreeMap::new()),
        Seen::Denied(action) => Seen::Denied(action),
    })
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
    // Some partitions answer with the second code (Terraform's provider knows both).
    let absent = [
        "ObjectLockConfigurationNotFoundError",
        "ObjectLockConfigurationNotFound",
    ];
    Ok(seen(lock, &absent)?.and_then(|answer| {
        let lock = answer.object_lock_configuration()?;
        lock.object_lock_enabled().map(|_| ())
    }))
}
