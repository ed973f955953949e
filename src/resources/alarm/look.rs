//! Reads the alarms, their tags, and the topic that they tell.

use aws_sdk_cloudwatch::types::MetricAlarm;
use serde_json::Value;

use super::{
    settings::compared,
    state::{Observed, Says, State, Topic, Which, drift},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Arn, Design},
    policy::evaluate::{self, Principal, Request},
    resources::seen::{Owner, Seen, Tags, seen},
};

/// Reads the alarms, if there are to be any.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    let Some(arn) = &design.alarm else {
        return Ok(Observed::default());
    };
    let (failures, silence, topic) = tokio::try_join!(
        one(aws, design, Which::Failures),
        one(aws, design, Which::Silence),
        topic(aws, design, arn),
    )?;
    Ok(Observed {
        failures,
        silence,
        topic,
    })
}

/// Reads one of the alarms.
pub(super) async fn one(aws: &Aws, design: &Design, which: Which) -> Result<Seen<State>, AwsError> {
    let name = which.name(design);
    let found = aws
        .cloudwatch
        .describe_alarms()
        .alarm_names(&name)
        .send()
        .await
        .map_err(AwsError::of("cloudwatch:DescribeAlarms"));
    let found = seen(found, &[])?.and_then(|found| {
        let mut alarms = found.metric_alarms().iter();
        let alarm = alarms.find(|alarm| alarm.alarm_name() == Some(name.as_str()));
        alarm.cloned()
    });
    match found {
        Seen::There(alarm) => {
            let tags = tags(aws, design, which).await?;
            Ok(Seen::There(state(design, which, &alarm, tags)))
        }
        Seen::Absent => Ok(Seen::Absent),
        Seen::Denied(action) => Ok(Seen::Denied(action)),
    }
}

fn state(design: &Design, which: Which, alarm: &MetricAlarm, tags: Tags) -> State {
    let compared = compared(design, which, alarm).into_iter();
    State {
        owner: Owner::of_tags(design.id, tags),
        found: compared.map(|one| (one.name, one.found)).collect(),
        drift: drift(design, which, alarm),
        says: Says::of(alarm),
        acts: alarm.actions_enabled() != Some(false),
        tells: alarm.alarm_actions().to_vec(),
    }
}

async fn tags(aws: &Aws, design: &Design, which: Which) -> Result<Tags, AwsError> {
    let tags = aws
        .cloudwatch
        .list_tags_for_resource()
        .resource_arn(which.arn(design))
        .send()
        .await
        .map_err(AwsError::of("cloudwatch:ListTagsForResource"));
    // The alarm may have been deleted a moment ago.
    let gone = ["ResourceNotFoundException", "ResourceNotFound"];
    Ok(seen(tags, &gone)?.map(|tags| {
        let tags = tags.tags().iter();
        tags.filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned())))
            .collect()
    }))
}

/// Reads the topic. That of another account can hardly ever be read.
async fn topic(aws: &Aws, design: &Design, arn: &Arn) -> Result<Seen<Topic>, AwsError> {
    let found = aws
        .sns
        .get_topic_attributes()
        .topic_arn(arn.to_string())
        .send()
        .await
        .map_err(AwsError::of("sns:GetTopicAttributes"));
    Ok(seen(found, &["NotFound"])?.map(|found| {
        let attribute = |name: &str| found.attributes().and_then(|all| all.get(name));
        let policy = attribute("Policy").and_then(|text| serde_json::from_str(text).ok());
        let key = attribute("KmsMasterKeyId").filter(|key| !key.is_empty());
        Topic {
            lets_in: policy.is_some_and(|policy| lets_in(design, arn, &policy)),
            key: key.cloned(),
        }
    }))
}

/// Whether a topic's policy certainly lets both alarms publish. CloudWatch publishes as the service for the alarm's ARN and account
/// (CloudWatch user guide, "Notifying users on alarm changes"); the policy that SNS gives to a topic lets in its own account by
/// `AWS:SourceOwner`.
fn lets_in(design: &Design, topic: &Arn, policy: &Value) -> bool {
    let (account, topic) = (design.account.as_str(), topic.to_string());
    Which::BOTH.into_iter().all(|which| {
        let alarm = which.arn(design);
        let context = [
            ("aws:SourceArn", Some(alarm.as_str())),
            ("aws:SourceAccount", Some(account)),
            ("aws:SourceOwner", Some(account)),
        ];
        let request = Request {
            principal: Principal::Service("cloudwatch.amazonaws.com"),
            action: "sns:Publish",
            resource: &topic,
            context: &context,
            complete: false,
        };
        evaluate::allows(policy, &request)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connection::{Feed, fixture};

    #[test]
    fn alarms_publish_to_a_topic_whose_policy_surely_lets_them_in() {
        let design = fixture::design(Feed::New);
        let topic: Arn = "arn:aws:sns:eu-west-1:111122223333:pager".parse().unwrap();
        let allow = |principal: Value, condition: Value| {
            json!({ "Statement": [{
                "Effect": "Allow", "Principal": principal, "Action": "SNS:Publish",
                "Resource": topic.to_string(), "Condition": condition,
            }]})
        };
        let cloudwatch = || json!({ "Service": "cloudwatch.amazonaws.com" });
        let anybody = || json!({ "AWS": "*" });
        let of_account = |key: &str, account: &str| json!({ "StringEquals": { key: account } });
        let own = "111122223333";
        for (policy, lets) in [
            (allow(anybody(), of_account("AWS:SourceOwner", own)), true),
            (
                allow(anybody(), of_account("AWS:SourceOwner", "999999999999")),
                false,
            ),
            (allow(cloudwatch(), json!({})), true),
            (
                allow(cloudwatch(), of_account("aws:SourceAccount", own)),
                true,
            ),
            (
                allow(
                    cloudwatch(),
                    json!({ "ArnLike": { "aws:SourceArn": Which::Silence.arn(&design) } }),
                ),
                false,
            ),
            (
                allow(
                    cloudwatch(),
                    of_account("aws:PrincipalOrgID", "o-abcdefghij"),
                ),
                false,
            ),
            (
                allow(json!({ "Service": "s3.amazonaws.com" }), json!({})),
                false,
            ),
            (json!({ "Statement": [] }), false),
        ] {
            assert_eq!(lets_in(&design, &topic, &policy), lets, "{policy}");
        }
    }
}
