//! The alarms of an account.

use serde_json::json;
use sophos_ct::testing::Aws;

use super::{Found, tags};

pub(super) async fn alarms(aws: &Aws, found: &mut Found) {
    let alarms = aws.cloudwatch.describe_alarms().send().await;
    for alarm in alarms.expect("alarms").metric_alarms() {
        let listed = aws.cloudwatch.list_tags_for_resource();
        let listed = listed.resource_arn(alarm.alarm_arn().expect("an arn"));
        let listed = listed.send().await.expect("tags");
        let tagged = listed.tags().iter();
        let tagged = tagged.filter_map(|tag| Some((tag.key()?, tag.value()?)));
        let name = alarm.alarm_name().expect("a name");
        found.insert(
            format!("alarm {name}"),
            json!({
                "metric": alarm.metric_name(),
                "period": alarm.period(),
                "periods": alarm.evaluation_periods(),
                "threshold": alarm.threshold(),
                "missing": alarm.treat_missing_data(),
                "tells": alarm.alarm_actions(),
                "tags": tags(tagged),
            }),
        );
    }
}
