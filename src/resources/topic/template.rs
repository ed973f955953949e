//! What a template says of the topic and its policy.

use serde_json::json;

use super::{change::Change, policy::written};
use crate::{
    connection::{Design, Kind},
    resources::{
        seen::Seen,
        template::{CloudFormation, Part, tag_list, tag_map, text},
    },
};

/// Returns what a template says of what a change makes; `None` if the change makes nothing.
#[must_use]
pub(crate) fn part(design: &Design, change: Change) -> Option<Part> {
    match change {
        Change::Create => {
            let properties = json!({ "TopicName": design.topic, "Tags": tag_list(design) });
            let resource = CloudFormation::Resource("AWS::SNS::Topic", properties);
            let arguments = json!({ "name": design.topic, "tags": tag_map(design) });
            Some(Part::new(Kind::Topic, "Topic", resource).terraform("aws_sns_topic", arguments))
        }
        Change::AddStatement => {
            let document = written(design, &Seen::Absent, change)?.after?;
            let arn = design.topic_arn();
            let properties = json!({ "Topics": [arn], "PolicyDocument": document });
            let resource = CloudFormation::Resource("AWS::SNS::TopicPolicy", properties);
            let arguments = json!({ "arn": arn, "policy": text(&document) });
            let part = Part::new(Kind::TopicPolicyStatement, "TopicPolicy", resource);
            Some(part.terraform("aws_sns_topic_policy", arguments))
        }
        Change::MendStatement | Change::RemoveStatement | Change::Delete => None,
    }
}
