//! Situations of CloudWatch Logs.

use sophos_ct::testing::AwsError;

use super::stage::{Stage, refused};

pub(super) async fn provoked(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let logs = &stage.aws.logs;
    Some(match name {
        "logs CreateLogGroup: there already" => {
            refused!(logs.create_log_group().log_group_name("/recorded"))
        }
        "logs PutRetentionPolicy: group absent" => refused!(
            logs.put_retention_policy()
                .log_group_name("/absent")
                .retention_in_days(30)
        ),
        _ => return None,
    })
}
