//! The permissions that the calls of this family need.

use super::state::Which;
use crate::{
    connection::Design,
    policy::grant::{Grant, Purpose},
};

/// The permissions on the alarms that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let Some(topic) = &design.alarm else {
        return Vec::new();
    };
    let mut actions = vec!["cloudwatch:ListTagsForResource"];
    match purpose {
        Purpose::Setup => actions.extend(["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"]),
        Purpose::Remove => actions.push("cloudwatch:DeleteAlarms"),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    let [failures, silence] = Which::BOTH.map(|which| which.arn(design));
    let mut grants = vec![
        // A list of names is judged as one of all alarms.
        Grant::new(&["cloudwatch:DescribeAlarms"], design.alarm_arn("*")),
        Grant::new(&actions, failures).and_on(silence),
    ];
    if matches!(purpose, Purpose::Setup | Purpose::Status) {
        grants.push(Grant::new(&["sns:GetTopicAttributes"], topic.to_string()));
    }
    grants
}
