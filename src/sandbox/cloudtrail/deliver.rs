//! The delivery of log files: every few seconds, one file for each trail that logs.

use std::{pin::pin, time::Duration};

use aws_sdk_s3::{primitives::ByteStream, types::ObjectCannedAcl};
use serde_json::json;

use super::{
    access::{may_write, root_of},
    digests,
    folders::places,
    notices::noted,
    records::{self, Stored},
    trails::{change, seconds},
};
use crate::{
    aws::Aws,
    connection::{AccountId, Region},
    sandbox::{
        cloud::{CLOUDTRAIL, Cloud, Trail},
        notify,
    },
};

/// Delivers log files at this interval until the sandbox is to end, and digests at that of their own. A delivery that has begun is
/// finished: what is in the bucket is in a digest, whenever the sandbox is stopped.
pub(crate) async fn deliver(
    cloud: Cloud,
    interval: Duration,
    digest_interval: Duration,
    ended: impl Future<Output = ()>,
) {
    let mut tick = tokio::time::interval(interval);
    let mut ended = pin!(ended);
    loop {
        tokio::select! {
            () = &mut ended => return,
            _ = tick.tick() => {}
        }
        let trails: Vec<String> = {
            let state = cloud.state();
            let logging = state.list.iter().filter(|trail| trail.logging);
            logging.map(|trail| trail.arn.clone()).collect()
        };
        let delivered = trails.iter().map(|arn| one(&cloud, arn, digest_interval));
        futures::future::join_all(delivered).await;
    }
}

async fn one(cloud: &Cloud, arn: &str, digest_interval: Duration) {
    // While it is being stopped, or given a past, there are no files: others must not wait for it.
    let Some(_alone) = cloud.alone_at_once(arn) else {
        return;
    };
    let found = cloud
        .state()
        .list
        .iter()
        .find(|trail| trail.arn == arn)
        .cloned();
    let Some(trail) = found.filter(|trail| trail.logging) else {
        return;
    };
    let trail = &trail;
    let Some(root) = root_of(cloud, trail).await else {
        return;
    };
    if !may_write(&root, trail, false).await {
        change(cloud, arn, |trail| {
            trail.delivery_error = Some("AccessDenied".to_owned())
        });
        return;
    }
    digests::begin(cloud, trail);
    // One file for each account, and more for other regions in which there were calls.
    let mut keys = Vec::new();
    for (account, folder) in places(cloud, trail) {
        for region in regions(cloud, trail, &account) {
            keys.extend(file(cloud, &root, trail, &account, &region, &folder).await);
        }
    }
    if keys.is_empty() {
        change(cloud, arn, |trail| {
            trail.delivery_error = Some("NoSuchBucket".to_owned())
        });
        return;
    }
    change(cloud, arn, |trail| {
        trail.delivered = Some(seconds());
        trail.delivery_error = None;
    });
    digests::write(cloud, &root, trail, digest_interval).await;
    if let Some(topic) = &trail.topic_arn {
        let message = json!({ "s3Bucket": trail.bucket, "s3ObjectKey": keys }).to_string();
        let sent = notify::publish(&root, topic, CLOUDTRAIL, arn, &message).await;
        noted(cloud, arn, sent);
    }
}

/// The regions that get a log file of an account: the trail's home region, which has made-up events too, and others in which
/// there were calls.
fn regions(cloud: &Cloud, trail: &Trail, account: &AccountId) -> Vec<Region> {
    let mut regions = vec![trail.home.clone()];
    if trail.multi_region {
        let called = cloud.calls().regions(&trail.arn, account);
        regions.extend(called.into_iter().filter(|region| *region != trail.home));
    }
    regions
}

/// Writes a log file of one account and region, and returns its key.
async fn file(
    cloud: &Cloud,
    root: &Aws,
    trail: &Trail,
    account: &AccountId,
    region: &Region,
    folder: &str,
) -> Option<String> {
    let now = jiff::Timestamp::now();
    let calls = cloud.calls().batch(&trail.arn, account, region);
    let mut events = match *region == trail.home {
        true => records::made_up(account, region, now, records::some()),
        false => Vec::new(),
    };
    events.extend(calls.events.iter().cloned());
    let file = records::file(account, region, folder, now, &events).ok()?;
    let listed = file.listed(&trail.bucket);
    let key = put(root, &trail.bucket, file).await?;
    cloud.calls().delivered(&trail.arn, account, region, &calls);
    digests::note(cloud, trail, account, region, listed);
    Some(key)
}

/// Writes a log file to its bucket, and returns its key.
pub(super) async fn put(root: &Aws, bucket: &str, file: Stored) -> Option<String> {
    root.s3
        .put_object()
        .bucket(bucket)
        .key(&file.key)
        .acl(ObjectCannedAcl::BucketOwnerFullControl)
        .content_type("application/json")
        .content_encoding("gzip")
        .body(ByteStream::from(file.body))
        .send()
        .await
        .ok()?;
    Some(file.key)
}
