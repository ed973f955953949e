//! The SNS topic that CloudTrail notifies, and our statement of its policy.

use std::{collections::HashMap, time::Duration};

use aws_sdk_sns::types::Tag;
use serde_json::{Value, json};

use super::{Cx, Mark, Purpose, Seen, document, seen};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::{ConnectionId, Design},
    policy::{self, grant::Grant},
    ui::{Code, Failure, Result, t},
};

/// A topic as it stands.
#[derive(Clone, Debug)]
pub struct State {
    pub mark: Mark,
    pub policy: Option<Value>,
    /// The key that encrypts it.
    pub kms_key: Option<String>,
    /// Confirmed and pending ones; told without `ListSubscriptionsByTopic`, which the published policy lacks.
    pub subscriptions: u32,
}

async fn attributes(aws: &Aws, arn: &str) -> Result<HashMap<String, String>, AwsError> {
    let answer = aws
        .sns
        .get_topic_attributes()
        .topic_arn(arn)
        .send()
        .await
        .map_err(AwsError::of("sns:GetTopicAttributes"))?;
    Ok(answer.attributes().cloned().unwrap_or_default())
}

async fn mark(aws: &Aws, arn: &str, id: ConnectionId) -> Result<Mark, AwsError> {
    let tags = aws
        .sns
        .list_tags_for_resource()
        .resource_arn(arn)
        .send()
        .await
        .map_err(AwsError::of("sns:ListTagsForResource"));
    Ok(match seen(tags, &["ResourceNotFound", "NotFound"])? {
        Seen::There(tags) => {
            Mark::of_tags(id, tags.tags().iter().map(|tag| (tag.key(), tag.value())))
        }
        Seen::Absent => Mark::None,
        Seen::Unseen(action) => Mark::Unseen(action),
    })
}

pub async fn observe(aws: &Aws, design: &Design) -> Result<Seen<State>, AwsError> {
    let arn = &design.topic_arn();
    let mark = async {
        // One that was there before us carries no mark of ours.
        match design.own_topic() {
            true => mark(aws, arn, design.id).await,
            false => Ok(Mark::None),
        }
    };
    let (attributes, mark) = tokio::join!(attributes(aws, arn), mark);
    let attributes = match seen(attributes, &["NotFound"])? {
        Seen::There(attributes) => attributes,
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Unseen(action) => return Ok(Seen::Unseen(action)),
    };
    let count = |name: &str| {
        attributes
            .get(name)
            .and_then(|text| text.parse::<u32>().ok())
            .unwrap_or_default()
    };
    Ok(Seen::There(State {
        mark: mark?,
        kms_key: attributes
            .get("KmsMasterKeyId")
            .filter(|key| !key.is_empty())
            .cloned(),
        policy: policy_of(&attributes)?,
        subscriptions: count("SubscriptionsConfirmed") + count("SubscriptionsPending"),
    }))
}

/// Whether others than CloudTrail may publish to a topic: then its messages are not only log files. The owner's own
/// default statement does not count.
#[must_use]
pub fn carries_other_traffic(document: Option<&Value>) -> bool {
    let statements = document.map(policy::statements).unwrap_or_default();
    statements.into_iter().any(|statement| {
        let service = policy::canonical(&statement["Principal"]["Service"]);
        let by_owner = statement["Sid"] == "__default_statement_ID";
        statement["Effect"] == "Allow" && !by_owner && service != "cloudtrail.amazonaws.com"
    })
}

/// `CreateTopic` does not tell whether it created anything: the tag is read back where the topic was met.
pub async fn create(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let tags = tags_as!(Tag, design);
    let made = cx
        .aws
        .sns
        .create_topic()
        .name(&design.topic)
        .set_tags(Some(tags))
        .send()
        .await
        .map_err(AwsError::of("sns:CreateTopic"));
    match made {
        // Recorded: "Invalid parameter: Tags Reason: Topic already exists with different tags". The mark decides.
        Err(error) if !error.says("InvalidParameter", "different tags") => {
            return Err(error.into());
        }
        _ => {}
    }
    let arn = design.topic_arn();
    // A topic that was made a moment ago may not be there yet for the next call.
    let what = t!("wait-topic");
    let visible = wait::until_visible(cx.waiting, &what, Duration::from_secs(60), || async {
        Ok::<_, AwsError>(seen(attributes(cx.aws, &arn).await, &["NotFound"])? != Seen::Absent)
    });
    if !visible.await? {
        return Err(Failure::new(Code::Aws, t!("topic-not-visible", arn = arn)));
    }
    mark(cx.aws, &arn, design.id).await?.must_be_ours(&arn)
}

/// What SNS gives a topic that nobody has given a policy (recorded). It refuses a document without statements.
fn default_policy(design: &Design) -> Value {
    let actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    ];
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": actions.map(|action| format!("SNS:{action}")),
            "Resource": design.topic_arn(),
            "Condition": { "StringEquals": { "AWS:SourceOwner": design.account } },
        }],
    })
}

async fn read_policy(cx: Cx<'_>) -> Result<Option<Value>, AwsError> {
    policy_of(&attributes(cx.aws, &cx.design.topic_arn()).await?)
}

fn policy_of(attributes: &HashMap<String, String>) -> Result<Option<Value>, AwsError> {
    let text = attributes.get("Policy").filter(|text| !text.is_empty());
    let found = document::readable("sns:GetTopicAttributes", Seen::There(text.cloned()))?;
    Ok(found.there().cloned())
}

async fn write_policy(cx: Cx<'_>, document: &Value) -> Result<(), AwsError> {
    let once = aws_sdk_sns::config::Builder::new().retry_config(document::once());
    cx.aws
        .sns
        .set_topic_attributes()
        .topic_arn(cx.design.topic_arn())
        .attribute_name("Policy")
        .attribute_value(document.to_string())
        .customize()
        .config_override(once)
        .send()
        .await
        .map_err(AwsError::of("sns:SetTopicAttributes"))?;
    Ok(())
}

/// Waits until the document `fits` when it is read back.
async fn visible(cx: Cx<'_>, fits: impl Fn(&Value) -> bool) -> Result<()> {
    let what = t!("wait-topic-policy");
    let visible = wait::until_visible(cx.waiting, &what, Duration::from_secs(60), || async {
        Ok::<_, AwsError>(fits(&read_policy(cx).await?.unwrap_or_default()))
    });
    if visible.await? {
        Ok(())
    } else {
        let arn = cx.design.topic_arn();
        Err(Failure::new(Code::Aws, t!("policy-not-visible", arn = arn)))
    }
}

/// A topic that was made a moment ago may not be there yet for the next call.
fn fresh(error: &AwsError) -> Option<String> {
    error.is("NotFound").then(|| t!("wait-topic"))
}

/// Reads the topic's policy, puts our statement in and reads it back.
pub async fn merge_policy(cx: Cx<'_>) -> Result<()> {
    let ours = cx.design.topic_statements();
    let there = |document: &Value| policy::contains(document, &ours);
    document::change(cx, fresh, || async {
        let before = read_policy(cx).await?;
        if !before.as_ref().is_some_and(there) {
            write_policy(cx, &policy::merge(before.as_ref(), &ours)).await?;
        }
        Ok(())
    })
    .await?;
    visible(cx, there).await
}

/// Takes our statement out of a topic of somebody else.
pub async fn restore_policy(cx: Cx<'_>) -> Result<()> {
    let arn = cx.design.topic_arn();
    let found = seen(attributes(cx.aws, &arn).await, &["NotFound"])?;
    if found.or_gone(&arn)?.is_none() {
        return Ok(());
    }
    let ids = cx.design.topic_statement_ids();
    let gone = |document: &Value| policy::present(document, &ids).is_empty();
    document::change(
        cx,
        |_| None,
        || async {
            let Some(document) = read_policy(cx).await? else {
                return Ok(());
            };
            if !gone(&document) {
                let rest = policy::without(&document, &ids);
                write_policy(cx, &rest.unwrap_or_else(|| default_policy(cx.design))).await?;
            }
            Ok(())
        },
    )
    .await?;
    visible(cx, gone).await
}

pub async fn delete(cx: Cx<'_>) -> Result<()> {
    let arn = cx.design.topic_arn();
    let Some(state) = observe(cx.aws, cx.design).await?.or_gone(&arn)? else {
        return Ok(());
    };
    state.mark.must_be_ours(&arn)?;
    cx.aws
        .sns
        .delete_topic()
        .topic_arn(&arn)
        .send()
        .await
        .map_err(AwsError::of("sns:DeleteTopic"))?;
    Ok(())
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.topic_arn();
    if !design.own_topic() {
        return vec![Grant::new(&["sns:GetTopicAttributes"], &arn)];
    }
    let mut grants = vec![Grant::new(
        &["sns:GetTopicAttributes", "sns:ListTagsForResource"],
        &arn,
    )];
    match purpose {
        Purpose::Setup => {
            grants.push(Grant::new(
                &[
                    "sns:CreateTopic",
                    "sns:TagResource",
                    "sns:SetTopicAttributes",
                ],
                &arn,
            ));
        }
        Purpose::Remove => {
            grants.push(Grant::new(&["sns:DeleteTopic"], &arn));
            // Our statement is taken out of a topic that was there before us.
            if design.given.contains("topic") {
                grants.push(Grant::new(&["sns:SetTopicAttributes"], &arn));
            }
        }
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    grants
}
