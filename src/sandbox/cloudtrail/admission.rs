//! What CloudTrail requires before it accepts a trail: the caller's organization, the topic's name, and a bucket, key and topic
//! that it can use.

use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;

use super::{
    access::{at_bucket, may_write},
    folders::marked_folders,
};
use crate::{
    aws::Aws,
    connection::Region,
    sandbox::{
        cloud::{CLOUDTRAIL, Caller, Cloud, Error, Organization, Trail},
        kms, notify, rules,
    },
};

/// Clients with the rights of the root of the caller's account.
pub(super) async fn root(cloud: &Cloud, caller: &Caller) -> Result<Arc<Aws>, Error> {
    cloud
        .root(&caller.account, &caller.region)
        .await
        .ok_or_else(|| {
            Error::new(
                "CloudTrailInvalidClientTokenIdException",
                "the account is not known",
            )
        })
}

/// The caller's organization, if it meets what CloudTrail requires for an organization's trail.
pub(super) fn organization(cloud: &Cloud, caller: &Caller) -> Result<Organization, Error> {
    let found = cloud.organization_of(&caller.account).ok_or_else(|| {
        Error::new(
            "OrganizationsNotInUseException",
            "The account is not a member of an organization",
        )
    })?;
    if found.management != caller.account && !found.delegated.contains(&caller.account) {
        return Err(Error::new(
            "NotOrganizationMasterAccountException",
            "The account is not the management account of the organization",
        ));
    }
    if !found.trusted.iter().any(|service| service == CLOUDTRAIL) {
        return Err(Error::new(
            "CloudTrailAccessNotEnabledException",
            "CloudTrail is not a trusted service of the organization",
        ));
    }
    Ok(found)
}

/// The topic's ARN, from an ARN or a name.
pub(super) fn topic(caller: &Caller, partition: &str, name: &str) -> Result<Option<String>, Error> {
    if name.is_empty() {
        return Ok(None);
    }
    if name.ends_with(".fifo") {
        return Err(Error::new(
            "InvalidSnsTopicNameException",
            "SNS FIFO topics are not supported",
        ));
    }
    if rules::arn(name).is_some() {
        return Ok(Some(name.to_owned()));
    }
    if !rules::is_topic_name(name) {
        let message = format!("{name} is not the name of a topic");
        return Err(Error::new("InvalidSnsTopicNameException", message));
    }
    Ok(Some(format!(
        "arn:{partition}:sns:{}:{}:{name}",
        caller.region, caller.account
    )))
}

/// Checks a trail as CloudTrail does before it accepts it: CloudTrail must be able to write to the bucket and to publish.
pub(super) async fn check(cloud: &Cloud, root: &Aws, trail: &Trail) -> Result<(), Error> {
    if !rules::is_bucket_name(&trail.bucket) {
        let message = format!("{} is not the name of a bucket", trail.bucket);
        return Err(Error::new("InvalidS3BucketNameException", message));
    }
    if !rules::is_key_prefix(&trail.prefix) {
        let message = format!("{} is not a key prefix", trail.prefix);
        return Err(Error::new("InvalidS3PrefixException", message));
    }
    let root = &at_bucket(cloud, root, &trail.bucket).await;
    let region = region_of_bucket(root, trail).await?;
    if let Some(key) = &trail.key {
        let owner = &root.caller.account;
        let refusal = kms::refusal(cloud.emulator(), owner, key, &region, &trail.arn);
        if let Some(code) = refusal.await {
            return Err(Error::new(code, format!("KMS key {key} cannot be used")));
        }
    }
    // S3 comes before the topic, and the markers stay even if the call fails (recorded).
    mark(root, trail).await?;
    can_publish(root, trail).await
}

/// The region of the trail's bucket.
async fn region_of_bucket(root: &Aws, trail: &Trail) -> Result<Region, Error> {
    let head = root.s3.head_bucket().bucket(&trail.bucket).send().await;
    let Ok(head) = head else {
        let message = format!("S3 bucket {} does not exist!", trail.bucket);
        return Err(Error::new("S3BucketDoesNotExistException", message));
    };
    let region = head.bucket_region().and_then(|region| region.parse().ok());
    Ok(region.unwrap_or_else(|| trail.home.clone()))
}

/// Writes the markers of the trail's folders, if the bucket's policy allows it.
async fn mark(root: &Aws, trail: &Trail) -> Result<(), Error> {
    for (number, folder) in marked_folders(trail).iter().enumerate() {
        if !may_write(root, trail, number > 0).await {
            let message = format!(
                "Incorrect S3 bucket policy is detected for bucket: {}",
                trail.bucket
            );
            return Err(Error::new("InsufficientS3BucketPolicyException", message));
        }
        let marker = root
            .s3
            .put_object()
            .bucket(&trail.bucket)
            .key(folder)
            .content_type("application/json")
            .content_encoding("gzip")
            .body(ByteStream::from_static(b""))
            .send();
        marker.await.map_err(|_| {
            let message = "the marker cannot be written";
            Error::new("S3BucketDoesNotExistException", message)
        })?;
    }
    Ok(())
}

/// Checks that CloudTrail may publish to the trail's topic, if it has one.
async fn can_publish(root: &Aws, trail: &Trail) -> Result<(), Error> {
    let Some(topic) = &trail.topic_arn else {
        return Ok(());
    };
    let may = notify::may_publish(root, topic, CLOUDTRAIL, &trail.arn).await;
    if may.unwrap_or(false) {
        Ok(())
    } else {
        let message = "SNS Topic does not exist or the topic policy is incorrect!";
        Err(Error::new("InsufficientSnsTopicPolicyException", message))
    }
}
