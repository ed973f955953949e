//! The permissions that the calls of this family need.

use serde_json::json;

use crate::{
    connection::Design,
    policy::grant::{Grant, Purpose},
};

/// The permissions on the role that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.role_arn();
    let service = json!({ "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } });
    let pass = Grant::new(&["iam:PassRole"], &arn).only_if(service);
    if !design.own_role {
        let mut grants = vec![Grant::new(&["iam:GetRole"], &arn)];
        grants.extend((purpose == Purpose::Setup).then_some(pass));
        return grants;
    }
    let mut grants = vec![Grant::new(&["iam:GetRole", "iam:GetRolePolicy"], &arn)];
    match purpose {
        Purpose::Setup => {
            let bounded = &["iam:CreateRole", "iam:PutRolePolicy"];
            let mut create = Grant::new(bounded, &arn);
            if let Some(boundary) = &design.permissions_boundary {
                // Only roles that this boundary limits can be created and given a policy.
                create = create.only_if(json!({
                    "StringEquals": { "iam:PermissionsBoundary": boundary }
                }));
            }
            grants.push(create);
            grants.push(Grant::new(&["iam:TagRole"], &arn));
            grants.push(pass);
        }
        Purpose::Remove => grants.push(Grant::new(
            &["iam:DeleteRolePolicy", "iam:DeleteRole"],
            &arn,
        )),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    grants
}
