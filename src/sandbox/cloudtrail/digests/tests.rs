//! The signature of a digest holds, each digest names the one before it, and each time has its key.

use std::io::Read;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::read::GzDecoder;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    document::{ALGORITHM, signed_text},
    key::{Signer, fingerprint, generate},
    keyring::span,
    *,
};
use crate::{
    connection::{AccountId, Region},
    sandbox::cloud::{Link, LogFile, SigningKey},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn region() -> Region {
    "us-east-2".parse().unwrap()
}

fn key() -> SigningKey {
    let span = (at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
    generate(&region(), true, span).unwrap()
}

fn digest(key: &SigningKey, end: &str, previous: Option<&Link>, files: &[LogFile]) -> Signed {
    let (account, region): (AccountId, Region) = ("111122223333".parse().unwrap(), region());
    let end = at(end);
    let period = Period {
        account: &account,
        region: &region,
        trail: "your-trail",
        home: &"eu-west-1".parse().unwrap(),
        bucket: "logs",
        folder: "p/AWSLogs/111122223333/CloudTrail-Digest/",
        start: end - SignedDuration::from_hours(1),
        end,
    };
    sign(&period, previous, files, &Signer::read(key).unwrap()).unwrap()
}

fn unpacked(digest: &Signed) -> Vec<u8> {
    let mut content = Vec::new();
    let mut unpacked = GzDecoder::new(digest.body.as_slice());
    unpacked.read_to_end(&mut content).unwrap();
    content
}

fn holds(key: &SigningKey, text: &str, signature: &str) -> bool {
    let public = BASE64_STANDARD.decode(&key.public).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
    let signature = hex::decode(signature).unwrap();
    public.verify(text.as_bytes(), &signature).is_ok()
}

#[test]
fn what_is_signed_is_the_end_the_place_the_hash_and_the_signature_before() {
    let end = at("2015-08-17T15:01:31Z");
    assert_eq!(
        signed_text(end, "logs/key", "97fb", None),
        "2015-08-17T15:01:31Z\nlogs/key\n97fb\nnull"
    );
    let text = signed_text(end, "logs/key", "97fb", Some("5088"));
    assert!(text.ends_with("\n97fb\n5088"));
}

#[test]
fn the_first_digest_of_a_chain_is_signed_and_says_nothing_of_one_before() {
    let key = key();
    let digest = digest(&key, "2026-01-02T04:00:00Z", None, &[]);
    let content = unpacked(&digest);
    let hash = hex::encode(Sha256::digest(&content));
    assert_eq!(digest.link.hash, hash);
    let name = "p/AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2026/01/02/\
                111122223333_CloudTrail-Digest_us-east-2_your-trail_eu-west-1_20260102T040000Z.json.gz";
    assert_eq!(digest.link.key, name);
    let text = format!("2026-01-02T04:00:00Z\nlogs/{name}\n{hash}\nnull");
    assert!(holds(&key, &text, &digest.link.signature));
    assert!(!holds(
        &key,
        &text.replace("null", ""),
        &digest.link.signature
    ));
    let said: Value = serde_json::from_slice(&content).unwrap();
    assert_eq!(said["digestStartTime"], "2026-01-02T03:00:00Z");
    assert_eq!(said["digestS3Object"], name);
    assert_eq!(said["digestPublicKeyFingerprint"], key.fingerprint);
    assert_eq!(said["digestSignatureAlgorithm"], ALGORITHM);
    assert_eq!(said["logFiles"], Value::Array(Vec::new()));
    for field in [
        "newestEventTime",
        "oldestEventTime",
        "previousDigestS3Bucket",
        "previousDigestS3Object",
        "previousDigestHashValue",
        "previousDigestHashAlgorithm",
        "previousDigestSignature",
    ] {
        assert_eq!(said.get(field), Some(&Value::Null), "{field}");
    }
}

#[test]
fn the_next_digest_names_the_one_before_and_lists_log_files() {
    let key = key();
    let first = digest(&key, "2026-01-02T04:00:00Z", None, &[]);
    let file = |minute: u32| LogFile {
        bucket: "logs".to_owned(),
        key: format!("file {minute}"),
        hash: "00".repeat(32),
        oldest: format!("2026-01-02T04:{minute:02}:00Z"),
        newest: format!("2026-01-02T04:{minute:02}:30Z"),
    };
    let next = digest(
        &key,
        "2026-01-02T05:00:00Z",
        Some(&first.link),
        &[file(7), file(3)],
    );
    let said: Value = serde_json::from_slice(&unpacked(&next)).unwrap();
    assert_eq!(said["previousDigestS3Object"], first.link.key);
    assert_eq!(said["previousDigestHashValue"], first.link.hash);
    assert_eq!(said["previousDigestSignature"], first.link.signature);
    assert_eq!(said["oldestEventTime"], "2026-01-02T04:03:00Z");
    assert_eq!(said["newestEventTime"], "2026-01-02T04:07:30Z");
    assert_eq!(said["logFiles"][1]["s3Object"], "file 3");
    let text = signed_text(
        at("2026-01-02T05:00:00Z"),
        &format!("logs/{}", next.link.key),
        &next.link.hash,
        Some(&first.link.signature),
    );
    assert!(holds(&key, &text, &next.link.signature));
}

#[test]
fn a_fingerprint_is_the_one_that_aws_shows_for_the_key() {
    let public = "MIIBCgKCAQEAlSS3cl92HDycr/MTj0moOhas8habjrraXw+KzlWF0axSI2tcF+3iJ9BKQAVSKxGwxwu3m0wG3J+kUl1xboEcEPHYoIYMbgfSw7KG\
                  nuDKwkLzsQWhUJ0cIbOHASox1vv/5fNXkrHhGbDCHeVXm804c83nvHUEFYThr1PfyP/8HwrCtR3FX5OANtQCP61C1nJtSSkC8JSQUOrIP4CuwJjc\
                  +4WGDk+BGH5m9iuiAKkipEHWmUl8/P7XpfpWQuk4h8g3pXZOrNXr08lbh4d39svj7UqdhvOXoBISp9t/EXYuePGEtBdrKD9Dz+VHwyUPtBQvYr9B\
                  nkF88qBnaPNhS44rzwIDAQAB";
    let public = BASE64_STANDARD.decode(public).unwrap();
    assert_eq!(fingerprint(&public), "7f3f401420072e50a65a141430817ab3");
}

#[test]
fn each_time_has_one_key_and_a_key_that_has_ended_leaves_the_rest_to_the_next() {
    let now = at("2026-01-10T00:00:00Z");
    let (from, until) = span(&[], &region(), now).unwrap();
    assert!(from <= now && now < until);
    assert_eq!(until.duration_since(from), SignedDuration::from_hours(720));
    let mut ended = key();
    (ended.from, ended.until) = (from, now);
    let keys = [ended];
    assert_eq!(span(&keys, &region(), now), Some((now, until)));
    let other = "eu-west-1".parse().unwrap();
    assert_eq!(span(&keys, &other, now), Some((from, until)));
}
