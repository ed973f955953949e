//! Notifications of a bucket that is not ours, by S3 itself and through EventBridge.

use serde_json::json;
use sophos_ct::testing::Aws;

use super::{
    REGION, bucket, notified_by, publisher, round_trip::there_and_back, their_topic, theirs,
    with_trail,
};
use crate::support::{World, blocking, fixtures};

#[test]
fn our_notification_is_added_to_those_of_a_bucket_and_taken_out_again() {
    let world = with_trail(false);
    blocking(async { notify_them(&world.aws().await, &world, "reports/").await });
    there_and_back(&world, &notified_by("bucket"));
}

#[test]
fn a_bucket_without_a_trail_is_enough_and_setup_finds_its_prefix() {
    let world = with_trail(false);
    let bucket = bucket(&world);
    // The first log file shows the prefix.
    let flags = [
        "--resources",
        "existing",
        "--bucket",
        &bucket,
        "--notify",
        "bucket",
    ];
    let set_up = world
        .setup("demo", &[&flags[..], &["--wait-for-logs"]].concat())
        .exits(0)
        .json();
    assert_eq!(set_up["connection"]["settings"]["prefix"], "audit");
    assert!(set_up["connection"]["settings"]["trail"].is_null());
    // What others add meanwhile stays.
    blocking(async { notify_them(&world.aws().await, &world, "reports/").await });
    let before = theirs(&world);
    world.remove("demo", &[]).exits(0);
    let mut after = theirs(&world);
    let name = format!("bucket {}", bucket.replace(&world.account, "ACCOUNT"));
    let entries = after[&name]["notifications"].as_array().unwrap().clone();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["id"], "theirs");
    after.get_mut(&name).unwrap()["notifications"] = before[&name]["notifications"].clone();
    assert_eq!(after, before);
    world
        .setup("demo", &["--resources", "existing", "--bucket", &bucket])
        .exits(2);
    world
        .setup(
            "demo",
            &[
                "--resources",
                "existing",
                "--bucket",
                "nobodys-bucket",
                "--notify",
                "bucket",
            ],
        )
        .exits(5);
}

#[test]
fn a_log_archive_is_collected_from_its_bucket_alone() {
    let world = World::wired();
    let bucket = bucket(&world);
    let member = "222222222222";
    let key = |unique: &str| {
        format!(
            "o-abcdefghij/AWSLogs/o-abcdefghij/{member}/CloudTrail/{REGION}/2026/11/24/{member}_CloudTrail_{REGION}_20261124T0000Z_{unique}.json.gz"
        )
    };
    let put = |key: String| {
        blocking(async {
            let put = world
                .aws()
                .await
                .s3
                .put_object()
                .bucket(&bucket)
                .key(key)
                .body(b"stored as it is".to_vec().into());
            put.send().await.unwrap();
        });
    };
    blocking(async {
        let aws = world.aws().await;
        fixtures::bucket(&aws, &bucket).await;
    });
    put(key("AAAAAAAAAAAAAAAA"));
    let flags = [
        "--resources",
        "existing",
        "--bucket",
        &bucket,
        "--notify",
        "bucket",
    ];
    let set_up = world.setup("archive", &flags).exits(0).json();
    assert_eq!(set_up["connection"]["settings"]["prefix"], "o-abcdefghij");
    put(key("BBBBBBBBBBBBBBBB"));
    // This is not a log file, so it is not offered.
    put(key("CCCCCCCCCCCCCCCC").replace("/CloudTrail/", "/CloudTrail-Digest/"));
    let id = set_up["connection"]["id"].as_str().unwrap();
    let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let receipts = loop {
        let receipts = world.central(&path)["items"].as_array().unwrap().clone();
        if !receipts.is_empty() {
            break receipts;
        }
        assert!(std::time::Instant::now() < end, "nothing arrived");
        std::thread::sleep(std::time::Duration::from_millis(200));
    };
    assert_eq!(receipts[0]["key"], key("BBBBBBBBBBBBBBBB"));
    assert_eq!(receipts[0]["outcome"], "stored");
    world.remove("archive", &[]).exits(0);
}

#[test]
fn an_overlapping_notification_is_found_before_anything_is_written() {
    let world = with_trail(false);
    blocking(async { notify_them(&world.aws().await, &world, "audit/").await });
    let flags = notified_by("bucket");
    let refused = world.setup("demo", &flags).exits(5).json();
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains("theirs")
    );
    assert_eq!(world.wire().writes(), [""; 0]);

    // EventBridge can be used together with it.
    let writes = there_and_back(&world, &notified_by("eventbridge"));
    let made = |start: &str| writes.iter().any(|name| name.starts_with(start));
    assert!(made("events:PutRule") && !made("sns:"), "{writes:?}");
}

#[test]
fn eventbridge_stays_on_if_it_was_on_before_or_others_listen_to_it() {
    let world = with_trail(false);
    let flags = notified_by("eventbridge");
    let on = || {
        blocking(async {
            let aws = world.aws().await;
            let read = aws
                .s3
                .get_bucket_notification_configuration()
                .bucket(bucket(&world))
                .send()
                .await
                .unwrap();
            read.event_bridge_configuration.is_some()
        })
    };
    world.setup("demo", &flags).exits(0);
    assert!(on());
    blocking(async {
        let aws = world.aws().await;
        let rule = aws
            .events
            .put_rule()
            .name("theirs")
            .event_pattern(r#"{"source":["aws.s3"]}"#);
        rule.send().await.unwrap();
    });
    world.remove("demo", &[]).exits(0);
    assert!(on());
    // EventBridge was on before the second connection came, so that connection does not turn it off.
    blocking(async {
        world
            .aws()
            .await
            .events
            .delete_rule()
            .name("theirs")
            .send()
            .await
            .unwrap();
    });
    world.setup("again", &flags).exits(0);
    world.remove("again", &[]).exits(0);
    assert!(on());
}

/// Adds a notification that is not ours to the bucket, for this prefix.
async fn notify_them(aws: &Aws, world: &World, prefix: &str) {
    use aws_sdk_s3::types::{
        Event, FilterRule, FilterRuleName, NotificationConfiguration,
        NotificationConfigurationFilter, S3KeyFilter, TopicConfiguration,
    };
    let topic = their_topic(aws, &json!([publisher(world, "S3", "s3")])).await;
    let rule = FilterRule::builder()
        .name(FilterRuleName::Prefix)
        .value(prefix)
        .build();
    let filter = NotificationConfigurationFilter::builder()
        .key(S3KeyFilter::builder().filter_rules(rule).build());
    let entry = TopicConfiguration::builder()
        .id("theirs")
        .topic_arn(topic)
        .events(Event::S3ObjectCreated)
        .filter(filter.build())
        .build()
        .unwrap();
    let found = aws
        .s3
        .get_bucket_notification_configuration()
        .bucket(bucket(world))
        .send()
        .await
        .unwrap();
    let mut entries = found.topic_configurations.unwrap_or_default();
    entries.push(entry);
    let document = NotificationConfiguration::builder()
        .set_topic_configurations(Some(entries))
        .build();
    let put = aws
        .s3
        .put_bucket_notification_configuration()
        .bucket(bucket(world));
    put.notification_configuration(document)
        .send()
        .await
        .unwrap();
}
