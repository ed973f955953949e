//! The function's log group. It cannot be tagged under the published policy: its name is its mark.

use std::time::Duration;

use super::{Cx, Purpose, Seen, done_or, seen};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::Design,
    policy::grant::Grant,
    ui::{Result, t},
};

/// A log group as it stands.
#[derive(Clone, Debug)]
pub struct State {
    pub retention_days: Option<i32>,
}

pub async fn observe(aws: &Aws, name: &str) -> Result<Seen<State>, AwsError> {
    let found = aws
        .logs
        .describe_log_groups()
        .log_group_name_prefix(name)
        .send()
        .await
        .map_err(AwsError::of("logs:DescribeLogGroups"));
    Ok(
        seen(found, &["ResourceNotFoundException"])?.and_then(|found| {
            let mut groups = found.log_groups().iter();
            let group = groups.find(|group| group.log_group_name() == Some(name))?;
            Some(State {
                retention_days: group.retention_in_days(),
            })
        }),
    )
}

/// Another change of the group is under way, or the group that was made a moment ago is not known everywhere yet.
fn busy(error: &AwsError) -> Option<String> {
    error
        .is("OperationAbortedException")
        .then(|| t!("wait-log-group"))
}

const MINUTE: Duration = Duration::from_secs(60);

/// Creates the group where it is missing and sets how long it keeps events.
pub async fn create(cx: Cx<'_>) -> Result<()> {
    let name = cx.design.log_group();
    let made = wait::until_accepted(cx.waiting, MINUTE, busy, || async {
        cx.aws
            .logs
            .create_log_group()
            .log_group_name(&name)
            .send()
            .await
            .map_err(AwsError::of("logs:CreateLogGroup"))
    })
    .await;
    done_or(made, &["ResourceAlreadyExistsException"])?;
    let passing = |error: &AwsError| {
        let early = error.is("ResourceNotFoundException");
        busy(error).or_else(|| early.then(|| t!("wait-log-group")))
    };
    wait::until_accepted(cx.waiting, MINUTE, passing, || async {
        cx.aws
            .logs
            .put_retention_policy()
            .log_group_name(&name)
            .retention_in_days(cx.design.log_retention_days)
            .send()
            .await
            .map_err(AwsError::of("logs:PutRetentionPolicy"))
    })
    .await?;
    Ok(())
}

pub async fn delete(cx: Cx<'_>) -> Result<()> {
    let deleted = wait::until_accepted(cx.waiting, MINUTE, busy, || async {
        cx.aws
            .logs
            .delete_log_group()
            .log_group_name(cx.design.log_group())
            .send()
            .await
            .map_err(AwsError::of("logs:DeleteLogGroup"))
    })
    .await;
    done_or(deleted, &["ResourceNotFoundException"])
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.log_group_arn();
    let on_group = |actions: &[&'static str]| Grant::new(actions, &arn).and_on(format!("{arn}:*"));
    // Takes no narrower resource than every group of the account.
    let mut grants = vec![Grant::new(&["logs:DescribeLogGroups"], "*")];
    match purpose {
        Purpose::Setup => grants.push(on_group(&[
            "logs:CreateLogGroup",
            "logs:PutRetentionPolicy",
        ])),
        Purpose::Remove => grants.push(on_group(&["logs:DeleteLogGroup"])),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    grants
}

/// Retention periods that CloudWatch Logs accepts, in days (`PutRetentionPolicy`).
pub const RETENTIONS: &[i32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];
