//! When the log files and digests of a past are, and that its digests list exactly its log files.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;

fn wanted(more: &Value) -> Wanted {
    let mut fields = json!({
        "account": "111122223333", "trail": "logs", "home": "eu-west-1", "bucket": "logs",
        "since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z", "files": 48,
    });
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    serde_json::from_value(fields).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_day_has_a_digest_every_hour_and_its_files_evenly() {
    let wanted = wanted(&json!({}));
    assert!(wanted.check().is_ok());
    let intervals = wanted.intervals();
    assert_eq!(intervals.len(), 24);
    assert!(intervals[0].first && intervals[1..].iter().all(|one| !one.first));
    assert!(intervals.windows(2).all(|two| two[0].end == two[1].start));
    let landings: Vec<Timestamp> = wanted.landings().collect();
    assert_eq!(landings.len(), 48);
    assert_eq!(landings[0], at("2026-01-01T00:15:00Z"));
}

#[test]
fn a_time_without_logging_has_nothing_and_a_new_chain_follows() {
    let silent = json!({ "silent": [["2026-01-01T06:30:00Z", "2026-01-01T12:00:00Z"]] });
    let wanted = wanted(&silent);
    let (from, to) = wanted.silent[0];
    assert!(wanted.landings().all(|at| at <= from || to < at));
    let intervals = wanted.intervals();
    let after = intervals.iter().position(|one| one.start == to).unwrap();
    assert_eq!(intervals[after - 1].end, from);
    assert!(intervals[after].first);
    assert_eq!(intervals.iter().filter(|one| one.first).count(), 2);
}

#[test]
fn digests_can_begin_late_and_keys_follow_each_other() {
    let wanted = wanted(&json!({ "digestsSince": "2026-01-01T18:00:00Z", "keys": 3 }));
    assert_eq!(wanted.intervals().len(), 6);
    let validities = wanted.validities();
    assert_eq!(validities.len(), 3);
    assert!(validities.windows(2).all(|two| two[0].1 == two[1].0));
    assert!(validities[0].0 < wanted.since && wanted.until < validities[2].1);
}

#[test]
fn what_cannot_be_made_is_refused() {
    for wrong in [
        json!({ "since": "2026-01-03T00:00:00Z" }),
        json!({ "until": "2026-01-02T00:00:01Z" }),
        json!({ "digestSeconds": 90 }),
        json!({ "keys": 0 }),
        json!({ "files": 1_000_000 }),
    ] {
        assert!(wanted(&wrong).check().is_err(), "{wrong}");
    }
}

#[test]
fn digests_list_every_log_file_once() {
    let past = past::sign(&wanted(&json!({ "prefix": "p", "keys": 2 }))).unwrap();
    let [part] = past.parts.as_slice() else {
        panic!("one account in one region");
    };
    let mut listed = BTreeSet::new();
    let mut fingerprints = BTreeSet::new();
    for digest in &part.digests {
        let content = flate2::read::GzDecoder::new(digest.body.as_slice());
        let said: Value = serde_json::from_reader(content).unwrap();
        for file in said["logFiles"].as_array().unwrap() {
            assert!(listed.insert(file["s3Object"].as_str().unwrap().to_owned()));
        }
        fingerprints.insert(said["digestPublicKeyFingerprint"].to_string());
    }
    let stored: BTreeSet<String> = part.logs.iter().map(|file| file.key.clone()).collect();
    assert_eq!(listed, stored);
    assert_eq!(fingerprints.len(), 2);
    assert!(
        stored
            .iter()
            .all(|key| key.starts_with("p/AWSLogs/111122223333/CloudTrail/eu-west-1/"))
    );
}

#[test]
fn the_names_of_log_files_and_digests_tell_when_they_landed() {
    let made = at("2026-01-02T00:00:00Z");
    let log = "AWSLogs/1/CloudTrail/eu-west-1/2026/01/01/1_CloudTrail_eu-west-1_20260101T0305Z_abc.json.gz";
    assert_eq!(landed(log, made), Some(at("2026-01-01T03:05:00Z")));
    assert_eq!(
        landed(log, at("2026-01-01T03:05:00Z")),
        None,
        "it was not there yet"
    );
    let digest = "1_CloudTrail-Digest_eu-west-1_a_b_eu-west-1_20260101T030000Z.json.gz";
    assert_eq!(landed(digest, made), Some(at("2026-01-01T03:02:00Z")));
    let late = at("2026-01-01T03:01:00Z");
    assert_eq!(
        landed(digest, late),
        Some(late),
        "no later than it was made"
    );
    assert_eq!(landed("AWSLogs/1/CloudTrail/", made), None);
    assert_eq!(landed("inventory/manifest.json.gz", made), None);
}
