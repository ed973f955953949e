//! The digests of a trail that logs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{check, digests, keys, listed, now, objects, until};
use crate::support::{
    World, blocking,
    past::{content, digest_now, end_key},
};

/// The trail of the connection `demo`.
fn trail(world: &World) -> String {
    blocking(async {
        let aws = world.aws().await;
        let found = aws.cloudtrail.describe_trails().send().await.unwrap();
        let trail = found.trail_list().first().unwrap();
        trail.trail_arn().unwrap().to_owned()
    })
}

fn bucket(world: &World) -> String {
    format!("sophos-ct-demo-{}-eu-west-1", world.account)
}

/// Waits until the trail has so many digests.
fn until_digests(world: &World, trail: &str, count: usize) {
    until(|| {
        digest_now(trail);
        let found = blocking(async { digests(&world.aws().await, &bucket(world)).await });
        (found.len() >= count).then_some(())
    });
}

#[test]
fn digests_are_signed_and_linked_and_list_every_log_file() {
    let world = World::new();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    let (bucket, trail) = (bucket(&world), trail(&world));
    let begun = now();
    until_digests(&world, &trail, 2);
    end_key("eu-west-1");
    until_digests(&world, &trail, 4);
    let before = blocking(async {
        let aws = world.aws().await;
        let stop = aws.cloudtrail.stop_logging().name(&trail);
        stop.send().await.unwrap();
        // The last digest lists what was left.
        let keys = keys(&aws, begun - 3600, now()).await;
        let found = digests(&aws, &bucket).await;
        assert_eq!(found[0].said["previousDigestS3Object"], Value::Null);
        check(&found[0], None, &bucket, &keys);
        for two in found.windows(2) {
            assert_ne!(two[1].said["previousDigestS3Object"], Value::Null);
            check(&two[1], Some(&two[0]), &bucket, &keys);
        }
        let signers = found
            .iter()
            .map(|one| one.said["digestPublicKeyFingerprint"].as_str());
        assert!(signers.collect::<BTreeSet<_>>().len() >= 2, "a key ended");
        let listed: BTreeSet<String> = listed(&aws, &found).await.into_iter().collect();
        let logs = objects(&aws, &bucket, "/CloudTrail/eu-west-1/").await;
        let logs: BTreeSet<String> = logs.into_iter().map(|(key, _)| key).collect();
        assert_eq!(listed, logs);
        let start = aws.cloudtrail.start_logging().name(&trail);
        start.send().await.unwrap();
        found.len()
    });
    until_digests(&world, &trail, before + 2);
    blocking(async {
        let found = digests(&world.aws().await, &bucket).await;
        let of = |number: usize| &found[number].said["previousDigestS3Object"];
        assert_eq!(*of(before), Value::Null, "a new chain begins");
        assert_eq!(*of(before + 1), found[before].key);
    });
}

#[test]
fn a_log_file_tells_of_the_calls_of_a_run() {
    let world = World::new();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    let bucket = bucket(&world);
    let events = until(|| {
        let events = blocking(async {
            let aws = world.aws().await;
            let mut events = Vec::new();
            for (key, _) in objects(&aws, &bucket, "/CloudTrail/eu-west-1/").await {
                let content = content(&aws, &bucket, &key).await;
                let file: Value = serde_json::from_slice(&content).unwrap();
                events.extend(file["Records"].as_array().unwrap().clone());
            }
            events
        });
        let of_run = |event: &Value| event["userAgent"].as_str().unwrap().contains("app/run-");
        let events: Vec<Value> = events.into_iter().filter(of_run).collect();
        let started = events
            .iter()
            .any(|event| event["eventName"] == "StartLogging");
        started.then_some(events)
    });
    let named = |name: &str| {
        let is_it = |event: &&Value| event["eventName"] == name && event["errorCode"].is_null();
        let mut found = events.iter().filter(is_it);
        let event = found.next().unwrap_or_else(|| panic!("{name}"));
        assert!(found.next().is_none(), "{name} is told of twice");
        event
    };
    let created = named("CreateTrail");
    assert_eq!(created["requestParameters"]["s3BucketName"], bucket);
    assert_eq!(created["responseElements"]["trailARN"], trail(&world));
    assert_eq!(created["userIdentity"]["type"], "Root");
    assert_eq!(created["recipientAccountId"], world.account);
    assert_eq!(created["readOnly"], false);
    let run = |event: &Value| {
        let words = event["userAgent"].as_str().unwrap().split(' ');
        words
            .rev()
            .find(|word| word.starts_with("app/run-"))
            .map(str::to_owned)
    };
    let function = named("CreateFunction20150331");
    assert_eq!(run(function), run(created), "it is the same run");
}
