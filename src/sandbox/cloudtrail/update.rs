//! `UpdateTrail`.

use serde_json::Value;

use super::{
    admission::{check, organization, root, topic},
    describe::shown,
    digests,
    input::{Answer, flag, text},
    notices::validate,
    trails::{change, own},
};
use crate::sandbox::cloud::{Caller, Cloud};

/// Changes what the call names, and checks the whole trail again.
pub(super) async fn update(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let mut trail = own(cloud, caller, input, "Name")?;
    let root = root(cloud, caller).await?;
    let set = |field: &mut String, name: &str| {
        if let Some(value) = text(input, name) {
            value.clone_into(field);
        }
    };
    set(&mut trail.bucket, "S3BucketName");
    set(&mut trail.prefix, "S3KeyPrefix");
    if let Some(key) = text(input, "KmsKeyId") {
        trail.key = (!key.is_empty()).then(|| key.to_owned());
    }
    if let Some(name) = text(input, "SnsTopicName") {
        trail.topic_arn = topic(caller, root.caller.partition.as_str(), name)?;
    }
    for (field, name) in [
        (&mut trail.global, "IncludeGlobalServiceEvents"),
        (&mut trail.multi_region, "IsMultiRegionTrail"),
        (&mut trail.validation, "EnableLogFileValidation"),
    ] {
        *field = flag(input, name).unwrap_or(*field);
    }
    match flag(input, "IsOrganizationTrail") {
        Some(true) => trail.organization = Some(organization(cloud, caller)?.id),
        Some(false) => trail.organization = None,
        None => {}
    }
    check(cloud, &root, &trail).await?;
    change(cloud, &trail.arn, |there| *there = trail.clone());
    if trail.logging {
        // Validation may be on from here.
        digests::begin(cloud, &trail);
    }
    validate(cloud, &root, &trail);
    Ok(shown(&trail))
}
