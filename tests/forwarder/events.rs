//! Which events the function understands, and that it reads nothing else.

use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{ACCOUNT, block_on, start};
use crate::rig::{BUCKET, calm::Calm, message as cloudtrail, sns};

#[test]
fn every_shape_of_message_and_key_is_understood_and_nothing_else_is_read() {
    block_on(async {
        let prefix = "a b+ü%20/ö&=?#\"<>/...x";
        let mut bench = start(prefix, Duration::ZERO).await;
        let files = put_files(&mut bench);
        let keys: Vec<&str> = files.iter().map(|(key, _)| key.as_str()).collect();
        let events = events_about(&keys);
        for event in &events {
            assert!(bench.handles(event).await, "{event}");
        }
        for (key, sha256) in &files {
            assert_eq!(bench.stored(key).as_ref(), Some(sha256), "{key}");
        }

        let before = bench.central.requests();
        for event in &strange_events(prefix, &keys) {
            assert!(bench.handles(event).await, "{event}");
        }
        assert_eq!(bench.central.requests(), before);
        let answers = bench.lambda.answers();
        let ignored = &answers[events.len()]["ignored"];
        assert_eq!(ignored, &json!({ "foreignPrefix": 1, "notALogFile": 6 }));
        assert_eq!(answers[events.len() + 1]["ignored"]["foreignBucket"], 8);
    });
}

#[test]
fn central_is_told_when_files_landed_by_the_message_or_by_the_listing() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        let (announced, _) = bench.put("announced", 2000);
        let (overlooked, _) = bench.put("overlooked", 2000);
        let delay = |bench: &Calm, key: &str| {
            let receipt = bench.central.receipt(key).expect("a receipt");
            receipt["delaySeconds"].as_i64()
        };
        // CloudTrail's message has no times: SNS says when it was published.
        let hour_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
        let mut event = cloudtrail(BUCKET, &[&announced]);
        event["Records"][0]["Sns"]["Timestamp"] = hour_ago.to_string().into();
        assert!(bench.handles(&event).await);
        let told = delay(&bench, &announced).expect("a delay");
        assert!((3600..7200).contains(&told), "{told}");
        // No message tells of this one: it is found in a listing of the bucket.
        let folder = format!("{}/", overlooked.rsplit_once('/').expect("a folder").0);
        bench.central.open(&folder);
        bench.lambda.kill(0);
        let end = Instant::now() + Duration::from_secs(20);
        while bench.stored(&overlooked).is_none() {
            assert!(Instant::now() < end, "the file is not found");
            bench.handles(&event).await;
        }
        let listed = delay(&bench, &overlooked).expect("a delay");
        assert!(listed >= 7200, "{listed}");
    });
}

/// Puts eight files into the bucket, whose keys have special characters or the greatest length. Returns keys and digests.
fn put_files(bench: &mut Calm) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for unique in ["x", "1 2", "+", "%2F", "ü\u{1F600}", "&amp;<>\"'", "=?#"] {
        files.push(bench.put(unique, 2000));
    }
    let longest = "y".repeat(1024 - files[0].0.len() + 1);
    files.push(bench.put(&longest, 2000));
    assert_eq!(files[7].0.len(), 1024);
    files
}

/// Events about eight files, in each shape that CloudTrail, S3 and EventBridge send.
fn events_about(keys: &[&str]) -> [Value; 5] {
    let encoded = |key: &str| {
        utf8_percent_encode(key, NON_ALPHANUMERIC)
            .to_string()
            .replace("%20", "+")
    };
    let record = |key: &str| json!({ "s3": { "bucket": { "name": BUCKET }, "object": { "key": encoded(key) } } });
    [
        cloudtrail(BUCKET, &keys[..3]),
        json!({ "Records": [record(keys[3])] }),
        sns(&json!({ "Records": [record(keys[4]), record(keys[5])] }).to_string()),
        json!({ "source": "aws.s3", "detail": { "bucket": { "name": BUCKET }, "object": { "key": keys[6] } } }),
        cloudtrail(BUCKET, &keys[7..]),
    ]
}

/// Events that are not about log files of the connection: first other keys, then another bucket, then texts that make no sense.
fn strange_events(prefix: &str, keys: &[&str]) -> [Value; 14] {
    let of = |kind: &str| keys[0].replace("/CloudTrail/", kind);
    let others = [
        of("/CloudTrail-Digest/"),
        of("/CloudTrail-Insight/"),
        of("/Config/"),
        format!("{prefix}/AWSLogs/{ACCOUNT}/CloudTrail/"),
        keys[0].replace(prefix, "elsewhere"),
        format!("{}/", keys[0]),
        String::new(),
    ];
    [
        cloudtrail(BUCKET, &others),
        cloudtrail("somebody-elses", keys),
        cloudtrail(BUCKET, &[""; 0]),
        sns("{ not json"),
        sns(""),
        sns("[]"),
        sns(r#"{"s3Bucket":1,"s3ObjectKey":"x"}"#),
        sns(r#"{"s3Bucket":"logs","s3ObjectKey":[null,1,{}]}"#),
        json!({ "Records": [] }),
        json!({ "Records": [{}, null, 1, { "s3": null }] }),
        json!({ "Records": {} }),
        json!([]),
        json!(null),
        json!("text"),
    ]
}
