//! The EventBridge rule that hands a bucket's new log files to the function, where S3 accepts no notification of ours.

use aws_sdk_eventbridge::types::{DeadLetterConfig, Tag, Target};
use serde_json::{Value, json};

use super::{Cx, Mark, Purpose, Seen, seen};
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    policy::{self, grant::Grant},
    ui::{Code, Failure, Result, t},
};

/// The rule as it stands.
#[derive(Clone, Debug)]
pub struct State {
    pub mark: Mark,
    /// Enabled, with our pattern and our function as its target.
    pub as_planned: bool,
}

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
        targets
            .targets()
            .iter()
            .any(|target| target.arn() == function)
    });
    Ok(Seen::There(State {
        mark,
        as_planned: fits && aimed,
    }))
}

/// Whether another rule of the account listens to events of S3: then they stay turned on.
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
                    .is_some_and(|pattern| pattern.contains("aws.s3"))
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
    cx.aws
        .events
        .put_rule()
        .name(design.rule())
        .event_pattern(pattern(design).to_string())
        .description(format!(
            "New log files for sophos-ct connection {}",
            design.id
        ))
        .set_tags(tags)
        .send()
        .await
        .map_err(AwsError::of("events:PutRule"))?;
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
    let Seen::There(state) = observe(cx.aws, design).await? else {
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
    match removed {
        Err(error) if !error.is("ResourceNotFoundException") => return Err(error.into()),
        _ => {}
    }
    cx.aws
        .events
        .delete_rule()
        .name(design.rule())
        .send()
        .await
        .map_err(AwsError::of("events:DeleteRule"))?;
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
