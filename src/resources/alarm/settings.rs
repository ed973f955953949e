//! What the alarms are like.

use aws_sdk_cloudwatch::types::{
    ComparisonOperator, Dimension, MetricAlarm, StandardUnit, Statistic,
};
use serde_json::{Value, json};

use super::state::{NAMESPACE, Observed, State, THRESHOLD, Watch, Which};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Journal},
        settings::{Setting, Settings, of_tags},
    },
};

/// Returns the settings of both alarms, if there are to be any. Whether one tells anybody is left to whoever turned that off.
#[must_use]
pub(crate) fn settings(
    design: &Design,
    seen: &Observed,
    _: Journal<'_>,
    _: &Across,
) -> Vec<Settings> {
    if design.alarm.is_none() {
        return Vec::new();
    }
    let of_alarm = |which: Which| {
        let seen = seen.of(which);
        let compared = compared(design, which, &MetricAlarm::builder().build());
        let settings = compared.into_iter().map(|one| {
            let (name, made) = (one.name, there(one.made));
            let found = |alarm: &State| alarm.found.get(name).cloned().and_then(there);
            Setting::new(name, seen, found, made)
        });
        let mut all: Vec<Setting> = settings.collect();
        let acts = |alarm: &State| Some(Value::from(alarm.acts));
        all.push(Setting::new("ActionsEnabled", seen, acts, Some(true.into())).once());
        let tags = seen.as_ref().and_seen(|alarm| alarm.owner.tags.as_ref());
        all.extend(of_tags(design, tags));
        Settings::new(Kind::Alarm, which.arn(design), all)
    };
    Which::BOTH.into_iter().map(of_alarm).collect()
}

/// A setting that says something.
fn there(value: Value) -> Option<Value> {
    Some(value).filter(|value| !value.is_null())
}

/// A setting of an alarm as it was found and as we make it, by CloudWatch's name.
pub(super) struct Compared {
    pub name: &'static str,
    pub found: Value,
    pub made: Value,
}

/// Returns the settings of an alarm that count. What it says about itself and its first hour do not. A metric expression, a band, or
/// a percentile stands in place of metric, threshold or statistic, which are missing then (CloudWatch API reference, `MetricAlarm`).
pub(super) fn compared(design: &Design, which: Which, found: &MetricAlarm) -> Vec<Compared> {
    let watch = which.watch();
    let topic: Vec<String> = design.alarm.iter().map(ToString::to_string).collect();
    let dimensions = |all: &[Dimension]| {
        let all = all.iter().map(|one| json!([one.name(), one.value()]));
        Value::from(all.collect::<Vec<_>>())
    };
    let statistic = found.statistic().map(Statistic::as_str);
    let comparison = found.comparison_operator().map(ComparisonOperator::as_str);
    let settings = [
        ("Namespace", json!(found.namespace()), json!(NAMESPACE)),
        (
            "MetricName",
            json!(found.metric_name()),
            json!(watch.metric),
        ),
        (
            "Dimensions",
            dimensions(found.dimensions()),
            dimensions(&[Watch::dimension(design)]),
        ),
        (
            "Statistic",
            json!(statistic),
            json!(Statistic::Sum.as_str()),
        ),
        // With a unit, only data of that unit count: with another than Lambda's, the alarm sees none (CloudWatch API reference,
        // `PutMetricAlarm`).
        (
            "Unit",
            json!(found.unit().map(StandardUnit::as_str)),
            Value::Null,
        ),
        ("Period", json!(found.period()), json!(watch.period)),
        (
            "EvaluationPeriods",
            json!(found.evaluation_periods()),
            json!(watch.periods),
        ),
        (
            "DatapointsToAlarm",
            json!(found.datapoints_to_alarm()),
            json!(watch.periods),
        ),
        ("Threshold", json!(found.threshold()), json!(THRESHOLD)),
        (
            "ComparisonOperator",
            json!(comparison),
            json!(watch.comparison.as_str()),
        ),
        (
            "TreatMissingData",
            json!(found.treat_missing_data()),
            json!(watch.missing),
        ),
        ("AlarmActions", json!(found.alarm_actions()), json!(topic)),
        ("OKActions", json!(found.ok_actions()), json!(topic)),
        (
            "InsufficientDataActions",
            json!(found.insufficient_data_actions()),
            json!([]),
        ),
    ];
    let compared = settings.into_iter();
    compared
        .map(|(name, found, made)| Compared { name, found, made })
        .collect()
}
