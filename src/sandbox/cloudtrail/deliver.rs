//! The delivery of log files: every few seconds, one file for each trail that logs.

use std::{io::Write, time::Duration};

use aws_sdk_s3::{primitives::ByteStream, types::ObjectCannedAcl};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use super::{
    access::may_write,
    folders::{digest_folder, folder, organization_folder},
    notices::noted,
    records,
    trails::{change, seconds},
};
use crate::{
    aws::Aws,
    connection::AccountId,
    sandbox::{
        cloud::{CLOUDTRAIL, Cloud, Trail},
        notify,
    },
};

/// Delivers until the sandbox ends.
pub(crate) async fn deliver(cloud: Cloud, interval: Duration) {
    let mut tick = tokio::time::interval(interval);
    loop {
        tick.tick().await;
        let logging: Vec<Trail> = cloud
            .state()
            .list
            .iter()
            .filter(|trail| trail.logging)
            .cloned()
            .collect();
        let delivered = logging.iter().map(|trail| one(&cloud, trail));
        futures::future::join_all(delivered).await;
    }
}

async fn one(cloud: &Cloud, trail: &Trail) {
    let Some(root) = cloud
        .root(trail.maker.as_ref().unwrap_or(&trail.account), &trail.home)
        .await
    else {
        return;
    };
    if !may_write(&root, trail, false).await {
        change(cloud, &trail.arn, |trail| {
            trail.delivery_error = Some("AccessDenied".to_owned())
        });
        return;
    }
    let mut keys = Vec::new();
    match &trail.organization {
        None => keys.extend(file(&root, trail, &trail.account, &folder(trail)).await),
        // One file for each account.
        Some(id) => {
            let accounts = cloud
                .organization_of(&trail.account)
                .map(|found| found.accounts);
            for account in accounts.unwrap_or_default() {
                let folder = format!("{}{account}/CloudTrail/", organization_folder(trail, id));
                keys.extend(file(&root, trail, &account, &folder).await);
            }
        }
    }
    if keys.is_empty() {
        change(cloud, &trail.arn, |trail| {
            trail.delivery_error = Some("NoSuchBucket".to_owned())
        });
        return;
    }
    let due = trail.digested.is_none_or(|at| seconds() - at > HOUR);
    if trail.validation && due {
        digest(&root, trail).await;
    }
    change(cloud, &trail.arn, |trail| {
        trail.delivered = Some(seconds());
        trail.delivery_error = None;
        if due {
            trail.digested = trail.delivered;
        }
    });
    if let Some(topic) = &trail.topic_arn {
        let message = json!({ "s3Bucket": trail.bucket, "s3ObjectKey": keys }).to_string();
        let sent = notify::publish(&root, topic, CLOUDTRAIL, &trail.arn, &message).await;
        noted(cloud, &trail.arn, sent);
    }
}

/// Seconds between two digests. The first one comes with the first log file.
const HOUR: f64 = 3600.0;

/// Writes a digest next to the log files of the trail's own account. It is not signed.
async fn digest(root: &Aws, trail: &Trail) {
    let now = jiff::Timestamp::now();
    let (account, region) = (&trail.account, &trail.home);
    let key = format!(
        "{}{region}/{}/{account}_CloudTrail-Digest_{region}_{}_{region}_{}.json.gz",
        digest_folder(&folder(trail)),
        now.strftime("%Y/%m/%d"),
        trail.name,
        now.strftime("%Y%m%dT%H%M%SZ"),
    );
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let text = json!({ "awsAccountId": account, "digestS3Bucket": trail.bucket, "digestS3Object": key, "logFiles": [] });
    let written = encoder.write_all(text.to_string().as_bytes());
    let Ok(body) = written.and_then(|()| encoder.finish()) else {
        return;
    };
    let put = root.s3.put_object().bucket(&trail.bucket).key(&key);
    let put = put
        .acl(ObjectCannedAcl::BucketOwnerFullControl)
        .body(ByteStream::from(body));
    // There is no digest if the policy allows log files only.
    let _ = put.send().await;
}

/// Writes a log file of one account, and returns its key.
async fn file(root: &Aws, trail: &Trail, account: &AccountId, folder: &str) -> Option<String> {
    let now = jiff::Timestamp::now();
    let (key, body) = records::stored(account, &trail.home, folder, now).ok()?;
    root.s3
        .put_object()
        .bucket(&trail.bucket)
        .key(&key)
        .acl(ObjectCannedAcl::BucketOwnerFullControl)
        .content_type("application/json")
        .content_encoding("gzip")
        .body(ByteStream::from(body))
        .send()
        .await
        .ok()?;
    Some(key)
}
