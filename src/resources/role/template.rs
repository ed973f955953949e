//! What a template says of the role and its policy.

use serde_json::json;

use super::{
    change::{Change, description},
    document::written,
};
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
    let document = written(design, &Seen::Absent, change)?.after?;
    let boundary = design.permissions_boundary.as_ref().map(String::from);
    match change {
        Change::Create => {
            let properties = json!({
                "RoleName": design.role,
                "Path": design.role_path,
                "Description": description(design),
                "AssumeRolePolicyDocument": document,
                "PermissionsBoundary": boundary,
                "Tags": tag_list(design),
            });
            let resource = CloudFormation::Resource("AWS::IAM::Role", properties);
            let arguments = json!({
                "name": design.role,
                "path": design.role_path,
                "description": description(design),
                "assume_role_policy": text(&document),
                "permissions_boundary": boundary,
                "tags": tag_map(design),
            });
            Some(Part::new(Kind::Role, "Role", resource).terraform("aws_iam_role", arguments))
        }
        Change::AddPolicy => {
            let name = design.role_policy_name();
            let policies =
                json!({ "Policies": [{ "PolicyName": name, "PolicyDocument": document }] });
            let within = CloudFormation::Within(Kind::Role, policies);
            let arguments = json!({
                "name": name,
                "role": design.role,
                "policy": text(&document),
            });
            let part = Part::new(Kind::RolePolicy, "RolePolicy", within);
            Some(part.terraform("aws_iam_role_policy", arguments))
        }
        Change::Repair | Change::MendPolicy | Change::DeletePolicy | Change::Delete => None,
    }
}
