//! The role with an administrator's rights that `--sandbox` acts as.

use serde_json::json;

use super::ADMINISTRATOR;
use crate::{
    aws::{Aws, error::AwsError},
    resources::seen::done_or,
    ui::Result,
};

/// Creates the role in the account of `root`, unless it is there already.
pub(super) async fn make(root: &Aws) -> Result<()> {
    let account = &root.caller.account;
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{account}:root") }, "Action": "sts:AssumeRole",
    }]});
    let make = root.iam.create_role().role_name(ADMINISTRATOR);
    let made = make
        .assume_role_policy_document(trust.to_string())
        .send()
        .await
        .map_err(AwsError::of("iam:CreateRole"));
    done_or(made, &["EntityAlreadyExists"])?;
    let everything = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "*", "Resource": "*",
    }]});
    let put = root.iam.put_role_policy().role_name(ADMINISTRATOR);
    put.policy_name("AdministratorAccess")
        .policy_document(everything.to_string())
        .send()
        .await
        .map_err(AwsError::of("iam:PutRolePolicy"))?;
    Ok(())
}
