//! What a template says of the rule and its target.

use serde_json::json;

use super::{
    change::{Change, description},
    state::{pattern, target_id},
};
use crate::{
    connection::{Design, Kind},
    resources::template::{CloudFormation, Part, tag_list, tag_map, text},
};

/// Returns what a template says of what a change makes; `None` if the change makes nothing.
#[must_use]
pub(crate) fn part(design: &Design, change: Change) -> Option<Part> {
    if change != Change::Create {
        return None;
    }
    let (pattern, function, queue) = (pattern(design), design.function_arn(), design.redrive());
    let mut target = json!({ "Id": target_id(design), "Arn": function });
    let mut arguments = json!({
        "rule": design.rule(),
        "target_id": target_id(design),
        "arn": function,
    });
    if let Some(queue) = queue {
        target["DeadLetterConfig"] = json!({ "Arn": queue });
        arguments["dead_letter_config"] = json!({ "arn": queue });
    }
    let properties = json!({
        "Name": design.rule(),
        "Description": description(design),
        "State": "ENABLED",
        "EventPattern": pattern,
        "Targets": [target],
        "Tags": tag_list(design),
    });
    let rule = json!({
        "name": design.rule(),
        "description": description(design),
        "state": "ENABLED",
        "event_pattern": text(&pattern),
        "tags": tag_map(design),
    });
    let resource = CloudFormation::Resource("AWS::Events::Rule", properties);
    let part = Part::new(Kind::EventRule, "EventRule", resource);
    let part = part.terraform("aws_cloudwatch_event_rule", rule);
    Some(part.terraform("aws_cloudwatch_event_target", arguments))
}
