//! Existing resources: log files arrive, and what is not ours stays as it was, or as others changed it (SPEC 2.1).
//! Here are the resources that are not ours; the tests are in the parts.

mod access;
mod connections;
mod keys;
mod new_trail;
mod notifications;
mod round_trip;
mod trail;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sophos_ct::testing::Aws;

use crate::support::{World, blocking, fixtures, snapshot};

const REGION: &str = "eu-west-1";

/// A world with a trail `theirs` that is not ours. It logs into its owner's bucket and may notify its owner's topic.
pub fn with_trail(topic: bool) -> World {
    let world = World::wired();
    blocking(async {
        let aws = world.aws().await;
        let account = world.account.as_str();
        let trail = format!("arn:aws:cloudtrail:{REGION}:{account}:trail/theirs");
        let bucket = bucket(&world);
        fixtures::bucket(&aws, &bucket).await;
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": "Check", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
              "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{bucket}") },
            { "Sid": "Write", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
              "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{bucket}/audit/AWSLogs/{account}/*") },
        ]});
        fixtures::bucket_policy(&aws, &bucket, policy).await;
        let mut create = aws
            .cloudtrail
            .create_trail()
            .name("theirs")
            .s3_bucket_name(&bucket)
            .s3_key_prefix("audit");
        if topic {
            let arn = their_topic(
                &aws,
                &json!([publisher(&world, "CloudTrail", "cloudtrail")]),
            )
            .await;
            create = create.sns_topic_name(arn);
        }
        create.is_multi_region_trail(true).send().await.unwrap();
        aws.cloudtrail
            .start_logging()
            .name(trail)
            .send()
            .await
            .unwrap();
    });
    world
}

/// The flags that connect the trail `theirs` with this kind of notification.
pub fn notified_by(notify: &str) -> [&str; 6] {
    [
        "--resources",
        "existing",
        "--trail",
        "theirs",
        "--notify",
        notify,
    ]
}

/// Makes the topic `theirs`, to which S3 may publish.
pub async fn topic_of_s3(world: &World) {
    let aws = world.aws().await;
    their_topic(&aws, &json!([publisher(world, "S3", "s3")])).await;
}

/// Makes Control Tower's trail in a management account. It logs into a bucket that other accounts cannot see.
pub fn control_tower(world: &World) {
    let account = world.account.as_str();
    let bucket = format!("aws-controltower-logs-{account}");
    blocking(async {
        let aws = world.aws().await;
        fixtures::bucket(&aws, &bucket).await;
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "Write", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
        }]});
        fixtures::bucket_policy(&aws, &bucket, policy).await;
        let trust = aws.organizations.enable_aws_service_access();
        trust
            .service_principal("cloudtrail.amazonaws.com")
            .send()
            .await
            .unwrap();
        let role = aws.iam.create_service_linked_role();
        role.aws_service_name("cloudtrail.amazonaws.com")
            .send()
            .await
            .unwrap();
        let create = aws
            .cloudtrail
            .create_trail()
            .name("aws-controltower-BaselineCloudTrail");
        let create = create.s3_bucket_name(&bucket).is_organization_trail(true);
        let made = create.is_multi_region_trail(true).send().await.unwrap();
        let start = aws.cloudtrail.start_logging();
        start.name(made.trail_arn().unwrap()).send().await.unwrap();
    });
}

fn theirs(world: &World) -> BTreeMap<String, Value> {
    let mut found = snapshot::aws(world);
    found.retain(|name, _| name.contains("theirs"));
    found
}

fn bucket(world: &World) -> String {
    format!("theirs-{}", world.account)
}

async fn their_topic(aws: &Aws, statements: &Value) -> String {
    let made = aws.sns.create_topic().name("theirs").send().await.unwrap();
    let arn = made.topic_arn().unwrap().to_owned();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let set = aws
        .sns
        .set_topic_attributes()
        .topic_arn(&arn)
        .attribute_name("Policy")
        .attribute_value(policy);
    set.send().await.unwrap();
    arn
}

/// A statement for the policy of the topic `theirs` that lets this service publish.
fn publisher<'a>(world: &World, sid: &'a str, service: &'a str) -> Value {
    json!({
        "Sid": sid, "Effect": "Allow", "Principal": { "Service": format!("{service}.amazonaws.com") },
        "Action": "SNS:Publish", "Resource": format!("arn:aws:sns:{REGION}:{}:theirs", world.account),
    })
}
