//! The permissions that the calls of this family need.

use crate::{
    connection::Design,
    policy::grant::{Grant, Purpose},
};

/// The permissions on rules that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.rule_arn();
    if design.has_topic() {
        // Without Central, `remove` looks for the rule too: nothing else may show that there is one.
        let looks = ["events:DescribeRule", "events:ListTagsForResource"];
        return match purpose {
            Purpose::Remove => vec![Grant::new(&looks, arn)],
            Purpose::Setup | Purpose::Status | Purpose::RemoveLogs => Vec::new(),
        };
    }
    let mut actions = vec![
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "events:ListTagsForResource",
    ];
    match purpose {
        Purpose::Setup => {
            actions.extend(["events:PutRule", "events:PutTargets", "events:TagResource"])
        }
        Purpose::Remove => actions.extend(["events:RemoveTargets", "events:DeleteRule"]),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    let mut grants = vec![Grant::new(&actions, arn)];
    if purpose == Purpose::Remove {
        grants.push(Grant::new(&["events:ListRules"], "*"));
    }
    grants
}
