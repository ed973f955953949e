//! The function's subscription to the topic.

use std::collections::HashMap;

use serde_json::json;

use super::{Cx, Purpose, Seen, done_or, seen, topic};
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    policy::grant::Grant,
    ui::Result,
};

/// The subscriptions of a topic, as far as we may see them.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// ARN of our own.
    pub ours: Option<String>,
    /// Endpoints of everybody else's.
    pub others: Vec<String>,
}

/// `ListSubscriptionsByTopic` is outside the published policy: its refusal is `Unseen`, not an error.
pub async fn observe(
    aws: &Aws,
    topic_arn: &str,
    function_arn: &str,
) -> Result<Seen<State>, AwsError> {
    let mut state = State::default();
    let mut token = None;
    loop {
        let page = aws
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(topic_arn)
            .set_next_token(token)
            .send()
            .await
            .map_err(AwsError::of("sns:ListSubscriptionsByTopic"));
        let page = match seen(page, &["NotFound"])? {
            Seen::There(page) => page,
            Seen::Absent => return Ok(Seen::Absent),
            Seen::Unseen(action) => return Ok(Seen::Unseen(action)),
        };
        for subscription in page.subscriptions() {
            // In its place may stand `PendingConfirmation` or `Deleted` (SNS API reference, ListSubscriptionsByTopic).
            let arn = subscription.subscription_arn();
            if arn == Some("Deleted") {
                continue;
            }
            match subscription.endpoint() {
                Some(endpoint) if endpoint == function_arn => {
                    let arn = arn.filter(|arn| arn.starts_with("arn:"));
                    state.ours = arn.map(ToOwned::to_owned).or(state.ours);
                }
                Some(endpoint) => state.others.push(endpoint.to_owned()),
                None => {}
            }
        }
        token = page.next_token().map(ToOwned::to_owned);
        if token.is_none() {
            return Ok(Seen::There(state));
        }
    }
}

/// Where the topic is somebody else's and carries other messages too, only those about the trail's bucket are let through.
async fn attributes(cx: Cx<'_>) -> Result<HashMap<String, String>, AwsError> {
    let mut filter = None;
    if !cx.design.own_topic()
        && let Seen::There(topic) = topic::observe(cx.aws, cx.design).await?
        && topic::carries_other_traffic(topic.policy.as_ref())
    {
        filter = Some(json!({ "s3Bucket": [cx.design.bucket] }).to_string());
    }
    let scope = filter.as_ref().map(|_| "MessageBody".to_owned());
    let redrive = cx.design.redrive();
    let redrive = redrive.map(|queue| json!({ "deadLetterTargetArn": queue }).to_string());
    let attributes = [
        ("FilterPolicy", filter),
        ("FilterPolicyScope", scope),
        ("RedrivePolicy", redrive),
    ];
    let attributes = attributes.into_iter();
    Ok(attributes
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect())
}

/// `Subscribe` makes nothing where the function is subscribed already, and gives the ARN of what is there; attributes that
/// are left out are not compared (recorded).
async fn subscribe(
    cx: Cx<'_>,
    attributes: Option<HashMap<String, String>>,
) -> Result<String, AwsError> {
    let answer = cx
        .aws
        .sns
        .subscribe()
        .topic_arn(cx.design.topic_arn())
        .protocol("lambda")
        .endpoint(cx.design.function_arn())
        .set_attributes(attributes)
        .return_subscription_arn(true)
        .send()
        .await
        .map_err(AwsError::of("sns:Subscribe"))?;
    Ok(answer.subscription_arn().unwrap_or_default().to_owned())
}

pub async fn create(cx: Cx<'_>) -> Result<()> {
    let attributes = attributes(cx).await?;
    match subscribe(cx, Some(attributes)).await {
        // Recorded: "Subscription already exists with different attributes". It is there: what it lets through is looked at
        // no further, since the published policy changes no subscription.
        Err(error) if error.says("InvalidParameter", "already exists with different") => Ok(()),
        made => made.map(drop).map_err(Into::into),
    }
}

pub async fn delete(cx: Cx<'_>) -> Result<()> {
    let arn = match observe(cx.aws, &cx.design.topic_arn(), &cx.design.function_arn()).await? {
        Seen::There(State {
            ours: Some(arn), ..
        }) => arn,
        Seen::There(_) | Seen::Absent => return Ok(()),
        Seen::Unseen(_) => subscribe(cx, None).await?,
    };
    let gone = cx
        .aws
        .sns
        .unsubscribe()
        .subscription_arn(arn)
        .send()
        .await
        .map_err(AwsError::of("sns:Unsubscribe"));
    done_or(gone, &["NotFound"])
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    match purpose {
        Purpose::Setup => vec![Grant::new(&["sns:Subscribe"], design.topic_arn())],
        Purpose::Status => vec![Grant::new(
            &["sns:ListSubscriptionsByTopic"],
            design.topic_arn(),
        )],
        Purpose::Remove => vec![
            Grant::new(&["sns:ListSubscriptionsByTopic"], design.topic_arn()),
            // Subscription ARNs are topic ARN and an id that AWS makes.
            Grant::new(&["sns:Unsubscribe"], "*"),
        ],
        Purpose::RemoveLogs => Vec::new(),
    }
}
