//! Our entry in the notifications of a bucket: S3 tells our topic of each new log file.

mod document;

use std::time::Duration;

use aws_sdk_s3::types::{EventBridgeConfiguration, NotificationConfiguration};

use super::{
    bucket::{self, obstacles::NO_BUCKET},
    cx::Cx,
    document::{self as shared_document, Refused},
    planned::{Across, Claim, Journal, Planned, Removing, Shown},
    seen::{Mark, Seen, denied, seen},
    step::{self, Action, Does, Facts, Step},
};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::{Design, Feed, Kind, Ownership},
    policy::grant::{Grant, Purpose},
    ui::{Code, Failure, Result, t},
};
pub(crate) use document::rules;
use document::{of_ours, ours, overlapping, same, with_ours, without};

/// Id of the part that is a bucket's events to EventBridge, to which S3 gives none.
pub const EVENTBRIDGE: &str = "EventBridge";

/// What S3 has of our entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// There, and as it should be.
    AsPlanned,
    /// There under our id, with other content.
    Different,
}

/// The bucket's notifications as far as they concern us.
#[derive(Clone, Debug)]
pub struct State {
    pub ours: Option<Entry>,
    /// A rule that is not ours and that S3 would not accept beside ours: its id.
    pub overlapping: Option<String>,
    /// No notification of anybody, ours left out of account.
    pub empty: bool,
    /// Events go to EventBridge.
    pub bridged: bool,
}

/// What was seen of the notifications.
pub type Observed = Seen<State>;

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    AddEntry,
    MendEntry,
    RemoveEntry,
    /// The bucket's events to EventBridge.
    TurnOn,
    TurnOff,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        let entry =
            |action| Facts::new(action, Kind::BucketNotification, &["PutBucketNotification"]);
        match self {
            Self::AddEntry => entry(Action::Create).setting_going(),
            Self::MendEntry => entry(Action::Modify).setting_going(),
            // The rule is tagged before the events are turned on.
            Self::TurnOn => Facts::new(
                Action::Create,
                Kind::BucketNotification,
                &["TagResource", "PutBucketNotification"],
            )
            .setting_going(),
            Self::RemoveEntry | Self::TurnOff => entry(Action::Restore),
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            Self::AddEntry | Self::MendEntry | Self::TurnOn => step::BEFORE_THE_FLOW,
            Self::RemoveEntry | Self::TurnOff => &[],
        }
    }
}

/// Carries a change out. Every one is safe to repeat.
pub async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::AddEntry | Change::MendEntry => merge(cx).await,
        Change::RemoveEntry => restore(cx).await,
        Change::TurnOn => bridge(cx, true).await,
        Change::TurnOff => bridge(cx, false).await,
    }
}

/// What `setup` does with the notifications of a bucket that is not ours.
#[must_use]
pub fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    match design.feed {
        Feed::Bucket { .. } => entry(design, seen, journal),
        Feed::EventBridge { .. } => events(design, seen, journal),
        Feed::New | Feed::Subscribe { .. } | Feed::Trail { .. } => Planned::default(),
    }
}

/// Our entry.
fn entry(design: &Design, seen: &Observed, journal: Journal<'_>) -> Planned<Change> {
    let mut planned = Planned::default();
    let (arn, id) = (design.bucket_arn(), design.notification_id());
    let does = match seen {
        Seen::There(found) => {
            if let Some(rule) = &found.overlapping {
                let overlap = t!("conflict-overlap", bucket = design.bucket, rule = rule);
                planned.conflicts.push(overlap);
            }
            match found.ours {
                Some(Entry::AsPlanned) => Does::Keep,
                Some(Entry::Different) => Change::MendEntry.into(),
                None => Change::AddEntry.into(),
            }
        }
        Seen::Absent => Change::AddEntry.into(),
        Seen::Denied(action) => planned.denied(journal, Kind::BucketNotification, &arn, action),
    };
    let recorded = journal.recorded(Kind::BucketNotification, &arn, Some(&id));
    let was_absent = recorded.and_then(|item| item.was_absent);
    let empty = seen.there().is_some_and(|found| found.empty);
    let step = Step::new(does, Kind::BucketNotification, &arn).with_ids(vec![id]);
    planned.add_part(
        step,
        Ownership::Modified,
        Some(&design.region),
        Some(was_absent.unwrap_or(empty)),
    );
    planned
}

/// The bucket's events to EventBridge: for the whole bucket, and beside all notifications.
fn events(design: &Design, seen: &Observed, journal: Journal<'_>) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.bucket_arn();
    let recorded = journal.recorded(Kind::BucketNotification, &arn, Some(EVENTBRIDGE));
    let recorded = recorded.map(|item| item.ownership);
    // Turned on before we came, it is not ours to turn off.
    let (does, ownership) = match (seen, recorded) {
        (Seen::Denied(action), _) => (
            planned.denied(journal, Kind::BucketNotification, &arn, action),
            recorded.unwrap_or(Ownership::Used),
        ),
        (Seen::There(found), Some(Ownership::Modified)) if found.bridged => {
            (Does::Keep, Ownership::Modified)
        }
        (Seen::There(found), _) if found.bridged => (Does::Use, Ownership::Used),
        _ => (Change::TurnOn.into(), Ownership::Modified),
    };
    let ids = vec![EVENTBRIDGE.to_owned()];
    let step = Step::new(does, Kind::BucketNotification, &arn).with_ids(ids);
    let empty = seen.there().is_some_and(|found| found.empty);
    let was_absent = (ownership == Ownership::Modified).then_some(empty);
    planned.add_part(step, ownership, Some(&design.region), was_absent);
    planned
}

/// What `remove` does: our entry is taken out, or the events to EventBridge are turned off where a tag of our rule says that we
/// turned them on and nobody else listens.
#[must_use]
pub fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.bucket_arn();
    if design.has_topic() {
        if !removing.claims(Kind::BucketNotification, &arn) {
            return planned;
        }
        match seen {
            Seen::There(found) if found.ours.is_some() => {
                let step = Step::new(Change::RemoveEntry, Kind::BucketNotification, &arn);
                planned.step(step.with_ids(vec![design.notification_id()]));
            }
            Seen::There(_) | Seen::Absent => {}
            Seen::Denied(action) => {
                let hidden = t!("document-unseen", arn = arn, action = action);
                planned.conflicts.push(hidden);
            }
        }
        return planned;
    }
    if !removing.claims(Kind::EventRule, &design.rule_arn()) || across.turned_on != Some(true) {
        return planned;
    }
    match seen {
        Seen::There(found) if found.bridged => {
            let step = if across.others_listen {
                Step::new(Does::Keep, Kind::BucketNotification, &arn)
                    .because(Some(t!("reason-others-listen")))
            } else {
                Step::new(Change::TurnOff, Kind::BucketNotification, &arn)
            };
            planned.step(step.with_ids(vec![EVENTBRIDGE.to_owned()]));
        }
        Seen::There(_) | Seen::Absent => {}
        Seen::Denied(action) => planned.cannot_look(&arn, action),
    }
    planned
}

/// What a manifest may claim.
#[must_use]
pub fn claims(design: &Design) -> Vec<Claim> {
    let part = |id| {
        let kind = Kind::BucketNotification;
        vec![Claim::parts(kind, design.bucket_arn(), vec![id])]
    };
    match design.feed {
        Feed::Bucket { .. } => part(design.notification_id()),
        Feed::EventBridge { .. } => part(EVENTBRIDGE.to_owned()),
        Feed::New | Feed::Subscribe { .. } | Feed::Trail { .. } => Vec::new(),
    }
}

/// How surely a claim is seen to be true. Of events to EventBridge, our rule's tag decides.
#[must_use]
pub fn shown(design: &Design, seen: &Observed, across: &Across, _: Kind) -> Shown {
    let ours = seen.there().is_some_and(|found| found.ours.is_some());
    match (design.has_topic(), across.bucket_is_there) {
        (true, false) => Shown::No,
        (true, true) if ours => Shown::Surely,
        _ => Shown::Perhaps,
    }
}

/// It has no mark but its id.
#[must_use]
pub fn mark(_: &Observed) -> Option<&Mark> {
    None
}

/// The whole document: `PutBucketNotificationConfiguration` replaces all of it.
pub(crate) async fn read(
    aws: &Aws,
    bucket: &str,
) -> Result<Seen<NotificationConfiguration>, AwsError> {
    let found = aws
        .s3
        .get_bucket_notification_configuration()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await
        .map_err(AwsError::of("s3:GetBucketNotification"));
    // One that is elsewhere is told where the bucket itself is looked at.
    Ok(seen(found, &NO_BUCKET)?.map(|found| {
        NotificationConfiguration::builder()
            .set_topic_configurations(found.topic_configurations)
            .set_queue_configurations(found.queue_configurations)
            .set_lambda_function_configurations(found.lambda_function_configurations)
            .set_event_bridge_configuration(found.event_bridge_configuration)
            .build()
    }))
}

fn is_used(design: &Design) -> bool {
    matches!(design.feed, Feed::Bucket { .. } | Feed::EventBridge { .. })
}

/// Whether the bucket's events go to EventBridge.
pub async fn is_bridged(aws: &Aws, bucket: &str) -> Result<Seen<bool>, AwsError> {
    let document = read(aws, bucket).await?;
    Ok(document.map(|document| document.event_bridge_configuration().is_some()))
}

/// Nothing to look at where the bucket is not to notify us.
pub async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    if !is_used(design) {
        return Ok(Seen::Absent);
    }
    Ok(read(aws, &design.bucket).await?.map(|document| {
        let rest = without(&document, design);
        State {
            ours: of_ours(&document, design).map(|found| {
                if same(found, &ours(design)) {
                    Entry::AsPlanned
                } else {
                    Entry::Different
                }
            }),
            overlapping: overlapping(&document, design),
            empty: rest.topic_configurations().is_empty()
                && rest.queue_configurations().is_empty()
                && rest.lambda_function_configurations().is_empty()
                && rest.event_bridge_configuration().is_none(),
            bridged: document.event_bridge_configuration().is_some(),
        }
    }))
}

async fn there(cx: Cx<'_>) -> Result<NotificationConfiguration, Refused> {
    match read(cx.aws, &cx.design.bucket).await? {
        Seen::There(document) => Ok(document),
        Seen::Absent => Err(Failure::new(
            Code::Conflict,
            t!("conflict-bucket-gone", bucket = cx.design.bucket),
        )
        .into()),
        Seen::Denied(action) => Err(denied(&cx.design.bucket_arn(), action).into()),
    }
}

/// A topic policy written a moment ago may not be there yet for S3.
fn early(error: &AwsError) -> Option<String> {
    let early = error.says(
        "InvalidArgument",
        "Unable to validate the following destination",
    );
    early
        .then(|| t!("wait-topic-policy"))
        .or_else(|| error.is("OperationAborted").then(|| t!("wait-bucket")))
}

async fn write(cx: Cx<'_>, document: NotificationConfiguration) -> Result<(), AwsError> {
    cx.aws
        .s3
        .put_bucket_notification_configuration()
        .bucket(&cx.design.bucket)
        .expected_bucket_owner(cx.design.account.as_str())
        .notification_configuration(document)
        .customize()
        .config_override(bucket::once())
        .send()
        .await
        .map_err(AwsError::of("s3:PutBucketNotification"))?;
    Ok(())
}

/// Reads the bucket's notifications, puts our entry in and reads it back. S3 sends a test event on each write, so it
/// also serves `verify`.
pub async fn merge(cx: Cx<'_>) -> Result<()> {
    shared_document::change(cx, early, || async {
        let document = there(cx).await?;
        if let Some(theirs) = overlapping(&document, cx.design) {
            let bucket = &cx.design.bucket;
            return Err(Failure::new(
                Code::Conflict,
                t!("conflict-overlap", bucket = bucket, rule = theirs),
            )
            .into());
        }
        Ok(write(cx, with_ours(&document, cx.design)).await?)
    })
    .await?;
    visible(cx, |document| {
        of_ours(document, cx.design).is_some_and(|found| same(found, &ours(cx.design)))
    })
    .await
}

/// Takes our entry out.
async fn restore(cx: Cx<'_>) -> Result<()> {
    shared_document::change(cx, early, || async {
        let document = there(cx).await?;
        match of_ours(&document, cx.design) {
            None => Ok(()),
            Some(_) => Ok(write(cx, without(&document, cx.design)).await?),
        }
    })
    .await?;
    visible(cx, |document| of_ours(document, cx.design).is_none()).await
}

/// Turns events to EventBridge on or off; nothing else of the document changes.
async fn bridge(cx: Cx<'_>, on: bool) -> Result<()> {
    shared_document::change(cx, early, || async {
        let mut document = there(cx).await?;
        if document.event_bridge_configuration.is_some() == on {
            return Ok(());
        }
        document.event_bridge_configuration =
            on.then(|| EventBridgeConfiguration::builder().build());
        Ok(write(cx, document).await?)
    })
    .await?;
    visible(cx, |document| {
        document.event_bridge_configuration().is_some() == on
    })
    .await
}

async fn visible(cx: Cx<'_>, fits: impl Fn(&NotificationConfiguration) -> bool) -> Result<()> {
    let what = t!("wait-notification");
    let seen = wait::until_visible(cx.waiting, &what, Duration::from_secs(60), || async {
        Ok::<_, AwsError>(
            read(cx.aws, &cx.design.bucket)
                .await?
                .there()
                .is_some_and(&fits),
        )
    });
    if seen.await? {
        Ok(())
    } else {
        Err(Failure::new(
            Code::Aws,
            t!("policy-not-visible", arn = cx.design.bucket_arn()),
        ))
    }
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    if !is_used(design) {
        return Vec::new();
    }
    let mut actions = vec!["s3:GetBucketNotification"];
    match purpose {
        Purpose::Setup | Purpose::Remove => actions.push("s3:PutBucketNotification"),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    vec![Grant::new(&actions, design.bucket_arn())]
}
