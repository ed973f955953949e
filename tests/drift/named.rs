//! What others have added, and what cannot be read, is named and left alone.

use serde_json::Value;

use super::complaints;
use crate::{
    permissions,
    support::{World, blocking, snapshot},
};

#[test]
fn what_we_did_not_set_is_named_and_never_taken_away() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    blocking(async {
        let aws = world.aws().await;
        let add = aws
            .lambda
            .add_permission()
            .function_name("sophos-ct-demo")
            .statement_id("TheirWay")
            .action("lambda:InvokeFunction")
            .principal("s3.amazonaws.com");
        add.send().await.unwrap();
        let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let put = aws
            .iam
            .put_role_permissions_boundary()
            .role_name("sophos-ct-demo");
        put.permissions_boundary(boundary).send().await.unwrap();
    });
    let before = snapshot::aws(&world);
    let ran = world.setup("demo", &[]).exits(8).json();
    let message = ran["error"]["message"].to_string();
    for part in ["TheirWay", "ReadOnlyAccess"] {
        assert!(message.contains(part), "{message}");
        assert!(complaints(&world, 8).contains(part), "{part}");
    }
    assert_eq!(snapshot::aws(&world), before);
    world.remove("demo", &[]).exits(0);
}

#[test]
fn what_setup_may_not_read_is_named_even_if_nothing_has_to_change() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let mut policy: Value = serde_json::from_str(permissions::PUBLISHED).unwrap();
    let actions = policy["Statement"][0]["Action"].as_array_mut().unwrap();
    actions.retain(|action| action != "iam:GetRolePolicy" && action != "lambda:GetPolicy");
    let words = ["setup", "demo", "--yes"];
    let ran = world.run_under(&policy.to_string(), &words).exits(0);
    for action in ["iam:GetRolePolicy", "lambda:GetPolicy"] {
        assert!(ran.stderr.contains(action), "{}", ran.stderr);
    }
    world.remove("demo", &[]).exits(0);
}

#[test]
fn lifecycle_rules_that_cannot_be_read_are_never_written_over() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let rules = || {
        blocking(async {
            let aws = world.aws().await;
            let get = aws.s3.get_bucket_lifecycle_configuration();
            let found = get.bucket(&bucket).send().await.unwrap();
            let ids = found.rules().iter().filter_map(|rule| rule.id());
            ids.map(ToOwned::to_owned).collect::<Vec<_>>()
        })
    };
    blocking(async {
        use aws_sdk_s3::types::{
            BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
            LifecycleRuleFilter,
        };
        let rule = LifecycleRule::builder()
            .id("theirs")
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("x/").build())
            .expiration(LifecycleExpiration::builder().days(3).build());
        let document = BucketLifecycleConfiguration::builder().rules(rule.build().unwrap());
        let aws = world.aws().await;
        let put = aws.s3.put_bucket_lifecycle_configuration().bucket(&bucket);
        let put = put.lifecycle_configuration(document.build().unwrap());
        put.send().await.unwrap();
    });
    // The published policy allows writing lifecycle rules, but not reading them.
    let words = ["setup", "demo", "--yes", "--retention-days", "30"];
    let refused = world.run_under(permissions::PUBLISHED, &words).exits(5);
    assert!(
        refused.stderr.contains("s3:GetLifecycleConfiguration"),
        "{}",
        refused.stderr
    );
    assert_eq!(rules(), ["theirs"]);
    world.run(&words).exits(0);
    assert_eq!(rules().len(), 2);
    assert_eq!(rules()[0], "theirs");
    world.remove("demo", &[]).exits(0);
}
