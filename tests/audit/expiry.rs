//! `audit --certify` where log files may have expired: only a rule that S3 shows excuses that they are gone.

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::support::{
    World, blocking,
    past::{Past, delete},
};

/// Gives a bucket a rule that lets everything in it expire after a day.
fn let_expire(world: &World, bucket: &str) {
    let filter = LifecycleRuleFilter::builder().prefix("AWSLogs/").build();
    let rule = LifecycleRule::builder()
        .id("theirs")
        .status(ExpirationStatus::Enabled)
        .filter(filter)
        .expiration(LifecycleExpiration::builder().days(1).build())
        .build()
        .unwrap();
    let rules = BucketLifecycleConfiguration::builder().rules(rule);
    blocking(async {
        let put = world.aws().await.s3.put_bucket_lifecycle_configuration();
        let put = put
            .bucket(bucket)
            .lifecycle_configuration(rules.build().unwrap());
        put.send().await.unwrap();
    });
}

#[test]
fn days_excuse_nothing_unless_the_bucket_has_a_rule_for_them() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    world.remove("demo", &[]).exits(0);
    // The bucket was kept, so setup gives it no rule.
    world.setup("demo", &["--retention-days", "1"]).exits(0);
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let minute = Timestamp::now().as_second() / 60 * 60;
    let minute = Timestamp::from_second(minute).unwrap();
    let before = |hours: i64| (minute - SignedDuration::from_hours(hours)).to_string();
    let (since, until) = (before(56), before(50));
    let wanted = json!({
        "regions": ["eu-north-1"], "since": since, "until": until, "files": 6,
    });
    let past = Past::make(&world, &bucket, "sophos-ct-demo", &wanted);
    let audit = |more: &[&str]| {
        let words = ["audit", "demo", "--since", &since, "--until", &until];
        world.run(&[&words[..], &["--format", "json"], more].concat())
    };
    let replayed = audit(&["--replay", "--wait", "10m"]).exits(0).json();
    assert_eq!(replayed["missing"], 0, "{replayed:#}");
    blocking(async {
        let aws = world.aws().await;
        for key in past.logs.iter().chain(&past.digests) {
            delete(&aws, &bucket, key).await;
        }
    });
    let file = world.home().join("certificate.json");
    let file = file.to_str().unwrap();
    let proved = |code: i32| {
        let found = audit(&["--certify", "--out", file]).exits(code).json();
        let checked = world.run(&["audit", "--check", file, "--format", "json"]);
        let checked = checked.exits(code).json();
        assert_eq!(checked["holds"], true, "{checked:#}");
        let certificate = &found["certificate"];
        (
            certificate["vanished"].clone(),
            certificate["expired"].clone(),
        )
    };
    let files = past.logs.len();
    assert_eq!(proved(8), (json!(files), json!(0)));
    let_expire(&world, &bucket);
    assert_eq!(proved(0), (json!(0), json!(files)));
}
