//! What CloudTrail publishes to a trail's topic, and what it notes about it.

use std::sync::Arc;

use super::trails::{change, seconds};
use crate::{
    aws::Aws,
    sandbox::{
        cloud::{CLOUDTRAIL, Cloud, Trail},
        notify,
    },
};

/// The text that CloudTrail publishes when a trail with a topic is created or updated (aws.md 2.7).
const VALIDATION: &str = "CloudTrail validation message.";

/// Publishes the validation message, after the call has been answered.
pub(super) fn validate(cloud: &Cloud, root: &Arc<Aws>, trail: &Trail) {
    let Some(topic) = trail.topic_arn.clone() else {
        return;
    };
    let (cloud, root, arn) = (cloud.clone(), Arc::clone(root), trail.arn.clone());
    tokio::spawn(async move {
        // An error of a log file's message stays until the next message of a log file succeeds (recorded).
        let sent = notify::publish(&root, &topic, CLOUDTRAIL, &arn, VALIDATION).await;
        if sent.is_ok() {
            change(&cloud, &arn, |trail| trail.notified = Some(seconds()));
        }
    });
}

/// Notes the result of a log file's message for `GetTrailStatus`.
pub(super) fn noted(cloud: &Cloud, arn: &str, sent: Result<(), &'static str>) {
    change(cloud, arn, |trail| match sent {
        Ok(()) => {
            trail.notified = Some(seconds());
            trail.notification_error = None;
        }
        Err(code) => trail.notification_error = Some(code.to_owned()),
    });
}
