//! The EventBridge rule that hands a bucket's new log files to the function, where S3 accepts no notification of ours.

mod listeners;

use std::time::Duration;

use aws_sdk_eventbridge::types::{DeadLetterConfig, RuleState, Tag, Target};
use serde_json::{Value, json};

pub use listeners::others_listen;

use super::{
    cx::Cx,
    notification,
    planned::{Across, Claim, Journal, Planned, Removing, Shown},
    seen::{Mark, Seen, done_or, seen},
    step::{self, Action, Does, Facts, Step},
    tags::tags_as,
};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::{Design, Kind, Ownership},
    policy::{
        self,
        grant::{Grant, Purpose},
    },
    ui::{Code, Failure, Result, t},
};

/// The rule as it stands.
#[derive(Clone, Debug)]
pub struct State {
    pub mark: Mark,
    /// Enabled, with our pattern, and our function and the dead-letter queue as its target.
    pub as_planned: bool,
    /// It carries our note that we turned the bucket's events on.
    pub turned_on: bool,
}

/// What was seen of the rule.
pub type Observed = Seen<State>;

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Create,
    Mend,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        match self {
            Self::Create => Facts::new(Action::Create, Kind::EventRule, &["PutRule", "PutTargets"]),
            Self::Mend => Facts::new(Action::Modify, Kind::EventRule, &["PutRule", "PutTargets"]),
            Self::Delete => Facts::new(
                Action::Delete,
                Kind::EventRule,
                &["RemoveTargets", "DeleteRule"],
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

/// Carries a change out. Every one is safe to repeat.
pub async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create | Change::Mend => create(cx).await,
        Change::Delete => delete(cx).await,
    }
}

/// What `setup` does with the rule.
#[must_use]
pub fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    if design.has_topic() {
        return planned;
    }
    let arn = design.rule_arn();
    let does = match seen {
        Seen::Absent => Change::Create.into(),
        Seen::There(state) => {
            planned.must_be_ours(&state.mark, &arn);
            // The rule's tag says that we turned the events on: it is set before they are.
            let to_turn_on = across.bridged == Seen::There(false);
            if state.as_planned && (state.turned_on || !to_turn_on) {
                Does::Keep
            } else {
                Change::Mend.into()
            }
        }
        Seen::Denied(action) => planned.denied(journal, Kind::EventRule, &arn, action),
    };
    let step = Step::new(does, Kind::EventRule, &arn).mending();
    planned.add(step, Ownership::Created, Some(&design.region));
    planned
}

/// What `remove` does: the rule is ours if it carries our mark.
#[must_use]
pub fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.rule_arn();
    if design.has_topic() || !removing.claims(Kind::EventRule, &arn) {
        return planned;
    }
    match seen {
        Seen::Absent => {}
        Seen::There(state) => {
            planned.must_be_ours(&state.mark, &arn);
            planned.step(Step::new(Change::Delete, Kind::EventRule, &arn));
        }
        Seen::Denied(action) => planned.cannot_look(&arn, action),
    }
    planned
}

/// What a manifest may claim.
#[must_use]
pub fn claims(design: &Design) -> Vec<Claim> {
    if design.has_topic() {
        return Vec::new();
    }
    vec![Claim::whole(Kind::EventRule, design.rule_arn())]
}

/// How surely a claim is seen to be true: the rule's own mark decides when it is deleted.
#[must_use]
pub fn shown(_: &Design, seen: &Observed, _: &Across, _: Kind) -> Shown {
    match mark(seen) {
        Some(Mark::Ours) => Shown::Surely,
        _ => Shown::Perhaps,
    }
}

/// The mark on what was found.
#[must_use]
pub fn mark(seen: &Observed) -> Option<&Mark> {
    seen.there().map(|state| &state.mark)
}

/// Tag of the rule: we turned the bucket's events to EventBridge on.
const TAG_TURNED_ON: &str = "sophos-ct:turned-on";

/// What new log files of the bucket look like as events (S3 User Guide, "Using EventBridge").
fn pattern(design: &Design) -> Value {
    json!({
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": { "name": [design.bucket] },
            "object": { "key": [{ "prefix": design.log_prefix() }] },
        },
    })
}

/// Looked at only where it is to be there.
pub async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    if design.has_topic() {
        return Ok(Seen::Absent);
    }
    let name = design.rule();
    let rule = aws
        .events
        .describe_rule()
        .name(&name)
        .send()
        .await
        .map_err(AwsError::of("events:DescribeRule"));
    let rule = match seen(rule, &["ResourceNotFoundException"])? {
        Seen::There(rule) => rule,
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Denied(action) => return Ok(Seen::Denied(action)),
    };
    let (targets, tags) = tokio::join!(
        aws.events.list_targets_by_rule().rule(&name).send(),
        aws.events
            .list_tags_for_resource()
            .resource_arn(design.rule_arn())
            .send(),
    );
    let targets = seen(
        targets.map_err(AwsError::of("events:ListTargetsByRule")),
        &[],
    )?;
    let tags = seen(
        tags.map_err(AwsError::of("events:ListTagsForResource")),
        &[],
    )?;
    let turned_on = tags.there().is_some_and(|tags| {
        let mut tags = tags.tags().iter();
        tags.any(|tag| tag.key() == TAG_TURNED_ON && tag.value() == design.bucket.as_str())
    });
    let mark = match &tags {
        Seen::There(tags) => Mark::of_tags(
            design.id,
            tags.tags().iter().map(|tag| (tag.key(), tag.value())),
        ),
        Seen::Absent => Mark::None,
        Seen::Denied(action) => Mark::Denied(action),
    };
    let found: Option<Value> = rule
        .event_pattern()
        .and_then(|text| serde_json::from_str(text).ok());
    let fits =
        found.is_some_and(|found| policy::canonical(&found) == policy::canonical(&pattern(design)));
    let aimed = targets.there().is_some_and(|targets| {
        let function = design.function_arn();
        let queue = design.redrive();
        targets.targets().iter().any(|target| {
            let found = target.dead_letter_config().and_then(|config| config.arn());
            target.arn() == function && found == queue.as_deref()
        })
    });
    let enabled = rule.state() != Some(&RuleState::Disabled);
    Ok(Seen::There(State {
        mark,
        as_planned: fits && aimed && enabled,
        turned_on,
    }))
}

/// `PutRule` replaces a rule of the same name without a word: look first.
async fn create(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let fresh = match observe(cx.aws, design).await? {
        Seen::Absent => true,
        Seen::There(state) => {
            state.mark.must_be_ours(&design.rule_arn())?;
            false
        }
        Seen::Denied(action) => {
            return Err(Failure::new(
                Code::AwsPermission,
                t!("conflict-unseen", arn = design.rule_arn(), action = action),
            ));
        }
    };
    // Tags are taken at creation only.
    let tags = fresh.then(|| tags_as!(Tag, design));
    let was_off = notification::is_bridged(cx.aws, &design.bucket).await? == Seen::There(false);
    cx.aws
        .events
        .put_rule()
        .name(design.rule())
        .state(RuleState::Enabled)
        .event_pattern(pattern(design).to_string())
        .description(format!(
            "New log files for sophos-ct connection {}",
            design.id
        ))
        .set_tags(tags)
        .send()
        .await
        .map_err(AwsError::of("events:PutRule"))?;
    if was_off {
        let tag = Tag::builder().key(TAG_TURNED_ON).value(&design.bucket);
        cx.aws
            .events
            .tag_resource()
            .resource_arn(design.rule_arn())
            .tags(tag.build().expect("key and value are set"))
            .send()
            .await
            .map_err(AwsError::of("events:TagResource"))?;
    }
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
        )
        .into()),
    }
}

/// Target ids take no more than 64 characters of `[.\-_A-Za-z0-9]`.
fn target_id(design: &Design) -> String {
    design.id.part("Target")
}

async fn delete(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let rule = observe(cx.aws, design).await?;
    let Some(state) = rule.or_gone(&design.rule_arn())? else {
        return Ok(());
    };
    state.mark.must_be_ours(&design.rule_arn())?;
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
    // Targets that were taken off a moment ago may still be there for this call (Terraform's provider waits on it).
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

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    if design.has_topic() {
        return Vec::new();
    }
    let arn = design.rule_arn();
    let mut actions = vec![
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "events:ListTagsForResource",
    ];
    match purpose {
        Purpose::Setup => {
            actions.extend(["events:PutRule", "events:PutTargets", "events:TagResource"])
        }
        Purpose::Remove => actions.extend(["events:RemoveTargets", "events:DeleteRule"]),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    let mut grants = vec![Grant::new(&actions, arn)];
    if purpose == Purpose::Remove {
        grants.push(Grant::new(&["events:ListRules"], "*"));
    }
    grants
}
