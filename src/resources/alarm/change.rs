//! The changes that can be made to the alarms.

use aws_sdk_cloudwatch::types::{Statistic, Tag};

use super::{
    look::one,
    state::{NAMESPACE, THRESHOLD, Watch, Which},
};
use crate::{
    aws::error::AwsError,
    connection::{Design, Kind},
    resources::{
        cx::Cx,
        seen::{Seen, done_or},
        step::{self, Action, Facts},
    },
    ui::{Code, Failure, Result, t},
};

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Create(Which),
    Mend(Which),
    Delete(Which),
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        match self {
            Self::Create(_) => Facts::new(
                Action::Create,
                Kind::Alarm,
                &["PutMetricAlarm"],
                &["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"],
            ),
            Self::Mend(_) => Facts::new(
                Action::Modify,
                Kind::Alarm,
                &["PutMetricAlarm"],
                &["cloudwatch:PutMetricAlarm"],
            ),
            Self::Delete(_) => Facts::new(
                Action::Delete,
                Kind::Alarm,
                &["DeleteAlarms"],
                &["cloudwatch:DeleteAlarms"],
            ),
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            Self::Create(_) | Self::Mend(_) => &[Kind::Function],
            Self::Delete(_) => &[],
        }
    }
}

/// Carries a change out. Every change is safe to repeat.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match *change {
        Change::Create(which) | Change::Mend(which) => put(cx, which).await,
        Change::Delete(which) => delete(cx, which).await,
    }
}

/// Creates an alarm or brings it back to the design. `PutMetricAlarm` silently replaces an alarm of the same name, so look first.
async fn put(cx: Cx<'_>, which: Which) -> Result<()> {
    let arn = which.arn(cx.design);
    match one(cx.aws, cx.design, which).await? {
        Seen::Absent => write(cx, which, true, true).await?,
        Seen::There(state) => {
            state.owner.mark.must_be_ours(&arn)?;
            write(cx, which, false, state.acts).await?;
        }
        Seen::Denied(action) => {
            return Err(Failure::new(
                Code::AwsPermission,
                t!("conflict-denied", arn = arn, action = action),
            ));
        }
    }
    Ok(())
}

/// Writes a whole alarm. `fresh`: there is none yet, so it gets our tags, which CloudWatch takes at creation only (CloudWatch API
/// reference, `PutMetricAlarm`). `acts`: whether it tells the topic.
async fn write(cx: Cx<'_>, which: Which, fresh: bool, acts: bool) -> Result<(), AwsError> {
    let design = cx.design;
    let watch = which.watch();
    let topic: Vec<String> = design.alarm.iter().map(ToString::to_string).collect();
    cx.aws
        .cloudwatch
        .put_metric_alarm()
        .alarm_name(which.name(design))
        .alarm_description(which.description(design))
        .namespace(NAMESPACE)
        .metric_name(watch.metric)
        .dimensions(Watch::dimension(design))
        .statistic(Statistic::Sum)
        .period(watch.period)
        .evaluation_periods(watch.periods)
        .datapoints_to_alarm(watch.periods)
        .threshold(THRESHOLD)
        .comparison_operator(watch.comparison.clone())
        .treat_missing_data(watch.missing)
        .set_warm_up_configuration(watch.warm_up())
        .actions_enabled(acts)
        .set_alarm_actions(Some(topic.clone()))
        .set_ok_actions(Some(topic))
        .set_tags(fresh.then(|| tags(design)))
        .send()
        .await
        .map_err(AwsError::of("cloudwatch:PutMetricAlarm"))?;
    Ok(())
}

fn tags(design: &Design) -> Vec<Tag> {
    let tags = design.all_tags().into_iter();
    tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

async fn delete(cx: Cx<'_>, which: Which) -> Result<()> {
    let arn = which.arn(cx.design);
    let found = one(cx.aws, cx.design, which).await?;
    let Some(state) = found.or_gone(&arn)? else {
        return Ok(());
    };
    state.owner.mark.must_be_ours(&arn)?;
    let deleted = cx
        .aws
        .cloudwatch
        .delete_alarms()
        .alarm_names(which.name(cx.design))
        .send()
        .await
        .map_err(AwsError::of("cloudwatch:DeleteAlarms"));
    done_or(deleted, &["ResourceNotFound", "ResourceNotFoundException"])
}
