//! Whether CloudTrail may write to a trail's bucket, and with whose clients it does.

use std::sync::Arc;

use super::folders::{digest_folder, folder, organization_folder};
use crate::{
    aws::Aws,
    connection::Region,
    policy::{
        self,
        evaluate::{Principal, Request, allows},
    },
    sandbox::cloud::{CLOUDTRAIL, Cloud, Trail},
};

/// Clients of the account that the trail's bucket and topic are in.
pub(super) async fn root_of(cloud: &Cloud, trail: &Trail) -> Option<Arc<Aws>> {
    let owner = trail.maker.as_ref().unwrap_or(&trail.account);
    let root = cloud.root(owner, &trail.home).await?;
    Some(Arc::new(at_bucket(cloud, &root, &trail.bucket).await))
}

/// The same clients, with that of S3 in the region of a bucket, which may be another one than the trail's.
pub(super) async fn at_bucket(cloud: &Cloud, root: &Aws, bucket: &str) -> Aws {
    let mut clients = root.clone();
    let found = root.s3.get_bucket_location().bucket(bucket).send().await;
    if let Ok(found) = found {
        let named = found.location_constraint().map(|region| region.as_str());
        // It is empty for the oldest region (S3 API Reference, `GetBucketLocation`).
        let named = named.filter(|name| !name.is_empty());
        let region = named.unwrap_or("us-east-1").parse::<Region>();
        if let Ok(region) = region
            && let Some(there) = cloud.root(&root.caller.account, &region).await
        {
            clients.s3 = there.s3.clone();
        }
    }
    clients
}

/// Whether the bucket's policy lets CloudTrail read the bucket's ACL and write below the trail's folder of log files, or below
/// that of digests.
pub(super) async fn may_write(root: &Aws, trail: &Trail, digests: bool) -> bool {
    let found = root
        .s3
        .get_bucket_policy()
        .bucket(&trail.bucket)
        .send()
        .await
        .ok();
    let document =
        policy::parse(found.as_ref().and_then(|answer| answer.policy())).unwrap_or_default();
    let bucket = format!("arn:{}:s3:::{}", root.caller.partition, trail.bucket);
    let own = match digests {
        true => digest_folder(&folder(trail)),
        false => folder(trail),
    };
    let mut objects = vec![format!("{bucket}/{own}x")];
    if let Some(id) = &trail.organization {
        objects.push(format!("{bucket}/{}x", organization_folder(trail, id)));
    }
    let context = [
        ("aws:SourceArn", Some(trail.arn.as_str())),
        ("aws:SourceAccount", Some(trail.account.as_str())),
        ("aws:SecureTransport", Some("true")),
        ("s3:x-amz-acl", Some("bucket-owner-full-control")),
    ];
    let may = |action, resource: &str| {
        allows(
            &document,
            &Request {
                principal: Principal::Service(CLOUDTRAIL),
                action,
                resource,
                context: &context,
                complete: true,
            },
        )
    };
    may("s3:GetBucketAcl", &bucket) && objects.iter().all(|object| may("s3:PutObject", object))
}
