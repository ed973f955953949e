//! Reads the rule, its targets and its tags.

use aws_sdk_eventbridge::types::{RuleState, Target};
use serde_json::Value;

use super::state::{Observed, State, TAG_TURNED_ON, Targets, pattern};
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    policy,
    resources::seen::{Owner, Seen, Tags, seen},
};

/// Reads the rule, if it is to be there.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    match design.has_topic() {
        true => Ok(Seen::Absent),
        false => read(aws, design).await,
    }
}

/// Reads the rule under its name, whether or not the design has one.
pub(crate) async fn read(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
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
    let tags = tags.map(|tags| {
        let tags = tags.tags().iter();
        tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
            .collect()
    });
    let pattern = rule.event_pattern();
    let pattern: Option<Value> = pattern.and_then(|text| serde_json::from_str(text).ok());
    let targets = targets.map(|found| called(found.targets()));
    // What cannot be read is no difference.
    let is_aimed = targets.there().is_none_or(|all| is_aimed(design, all));
    let enabled = rule.state() != Some(&RuleState::Disabled);
    Ok(Seen::There(State {
        as_planned: has_pattern(design, pattern.as_ref()) && is_aimed && enabled,
        turned_on: is_turned_on(design, &tags),
        owner: Owner::of_tags(design.id, tags),
        pattern,
        enabled,
        targets,
    }))
}

/// What a rule calls, by the target's id.
fn called(targets: &[Target]) -> Targets {
    let targets = targets.iter().map(|target| {
        let queue = target.dead_letter_config().and_then(|config| config.arn());
        let called = (target.arn().to_owned(), queue.map(ToOwned::to_owned));
        (target.id().to_owned(), called)
    });
    targets.collect()
}

/// Whether the rule lets through what we want.
fn has_pattern(design: &Design, found: Option<&Value>) -> bool {
    found.is_some_and(|found| policy::equal(found, &pattern(design)))
}

/// Whether the rule's target is our function with the dead-letter queue.
fn is_aimed(design: &Design, targets: &Targets) -> bool {
    let ours = (design.function_arn(), design.redrive());
    targets.values().any(|called| *called == ours)
}

/// Whether a tag says that we turned the bucket's events on.
fn is_turned_on(design: &Design, tags: &Tags) -> bool {
    let value = tags.there().and_then(|tags| tags.get(TAG_TURNED_ON));
    value.is_some_and(|value| value == design.bucket.as_str())
}
