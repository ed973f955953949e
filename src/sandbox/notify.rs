//! What SNS does with a message of an AWS service: the topic's policy decides, then each subscriber gets it.
//!
//! The emulator attempts a function once and without looking at its policy; here, as on AWS, a function without
//! permission is a client error (not tried again), and an event is handed over asynchronously, with Lambda's retries.

use aws_sdk_lambda::{primitives::Blob, types::InvocationType};
use serde_json::{Value, json};

use super::evaluate::{Request, allows};
use crate::aws::Aws;

/// Publishes for `service`, acting for `source_arn`. The error code of SNS where it refuses.
pub async fn publish(
    root: &Aws,
    topic_arn: &str,
    service: &str,
    source_arn: &str,
    message: &str,
) -> Result<(), &'static str> {
    if !may_publish(root, topic_arn, service, source_arn).await? {
        return Err("AuthorizationError");
    }
    let listed = root
        .sns
        .list_subscriptions_by_topic()
        .topic_arn(topic_arn)
        .send()
        .await
        .map_err(|_| "NotFound")?;
    let subscriptions = listed.subscriptions();
    if subscriptions
        .iter()
        .any(|subscription| subscription.protocol() != Some("lambda"))
    {
        root.sns
            .publish()
            .topic_arn(topic_arn)
            .message(message)
            .send()
            .await
            .map_err(|_| "InternalError")?;
        return Ok(());
    }
    for subscription in subscriptions {
        let (Some(function), Some(arn)) =
            (subscription.endpoint(), subscription.subscription_arn())
        else {
            continue;
        };
        invoke(root, topic_arn, function, arn, message).await;
    }
    Ok(())
}

/// Whether the topic exists and its policy lets the service publish.
pub async fn may_publish(
    root: &Aws,
    topic_arn: &str,
    service: &str,
    source_arn: &str,
) -> Result<bool, &'static str> {
    let answer = root
        .sns
        .get_topic_attributes()
        .topic_arn(topic_arn)
        .send()
        .await
        .map_err(|_| "NotFound")?;
    let policy = answer
        .attributes()
        .and_then(|attributes| attributes.get("Policy"));
    let document: Value = policy
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let account = root.caller.account.as_str();
    let context = [
        ("aws:SourceArn", source_arn),
        ("aws:SourceAccount", account),
    ];
    Ok(allows(
        &document,
        &Request {
            service,
            action: "SNS:Publish",
            resource: topic_arn,
            context: &context,
        },
    ))
}

async fn invoke(root: &Aws, topic_arn: &str, function: &str, subscription: &str, message: &str) {
    let policy = root
        .lambda
        .get_policy()
        .function_name(function)
        .send()
        .await
        .ok();
    let document: Value = policy
        .as_ref()
        .and_then(|answer| answer.policy())
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let request = Request {
        service: "sns.amazonaws.com",
        action: "lambda:InvokeFunction",
        resource: function,
        context: &[
            ("aws:SourceArn", topic_arn),
            ("aws:SourceAccount", root.caller.account.as_str()),
        ],
    };
    if !allows(&document, &request) {
        return;
    }
    let event = json!({
        "Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "Sns": {
                "Type": "Notification",
                "MessageId": uuid::Uuid::new_v4(),
                "TopicArn": topic_arn,
                "Message": message,
                "Timestamp": super::central::now(),
            },
        }],
    });
    let _ = root
        .lambda
        .invoke()
        .function_name(function)
        .invocation_type(InvocationType::Event)
        .payload(Blob::new(event.to_string()))
        .send()
        .await;
}
