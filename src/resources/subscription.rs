//! The function's subscription to the topic.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    cx::Cx,
    planned::{Across, Claim, Journal, Planned, Removing, Shown},
    seen::{Mark, Seen, done_or, seen},
    settings::{Setting, Settings},
    step::{self, Action, Does, Facts, Step},
    template::{CloudFormation, Part, text},
    topic,
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Kind, Ownership},
    policy::grant::{Grant, Purpose},
    ui::{Result, t},
};

/// How SNS calls a function.
const PROTOCOL: &str = "lambda";

/// The subscriptions of a topic.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// ARN of our subscription.
    pub ours: Option<String>,
    /// Endpoints of all other subscriptions.
    pub others: Vec<String>,
}

/// What was seen of the subscriptions.
pub(crate) type Observed = Seen<State>;

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Create,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::Subscription,
                &["Subscribe"],
                &["sns:Subscribe"],
            ),
            Self::Delete => Facts::new(
                Action::Delete,
                Kind::Subscription,
                &["Unsubscribe"],
                &["sns:Unsubscribe"],
            ),
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            // Without the permission, early messages would be lost as client errors, which SNS does not retry.
            Self::Create => &[Kind::FunctionPermission, Kind::Topic],
            Self::Delete => &[],
        }
    }
}

/// Carries a change out. Every change is safe to repeat.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create => create(cx).await,
        Change::Delete => delete(cx).await,
    }
}

/// What `setup` does with the subscription.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    if !design.has_topic() {
        return planned;
    }
    let arn = design.topic_arn();
    let may_be_there = across.topic_is_unseen || across.subscriptions > 0;
    let does = match seen {
        Seen::There(state) if state.ours.is_some() => Does::Keep(Kind::Subscription),
        Seen::Denied(action) if may_be_there && journal.believed(Kind::Subscription, &arn) => {
            planned.believe(Kind::Subscription, &arn, action);
            Does::Keep(Kind::Subscription)
        }
        _ => Change::Create.into(),
    };
    let step = Step::new(does, &arn).with_ids(vec![design.function_arn()]);
    planned.add(step, Ownership::Created, Some(&design.region));
    planned
}

/// What `remove` does: the subscription is deleted. Once it is gone, nothing flows. It stays if the caller may not list subscriptions
/// and has to.
#[must_use]
pub(crate) fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let (topic, function) = (design.topic_arn(), design.function_arn());
    let may_be_there = match seen {
        Seen::There(state) => state.ours.is_some(),
        Seen::Denied(_) => across.topic_is_unseen || across.subscriptions > 0,
        Seen::Absent => false,
    };
    if !removing.claims(Kind::Subscription, &topic) || !may_be_there {
        return planned;
    }
    if let Some(action) = across.unlisted {
        let reason = t!("reason-unread", action = action);
        let step = Step::new(Does::Keep(Kind::Subscription), &topic);
        planned.step(step.with_ids(vec![function]).because(reason));
    } else if across.owns_function_name || across.topic_is_ours {
        // Our own topic goes with all of its subscriptions. A run that might not list them may have deleted the function before.
        let step = Step::new(Change::Delete, &topic);
        planned.step(step.with_ids(vec![function]));
    } else {
        planned.unmarked(&function);
    }
    planned
}

/// Returns the settings of the subscription as we make them. Those of one that is there are not read: the published policy does not
/// allow it.
#[must_use]
pub(crate) fn settings(
    design: &Design,
    seen: &Observed,
    _: Journal<'_>,
    across: &Across,
) -> Vec<Settings> {
    if !design.has_topic() {
        return Vec::new();
    }
    let found: Seen<()> = match seen {
        Seen::There(state) if state.ours.is_some() => Seen::Denied("sns:GetSubscriptionAttributes"),
        Seen::There(_) | Seen::Absent => Seen::Absent,
        Seen::Denied(action) => Seen::Denied(action),
    };
    let Made {
        filter,
        scope,
        redrive,
    } = made(design, across.topic_is_shared);
    let made = [
        ("FilterPolicy", filter),
        ("FilterPolicyScope", scope.map(Value::from)),
        ("RedrivePolicy", redrive),
    ];
    let made = made.into_iter().filter(|(_, value)| value.is_some());
    let all = made.map(|(name, value)| Setting::new(name, &found, |()| None, value));
    let (kind, arn) = (Kind::Subscription, design.topic_arn());
    vec![Settings::new(kind, arn, all.collect())]
}

/// What a manifest may claim.
#[must_use]
pub(crate) fn claims(design: &Design) -> Vec<Claim> {
    let ids = vec![design.function_arn()];
    vec![Claim::parts(Kind::Subscription, design.topic_arn(), ids)]
}

/// How surely a claim is seen to be true.
#[must_use]
pub(crate) fn shown(_: &Design, seen: &Observed, across: &Across, _: Kind) -> Shown {
    let ours = seen.there().is_some_and(|state| state.ours.is_some());
    match (across.topic_is_there, across.function_is_ours && ours) {
        (false, _) => Shown::No,
        (true, false) => Shown::Perhaps,
        (true, true) => Shown::Surely,
    }
}

/// Always `None`: a subscription has no mark of its own.
#[must_use]
pub(crate) fn mark(_: &Observed) -> Option<&Mark> {
    None
}

/// Reads the subscriptions of the topic. `ListSubscriptionsByTopic` is outside the published policy, so its refusal is `Denied`
/// and not an error.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    let (topic_arn, function_arn) = (&design.topic_arn(), &design.function_arn());
    let mut state = State::default();
    let mut pages = aws
        .sns
        .list_subscriptions_by_topic()
        .topic_arn(topic_arn)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(AwsError::of("sns:ListSubscriptionsByTopic"));
        let page = match seen(page, &["NotFound"])? {
            Seen::There(page) => page,
            Seen::Absent => return Ok(Seen::Absent),
            Seen::Denied(action) => return Ok(Seen::Denied(action)),
        };
        for subscription in page.subscriptions() {
            // Instead of an ARN it may be `PendingConfirmation` or `Deleted` (SNS API reference, ListSubscriptionsByTopic).
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
    }
    Ok(Seen::There(state))
}

/// Lists the topics to which a function is subscribed, of all topics of the region. The function may be gone.
pub(crate) async fn topics_of(aws: &Aws, function: &str) -> Result<Seen<Vec<String>>, AwsError> {
    let mut topics = Vec::new();
    let mut pages = aws.sns.list_subscriptions().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(AwsError::of("sns:ListSubscriptions"));
        let page = match seen(page, &[])? {
            Seen::There(page) => page,
            Seen::Absent => return Ok(Seen::Absent),
            Seen::Denied(action) => return Ok(Seen::Denied(action)),
        };
        let subscriptions = page.subscriptions().iter();
        let ours = subscriptions.filter(|one| one.endpoint() == Some(function));
        topics.extend(ours.filter_map(|one| one.topic_arn().map(ToOwned::to_owned)));
    }
    Ok(Seen::There(topics))
}

/// The permissions on subscriptions that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    match purpose {
        Purpose::Setup => vec![Grant::new(&["sns:Subscribe"], design.topic_arn())],
        Purpose::Status => vec![Grant::new(
            &["sns:ListSubscriptionsByTopic"],
            design.topic_arn(),
        )],
        Purpose::Remove => vec![
            Grant::new(&["sns:ListSubscriptionsByTopic"], design.topic_arn()),
            // The ARN of a subscription ends in an id that AWS makes up. Without Central, the subscriptions of a function that is
            // gone are looked for among all.
            Grant::new(&["sns:ListSubscriptions", "sns:Unsubscribe"], "*"),
        ],
        Purpose::RemoveLogs => Vec::new(),
    }
}

async fn create(cx: Cx<'_>) -> Result<()> {
    let attributes = attributes(cx).await?;
    match subscribe(cx, Some(attributes)).await {
        // Recorded: "Subscription already exists with different attributes". Its filter is not checked, since the
        // published policy does not allow changing a subscription.
        Err(error) if error.says("InvalidParameter", "already exists with different") => Ok(()),
        made => made.map(drop).map_err(Into::into),
    }
}

async fn delete(cx: Cx<'_>) -> Result<()> {
    let arn = match observe(cx.aws, cx.design).await? {
        Seen::There(State {
            ours: Some(arn), ..
        }) => arn,
        Seen::There(_) | Seen::Absent => return Ok(()),
        Seen::Denied(_) => subscribe(cx, None).await?,
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

/// Subscribes the function and returns the ARN. If it is subscribed already, `Subscribe` creates nothing and returns the existing
/// ARN; it does not compare attributes that are left out (recorded).
async fn subscribe(
    cx: Cx<'_>,
    attributes: Option<HashMap<String, String>>,
) -> Result<String, AwsError> {
    let answer = cx
        .aws
        .sns
        .subscribe()
        .topic_arn(cx.design.topic_arn())
        .protocol(PROTOCOL)
        .endpoint(cx.design.function_arn())
        .set_attributes(attributes)
        .return_subscription_arn(true)
        .send()
        .await
        .map_err(AwsError::of("sns:Subscribe"))?;
    Ok(answer.subscription_arn().unwrap_or_default().to_owned())
}

/// The attributes of our subscription. If the topic is not ours and carries other messages too, only those about the trail's
/// bucket are let through.
async fn attributes(cx: Cx<'_>) -> Result<HashMap<String, String>, AwsError> {
    let mut filtered = false;
    if !cx.design.own_topic()
        && let Seen::There(topic) = topic::observe(cx.aws, cx.design).await?
    {
        filtered = topic::is_shared(cx.design, topic.policy.as_ref());
    }
    let Made {
        filter,
        scope,
        redrive,
    } = made(cx.design, filtered);
    let attributes = [
        ("FilterPolicy", filter.map(|document| document.to_string())),
        ("FilterPolicyScope", scope.map(ToOwned::to_owned)),
        (
            "RedrivePolicy",
            redrive.map(|document| document.to_string()),
        ),
    ];
    let attributes = attributes.into_iter();
    Ok(attributes
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect())
}

/// The attributes that we give to our subscription.
struct Made {
    filter: Option<Value>,
    scope: Option<&'static str>,
    redrive: Option<Value>,
}

/// `filtered`: only messages about the trail's bucket are let through.
fn made(design: &Design, filtered: bool) -> Made {
    let queue = design.redrive();
    Made {
        filter: filtered.then(|| json!({ "s3Bucket": [design.bucket] })),
        scope: filtered.then_some("MessageBody"),
        redrive: queue.map(|queue| json!({ "deadLetterTargetArn": queue })),
    }
}

/// Returns what a template says of the subscription. `filtered`: the topic carries other messages too.
#[must_use]
pub(crate) fn part(design: &Design, filtered: bool) -> Part {
    let Made {
        filter,
        scope,
        redrive,
    } = made(design, filtered);
    let (topic, function) = (design.topic_arn(), design.function_arn());
    let arguments = json!({
        "topic_arn": topic,
        "protocol": PROTOCOL,
        "endpoint": function,
        "filter_policy": filter.as_ref().map(text),
        "filter_policy_scope": scope,
        "redrive_policy": redrive.as_ref().map(text),
    });
    let properties = json!({
        "TopicArn": topic,
        "Protocol": PROTOCOL,
        "Endpoint": function,
        "FilterPolicy": filter,
        "FilterPolicyScope": scope,
        "RedrivePolicy": redrive,
    });
    let resource = CloudFormation::Resource("AWS::SNS::Subscription", properties);
    let part = Part::new(Kind::Subscription, "Subscription", resource);
    part.terraform("aws_sns_topic_subscription", arguments)
}
