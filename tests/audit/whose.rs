//! What a replay must find out to know whose a log file is: the trails that only their own region shows, and what archived digests
//! leave open.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::{Client, config::Region};
use aws_sdk_s3::{primitives::ByteStream, types::StorageClass};
use jiff::SignedDuration;
use serde_json::json;

use super::shared::{FILES, Shared};
use crate::support::{blocking, fixtures};

/// Another region than the connection's.
const REGION: &str = "eu-central-1";

/// A past of files that are so young that there may be no digest of them yet.
fn young() -> Shared {
    let shared = Shared::ending(SignedDuration::from_mins(20), SignedDuration::from_mins(80));
    shared.made_long_ago();
    shared
}

/// Makes a trail of [`REGION`] alone that writes into the same bucket.
fn local(shared: &Shared) {
    let (account, bucket) = (&shared.world.account, &shared.bucket);
    let service = json!({ "Service": "cloudtrail.amazonaws.com" });
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
          "Resource": format!("arn:aws:s3:::{bucket}") },
        { "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
          "Resource": format!("arn:aws:s3:::{bucket}/AWSLogs/{account}/*") },
    ]});
    blocking(async {
        let aws = shared.world.aws().await;
        fixtures::bucket_policy(&aws, bucket, policy).await;
        let conf = aws.cloudtrail.config().to_builder();
        let there = Client::from_conf(conf.region(Region::new(REGION)).build());
        let create = there.create_trail().name("local").s3_bucket_name(bucket);
        create.send().await.unwrap();
        let shown = aws.cloudtrail.describe_trails().send().await.unwrap();
        let mut names = shown.trail_list().iter().filter_map(|trail| trail.name());
        assert!(!names.any(|name| name == "local"), "{shown:?}");
    });
}

/// A past of a trail in one region of which no digest tells.
fn undigested(shared: &Shared, trail: &str, region: &str) -> Vec<String> {
    let past = shared.past(trail, &json!({ "regions": [region] }));
    shared.delete_all(&past.digests);
    past.logs
}

/// How many of these have arrived.
fn arrived(received: &BTreeSet<String>, keys: &[String]) -> usize {
    keys.iter().filter(|key| received.contains(*key)).count()
}

#[test]
fn a_young_file_of_a_trail_that_only_its_own_region_shows_is_not_sent() {
    let shared = young();
    let ours = undigested(&shared, "sophos-ct-demo", "eu-west-1");
    let theirs = undigested(&shared, "local", REGION);
    local(&shared);
    let found = shared.audit(&["--grace", "0s", "--replay"], 8);
    for (field, expected) in [
        ("replayed", json!(FILES)),
        ("missing", json!(0)),
        ("unassigned", json!(FILES)),
        ("otherTrails", json!(["local"])),
    ] {
        assert_eq!(found[field], expected, "{field}: {found}");
    }
    let received = shared.received();
    assert_eq!(arrived(&received, &ours), FILES);
    assert_eq!(arrived(&received, &theirs), 0);
}

#[test]
fn the_young_files_of_a_region_that_shows_no_trails_are_not_sent() {
    let shared = young();
    let ours = undigested(&shared, "sophos-ct-demo", "eu-west-1");
    let unknown = undigested(&shared, "sophos-ct-demo", REGION);
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "cloudtrail:DescribeTrails", "Resource": "*",
          "Condition": { "StringEquals": { "aws:RequestedRegion": REGION } } },
    ]});
    let flags = ["--grace", "0s", "--replay", "--format", "json"];
    let ran = shared.run_under(&policy.to_string(), &flags).exits(8);
    for text in [REGION, "cloudtrail:DescribeTrails"] {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
    let found = ran.json();
    assert_eq!(found["replayed"], FILES, "{found}");
    assert_eq!(found["unassigned"], FILES, "{found}");
    let received = shared.received();
    assert_eq!(arrived(&received, &ours), FILES);
    assert_eq!(arrived(&received, &unknown), 0);
    // Where the region shows that no other trail writes there, they are the connection's.
    let found = shared.audit(&["--grace", "0s", "--replay"], 0);
    assert_eq!(found["replayed"], FILES, "{found}");
    assert_eq!(arrived(&shared.received(), &unknown), FILES);
}

/// Moves an object into a storage class that must be restored first.
fn archive(shared: &Shared, key: &str) {
    let bucket = &shared.bucket;
    blocking(async {
        let aws = shared.world.aws().await;
        let get = aws.s3.get_object().bucket(bucket).key(key);
        let found = get.send().await.unwrap();
        let body = found.body.collect().await.unwrap().into_bytes();
        let put = aws.s3.put_object().bucket(bucket).key(key);
        put.set_metadata(found.metadata)
            .content_type("application/json")
            .content_encoding("gzip")
            .storage_class(StorageClass::Glacier)
            .body(ByteStream::from(body))
            .send()
            .await
            .unwrap();
    });
}

/// How many of the files of a past landed in the hour of its third digest: they are spread evenly over six hours.
const OF_ONE_HOUR: usize = FILES / 6;

#[test]
fn an_archived_digest_holds_back_only_what_it_may_list() {
    let shared = Shared::new();
    shared.made_long_ago();
    let ours = shared.past("sophos-ct-demo", &json!({}));
    assert_eq!(ours.digests.len(), 6);
    archive(&shared, &ours.digests[2]);
    let ran = shared.run(&["--replay", "--format", "json"]).exits(8);
    assert!(ran.stderr.contains("restored first"), "{}", ran.stderr);
    let found = ran.json();
    for (field, expected) in [
        ("replayed", json!(FILES - OF_ONE_HOUR)),
        ("missing", json!(0)),
        ("unassigned", json!(OF_ONE_HOUR)),
        ("digestsUnread", json!(true)),
    ] {
        assert_eq!(found[field], expected, "{field}: {found}");
    }
    let received = shared.received();
    assert_eq!(arrived(&received, &ours.logs), FILES - OF_ONE_HOUR);
    assert!(!received.contains(&ours.logs[2]), "{received:?}");
}

#[test]
fn a_proof_says_that_a_digest_must_be_restored_first() {
    let shared = Shared::new();
    let ours = shared.past("sophos-ct-demo", &json!({}));
    archive(&shared, &ours.digests[2]);
    let told = shared.run(&["--certify"]).exits(1).stderr;
    for text in [
        ours.digests[2].as_str(),
        "restored first",
        "Restore the digests",
    ] {
        assert!(told.contains(text), "{text}: {told}");
    }
    assert!(!told.contains("s3:GetObject"), "{told}");
}

#[test]
fn a_proof_tells_archived_log_files_from_others() {
    let shared = Shared::new();
    let ours = shared.past("sophos-ct-demo", &json!({}));
    archive(&shared, &ours.logs[2]);
    let flags = ["--certify", "--keys", "--format", "json"];
    let found = shared.run(&flags).json();
    let archived = &found["certificate"]["keys"]["archived"];
    assert_eq!(*archived, json!([ours.logs[2]]), "{found:#}");
}
