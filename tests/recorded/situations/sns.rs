//! Situations of SNS.

use aws_sdk_sns::types::Tag;
use sophos_ct::testing::AwsError;

use super::stage::{Stage, refused};

pub(super) async fn provoked(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let sns = &stage.aws.sns;
    let (own, absent) = (stage.topic("recorded"), stage.topic("absent"));
    let subscribe = |topic: &str| {
        sns.subscribe()
            .topic_arn(topic)
            .protocol("sqs")
            .endpoint(format!("arn:aws:sqs:eu-west-1:{}:recorded", stage.account))
    };
    Some(match name {
        "sns CreateTopic: again with other tags" => {
            let tag = Tag::builder().key("a").value("other");
            refused!(
                sns.create_topic()
                    .name("recorded")
                    .tags(tag.build().unwrap())
            )
        }
        "sns CreateTopic: name with a bad character or too long or with .fifo" => {
            refused!(sns.create_topic().name("bad name"))
        }
        "sns GetTopicAttributes: absent" => {
            refused!(sns.get_topic_attributes().topic_arn(absent))
        }
        "sns Subscribe: again with another value of an attribute" => {
            refused!(subscribe(&own).attributes("FilterPolicy", r#"{"a":["other"]}"#))
        }
        "sns Subscribe: topic absent" => refused!(subscribe(&absent)),
        "sns GetSubscriptionAttributes: absent" => refused!(
            sns.get_subscription_attributes()
                .subscription_arn(format!("{own}:11111111-2222-4333-8444-555555555555"))
        ),
        "sns ListTagsForResource: absent" => {
            refused!(sns.list_tags_for_resource().resource_arn(absent))
        }
        _ => return None,
    })
}
