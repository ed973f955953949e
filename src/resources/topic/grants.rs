//! The permissions that the calls of this family need.

use crate::{
    connection::{Design, Named},
    policy::grant::{Grant, Purpose},
};

/// The permissions on the topic that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
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
