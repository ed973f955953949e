//! Our statement in the topic's policy: read, merged or taken out, written and read again (SPEC 2.1).

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    change::Change,
    look::{attributes, policy_of},
    state::Observed,
};
use crate::{
    aws::{error::AwsError, wait},
    connection::{Design, Kind},
    policy,
    resources::{
        cx::Cx,
        document::{self, Written},
        seen::seen,
    },
    ui::{Code, Failure, Result, t},
};

/// The topic's policy before and after a change; `None` if the change does not write it.
#[must_use]
pub(crate) fn written(design: &Design, seen: &Observed, change: Change) -> Option<Written> {
    let adds = match change {
        Change::AddStatement | Change::MendStatement => true,
        Change::RemoveStatement => false,
        Change::Create | Change::Delete => return None,
    };
    // SNS gives a topic a policy when it is created, and our statement goes into that.
    let given = seen.is_absent().then(|| default_policy(design));
    let before = seen.as_ref().and_then(|state| state.policy.clone());
    let (kind, arn) = (Kind::TopicPolicyStatement, design.topic_arn());
    Some(Written::by(kind, arn, before, |before| {
        if adds {
            Some(with_ours(design, before.or(given.as_ref())))
        } else {
            before.map(|before| without_ours(design, before))
        }
    }))
}

/// The policy with our statement in it.
fn with_ours(design: &Design, before: Option<&Value>) -> Value {
    policy::merge(before, &design.topic_statements())
}

/// The policy without our statement.
fn without_ours(design: &Design, before: &Value) -> Value {
    let rest = policy::without(before, &design.topic_statement_ids());
    rest.unwrap_or_else(|| default_policy(design))
}

/// Puts our statement into the topic's policy and waits until it can be read back.
pub(super) async fn merge(cx: Cx<'_>) -> Result<()> {
    let ours = cx.design.topic_statements();
    let there = |document: &Value| policy::contains(document, &ours);
    document::change(cx, fresh, || async {
        let before = read_policy(cx).await?;
        if !before.as_ref().is_some_and(there) {
            write_policy(cx, &with_ours(cx.design, before.as_ref())).await?;
        }
        Ok(())
    })
    .await?;
    visible(cx, there).await
}

/// Takes our statement out of a topic that is not ours.
pub(super) async fn restore(cx: Cx<'_>) -> Result<()> {
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
                write_policy(cx, &without_ours(cx.design, &document)).await?;
            }
            Ok(())
        },
    )
    .await?;
    visible(cx, gone).await
}

/// Whether the topic is not ours and others than CloudTrail may publish to it, so that not all of its messages are about log files.
/// The owner's default statement does not count.
#[must_use]
pub(crate) fn is_shared(design: &Design, document: Option<&Value>) -> bool {
    if design.own_topic() {
        return false;
    }
    let statements = document.map(policy::statements).unwrap_or_default();
    statements.into_iter().any(|statement| {
        let service = policy::canonical(&statement["Principal"]["Service"]);
        let by_owner = statement["Sid"] == "__default_statement_ID";
        statement["Effect"] == "Allow" && !by_owner && service != "cloudtrail.amazonaws.com"
    })
}

/// The policy that SNS gives to a topic without one (recorded). SNS refuses a document without statements.
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

/// Waits until the policy `fits` when it is read back.
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

/// Returns what to wait for if AWS refuses only for the moment: a new topic may not be there yet for the next call.
fn fresh(error: &AwsError) -> Option<String> {
    error.is("NotFound").then(|| t!("wait-topic"))
}
