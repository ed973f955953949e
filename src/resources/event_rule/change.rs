//! The changes that can be made to the rule.

use std::time::Duration;

use aws_sdk_eventbridge::types::{DeadLetterConfig, RuleState, Tag, Target};

use super::{
    look::observe,
    state::{TAG_TURNED_ON, pattern, target_id},
};
use crate::{
    aws::{error::AwsError, wait},
    connection::{Design, Kind},
    resources::{
        cx::Cx,
        notification,
        seen::{Seen, done_or},
        step::{self, Action, Facts},
        tags::tags_as,
    },
    ui::{Code, Failure, Result, t},
};

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Create,
    Mend,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::EventRule,
                &["PutRule", "PutTargets"],
                &["events:PutRule", "events:TagResource", "events:PutTargets"],
            ),
            Self::Mend => Facts::new(
                Action::Modify,
                Kind::EventRule,
                &["PutRule", "PutTargets"],
                &["events:PutRule", "events:PutTargets"],
            ),
            Self::Delete => Facts::new(
                Action::Delete,
                Kind::EventRule,
                &["RemoveTargets", "DeleteRule"],
                &["events:RemoveTargets", "events:DeleteRule"],
            ),
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            Self::Create | Self::Mend => &[Kind::FunctionPermission],
            Self::Delete => &[Kind::BucketNotification],
        }
    }
}

/// Carries a change out. Every change is safe to repeat.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create | Change::Mend => create(cx).await,
        Change::Delete => delete(cx).await,
    }
}

/// Creates the rule or brings it back to the design. `PutRule` silently replaces a rule of the same name, so look first.
async fn create(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let fresh = match observe(cx.aws, design).await? {
        Seen::Absent => true,
        Seen::There(state) => {
            state.owner.mark.must_be_ours(&design.rule_arn())?;
            false
        }
        Seen::Denied(action) => {
            return Err(Failure::new(
                Code::AwsPermission,
                t!("conflict-denied", arn = design.rule_arn(), action = action),
            ));
        }
    };
    let was_off = notification::is_bridged(cx.aws, &design.bucket).await? == Seen::There(false);
    put_rule(cx, fresh).await?;
    if was_off {
        note_turned_on(cx).await?;
    }
    put_target(cx).await?;
    Ok(())
}

/// Writes the rule itself. `fresh`: there is none yet, so it gets our tags, which are accepted at creation only.
async fn put_rule(cx: Cx<'_>, fresh: bool) -> Result<(), AwsError> {
    let design = cx.design;
    cx.aws
        .events
        .put_rule()
        .name(design.rule())
        .state(RuleState::Enabled)
        .event_pattern(pattern(design).to_string())
        .description(description(design))
        .set_tags(fresh.then(|| tags_as!(Tag, design)))
        .send()
        .await
        .map_err(AwsError::of("events:PutRule"))?;
    Ok(())
}

/// Notes on the rule that we turn the bucket's events on, before we do it.
async fn note_turned_on(cx: Cx<'_>) -> Result<(), AwsError> {
    let tag = Tag::builder().key(TAG_TURNED_ON).value(&cx.design.bucket);
    cx.aws
        .events
        .tag_resource()
        .resource_arn(cx.design.rule_arn())
        .tags(tag.build().expect("key and value are set"))
        .send()
        .await
        .map_err(AwsError::of("events:TagResource"))?;
    Ok(())
}

async fn put_target(cx: Cx<'_>) -> Result<(), AwsError> {
    let design = cx.design;
    let queue = design.redrive();
    let target = Target::builder()
        .id(target_id(design))
        .arn(design.function_arn())
        .set_dead_letter_config(queue.map(|arn| DeadLetterConfig::builder().arn(arn).build()));
    let put = cx
        .aws
        .events
        .put_targets()
        .rule(design.rule())
        .targets(target.build().expect("id and ARN are set"))
        .send()
        .await
        .map_err(AwsError::of("events:PutTargets"))?;
    match put.failed_entries().first() {
        None => Ok(()),
        Some(entry) => Err(AwsError::in_answer(
            "events:PutTargets",
            entry.error_code(),
            entry.error_message(),
        )),
    }
}

async fn delete(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let rule = observe(cx.aws, design).await?;
    let Some(state) = rule.or_gone(&design.rule_arn())? else {
        return Ok(());
    };
    state.owner.mark.must_be_ours(&design.rule_arn())?;
    let removed = cx
        .aws
        .events
        .remove_targets()
        .rule(design.rule())
        .ids(target_id(design))
        .send()
        .await
        .map_err(AwsError::of("events:RemoveTargets"));
    done_or(removed, &["ResourceNotFoundException"])?;
    // Targets that were removed a moment ago may still be there for this call (Terraform's provider waits for it).
    let passing = |error: &AwsError| {
        error
            .says("ValidationException", "has targets")
            .then(|| t!("wait-rule"))
    };
    let minutes = Duration::from_secs(300);
    wait::until_accepted(cx.waiting, minutes, passing, || async {
        cx.aws
            .events
            .delete_rule()
            .name(design.rule())
            .send()
            .await
            .map_err(AwsError::of("events:DeleteRule"))
    })
    .await?;
    Ok(())
}

/// Returns what the rule says about itself.
pub(super) fn description(design: &Design) -> String {
    format!("New log files for sophos-ct connection {}", design.id)
}
