//! What a template says of the bucket, its policy, and the expiry of log files. The bucket outlives its stack.

use serde_json::json;

use super::{
    change::{Change, written},
    lifecycle,
};
use crate::{
    connection::{Design, Kind},
    resources::{
        seen::Seen,
        template::{CloudFormation, Input, Part, tag_list, tag_map, text},
    },
};

/// Returns what a template says of what a change makes; `None` if the change makes nothing.
#[must_use]
pub(crate) fn part(design: &Design, change: Change) -> Option<Part> {
    match change {
        Change::Create => Some(whole(design)),
        Change::AddStatements => {
            let document = written(design, &Seen::Absent, change)?.after?;
            let properties = json!({ "Bucket": design.bucket, "PolicyDocument": document });
            let resource = CloudFormation::Resource("AWS::S3::BucketPolicy", properties);
            let arguments = json!({ "bucket": design.bucket, "policy": text(&document) });
            let part = Part::new(Kind::BucketPolicyStatement, "BucketPolicy", resource);
            Some(part.terraform("aws_s3_bucket_policy", arguments))
        }
        Change::AddExpiry { days, .. } => Some(expiry(design, days)),
        Change::MendStatements
        | Change::RemoveStatements
        | Change::MendExpiry { .. }
        | Change::DeleteUntouched
        | Change::DeleteWithLogs => None,
    }
}

fn whole(design: &Design) -> Part {
    let properties = json!({ "BucketName": design.bucket, "Tags": tag_list(design) });
    let resource = CloudFormation::Resource("AWS::S3::Bucket", properties);
    let arguments = json!({
        "bucket": design.bucket,
        "tags": tag_map(design),
        "lifecycle": { "prevent_destroy": true },
    });
    let part = Part::new(Kind::Bucket, "Bucket", resource);
    part.terraform("aws_s3_bucket", arguments).kept()
}

fn expiry(design: &Design, days: i32) -> Part {
    let rule = lifecycle::ours(design, days);
    let prefix = rule.filter().and_then(|filter| filter.prefix());
    let (id, status) = (rule.id(), rule.status().as_str());
    let days = Input::RetentionDays.value();
    let properties = json!({ "LifecycleConfiguration": { "Rules": [{
        "Id": id,
        "Status": status,
        "Prefix": prefix,
        "ExpirationInDays": days,
    }] } });
    let arguments = json!({
        "bucket": design.bucket,
        "rule": [{
            "id": id,
            "status": status,
            "filter": { "prefix": prefix },
            "expiration": { "days": days },
        }],
    });
    let within = CloudFormation::Within(Kind::Bucket, properties);
    Part::new(Kind::Lifecycle, "Expiry", within)
        .terraform("aws_s3_bucket_lifecycle_configuration", arguments)
}
