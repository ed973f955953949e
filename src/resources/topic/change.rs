//! The changes that can be made to the topic.

use std::time::Duration;

use aws_sdk_sns::types::Tag;

use super::{
    look::{attributes, observe, read_tags},
    policy,
};
use crate::{
    aws::{error::AwsError, wait},
    connection::{Design, Kind},
    resources::{
        cx::Cx,
        seen::{Mark, Seen, seen},
        step::{self, Action, Facts},
        tags::tags_as,
    },
    ui::{Code, Failure, Result, t},
};

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Create,
    AddStatement,
    MendStatement,
    /// Takes our statement out of a topic that is not ours.
    RemoveStatement,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        let statement = |action| {
            Facts::new(
                action,
                Kind::TopicPolicyStatement,
                &["SetTopicAttributes"],
                &["sns:SetTopicAttributes"],
            )
        };
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::Topic,
                &["CreateTopic"],
                &["sns:CreateTopic", "sns:TagResource"],
            ),
            Self::AddStatement => statement(Action::Create),
            Self::MendStatement => statement(Action::Modify),
            Self::RemoveStatement => statement(Action::Restore),
            Self::Delete => Facts::new(
                Action::Delete,
                Kind::Topic,
                &["DeleteTopic"],
                &["sns:DeleteTopic"],
            ),
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

/// Carries a change out. Every change is safe to repeat.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create => create(cx).await,
        Change::AddStatement | Change::MendStatement => policy::merge(cx).await,
        Change::RemoveStatement => policy::restore(cx).await,
        Change::Delete => delete(cx).await,
    }
}

/// Creates the topic. `CreateTopic` does not say whether it created anything, so the mark is read back.
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
    // A topic that was created a moment ago may not be there yet for the next call.
    let what = t!("wait-topic");
    let visible = wait::until_visible(cx.waiting, &what, Duration::from_secs(60), || async {
        Ok::<_, AwsError>(seen(attributes(cx.aws, &arn).await, &["NotFound"])? != Seen::Absent)
    });
    if !visible.await? {
        return Err(Failure::new(Code::Aws, t!("topic-not-visible", arn = arn)));
    }
    let tags = read_tags(cx.aws, &arn).await?;
    Mark::of_tags(design.id, &tags).must_be_ours(&arn)
}

async fn delete(cx: Cx<'_>) -> Result<()> {
    let arn = cx.design.topic_arn();
    let Some(state) = observe(cx.aws, cx.design).await?.or_gone(&arn)? else {
        return Ok(());
    };
    state.owner.mark.must_be_ours(&arn)?;
    cx.aws
        .sns
        .delete_topic()
        .topic_arn(&arn)
        .send()
        .await
        .map_err(AwsError::of("sns:DeleteTopic"))?;
    Ok(())
}
