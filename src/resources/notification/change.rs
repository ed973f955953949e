//! The changes that can be made to a bucket's notifications. Each reads the document, writes it and reads it back.

use std::time::Duration;

use aws_sdk_s3::types::NotificationConfiguration;

use super::{
    document::{bridged, of_ours, ours, overlapping, same, with_ours, without},
    json::json,
    look::read,
    state::Observed,
};
use crate::{
    aws::{error::AwsError, wait},
    connection::{Design, Kind},
    resources::{
        bucket,
        cx::Cx,
        document::{self, Refused, Written},
        seen::{Seen, denied},
        step::{self, Action, Facts},
    },
    ui::{Code, Failure, Result, t},
};

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    AddEntry,
    MendEntry,
    RemoveEntry,
    /// Turns the bucket's events to EventBridge on.
    TurnOn,
    /// Turns them off.
    TurnOff,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        let entry = |action| {
            Facts::new(
                action,
                Kind::BucketNotification,
                &["PutBucketNotification"],
                &["s3:PutBucketNotification"],
            )
        };
        match self {
            Self::AddEntry => entry(Action::Create).setting_going(),
            Self::MendEntry => entry(Action::Modify).setting_going(),
            // The rule is tagged before the events are turned on.
            Self::TurnOn => Facts::new(
                Action::Create,
                Kind::BucketNotification,
                &["TagResource", "PutBucketNotification"],
                &["events:TagResource", "s3:PutBucketNotification"],
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

/// The notifications before and after a change. A bucket without any has no such document.
#[must_use]
pub(crate) fn written(design: &Design, seen: &Observed, change: Change) -> Written {
    let after = |before: &NotificationConfiguration| match change {
        Change::AddEntry | Change::MendEntry => with_ours(before, design),
        Change::RemoveEntry => without(before, design),
        Change::TurnOn => bridged(before, true),
        Change::TurnOff => bridged(before, false),
    };
    let (kind, arn) = (Kind::BucketNotification, design.bucket_arn());
    let before = seen.as_ref().and_then(|state| json(&state.document));
    Written::by(kind, arn, before, |_| json(&after(&seen.there()?.document)))
}

/// Carries a change out. Every change is safe to repeat.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::AddEntry | Change::MendEntry => merge(cx).await,
        Change::RemoveEntry => restore(cx).await,
        Change::TurnOn => bridge(cx, true).await,
        Change::TurnOff => bridge(cx, false).await,
    }
}

/// Puts our entry into the bucket's notifications. S3 sends a test event on each write, so this also serves `verify`.
pub(crate) async fn merge(cx: Cx<'_>) -> Result<()> {
    document::change(cx, early, || async {
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
    document::change(cx, early, || async {
        let document = there(cx).await?;
        match of_ours(&document, cx.design) {
            None => Ok(()),
            Some(_) => Ok(write(cx, without(&document, cx.design)).await?),
        }
    })
    .await?;
    visible(cx, |document| of_ours(document, cx.design).is_none()).await
}

/// Turns events to EventBridge on or off. Nothing else in the document changes.
async fn bridge(cx: Cx<'_>, on: bool) -> Result<()> {
    document::change(cx, early, || async {
        let document = there(cx).await?;
        if document.event_bridge_configuration.is_some() == on {
            return Ok(());
        }
        Ok(write(cx, bridged(&document, on)).await?)
    })
    .await?;
    visible(cx, |document| {
        document.event_bridge_configuration().is_some() == on
    })
    .await
}

/// The document that is to be changed.
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

/// Returns what to wait for if AWS refuses only for the moment: S3 may not know a new topic policy yet, and it takes one change
/// of a bucket at a time.
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

/// Waits until the document `fits` when it is read back.
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
