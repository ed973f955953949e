//! The function's execution role and its inline policy (a managed one could not be undone under the published policy).

use std::time::Duration;

use aws_sdk_iam::types::Tag;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Cx, Mark, Purpose, Seen, document, done_or, seen};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::{ConnectionId, Design},
    policy::{self, grant::Grant},
    ui::Result,
};

/// A role as it stands.
#[derive(Clone, Debug)]
pub struct State {
    pub arn: String,
    /// `AROA…`: unlike any other role's, also of the same name.
    pub id: String,
    pub mark: Mark,
    pub trust: Value,
    pub boundary: Option<String>,
    /// Our inline policy.
    pub policy: Seen<Value>,
}

/// IAM answers with URL-encoded JSON.
fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

pub async fn observe(aws: &Aws, name: &str, id: ConnectionId) -> Result<Seen<State>, AwsError> {
    let policy_name = id.part("Forwarder");
    // Both at once: the policy is asked for even before it is known that the role is there.
    let (role, policy) = tokio::join!(
        aws.iam.get_role().role_name(name).send(),
        aws.iam
            .get_role_policy()
            .role_name(name)
            .policy_name(&policy_name)
            .send(),
    );
    let role = match seen(role.map_err(AwsError::of("iam:GetRole")), &["NoSuchEntity"])? {
        Seen::There(role) => role,
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Unseen(action) => return Ok(Seen::Unseen(action)),
    };
    let policy = seen(
        policy.map_err(AwsError::of("iam:GetRolePolicy")),
        &["NoSuchEntity"],
    )?;
    let Some(role) = role.role() else {
        return Ok(Seen::Absent);
    };
    let trust = Seen::There(role.assume_role_policy_document().map(decode));
    Ok(Seen::There(State {
        arn: role.arn().to_owned(),
        id: role.role_id().to_owned(),
        mark: Mark::of_tags(id, role.tags().iter().map(|tag| (tag.key(), tag.value()))),
        trust: document::readable("iam:GetRole", trust)?
            .there()
            .cloned()
            .unwrap_or_default(),
        boundary: role
            .permissions_boundary()
            .and_then(|boundary| boundary.permissions_boundary_arn())
            .map(ToOwned::to_owned),
        policy: document::readable(
            "iam:GetRolePolicy",
            policy.map(|policy| Some(decode(policy.policy_document()))),
        )?,
    }))
}

/// Whether the function may run with a role: its trust allows Lambda.
#[must_use]
pub fn trusts_lambda(trust: &Value) -> bool {
    let statements = policy::statements(trust).into_iter();
    statements
        .filter(|statement| statement["Effect"] == "Allow")
        .any(|statement| {
            let services = &statement["Principal"]["Service"];
            let lambda = "lambda.amazonaws.com";
            *services == lambda
                || services
                    .as_array()
                    .is_some_and(|all| all.contains(&lambda.into()))
        })
}

async fn look(cx: Cx<'_>) -> Result<Seen<State>> {
    Ok(observe(cx.aws, &cx.design.role, cx.design.id).await?)
}

pub async fn create(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let tags = tags_as!(Tag, design);
    let made = cx
        .aws
        .iam
        .create_role()
        .role_name(&design.role)
        .path(&design.role_path)
        .assume_role_policy_document(design.trust().to_string())
        .description(format!(
            "Runs the log forwarder of sophos-ct connection {}",
            design.id
        ))
        .set_permissions_boundary(design.permissions_boundary.clone())
        .set_tags(Some(tags))
        .send()
        .await
        .map_err(AwsError::of("iam:CreateRole"));
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.is("EntityAlreadyExists") => match look(cx).await? {
            Seen::There(state) => state.mark.must_be_ours(&state.arn),
            _ => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// How a role of ours differs from the design: trust, or a boundary that was taken away or replaced.
#[must_use]
pub fn drift(state: &State, design: &Design) -> Vec<&'static str> {
    let mut drift = Vec::new();
    if !policy::equal(&state.trust, &design.trust()) {
        drift.push("AssumeRolePolicyDocument");
    }
    if design.permissions_boundary.is_some() && state.boundary != design.permissions_boundary {
        drift.push("PermissionsBoundary");
    }
    drift
}

/// Brings trust and boundary of our role back to the design. Outside the published policy.
pub async fn repair(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let Some(state) = look(cx).await?.or_gone(&design.role_arn())? else {
        return create(cx).await;
    };
    state.mark.must_be_ours(&state.arn)?;
    let drift = drift(&state, design);
    if drift.contains(&"AssumeRolePolicyDocument") {
        cx.aws
            .iam
            .update_assume_role_policy()
            .role_name(&design.role)
            .policy_document(design.trust().to_string())
            .send()
            .await
            .map_err(AwsError::of("iam:UpdateAssumeRolePolicy"))?;
    }
    if drift.contains(&"PermissionsBoundary") {
        cx.aws
            .iam
            .put_role_permissions_boundary()
            .role_name(&design.role)
            .set_permissions_boundary(design.permissions_boundary.clone())
            .send()
            .await
            .map_err(AwsError::of("iam:PutRolePermissionsBoundary"))?;
    }
    Ok(())
}

pub async fn put_policy(cx: Cx<'_>) -> Result<()> {
    // IAM is eventually consistent: a role made a moment ago may not be there yet for the next call.
    wait::until_accepted(
        cx.waiting,
        Duration::from_secs(60),
        |error| error.is("NoSuchEntity").then(|| crate::ui::t!("wait-role")),
        || async {
            cx.aws
                .iam
                .put_role_policy()
                .role_name(&cx.design.role)
                .policy_name(cx.design.role_policy_name())
                .policy_document(cx.design.role_policy().to_string())
                .send()
                .await
                .map_err(AwsError::of("iam:PutRolePolicy"))
        },
    )
    .await?;
    Ok(())
}

pub async fn delete_policy(cx: Cx<'_>) -> Result<()> {
    let deleted = cx
        .aws
        .iam
        .delete_role_policy()
        .role_name(&cx.design.role)
        .policy_name(cx.design.role_policy_name())
        .send()
        .await
        .map_err(AwsError::of("iam:DeleteRolePolicy"));
    done_or(deleted, &["NoSuchEntity"])
}

pub async fn delete(cx: Cx<'_>) -> Result<()> {
    let Some(state) = look(cx).await?.or_gone(&cx.design.role_arn())? else {
        return Ok(());
    };
    state.mark.must_be_ours(&state.arn)?;
    // The inline policy that was taken out a moment ago may still be there for this call (Terraform's provider waits on it).
    let passing = |error: &AwsError| {
        error
            .is("DeleteConflict")
            .then(|| crate::ui::t!("wait-role"))
    };
    let minute = Duration::from_secs(60);
    let deleted = wait::until_accepted(cx.waiting, minute, passing, || async {
        cx.aws
            .iam
            .delete_role()
            .role_name(&cx.design.role)
            .send()
            .await
            .map_err(AwsError::of("iam:DeleteRole"))
    })
    .await;
    done_or(deleted, &["NoSuchEntity"])
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.role_arn();
    let service =
        serde_json::json!({ "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } });
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
                // Only roles that the boundary holds in can be made and given a policy.
                create = create.only_if(serde_json::json!({
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
