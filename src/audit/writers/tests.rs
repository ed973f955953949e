//! Whose log files are, without AWS.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use super::*;
use crate::{
    aws::served,
    connection::{Feed, fixture},
};

fn digest_key(name: &str) -> String {
    let folder = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/24";
    format!("{folder}/111122223333_CloudTrail-Digest_{name}_eu-west-1_20261124T010000Z.json.gz")
}

/// A log file that landed in the middle of the hour of which the digests tell.
fn file(key: &str) -> Object {
    Object {
        key: key.to_owned(),
        size: 10,
        modified: "2026-11-24T00:30:00Z".parse().unwrap(),
    }
}

fn digest(bucket: &str, at: &str, keys: &[&str]) -> Digest {
    let files = keys.iter().map(|key| {
        let hash = "0".repeat(64);
        json!({
            "s3Bucket": bucket, "s3Object": key, "hashValue": hash, "hashAlgorithm": "SHA-256",
        })
    });
    let document = json!({
        "digestStartTime": "2026-11-24T00:00:00Z",
        "digestEndTime": "2026-11-24T01:00:00Z",
        "digestS3Bucket": bucket,
        "digestS3Object": at,
        "digestPublicKeyFingerprint": "f",
        "digestSignatureAlgorithm": "SHA256withRSA",
        "logFiles": files.collect::<Vec<_>>(),
    });
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(document.to_string().as_bytes()).unwrap();
    Digest::read(&packed.finish().unwrap()).unwrap()
}

#[test]
fn the_digests_that_list_a_file_say_who_wrote_it() {
    let mut writers = Writers::default();
    let key = digest_key("eu-west-1_sophos-ct-demo");
    writers.add("logs", true, &key, &digest("logs", &key, &["ours", "both"]));
    let other = digest_key("eu-west-1_other");
    writers.add(
        "logs",
        false,
        &other,
        &digest("logs", &other, &["theirs", "both"]),
    );
    // Nobody else writes there.
    assert_eq!(writers.of(&file("none")), WrittenBy::Ours);
    writers.others.names.insert("other".to_owned());
    for (key, expected) in [
        ("ours", WrittenBy::Ours),
        ("both", WrittenBy::Ours),
        ("theirs", WrittenBy::Another),
        // The digest tells of its time and does not list it.
        ("none", WrittenBy::Another),
    ] {
        assert_eq!(writers.of(&file(key)), expected, "{key}");
    }
}

fn shown(name: &str, bucket: &str) -> trail::State {
    let arn = format!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/{name}");
    trail::State::fixture(&arn, bucket)
}

#[tokio::test]
async fn only_trails_that_write_into_the_same_folders_are_beside() {
    let design = fixture::design(Feed::New);
    let aws = served::aws(&design, |_| None).await;
    let place = Place {
        s3: &aws.s3,
        bucket: &design.bucket,
        owner: Some(&design.account),
        prefix: "",
    };
    let bucket = design.bucket.to_string();
    let own = shown("sophos-ct-demo", &bucket);
    let other = shown("other", &bucket);
    let elsewhere = shown("elsewhere", "another");
    let mut prefixed = shown("prefixed", &bucket);
    prefixed.prefix = "p".to_owned();
    let mut of_all = shown("of-all", &bucket);
    of_all.organization = true;
    let mut same_topic = shown("same-topic", &bucket);
    same_topic.topic_arn = Some(design.topic_arn());
    let mut local = shown("local", &bucket);
    local.multi_region = false;
    let all = [own, other, elsewhere, prefixed, of_all, same_topic, local];
    let trails = Trails::new(&design, &place, Some(&all[..])).unwrap();
    let others = |region: &str| -> Vec<String> {
        let others = trails.others_in(&region.parse().unwrap());
        others.into_iter().collect()
    };
    assert_eq!(others("eu-west-1"), ["local", "other"]);
    assert_eq!(others("us-east-1"), ["other"]);
    let heard = trails.heard.iter().map(|trail| trail.name.as_str());
    let heard: Vec<&str> = heard.collect();
    assert_eq!(heard, ["same-topic", "sophos-ct-demo"]);
    assert_eq!(trails.of_organization(), Some(false));
    // Of a bucket that notifies, every file is heard of.
    let whole = fixture::design(Feed::Bucket { trail: None });
    assert!(Trails::new(&whole, &place, Some(&all[..])).is_none());
    // A trail that another account owns is that of the organization.
    let arn = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/theirs";
    let member = fixture::design(Feed::Subscribe {
        trail: arn.parse().unwrap(),
    });
    let trails = Trails::new(&member, &place, None).unwrap();
    assert_eq!(trails.of_organization(), Some(true));
    let unseen = Trails::new(&design, &place, None).unwrap();
    assert_eq!(unseen.of_organization(), None);
    assert!(!unseen.may_be_of_organization());
    assert!(!trails.may_be_of_organization());
    let existing = fixture::design(Feed::Trail {
        trail: fixture::their_trail(),
    });
    let unseen = Trails::new(&existing, &place, None).unwrap();
    assert!(unseen.may_be_of_organization());
}
