//! Recorded situations, provoked in the sandbox. Each service's are in a part of its own.

mod cloudtrail;
mod events;
mod iam;
mod lambda;
mod logs;
mod s3;
mod sns;
mod stage;

use sophos_ct::testing::{Aws, AwsError};
use stage::{Stage, refused};

/// What the sandbox answers in a recorded situation; `None` if the situation is not provoked here.
pub(super) async fn provoked(aws: &Aws, account: &str, name: &str) -> Option<AwsError> {
    let stage = Stage { aws, account };
    let (service, _) = name.split_once(' ')?;
    match service {
        "cloudtrail" => cloudtrail::provoked(&stage, name).await,
        "events" => events::provoked(&stage, name).await,
        "iam" => iam::provoked(&stage, name).await,
        "lambda" => lambda::provoked(&stage, name).await,
        "logs" => logs::provoked(&stage, name).await,
        "s3" => s3::provoked(&stage, name).await,
        "sns" => sns::provoked(&stage, name).await,
        _ if name == "organizations any: account in no organization" => {
            Some(refused!(aws.organizations.describe_organization()))
        }
        _ => None,
    }
}
