//! Delivery of log files: every few seconds, one for each trail that logs.

use std::{io::Write, time::Duration};

use aws_sdk_s3::{primitives::ByteStream, types::ObjectCannedAcl};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use super::{SERVICE, Trail, change, folder, may_write, noted, records, seconds};
use crate::sandbox::{gateway::Gateway, notify};

/// Delivers until the sandbox ends.
pub async fn deliver(gateway: Gateway, interval: Duration) {
    let mut tick = tokio::time::interval(interval);
    loop {
        tick.tick().await;
        let logging: Vec<Trail> = gateway
            .trails()
            .list
            .iter()
            .filter(|trail| trail.logging)
            .cloned()
            .collect();
        let delivered = logging.iter().map(|trail| one(&gateway, trail));
        futures::future::join_all(delivered).await;
    }
}

async fn one(gateway: &Gateway, trail: &Trail) {
    let Some(root) = gateway.root(&trail.account, &trail.home).await else {
        return;
    };
    if !may_write(&root, trail).await {
        change(gateway, &trail.arn, |trail| {
            trail.delivery_error = Some("AccessDenied".to_owned())
        });
        return;
    }
    let now = jiff::Timestamp::now();
    let unique = &uuid::Uuid::new_v4().simple().to_string()[..16];
    let key = format!(
        "{}{region}/{}/{account}_CloudTrail_{region}_{}_{unique}.json.gz",
        folder(trail),
        now.strftime("%Y/%m/%d"),
        now.strftime("%Y%m%dT%H%MZ"),
        region = trail.home,
        account = trail.account,
    );
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let text = records::file(&trail.account, &trail.home).to_string();
    let Ok(body) = encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish())
    else {
        return;
    };
    let put = root
        .s3
        .put_object()
        .bucket(&trail.bucket)
        .key(&key)
        .acl(ObjectCannedAcl::BucketOwnerFullControl)
        .content_type("application/json")
        .content_encoding("gzip")
        .body(ByteStream::from(body))
        .send()
        .await;
    if put.is_err() {
        change(gateway, &trail.arn, |trail| {
            trail.delivery_error = Some("NoSuchBucket".to_owned())
        });
        return;
    }
    change(gateway, &trail.arn, |trail| {
        trail.delivered = Some(seconds());
        trail.delivery_error = None;
    });
    if let Some(topic) = &trail.topic_arn {
        let message = json!({ "s3Bucket": trail.bucket, "s3ObjectKey": [key] }).to_string();
        let sent = notify::publish(
            &root,
            &gateway.under_way,
            topic,
            SERVICE,
            &trail.arn,
            &message,
        )
        .await;
        noted(gateway, &trail.arn, sent);
    }
}
