//! The changes that can be made to the function. Changes that take one call are made here: the permission, the deletion, and the
//! message that provokes the function.

use std::time::Duration;

use aws_sdk_lambda::{primitives::Blob, types::InvocationType};

use super::{
    deploy::{self, busy},
    look::observe,
    policy::{INVOKE, permits, read_policy},
};
use crate::{
    aws::{error::AwsError, wait},
    connection::{Design, Feed, Kind},
    resources::{
        cx::Cx,
        seen::{Seen, done_or},
        step::{self, Action, Facts},
    },
    ui::{Result, t},
};

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Create,
    /// Brings code and settings to what the deployment says.
    Update,
    /// Brings the settings alone to what the deployment says: the function runs newer code.
    Configure,
    Permit,
    /// The permission goes with the function, without a call of its own.
    PermissionGoes,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::Function,
                &["CreateFunction20150331"],
                &[
                    "lambda:CreateFunction",
                    "lambda:TagResource",
                    "iam:PassRole",
                ],
            ),
            Self::Update => Facts::new(
                Action::Modify,
                Kind::Function,
                &[
                    "UpdateFunctionCode20150331v2",
                    "UpdateFunctionConfiguration20150331v2",
                ],
                &[
                    "lambda:UpdateFunctionCode",
                    "lambda:UpdateFunctionConfiguration",
                    // The configuration names the role.
                    "iam:PassRole",
                ],
            ),
            Self::Configure => Facts::new(
                Action::Modify,
                Kind::Function,
                &["UpdateFunctionConfiguration20150331v2"],
                &["lambda:UpdateFunctionConfiguration", "iam:PassRole"],
            ),
            Self::Permit => Facts::new(
                Action::Create,
                Kind::FunctionPermission,
                &["AddPermission20150331v2"],
                &["lambda:AddPermission"],
            ),
            Self::PermissionGoes => Facts::new(Action::Delete, Kind::FunctionPermission, &[], &[]),
            Self::Delete => Facts::new(
                Action::Delete,
                Kind::Function,
                &["DeleteFunction20150331"],
                &["lambda:DeleteFunction"],
            ),
        }
    }

    fn after(&self, design: &Design) -> &'static [Kind] {
        match self {
            Self::Create | Self::Update | Self::Configure => &[Kind::Role],
            Self::Permit => &[Kind::Function],
            Self::PermissionGoes | Self::Delete if design.own_role => {
                &[Kind::Subscription, Kind::EventRule]
            }
            // Without a role policy of ours, it is the function that shows whose the log group is, so the log group goes first.
            Self::PermissionGoes | Self::Delete => {
                &[Kind::Subscription, Kind::EventRule, Kind::LogGroup]
            }
        }
    }
}

/// Carries a change out. Every change is safe to repeat.
///
/// # Panics
/// If `setup` has handed over no deployment.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    let deployment = || cx.deployment.expect("setup hands the deployment over");
    match change {
        Change::Create => deploy::create(cx, deployment()).await,
        Change::Update => deploy::update(cx, deployment()).await,
        Change::Configure => deploy::configure(cx, deployment()).await,
        Change::Permit => permit(cx).await,
        Change::PermissionGoes => Ok(()),
        Change::Delete => delete(cx).await,
    }
}

async fn permit(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let id = design.permission_id();
    let (principal, source) = design.invoker();
    // A function that was created a moment ago may not be there yet for this call (Terraform's provider waits for it).
    let passing = |error: &AwsError| {
        let early = error.is("ResourceNotFoundException");
        busy(error).or_else(|| early.then(|| t!("wait-function")))
    };
    let minute = Duration::from_secs(60);
    let added = wait::until_accepted(cx.waiting, minute, passing, || async {
        cx.aws
            .lambda
            .add_permission()
            .function_name(&design.function)
            .statement_id(&id)
            .action(INVOKE)
            .principal(principal)
            .source_arn(&source)
            .send()
            .await
            .map_err(AwsError::of("lambda:AddPermission"))
    })
    .await;
    match added {
        Ok(_) => Ok(()),
        // The same code also means "update in progress", so the policy decides.
        Err(error) if error.is("ResourceConflictException") => {
            match read_policy(cx.aws, &design.function).await? {
                Seen::There(document) if permits(&document, &id, &source) == Some(true) => Ok(()),
                _ => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Sends the function CloudTrail's own validation message, so that it signs in and looks at the bucket although nothing else
/// provokes a message. Outside the published policy.
pub(crate) async fn provoke(cx: Cx<'_>) -> Result<(), AwsError> {
    let message = "CloudTrail validation message.";
    let event = serde_json::json!({
        "Records": [{
            "EventSource": "aws:sns",
            "Sns": { "Type": "Notification", "TopicArn": cx.design.topic_arn(), "Message": message },
        }],
    });
    cx.aws
        .lambda
        .invoke()
        .function_name(&cx.design.function)
        .invocation_type(InvocationType::Event)
        .payload(Blob::new(event.to_string()))
        .send()
        .await
        .map_err(AwsError::of(INVOKE))?;
    Ok(())
}

/// Whether nothing that `setup` changes sends a message that makes the function sign in.
#[must_use]
pub(crate) fn must_be_provoked(design: &Design) -> bool {
    matches!(
        design.feed,
        Feed::Subscribe { .. } | Feed::EventBridge { .. }
    )
}

async fn delete(cx: Cx<'_>) -> Result<()> {
    let name = &cx.design.function;
    let function = observe(cx.aws, cx.design).await?;
    let Some(state) = function.or_gone(&cx.design.function_arn())? else {
        return Ok(());
    };
    state.owner.mark.must_be_ours(&state.arn)?;
    let deleted = cx
        .aws
        .lambda
        .delete_function()
        .function_name(name)
        .send()
        .await
        .map_err(AwsError::of("lambda:DeleteFunction"));
    done_or(deleted, &["ResourceNotFoundException"])
}
