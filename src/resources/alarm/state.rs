//! What the two alarms watch, and what can be seen of them.
//!
//! They watch metrics that Lambda publishes of every function (Lambda developer guide, "Types of metrics for Lambda functions"), and
//! not those in the function's log. The function cannot log what happens while it does not run: if it is never invoked, crashes,
//! runs out of time, or may not write its log. A failure in its log may also be one that the next attempt makes good, and a
//! connection that is paused is not silent.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, MetricAlarm, WarmUpConfiguration};
use serde_json::Value;

use super::settings::compared;
use crate::{
    connection::Design,
    resources::seen::{Owner, Seen},
};

/// One of the two alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Lambda gave a message up after all attempts: its log files were not delivered.
    Failures,
    /// The function was not invoked for a day.
    Silence,
}

/// What an alarm watches, and when it goes off.
pub(super) struct Watch {
    pub metric: &'static str,
    /// Seconds of one period.
    pub period: i32,
    /// The number of periods in a row in which the sum must be out of bounds.
    pub periods: i32,
    /// How the sum of a period that is out of bounds compares with [`THRESHOLD`].
    pub comparison: ComparisonOperator,
    /// What a period without data counts as. Lambda publishes nothing in a period in which nothing happens.
    pub missing: &'static str,
    /// Minutes after its creation in which the alarm does not judge.
    pub warm_up: Option<i32>,
}

pub(super) const NAMESPACE: &str = "AWS/Lambda";
pub(super) const THRESHOLD: f64 = 1.0;

impl Which {
    pub(crate) const BOTH: [Self; 2] = [Self::Failures, Self::Silence];

    /// Returns the alarm's name. With the longest name of a function it has 73 characters; CloudWatch takes 255.
    #[must_use]
    pub(crate) fn name(self, design: &Design) -> String {
        let end = match self {
            Self::Failures => "failures",
            Self::Silence => "silence",
        };
        format!("{}-{end}", design.function)
    }

    #[must_use]
    pub(crate) fn arn(self, design: &Design) -> String {
        design.alarm_arn(&self.name(design))
    }

    /// Returns what the alarm watches.
    pub(super) fn watch(self) -> Watch {
        match self {
            // One message is enough: Lambda drops it only after three attempts, over minutes, or hours where it is throttled.
            Self::Failures => Watch {
                metric: "AsyncEventsDropped",
                period: 300,
                periods: 1,
                comparison: ComparisonOperator::GreaterThanOrEqualToThreshold,
                missing: "notBreaching",
                warm_up: None,
            },
            // A quiet account may have no events for hours. All periods of an alarm together may have seven days if each has at
            // least an hour (CloudWatch API reference, `PutMetricAlarm`). The hour at first is for the first messages: before
            // they are counted, a new function has been silent for a day.
            Self::Silence => Watch {
                metric: "Invocations",
                period: 3600,
                periods: 24,
                comparison: ComparisonOperator::LessThanThreshold,
                missing: "breaching",
                warm_up: Some(60),
            },
        }
    }

    /// Returns what the alarm says about itself, for whoever gets its message.
    pub(super) fn description(self, design: &Design) -> String {
        let id = design.id;
        match self {
            Self::Failures => format!(
                "Log files were not delivered to Sophos Central: Lambda gave a message up. sophos-ct connection {id}"
            ),
            Self::Silence => format!(
                "Nothing was heard of log files for a day: the trail, its notifications or the function. sophos-ct connection {id}"
            ),
        }
    }
}

impl Watch {
    /// The function's dimension of Lambda's metrics.
    pub(super) fn dimension(design: &Design) -> Dimension {
        Dimension::builder()
            .name("FunctionName")
            .value(design.function.as_str())
            .build()
    }

    pub(super) fn warm_up(&self) -> Option<WarmUpConfiguration> {
        let minutes = self.warm_up?;
        let warm_up = WarmUpConfiguration::builder()
            .warm_up_period_duration_in_minutes(minutes)
            .only_start_evaluating_after_warm_up_period_ends(true);
        Some(warm_up.build())
    }
}

/// What an alarm says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Ok,
    /// It has gone off.
    Alarm,
    /// It has not judged yet (`INSUFFICIENT_DATA`).
    NothingYet,
}

impl Says {
    pub(super) fn of(alarm: &MetricAlarm) -> Self {
        match alarm.state_value().map(|value| value.as_str()) {
            Some("OK") => Self::Ok,
            Some("ALARM") => Self::Alarm,
            _ => Self::NothingYet,
        }
    }
}

/// An alarm as it stands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub owner: Owner,
    /// The settings that count, by CloudWatch's names.
    pub found: BTreeMap<&'static str, Value>,
    /// The settings that differ from the plan, by CloudWatch's names.
    pub drift: Vec<&'static str>,
    pub says: Says,
    /// Whether it tells anybody. Whoever turned that off wants it so.
    pub acts: bool,
    /// The ARNs of what it tells when it goes off.
    pub tells: Vec<String>,
}

/// The topic that the alarms tell.
#[derive(Clone, Debug)]
pub(crate) struct Topic {
    /// Whether its policy certainly lets our alarms publish.
    pub lets_in: bool,
    /// The key that encrypts it.
    pub key: Option<String>,
}

/// What was seen of the alarms and their topic. All of it is absent if no answer names a topic.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    pub failures: Seen<State>,
    pub silence: Seen<State>,
    pub topic: Seen<Topic>,
}

impl Observed {
    #[must_use]
    pub(crate) fn of(&self, which: Which) -> &Seen<State> {
        match which {
            Which::Failures => &self.failures,
            Which::Silence => &self.silence,
        }
    }

    /// Returns the alarms that are there.
    pub(crate) fn there(&self) -> impl Iterator<Item = &State> {
        [&self.failures, &self.silence]
            .into_iter()
            .filter_map(Seen::there)
    }
}

/// Returns the settings of an alarm that differ from the plan.
#[must_use]
pub(super) fn drift(design: &Design, which: Which, found: &MetricAlarm) -> Vec<&'static str> {
    let compared = compared(design, which, found).into_iter();
    let differing = compared.filter(|one| one.found != one.made);
    differing.map(|one| one.name).collect()
}

#[cfg(test)]
impl State {
    /// An alarm as planned that is quiet and tells nobody.
    pub(crate) fn fixture(design: &Design, which: Which) -> Self {
        let made = compared(design, which, &MetricAlarm::builder().build()).into_iter();
        Self {
            owner: Owner::of_tags(design.id, Seen::There(design.all_tags())),
            found: made.map(|one| (one.name, one.made)).collect(),
            drift: Vec::new(),
            says: Says::Ok,
            acts: true,
            tells: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::{
        EvaluationState, MetricDataQuery, StandardUnit, StateValue, Statistic,
        builders::MetricAlarmBuilder,
    };

    use super::*;
    use crate::connection::{Feed, fixture};

    const PAGER: &str = "arn:aws:sns:eu-west-1:111122223333:pager";

    fn with_alarms() -> Design {
        let mut design = fixture::design(Feed::New);
        design.alarm = Some(PAGER.parse().unwrap());
        design
    }

    fn as_planned(design: &Design, which: Which) -> MetricAlarmBuilder {
        let watch = which.watch();
        MetricAlarm::builder()
            .namespace(NAMESPACE)
            .metric_name(watch.metric)
            .dimensions(Watch::dimension(design))
            .statistic(Statistic::Sum)
            .period(watch.period)
            .evaluation_periods(watch.periods)
            .datapoints_to_alarm(watch.periods)
            .threshold(THRESHOLD)
            .comparison_operator(watch.comparison)
            .treat_missing_data(watch.missing)
            .alarm_actions(PAGER)
            .ok_actions(PAGER)
    }

    #[test]
    fn names_and_periods_are_within_what_cloudwatch_takes() {
        let mut design = with_alarms();
        design.function = "f".repeat(64).parse().unwrap();
        for which in Which::BOTH {
            assert!(which.name(&design).len() <= 255);
            let Watch {
                period, periods, ..
            } = which.watch();
            let most = if period < 3600 { 86_400 } else { 604_800 };
            assert!(period % 60 == 0 && period * periods <= most, "{which:?}");
        }
        let design = with_alarms();
        let arn = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:sophos-ct-demo-silence";
        assert_eq!(Which::Silence.arn(&design), arn);
    }

    #[test]
    fn each_setting_that_differs_is_named() {
        let design = with_alarms();
        for which in Which::BOTH {
            let planned = || as_planned(&design, which);
            assert_eq!(drift(&design, which, &planned().build()), [""; 0]);
            for (name, changed) in [
                ("Namespace", planned().namespace("SophosCt")),
                ("MetricName", planned().metric_name("Errors")),
                ("Dimensions", planned().set_dimensions(None)),
                ("Statistic", planned().statistic(Statistic::Average)),
                (
                    "Statistic",
                    planned().set_statistic(None).extended_statistic("p90"),
                ),
                ("Unit", planned().unit(StandardUnit::Milliseconds)),
                ("Unit", planned().unit(StandardUnit::Count)),
                ("Period", planned().period(60)),
                ("EvaluationPeriods", planned().evaluation_periods(7)),
                ("DatapointsToAlarm", planned().set_datapoints_to_alarm(None)),
                ("Threshold", planned().threshold(50.0)),
                (
                    "ComparisonOperator",
                    planned().comparison_operator(ComparisonOperator::GreaterThanThreshold),
                ),
                ("TreatMissingData", planned().treat_missing_data("ignore")),
                ("AlarmActions", planned().set_alarm_actions(None)),
                ("AlarmActions", planned().alarm_actions("arn:other")),
                ("OKActions", planned().ok_actions("arn:other")),
                ("OKActions", planned().set_ok_actions(None)),
                (
                    "InsufficientDataActions",
                    planned().insufficient_data_actions("arn:other"),
                ),
                // With a band, there is no threshold of its own.
                (
                    "Threshold",
                    planned().set_threshold(None).threshold_metric_id("band"),
                ),
            ] {
                let found = drift(&design, which, &changed.build());
                assert_eq!(found, [name], "{which:?}");
            }
            let query = MetricDataQuery::builder().id("m").expression("m1 * 2");
            let expression = planned()
                .set_namespace(None)
                .set_metric_name(None)
                .set_dimensions(None)
                .set_statistic(None)
                .set_period(None)
                .metrics(query.build());
            assert_eq!(
                drift(&design, which, &expression.build()),
                [
                    "Namespace",
                    "MetricName",
                    "Dimensions",
                    "Statistic",
                    "Period"
                ]
            );
        }
    }

    #[test]
    fn what_cloudwatch_adds_and_whoever_mutes_an_alarm_are_no_drift() {
        let design = with_alarms();
        for which in Which::BOTH {
            let planned = || as_planned(&design, which);
            for found in [
                // Lists that are empty or missing are the same.
                planned().set_insufficient_data_actions(Some(Vec::new())),
                planned().set_metrics(Some(Vec::new())),
                planned().actions_enabled(false),
                planned().alarm_description("written by an earlier version"),
                planned().set_warm_up_configuration(which.watch().warm_up()),
                planned().state_value(StateValue::Alarm).state_reason("so"),
                planned().evaluation_state(EvaluationState::PartialData),
                planned().threshold(1.0),
            ] {
                let found = found.build();
                assert_eq!(drift(&design, which, &found), [""; 0], "{found:?}");
            }
        }
    }

    #[test]
    fn what_an_alarm_says_is_taken_for_nothing_if_it_is_not_known() {
        for (value, says) in [
            (Some("OK"), Says::Ok),
            (Some("ALARM"), Says::Alarm),
            (Some("INSUFFICIENT_DATA"), Says::NothingYet),
            (Some("UNHEARD_OF"), Says::NothingYet),
            (None, Says::NothingYet),
        ] {
            let alarm = MetricAlarm::builder().set_state_value(value.map(Into::into));
            assert_eq!(Says::of(&alarm.build()), says, "{value:?}");
        }
    }
}
