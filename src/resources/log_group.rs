//! The function's log group. The published policy does not allow tagging it, so its name is its mark.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    cx::Cx,
    planned::{Across, Claim, Journal, Planned, Removing, Shown},
    seen::{Mark, Seen, done_or, seen},
    settings::{Setting, Settings},
    step::{self, Action, Does, Facts, Step},
    template::{CloudFormation, Input, Part, tag_list, tag_map},
};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::{Design, Kind, Ownership},
    policy::grant::{Grant, Purpose},
    ui::{Result, t},
};

/// A log group as it stands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub retention_days: Option<i32>,
}

/// What was seen of the log group.
pub(crate) type Observed = Seen<State>;

/// Retention periods that CloudWatch Logs accepts, in days (`PutRetentionPolicy`).
pub(crate) const RETENTIONS: &[i32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Create,
    SetRetention,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::LogGroup,
                &["CreateLogGroup", "PutRetentionPolicy"],
                &["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
            ),
            Self::SetRetention => Facts::new(
                Action::Modify,
                Kind::LogGroup,
                &["PutRetentionPolicy"],
                &["logs:PutRetentionPolicy"],
            ),
            Self::Delete => Facts::new(
                Action::Delete,
                Kind::LogGroup,
                &["DeleteLogGroup"],
                &["logs:DeleteLogGroup"],
            ),
        }
    }

    fn after(&self, design: &Design) -> &'static [Kind] {
        match (self, design.own_role) {
            // The log group cannot be tagged. After a run was stopped, the role's policy shows whose it is, since it names it.
            (Self::Create | Self::SetRetention, true) => &[Kind::RolePolicy],
            // Without a role policy of ours, the function shows whose it is.
            (Self::Create | Self::SetRetention, false) => &[Kind::Function],
            (Self::Delete, true) => &[Kind::Function, Kind::Trail],
            (Self::Delete, false) => &[Kind::Subscription, Kind::EventRule, Kind::Trail],
        }
    }
}

/// Carries a change out. Every change is safe to repeat.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create | Change::SetRetention => create(cx).await,
        Change::Delete => delete(cx).await,
    }
}

/// What `setup` does with the log group.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.log_group_arn();
    let mut reason = None;
    let does = match seen {
        Seen::Absent => Change::Create.into(),
        Seen::There(_) if !across.owns_function_name => {
            planned.unmarked(&arn);
            Does::Keep(Kind::LogGroup)
        }
        Seen::There(state) if state.retention_days == Some(design.log_retention_days) => {
            Does::Keep(Kind::LogGroup)
        }
        Seen::There(_) => {
            reason = Some(t!("reason-retention", days = design.log_retention_days));
            Change::SetRetention.into()
        }
        Seen::Denied(action) => planned.denied(journal, Kind::LogGroup, &arn, action),
    };
    let step = Step::new(does, &arn).because(reason);
    planned.add(step, Ownership::Created, Some(&design.region));
    planned
}

/// What `remove` does with the log group: it is deleted.
#[must_use]
pub(crate) fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.log_group_arn();
    if !removing.claims(Kind::LogGroup, &arn) || seen.is_absent() {
        return planned;
    }
    if across.owns_function_name {
        planned.step(Step::new(Change::Delete, &arn));
    } else {
        planned.unmarked(&arn);
    }
    planned
}

/// Returns the settings of the log group: how long it keeps events.
#[must_use]
pub(crate) fn settings(
    design: &Design,
    seen: &Observed,
    _: Journal<'_>,
    _: &Across,
) -> Vec<Settings> {
    let days = |group: &State| group.retention_days.map(Value::from);
    let made = Some(design.log_retention_days.into());
    let all = vec![Setting::new("RetentionInDays", seen, days, made)];
    vec![Settings::new(Kind::LogGroup, design.log_group_arn(), all)]
}

/// What a manifest may claim.
#[must_use]
pub(crate) fn claims(design: &Design) -> Vec<Claim> {
    vec![Claim::whole(Kind::LogGroup, design.log_group_arn())]
}

/// How surely a claim is seen to be true.
#[must_use]
pub(crate) fn shown(_: &Design, seen: &Observed, across: &Across, _: Kind) -> Shown {
    match (
        across.owns_function_name,
        across.function_is_ours && !seen.is_absent(),
    ) {
        (false, _) => Shown::No,
        (true, false) => Shown::Perhaps,
        (true, true) => Shown::Surely,
    }
}

/// Always `None`: a log group has no mark of its own.
#[must_use]
pub(crate) fn mark(_: &Observed) -> Option<&Mark> {
    None
}

/// Reads the log group.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    let name = &design.log_group();
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

/// The permissions on the log group that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.log_group_arn();
    let on_group = |actions: &[&'static str]| Grant::new(actions, &arn).and_on(format!("{arn}:*"));
    // AWS accepts no narrower resource here than all groups of the account.
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

/// Returns what a template says of the log group. It outlives its stack.
#[must_use]
pub(crate) fn part(design: &Design) -> Part {
    let (name, days) = (design.log_group(), Input::LogRetentionDays.value());
    let properties = json!({
        "LogGroupName": name,
        "RetentionInDays": days,
        "Tags": tag_list(design),
    });
    let resource = CloudFormation::Resource("AWS::Logs::LogGroup", properties);
    let arguments = json!({
        "name": name,
        "retention_in_days": days,
        "skip_destroy": true,
        "tags": tag_map(design),
    });
    let part = Part::new(Kind::LogGroup, "LogGroup", resource);
    part.terraform("aws_cloudwatch_log_group", arguments).kept()
}

const MINUTE: Duration = Duration::from_secs(60);

/// Creates the group if it is missing, and sets how long it keeps events.
async fn create(cx: Cx<'_>) -> Result<()> {
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

async fn delete(cx: Cx<'_>) -> Result<()> {
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

/// Returns what to wait for if AWS refuses only for the moment: another change of the group is under way.
fn busy(error: &AwsError) -> Option<String> {
    error
        .is("OperationAbortedException")
        .then(|| t!("wait-log-group"))
}
