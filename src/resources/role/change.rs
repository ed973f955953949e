//! Writes: the role is created, repaired, given our policy, and deleted.

use std::time::Duration;

use aws_sdk_iam::types::Tag;

use super::{State, drift, observe};
use crate::{
    aws::{error::AwsError, wait},
    resources::{
        cx::Cx,
        seen::{Seen, done_or},
        tags::tags_as,
    },
    ui::{Result, t},
};

async fn look(cx: Cx<'_>) -> Result<Seen<State>> {
    Ok(observe(cx.aws, cx.design).await?)
}

pub(super) async fn create(cx: Cx<'_>) -> Result<()> {
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

/// Brings trust and boundary of our role back to the design. Outside the published policy.
pub(super) async fn repair(cx: Cx<'_>) -> Result<()> {
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

pub(super) async fn put_policy(cx: Cx<'_>) -> Result<()> {
    // IAM is eventually consistent: a role made a moment ago may not be there yet for the next call.
    wait::until_accepted(
        cx.waiting,
        Duration::from_secs(60),
        |error| error.is("NoSuchEntity").then(|| t!("wait-role")),
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

pub(super) async fn delete_policy(cx: Cx<'_>) -> Result<()> {
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

pub(super) async fn delete(cx: Cx<'_>) -> Result<()> {
    let Some(state) = look(cx).await?.or_gone(&cx.design.role_arn())? else {
        return Ok(());
    };
    state.mark.must_be_ours(&state.arn)?;
    // The inline policy that was taken out a moment ago may still be there for this call (Terraform's provider waits on it).
    let passing = |error: &AwsError| error.is("DeleteConflict").then(|| t!("wait-role"));
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
