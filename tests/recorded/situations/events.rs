//! Situations of EventBridge.

use sophos_ct::testing::AwsError;

use super::stage::{Stage, refused};

pub(super) async fn provoked(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let events = &stage.aws.events;
    let account = stage.account;
    Some(match name {
        "events DescribeRule: absent" => refused!(events.describe_rule().name("absent")),
        "events DeleteRule: targets left" => refused!(events.delete_rule().name("recorded")),
        "events ListTagsForResource: rule absent" => refused!(
            events
                .list_tags_for_resource()
                .resource_arn(format!("arn:aws:events:eu-west-1:{account}:rule/absent"))
        ),
        _ => return None,
    })
}
