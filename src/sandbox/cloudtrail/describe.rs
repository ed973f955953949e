//! What CloudTrail shows about trails.

use serde_json::{Value, json};

use super::{
    input::{Answer, flag},
    selectors,
    trails::visible,
};
use crate::sandbox::cloud::{Caller, Cloud, Trail};

/// Describes the trails that show in the caller's region.
pub(super) fn describe(cloud: &Cloud, caller: &Caller, input: &Value) -> Value {
    let shadows = flag(input, "includeShadowTrails").unwrap_or(true);
    let names = input.get("trailNameList").and_then(Value::as_array);
    let member_of = cloud.organization_of(&caller.account).map(|found| found.id);
    let list: Vec<Value> = cloud
        .state()
        .list
        .iter()
        .filter(|trail| {
            // Member accounts see the organization's trails as shadows.
            let shadow = shadows && trail.organization.is_some() && trail.organization == member_of;
            (trail.account == caller.account || shadow)
                && (trail.home == caller.region || (shadows && trail.multi_region))
                && names.is_none_or(|names| {
                    names.is_empty()
                        || names
                            .iter()
                            .any(|name| *name == trail.name || *name == trail.arn)
                })
        })
        .map(|trail| {
            let mut shown = shown(trail);
            shown["HomeRegion"] = trail.home.to_string().into();
            shown["HasCustomEventSelectors"] =
                (trail.selectors != selectors::default(&trail.arn)).into();
            shown["HasInsightSelectors"] = false.into();
            shown
        })
        .collect();
    json!({ "trailList": list })
}

/// A trail as `CreateTrail` and `UpdateTrail` answer it; `DescribeTrails` adds to this.
pub(super) fn shown(trail: &Trail) -> Value {
    let mut shown = json!({
        "Name": trail.name,
        "TrailARN": trail.arn,
        "S3BucketName": trail.bucket,
        "IncludeGlobalServiceEvents": trail.global,
        "IsMultiRegionTrail": trail.multi_region,
        "LogFileValidationEnabled": trail.validation,
        "IsOrganizationTrail": trail.organization.is_some(),
    });
    if !trail.prefix.is_empty() {
        shown["S3KeyPrefix"] = trail.prefix.clone().into();
    }
    if let Some(key) = &trail.key {
        shown["KmsKeyId"] = key.clone().into();
    }
    if let Some(topic) = &trail.topic_arn {
        shown["SnsTopicARN"] = topic.clone().into();
        shown["SnsTopicName"] = topic.clone().into();
    }
    shown
}

/// The status of a trail.
pub(super) fn status(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let trail = visible(cloud, caller, input, "Name")?;
    let text = |at: Option<f64>| {
        let at = at.and_then(|at| jiff::Timestamp::from_second(at as i64).ok());
        at.map(|at| at.to_string()).unwrap_or_default()
    };
    // For times that have not come yet, fields of text are empty and the others are left out (recorded).
    let mut status = json!({
        "IsLogging": trail.logging,
        "LatestDeliveryAttemptTime": text(trail.delivered),
        "LatestDeliveryAttemptSucceeded": text(trail.delivered),
        "LatestNotificationAttemptTime": text(trail.notified),
        "LatestNotificationAttemptSucceeded": text(trail.notified),
        "TimeLoggingStarted": text(trail.started),
        "TimeLoggingStopped": text(trail.stopped),
    });
    let fields = [
        ("StartLoggingTime", json!(trail.started)),
        ("StopLoggingTime", json!(trail.stopped)),
        ("LatestDeliveryTime", json!(trail.delivered)),
        ("LatestDeliveryError", json!(trail.delivery_error)),
        ("LatestDigestDeliveryTime", json!(trail.digested)),
        ("LatestNotificationTime", json!(trail.notified)),
        ("LatestNotificationError", json!(trail.notification_error)),
    ];
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
        status[name] = value;
    }
    Ok(status)
}
