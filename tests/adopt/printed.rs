//! The command line that the plan of a template prints, where the stack uses a trail that was there before.

use aws_sdk_s3::types::{EventBridgeConfiguration, NotificationConfiguration};

use crate::{
    existing::{notified_by, with_trail},
    support::{World, blocking},
};

/// The words of the command line that registers what a stack makes from these answers.
fn printed(world: &World, answers: &[&str]) -> Vec<String> {
    let plan = ["plan", "demo", "--no-input", "--as", "cloudformation"];
    let said = world.run(&[&plan[..], answers].concat()).exits(0).stderr;
    let line = said.lines().last().unwrap().trim_start();
    let words = line.strip_prefix("sophos-ct ");
    let words = words.unwrap_or_else(|| panic!("{said}")).split(' ');
    words.map(ToOwned::to_owned).collect()
}

/// Lets setup make in AWS what a stack would make from these answers, and registers it by the printed command line.
#[track_caller]
fn is_adopted(world: &World, answers: &[&str]) {
    let words = printed(world, answers);
    let made = world.setup("demo", answers).exits(0).json();
    let id = made["connection"]["id"].as_str().unwrap();
    world.unmake(id);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = world.run(&[&words[..], &["--format", "json"]].concat());
    let adopted = ran.exits(0).json();
    assert_eq!(adopted["result"], "applied", "{words:?}");
    assert_eq!(adopted["connection"]["id"], id, "{words:?}");
    let items = &adopted["connection"]["resources"]["items"];
    for item in items.as_array().unwrap() {
        let ownership = item["ownership"].as_str().unwrap();
        assert!(["external", "used"].contains(&ownership), "{item}");
    }
    let settings = &adopted["connection"]["settings"];
    assert_eq!(*settings, made["connection"]["settings"], "{words:?}");
}

/// A world whose trail has no topic. The events of its bucket go to EventBridge already. Returns the bucket too.
fn with_events() -> (World, String) {
    let world = with_trail(false);
    let bucket = format!("theirs-{}", world.account);
    blocking(async {
        let events = EventBridgeConfiguration::builder().build();
        let events = NotificationConfiguration::builder().event_bridge_configuration(events);
        let s3 = world.aws().await.s3;
        let put = s3.put_bucket_notification_configuration().bucket(&bucket);
        let put = put.notification_configuration(events.build());
        put.send().await.unwrap();
    });
    (world, bucket)
}

#[test]
fn a_trail_with_a_topic_is_adopted_by_the_printed_command() {
    let named = ["--resources", "existing", "--trail", "theirs"];
    is_adopted(&with_trail(true), &named);
    // The only trail that notifies a topic needs no name.
    is_adopted(&with_trail(true), &["--resources", "existing"]);
}

#[test]
fn a_trail_without_a_topic_is_adopted_by_the_printed_command() {
    let (world, _) = with_events();
    is_adopted(&world, &notified_by("eventbridge"));
}

#[test]
fn a_bucket_without_a_trail_is_adopted_by_the_printed_command() {
    let (world, bucket) = with_events();
    let named = ["--resources", "existing", "--bucket", &bucket];
    let how = ["--prefix", "audit", "--notify", "eventbridge"];
    is_adopted(&world, &[&named[..], &how].concat());
}
