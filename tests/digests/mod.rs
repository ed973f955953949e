//! The digests of the sandbox's CloudTrail: signatures that hold, chains, keys, and log files that tell of calls.

pub mod cli;
mod live;
mod past;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use aws_smithy_types::DateTime;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sophos_ct::testing::Aws;

use crate::support::past::content;

/// A digest in a bucket.
struct Digest {
    key: String,
    said: Value,
    /// Of the uncompressed content.
    hash: String,
    signature: String,
}

/// The objects of a bucket below a folder of this name, in the order of their keys, with the times at which they landed.
async fn objects(aws: &Aws, bucket: &str, folder: &str) -> Vec<(String, DateTime)> {
    let list = aws.s3.list_objects_v2().bucket(bucket).into_paginator();
    let pages = list.send().collect::<Result<Vec<_>, _>>().await.unwrap();
    let objects = pages.iter().flat_map(|page| page.contents());
    let named = objects.map(|object| {
        let landed = object.last_modified().unwrap();
        (object.key().unwrap().to_owned(), *landed)
    });
    named
        .filter(|(key, _)| key.contains(folder) && key.ends_with(".json.gz"))
        .collect()
}

async fn digests(aws: &Aws, bucket: &str) -> Vec<Digest> {
    let mut found = Vec::new();
    for (key, _) in objects(aws, bucket, "/CloudTrail-Digest/eu-west-1/").await {
        let head = aws.s3.head_object().bucket(bucket).key(&key);
        let head = head.send().await.unwrap();
        let metadata = head.metadata().unwrap();
        assert_eq!(metadata["signature-algorithm"], "SHA256withRSA");
        let content = content(aws, bucket, &key).await;
        found.push(Digest {
            said: serde_json::from_slice(&content).unwrap(),
            hash: hex::encode(Sha256::digest(&content)),
            signature: metadata["signature"].clone(),
            key,
        });
    }
    found
}

/// The public keys that were valid in this span of time, by their fingerprints.
async fn keys(aws: &Aws, from: i64, until: i64) -> HashMap<String, Vec<u8>> {
    let list = aws.cloudtrail.list_public_keys();
    let list = list
        .start_time(DateTime::from_secs(from))
        .end_time(DateTime::from_secs(until));
    let found = list.send().await.unwrap();
    let keys = found.public_key_list().iter();
    keys.map(|key| {
        let value = key.value().unwrap().as_ref().to_vec();
        (key.fingerprint().unwrap().to_owned(), value)
    })
    .collect()
}

/// Checks a digest's signature, and what it says of the one before. A digest that says nothing of one before starts a chain.
fn check(digest: &Digest, before: Option<&Digest>, bucket: &str, keys: &HashMap<String, Vec<u8>>) {
    let Digest {
        key,
        said,
        hash,
        signature,
    } = digest;
    assert_eq!(said["digestS3Bucket"], bucket);
    assert_eq!(said["digestS3Object"], *key);
    let end = said["digestEndTime"].as_str().unwrap();
    let previous = said["previousDigestSignature"].as_str();
    let signed = format!(
        "{end}\n{bucket}/{key}\n{hash}\n{}",
        previous.unwrap_or("null")
    );
    let public = &keys[said["digestPublicKeyFingerprint"].as_str().unwrap()];
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
        .verify(signed.as_bytes(), &hex::decode(signature).unwrap())
        .unwrap_or_else(|_| panic!("{key}"));
    if let (Some(before), Some(previous)) = (before, previous) {
        assert_eq!(previous, before.signature, "{key}");
        assert_eq!(said["previousDigestS3Object"], before.key);
        assert_eq!(said["previousDigestHashValue"], before.hash);
        assert_eq!(said["digestStartTime"], before.said["digestEndTime"]);
    }
}

/// Checks the log files that digests list, and returns the keys of those, each once.
async fn listed(aws: &Aws, digests: &[Digest]) -> Vec<String> {
    let mut keys = Vec::new();
    for digest in digests {
        for file in digest.said["logFiles"].as_array().unwrap() {
            let key = file["s3Object"].as_str().unwrap();
            let bucket = file["s3Bucket"].as_str().unwrap();
            let hash = Sha256::digest(content(aws, bucket, key).await);
            assert_eq!(file["hashValue"], hex::encode(hash), "{key}");
            keys.push(key.to_owned());
        }
    }
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), count, "a file is listed twice");
    keys
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Tries until there is an answer.
fn until<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(90);
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(Instant::now() < end, "in vain");
        std::thread::sleep(Duration::from_millis(300));
    }
}
