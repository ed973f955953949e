//! Situations of IAM.

use serde_json::json;
use sophos_ct::testing::AwsError;

use super::stage::{Stage, refused};

pub(super) async fn provoked(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let iam = &stage.aws.iam;
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "lambda.amazonaws.com" },
    }]});
    Some(match name {
        "iam CreateRole: trust document that is no JSON" => refused!(
            iam.create_role()
                .role_name("f")
                .assume_role_policy_document("no json")
        ),
        "iam CreateRole: there already" => refused!(
            iam.create_role()
                .role_name("recorded")
                .assume_role_policy_document(trust.to_string())
        ),
        "iam GetRole: absent" => refused!(iam.get_role().role_name("absent")),
        "iam GetRolePolicy: policy absent" => refused!(
            iam.get_role_policy()
                .role_name("recorded")
                .policy_name("absent")
        ),
        "iam DeleteRolePolicy: absent" => refused!(
            iam.delete_role_policy()
                .role_name("recorded")
                .policy_name("absent")
        ),
        "iam DeleteRole: inline policies left" => refused!(iam.delete_role().role_name("recorded")),
        _ => return None,
    })
}
