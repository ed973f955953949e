//! What SNS does with a message of an AWS service: if the topic's policy allows it, each subscriber gets the message.
//!
//! The emulator invokes a function once and ignores the function's policy. Here, as on AWS, a missing permission is a client
//! error (not tried again), and an event is handed over asynchronously, with Lambda's retries. The retries are the sandbox's own:
//! the emulator's queue would run an event of a removed function with that function's settings, and keep the process for a
//! function of the same name that is created later.

use std::time::{Duration, Instant};

use aws_sdk_lambda::{primitives::Blob, types::InvocationType};
use serde_json::{Value, json};

use crate::{
    aws::{Aws, error::AwsError},
    policy::{
        self,
        evaluate::{Principal, Request, allows},
    },
};

/// Publishes a message as `service`, which acts for `source_arn`. The error is SNS's code.
pub(super) async fn publish(
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

/// Whether the topic's policy lets the service publish. `NotFound` if there is no such topic.
pub(super) async fn may_publish(
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
    let text = answer
        .attributes()
        .and_then(|attributes| attributes.get("Policy"));
    let document = policy::parse(text.map(String::as_str)).unwrap_or_default();
    let account = root.caller.account.as_str();
    let context = [
        ("aws:SourceArn", Some(source_arn)),
        ("aws:SourceAccount", Some(account)),
    ];
    Ok(allows(
        &document,
        &Request {
            principal: Principal::Service(service),
            action: "SNS:Publish",
            resource: topic_arn,
            context: &context,
            complete: true,
        },
    ))
}

async fn invoke(root: &Aws, topic_arn: &str, function: &str, subscription: &str, message: &str) {
    let found = root
        .lambda
        .get_policy()
        .function_name(function)
        .send()
        .await
        .ok();
    let document =
        policy::parse(found.as_ref().and_then(|answer| answer.policy())).unwrap_or_default();
    let request = Request {
        principal: Principal::Service("sns.amazonaws.com"),
        action: "lambda:InvokeFunction",
        resource: function,
        context: &[
            ("aws:SourceArn", Some(topic_arn)),
            ("aws:SourceAccount", Some(root.caller.account.as_str())),
        ],
        complete: true,
    };
    if !allows(&document, &request) || !lets_through(root, subscription, message).await {
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
    tokio::spawn(run(
        root.lambda.clone(),
        function.to_owned(),
        event.to_string(),
    ));
}

/// Whether a subscription's filter lets a message through. Only filters on the body with lists of exact texts are supported. A
/// body that is not JSON, such as CloudTrail's validation text, does not pass (SNS developer guide, "Message filtering").
async fn lets_through(root: &Aws, subscription: &str, message: &str) -> bool {
    let read = root
        .sns
        .get_subscription_attributes()
        .subscription_arn(subscription)
        .send()
        .await;
    let attribute = |name: &str| read.as_ref().ok()?.attributes()?.get(name).cloned();
    let Some(Value::Object(filter)) =
        attribute("FilterPolicy").and_then(|text| serde_json::from_str(&text).ok())
    else {
        return true;
    };
    let body: Value = serde_json::from_str(message).unwrap_or_default();
    attribute("FilterPolicyScope").as_deref() == Some("MessageBody")
        && filter.iter().all(|(key, allowed)| {
            allowed
                .as_array()
                .is_some_and(|allowed| allowed.contains(&body[key]))
        })
}

/// The pauses before the retries of a failed asynchronous event: seconds here, one and two minutes in Lambda (Lambda developer
/// guide, "Asynchronous invocation").
const RETRIES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(4)];

/// How long an event stays in the queue while too many others run, which is no failure of the function (the same guide).
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// Lambda's asynchronous queue for one event. An event that fails three times, or whose function is gone, is dropped.
async fn run(lambda: aws_sdk_lambda::Client, function: String, event: String) {
    let begun = Instant::now();
    let mut pauses = RETRIES.iter();
    loop {
        let ran = lambda
            .invoke()
            .function_name(&function)
            .invocation_type(InvocationType::RequestResponse)
            .payload(Blob::new(event.clone()))
            .send()
            .await
            .map_err(AwsError::of("lambda:InvokeFunction"));
        match ran {
            Ok(answer) if answer.function_error().is_none() => return,
            Err(error) if error.is("ResourceNotFoundException") => return,
            Err(error) if error.is("TooManyRequestsException") && begun.elapsed() < LONGEST => {
                tokio::time::sleep(RETRIES[0]).await;
                continue;
            }
            _ => {}
        }
        let Some(pause) = pauses.next() else { return };
        tokio::time::sleep(*pause).await;
    }
}
