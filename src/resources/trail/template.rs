//! What a template says of the trail.

use serde_json::json;

use super::change::Change;
use crate::{
    connection::{Design, Kind},
    resources::template::{CloudFormation, Part, tag_list, tag_map},
};

/// Returns what a template says of what a change makes; `None` if the change makes nothing. With it, the trail logs from the start.
#[must_use]
pub(crate) fn part(design: &Design, change: Change) -> Option<Part> {
    if change != Change::Create {
        return None;
    }
    let prefix = (!design.prefix.is_empty()).then(|| design.prefix.to_string());
    let (topic, organization) = (design.topic_arn(), design.organization.is_some());
    // Terraform reads a topic of the trail's own account back by its name, and would otherwise see a change in each plan
    // (hashicorp/terraform-provider-aws, issue 41262).
    let named = match *design.trail_owner() == design.account {
        true => design.topic.to_string(),
        false => topic.clone(),
    };
    let properties = json!({
        "TrailName": design.trail,
        "S3BucketName": design.bucket,
        "S3KeyPrefix": prefix,
        "SnsTopicName": topic,
        "IncludeGlobalServiceEvents": true,
        "IsMultiRegionTrail": true,
        "EnableLogFileValidation": true,
        "IsOrganizationTrail": organization,
        "IsLogging": true,
        "Tags": tag_list(design),
    });
    let arguments = json!({
        "name": design.trail,
        "s3_bucket_name": design.bucket,
        "s3_key_prefix": prefix,
        "sns_topic_name": named,
        "include_global_service_events": true,
        "is_multi_region_trail": true,
        "enable_log_file_validation": true,
        "is_organization_trail": organization,
        "enable_logging": true,
        "tags": tag_map(design),
    });
    let resource = CloudFormation::Resource("AWS::CloudTrail::Trail", properties);
    let part = Part::new(Kind::Trail, "Trail", resource);
    Some(part.terraform("aws_cloudtrail", arguments))
}
