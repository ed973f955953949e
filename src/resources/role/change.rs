//! The changes that can be made to the role: it is created, repaired, given our policy, and deleted.

use std::time::Duration;

use aws_sdk_iam::types::Tag;

use super::{
    look::observe,
    state::{State, drift},
};
use crate::{
    aws::{error::AwsError, wait},
    connection::{Design, Kind},
    resources::{
        cx::Cx,
        seen::{Seen, done_or},
        step::{self, Action, Facts},
        tags::tags_as,
    },
    ui::{Result, t},
};

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Create,
    /// Brings trust and boundary back to the design.
    Repair,
    AddPolicy,
    MendPolicy,
    DeletePolicy,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        let policy = |action| {
            Facts::new(
                action,
                Kind::RolePolicy,
                &["PutRolePolicy"],
                &["iam:PutRolePolicy"],
            )
        };
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::Role,
                &["CreateRole"],
                &["iam:CreateRole", "iam:TagRole"],
            ),
            Self::Repair => Facts::new(
                Action::Modify,
                Kind::Role,
                &["UpdateAssumeRolePolicy", "PutRolePermissionsBoundary"],
                &[
                    "iam:UpdateAssumeRolePolicy",
                    "iam:PutRolePermissionsBoundary",
                ],
            ),
            Self::AddPolicy => policy(Action::Create),
            Self::MendPolicy => policy(Action::Modify),
            Self::DeletePolicy => Facts::new(
                Action::Delete,
                Kind::RolePolicy,
                &["DeleteRolePolicy"],
                &["iam:DeleteRolePolicy"],
            ),
            Self::Delete => Facts::new(
                Action::Delete,
                Kind::Role,
                &["DeleteRole"],
                &["iam:DeleteRole"],
            ),
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            Self::Create | Self::Repair => &[],
            Self::AddPolicy | Self::MendPolicy => &[Kind::Role],
            // Once the function is gone, nothing but the role shows whose its subscription and its log group are.
            Self::DeletePolicy => &[Kind::LogGroup, Kind::Subscription, Kind::Function],
            Self::Delete => &[Kind::RolePolicy],
        }
    }
}

/// Carries a change out. Every change is safe to repeat.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create => create(cx).await,
        Change::Repair => repair(cx).await,
        Change::AddPolicy | Change::MendPolicy => put_policy(cx).await,
        Change::DeletePolicy => delete_policy(cx).await,
        Change::Delete => delete(cx).await,
    }
}

async fn create(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let tags = tags_as!(Tag, design);
    let made = cx
        .aws
        .iam
        .create_role()
        .role_name(&design.role)
        .path(&design.role_path)
        .assume_role_policy_document(design.trust().to_string())
        .description(description(design))
        .set_permissions_boundary(design.permissions_boundary.as_ref().map(String::from))
        .set_tags(Some(tags))
        .send()
        .await
        .map_err(AwsError::of("iam:CreateRole"));
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.is("EntityAlreadyExists") => match look(cx).await? {
            Seen::There(state) => state.owner.mark.must_be_ours(&state.arn),
            _ => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Returns what the role says about itself.
pub(super) fn description(design: &Design) -> String {
    let id = design.id;
    format!("Runs the log forwarder of sophos-ct connection {id}")
}

/// Brings trust and boundary of our role back to the design. Outside the published policy.
async fn repair(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let Some(state) = look(cx).await?.or_gone(&design.role_arn())? else {
        return create(cx).await;
    };
    state.owner.mark.must_be_ours(&state.arn)?;
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
            .set_permissions_boundary(design.permissions_boundary.as_ref().map(String::from))
            .send()
            .await
            .map_err(AwsError::of("iam:PutRolePermissionsBoundary"))?;
    }
    Ok(())
}

async fn put_policy(cx: Cx<'_>) -> Result<()> {
    // IAM is eventually consistent: a role that was created a moment ago may not be there yet for this call.
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

async fn delete_policy(cx: Cx<'_>) -> Result<()> {
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

async fn delete(cx: Cx<'_>) -> Result<()> {
    let Some(state) = look(cx).await?.or_gone(&cx.design.role_arn())? else {
        return Ok(());
    };
    state.owner.mark.must_be_ours(&state.arn)?;
    // The inline policy that was deleted a moment ago may still be there for this call (Terraform's provider waits for it).
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

async fn look(cx: Cx<'_>) -> Result<Seen<State>> {
    Ok(observe(cx.aws, cx.design).await?)
}
