//! The SNS topic that CloudTrail notifies, and our statement of its policy.

mod policy;

use std::{collections::HashMap, time::Duration};

use aws_sdk_sns::types::Tag;
use serde_json::Value;

use super::{
    cx::Cx,
    planned::{Across, Claim, Journal, Planned, Removing, Shown, shared, whose},
    seen::{Mark, Seen, seen},
    step::{self, Action, Does, Facts, Step},
    tags::tags_as,
};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::{ConnectionId, Design, Kind, Named, Ownership},
    policy::{
        self as documents, Standing,
        grant::{Grant, Purpose},
    },
    ui::{Code, Failure, Result, t},
};
use policy::policy_of;

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

/// What was seen of the topic.
pub type Observed = Seen<State>;

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Create,
    AddStatement,
    MendStatement,
    /// Out of a topic that is not ours.
    RemoveStatement,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        let statement =
            |action| Facts::new(action, Kind::TopicPolicyStatement, &["SetTopicAttributes"]);
        match self {
            Self::Create => Facts::new(Action::Create, Kind::Topic, &["CreateTopic"]),
            Self::AddStatement => statement(Action::Create),
            Self::MendStatement => statement(Action::Modify),
            Self::RemoveStatement => statement(Action::Restore),
            Self::Delete => Facts::new(Action::Delete, Kind::Topic, &["DeleteTopic"]),
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            Self::Create => &[],
            Self::AddStatement | Self::MendStatement => &[Kind::Topic],
            Self::RemoveStatement | Self::Delete => &[
                Kind::Subscription,
                Kind::Trail,
                Kind::TrailTopic,
                Kind::BucketNotification,
            ],
        }
    }
}

/// Carries a change out. Every one is safe to repeat.
pub async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create => create(cx).await,
        Change::AddStatement | Change::MendStatement => policy::merge(cx).await,
        Change::RemoveStatement => policy::restore(cx).await,
        Change::Delete => delete(cx).await,
    }
}

/// What `setup` does with the topic and our statement in its policy.
#[must_use]
pub fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    if !design.has_topic() {
        return planned;
    }
    let (arn, region) = (design.topic_arn(), Some(&design.region));
    if !design.own_topic() {
        if seen.is_absent() {
            let gone = t!("conflict-topic-gone", arn = arn);
            planned.conflicts.push(gone);
        }
        // CloudTrail publishes to it already, so its key lets it.
        let step = Step::new(Does::Use, Kind::Topic, &arn);
        planned.add(step, Ownership::Used, region);
        return planned;
    }
    let mut used = false;
    let (topic, statement) = match seen {
        Seen::Absent => (Change::Create.into(), Change::AddStatement.into()),
        Seen::There(state) => {
            used = journal.is_used(design, Named::Topic, Kind::Topic, &arn, &state.mark);
            if !used {
                planned.must_be_ours(&state.mark, &arn);
            }
            let aws_managed = |key: &&String| key.ends_with("alias/aws/sns");
            if let Some(key) = state.kms_key.as_ref().filter(aws_managed) {
                let key = t!("conflict-topic-key", arn = arn, key = key);
                planned.conflicts.push(key);
            }
            let topic = if used { Does::Use } else { Does::Keep };
            (topic, statement(design, state))
        }
        Seen::Denied(action) => (
            planned.denied(journal, Kind::Topic, &arn, action),
            Does::Keep,
        ),
    };
    planned.add(Step::new(topic, Kind::Topic, &arn), whose(used), region);
    let ids = design.topic_statement_ids();
    let step = Step::new(statement, Kind::TopicPolicyStatement, &arn).with_ids(ids);
    if used {
        planned.add_part(step, Ownership::Modified, region, Some(false));
    } else {
        planned.add(step, Ownership::Created, region);
    }
    planned
}

/// What our statement needs.
fn statement(design: &Design, state: &State) -> Does<Change> {
    let document = state.policy.as_ref();
    match document.map(|document| documents::standing(document, &design.topic_statements())) {
        Some(Standing::AsPlanned) => Does::Keep,
        Some(Standing::Different) => Change::MendStatement.into(),
        Some(Standing::Missing) | None => Change::AddStatement.into(),
    }
}

/// What `remove` does: our topic, or our statement alone in a topic that is not ours.
#[must_use]
pub fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.topic_arn();
    if removing.claims(Kind::Topic, &arn) {
        match seen {
            Seen::Absent => {}
            Seen::There(state) => {
                planned.must_be_ours(&state.mark, &arn);
                let trail_stays = across.trail_stays.is_some();
                let stays = || trail_stays.then(|| t!("reason-trail-stays"));
                let step = match shared(&across.topic_users).or_else(stays) {
                    None => Step::new(Change::Delete, Kind::Topic, &arn),
                    kept => Step::new(Does::Keep, Kind::Topic, &arn).because(kept),
                };
                planned.step(step);
            }
            Seen::Denied(action) => planned.cannot_look(&arn, action),
        }
    } else if removing.claims(Kind::TopicPolicyStatement, &arn) {
        let ids = design.topic_statement_ids();
        let document = seen.there().and_then(|state| state.policy.as_ref());
        let present = document.map(|document| documents::present(document, &ids));
        let present: Vec<String> = present.into_iter().flatten().cloned().collect();
        if !present.is_empty() {
            let step = Step::new(Change::RemoveStatement, Kind::TopicPolicyStatement, &arn);
            planned.step(step.with_ids(present));
        }
    }
    planned
}

/// What a manifest may claim.
#[must_use]
pub fn claims(design: &Design) -> Vec<Claim> {
    if !design.own_topic() {
        return Vec::new();
    }
    let (arn, ids) = (design.topic_arn(), design.topic_statement_ids());
    vec![
        Claim::whole(Kind::Topic, arn.clone()),
        Claim::parts(Kind::TopicPolicyStatement, arn, ids),
    ]
}

/// How surely a claim is seen to be true.
#[must_use]
pub fn shown(_: &Design, seen: &Observed, _: &Across, kind: Kind) -> Shown {
    match kind {
        Kind::Topic => Shown::by_mark(mark(seen)),
        _ if seen.is_absent() => Shown::No,
        _ => Shown::Perhaps,
    }
}

/// The mark on what was found.
#[must_use]
pub fn mark(seen: &Observed) -> Option<&Mark> {
    seen.there().map(|state| &state.mark)
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

async fn read_mark(aws: &Aws, arn: &str, id: ConnectionId) -> Result<Mark, AwsError> {
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
        Seen::Denied(action) => Mark::Denied(action),
    })
}

pub async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    if !design.has_topic() {
        return Ok(Seen::Absent);
    }
    let arn = &design.topic_arn();
    let mark = async {
        // One that was there before us carries no mark of ours.
        match design.own_topic() {
            true => read_mark(aws, arn, design.id).await,
            false => Ok(Mark::None),
        }
    };
    let (attributes, mark) = tokio::join!(attributes(aws, arn), mark);
    let attributes = match seen(attributes, &["NotFound"])? {
        Seen::There(attributes) => attributes,
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Denied(action) => return Ok(Seen::Denied(action)),
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
    let statements = document.map(documents::statements).unwrap_or_default();
    statements.into_iter().any(|statement| {
        let service = documents::canonical(&statement["Principal"]["Service"]);
        let by_owner = statement["Sid"] == "__default_statement_ID";
        statement["Effect"] == "Allow" && !by_owner && service != "cloudtrail.amazonaws.com"
    })
}

/// `CreateTopic` does not tell whether it created anything: the tag is read back where the topic was met.
async fn create(cx: Cx<'_>) -> Result<()> {
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
    read_mark(cx.aws, &arn, design.id).await?.must_be_ours(&arn)
}

async fn delete(cx: Cx<'_>) -> Result<()> {
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
            if design.given.contains(&Named::Topic) {
                grants.push(Grant::new(&["sns:SetTopicAttributes"], &arn));
            }
        }
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    grants
}
