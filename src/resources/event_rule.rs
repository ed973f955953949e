//! The EventBridge rule that hands a bucket's new log files to the function, where S3 accepts no notification of ours.

use std::time::Duration;

use aws_sdk_eventbridge::types::{DeadLetterConfig, RuleState, Tag, Target};
use serde_json::{Value, json};

use super::{Cx, Mark, Purpose, Seen, done_or, notification, seen};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::Design,
    policy::{self, grant::Grant},
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

/// Tag of the rule: we turned the bucket's events to EventBridge on.
pub const TAG_TURNED_ON: &str = "sophos-ct:turned-on";

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
pub async fn observe(aws: &Aws, design: &Design) -> Result<Seen<State>, AwsError> {
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
        Seen::Unseen(action) => return Ok(Seen::Unseen(action)),
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
        tags.any(|tag| tag.key() == TAG_TURNED_ON && tag.value() == design.bucket)
    });
    let mark = match &tags {
        Seen::There(tags) => Mark::of_tags(
            design.id,
            tags.tags().iter().map(|tag| (tag.key(), tag.value())),
        ),
        Seen::Absent => Mark::None,
        Seen::Unseen(action) => Mark::Unseen(action),
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

/// Whether a pattern lets events of new objects in this bucket through, as far as its parts about source and bucket tell
/// (EventBridge user guide, "Event patterns"): what is not listed there is taken for yes.
fn hears(pattern: &Value, bucket: &str) -> bool {
    let takes = |list: Option<&Value>, value: &str| {
        let Some(Value::Array(list)) = list else {
            return true;
        };
        list.iter().any(|one| match one {
            Value::String(one) => one == value,
            Value::Object(matcher) => matcher.iter().all(|(kind, with)| {
                match (kind.as_str(), with) {
                    ("prefix", Value::String(with)) => value.starts_with(with.as_str()),
                    ("suffix", Value::String(with)) => value.ends_with(with.as_str()),
                    ("anything-but", Value::String(with)) => value != with,
                    ("anything-but", Value::Array(with)) => !with.contains(&value.into()),
                    ("exists", Value::Bool(exists)) => *exists,
                    ("equals-ignore-case", Value::String(with)) => value.eq_ignore_ascii_case(with),
                    // Wildcards and whatever comes later.
                    _ => true,
                }
            }),
            _ => false,
        })
    };
    let of = |pointer: &str| pattern.pointer(pointer);
    takes(of("/source"), "aws.s3") && takes(of("/detail/bucket/name"), bucket)
}

/// Whether another rule of the account listens to events of the bucket: then they stay turned on.
pub async fn others_listen(aws: &Aws, design: &Design) -> Result<Seen<bool>, AwsError> {
    let mut token = None;
    loop {
        let page = aws
            .events
            .list_rules()
            .set_next_token(token)
            .send()
            .await
            .map_err(AwsError::of("events:ListRules"));
        let page = match seen(page, &[])? {
            Seen::There(page) => page,
            Seen::Absent => return Ok(Seen::Absent),
            Seen::Unseen(action) => return Ok(Seen::Unseen(action)),
        };
        let listens = page.rules().iter().any(|rule| {
            rule.name() != Some(&design.rule())
                && rule
                    .event_pattern()
                    .and_then(|text| serde_json::from_str(text).ok())
                    .is_some_and(|pattern| hears(&pattern, &design.bucket))
        });
        if listens {
            return Ok(Seen::There(true));
        }
        token = page.next_token().map(ToOwned::to_owned);
        if token.is_none() {
            return Ok(Seen::There(false));
        }
    }
}

/// `PutRule` replaces a rule of the same name without a word: look first.
pub async fn create(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let fresh = match observe(cx.aws, design).await? {
        Seen::Absent => true,
        Seen::There(state) => {
            state.mark.must_be_ours(&design.rule_arn())?;
            false
        }
        Seen::Unseen(action) => {
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

pub async fn delete(cx: Cx<'_>) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_else_listens_to_a_bucket_is_told_by_what_their_pattern_means() {
        for (pattern, heard) in [
            (json!({ "source": ["aws.s3"] }), true),
            (
                json!({ "source": ["aws.s3"], "detail": { "bucket": { "name": ["logs"] } } }),
                true,
            ),
            (
                json!({ "source": ["aws.s3"], "detail": { "bucket": { "name": ["other"] } } }),
                false,
            ),
            (json!({ "source": ["aws.ec2"] }), false),
            (json!({ "source": [{ "prefix": "aws." }] }), true),
            (json!({ "source": [{ "anything-but": "aws.s3" }] }), false),
            (
                json!({ "detail": { "bucket": { "name": [{ "prefix": "lo" }] } } }),
                true,
            ),
            (json!({ "account": ["111122223333"] }), true),
            // The words alone say nothing.
            (
                json!({ "source": ["mine"], "detail": { "note": ["aws.s3"] } }),
                false,
            ),
        ] {
            assert_eq!(hears(&pattern, "logs"), heard, "{pattern}");
        }
    }
}
