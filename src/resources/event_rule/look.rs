//! Reads the rule, its targets and its tags.

use aws_sdk_eventbridge::types::{RuleState, Tag, Target};
use serde_json::Value;

use super::state::{Observed, State, TAG_TURNED_ON, pattern};
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    policy,
    resources::seen::{Mark, Seen, Tagged, seen},
};

/// Reads the rule, if it is to be there.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
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
    let fits = has_pattern(design, rule.event_pattern());
    let aimed = targets
        .there()
        .is_some_and(|targets| is_aimed(design, targets.targets()));
    let enabled = rule.state() != Some(&RuleState::Disabled);
    let turned_on = tags
        .there()
        .is_some_and(|tags| is_turned_on(design, tags.tags()));
    let tagged = match tags {
        Seen::There(tags) => tagged(design, tags.tags()),
        Seen::Absent => Mark::None.into(),
        Seen::Denied(action) => Mark::Denied(action).into(),
    };
    Ok(Seen::There(State {
        mark: tagged.mark,
        stack: tagged.stack,
        as_planned: fits && aimed && enabled,
        turned_on,
    }))
}

/// Whether the rule lets through what we want.
fn has_pattern(design: &Design, found: Option<&str>) -> bool {
    let found: Option<Value> = found.and_then(|text| serde_json::from_str(text).ok());
    found.is_some_and(|found| policy::canonical(&found) == policy::canonical(&pattern(design)))
}

/// Whether the rule's target is our function with the dead-letter queue.
fn is_aimed(design: &Design, targets: &[Target]) -> bool {
    let function = design.function_arn();
    let queue = design.redrive();
    targets.iter().any(|target| {
        let found = target.dead_letter_config().and_then(|config| config.arn());
        target.arn() == function && found == queue.as_deref()
    })
}

/// Whether a tag says that we turned the bucket's events on.
fn is_turned_on(design: &Design, tags: &[Tag]) -> bool {
    let mut tags = tags.iter();
    tags.any(|tag| tag.key() == TAG_TURNED_ON && tag.value() == design.bucket.as_str())
}

fn tagged(design: &Design, tags: &[Tag]) -> Tagged {
    Tagged::by(design.id, tags.iter().map(|tag| (tag.key(), tag.value())))
}
