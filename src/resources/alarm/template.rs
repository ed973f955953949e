//! What a template says of the alarms.

use aws_sdk_cloudwatch::types::Statistic;
use serde_json::json;

use super::{
    change::Change,
    state::{NAMESPACE, THRESHOLD, Watch, Which},
};
use crate::{
    connection::{Design, Kind},
    resources::template::{CloudFormation, Input, Part, tag_list, tag_map},
};

/// Returns what a template says of what a change makes; `None` if the change makes nothing. A first hour in which an alarm does not
/// judge has no property there.
#[must_use]
pub(crate) fn part(design: &Design, change: Change) -> Option<Part> {
    let Change::Create(which) = change else {
        return None;
    };
    let name = match which {
        Which::Failures => "FailuresAlarm",
        Which::Silence => "SilenceAlarm",
    };
    let watch = which.watch();
    let dimension = Watch::dimension(design);
    let (dimension, value) = (dimension.name()?, dimension.value()?);
    let (statistic, comparison) = (Statistic::Sum, watch.comparison.as_str());
    let topic = Input::AlarmTopic.value();
    let properties = json!({
        "AlarmName": which.name(design),
        "AlarmDescription": which.description(design),
        "Namespace": NAMESPACE,
        "MetricName": watch.metric,
        "Dimensions": [{ "Name": dimension, "Value": value }],
        "Statistic": statistic.as_str(),
        "Period": watch.period,
        "EvaluationPeriods": watch.periods,
        "DatapointsToAlarm": watch.periods,
        "Threshold": THRESHOLD,
        "ComparisonOperator": comparison,
        "TreatMissingData": watch.missing,
        "AlarmActions": [topic],
        "OKActions": [topic],
        "Tags": tag_list(design),
    });
    let arguments = json!({
        "alarm_name": which.name(design),
        "alarm_description": which.description(design),
        "namespace": NAMESPACE,
        "metric_name": watch.metric,
        "dimensions": { dimension: value },
        "statistic": statistic.as_str(),
        "period": watch.period,
        "evaluation_periods": watch.periods,
        "datapoints_to_alarm": watch.periods,
        "threshold": THRESHOLD,
        "comparison_operator": comparison,
        "treat_missing_data": watch.missing,
        "alarm_actions": [topic],
        "ok_actions": [topic],
        "tags": tag_map(design),
    });
    let resource = CloudFormation::Resource("AWS::CloudWatch::Alarm", properties);
    let part = Part::new(Kind::Alarm, name, resource);
    Some(part.terraform("aws_cloudwatch_metric_alarm", arguments))
}
