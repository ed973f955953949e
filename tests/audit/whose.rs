//! What an audit must find out to know whose a log file is: the trails that only their own region shows, the regions that the
//! connection's own trail logs, and what archived digests leave open.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::{Client, config::Region};
use aws_sdk_s3::{primitives::ByteStream, types::StorageClass};
use jiff::SignedDuration;
use serde_json::json;

use super::shared::{FILES, Shared};
use crate::support::{World, blocking, fixtures};

/// Another region than the connection's.
pub(super) const REGION: &str = "eu-central-1";

/// A past of files that are so young that there may be no digest of them yet.
fn young() -> Shared {
    let shared = Shared::ending(SignedDuration::from_mins(20), SignedDuration::from_mins(80));
    shared.made_long_ago();
    shared
}

/// Makes a trail of [`REGION`] alone that writes into the same bucket.
pub(super) fn local(shared: &Shared) {
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
pub(super) fn undigested(shared: &Shared, trail: &str, region: &str) -> Vec<String> {
    let past = shared.past(trail, &json!({ "regions": [region] }));
    shared.delete_all(&past.digests);
    past.logs
}

/// How many of these have arrived.
pub(super) fn arrived(received: &BTreeSet<String>, keys: &[String]) -> usize {
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
    let flags = ["--grace", "0s", "--replay", "--format", "json"];
    let ran = shared.run_under(&without_region(), &flags).exits(8);
    for text in [REGION, "cloudtrail:DescribeTrails"] {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
    let found = ran.json();
    assert_eq!(found["replayed"], FILES, "{found}");
    assert_eq!(found["unassigned"], FILES, "{found}");
    assert_eq!(found["regionsUnseen"], json!([REGION]), "{found}");
    let received = shared.received();
    assert_eq!(arrived(&received, &ours), FILES);
    assert_eq!(arrived(&received, &unknown), 0);
    // Where the region shows that no other trail writes there, they are the connection's.
    let found = shared.audit(&["--grace", "0s", "--replay"], 0);
    assert_eq!(found["replayed"], FILES, "{found}");
    assert_eq!(arrived(&shared.received(), &unknown), FILES);
}

/// Permissions for everything, but for that to see the trails of [`REGION`].
fn without_region() -> String {
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "cloudtrail:DescribeTrails", "Resource": "*",
          "Condition": { "StringEquals": { "aws:RequestedRegion": REGION } } },
    ]});
    policy.to_string()
}

/// Files of the connection's trail in two regions with digests, and those of a trail without validation that only [`REGION`] shows.
fn beside_a_silent_one() -> (Shared, Vec<String>) {
    let shared = Shared::new();
    shared.made_long_ago();
    shared.past(
        "sophos-ct-demo",
        &json!({ "regions": ["eu-west-1", REGION] }),
    );
    let theirs = undigested(&shared, "local", REGION);
    local(&shared);
    (shared, theirs)
}

#[test]
fn an_audit_and_a_replay_say_the_same_of_a_trail_that_only_its_own_region_shows() {
    let (shared, theirs) = beside_a_silent_one();
    // In a replay our digests, which do not list these files, say whose they are not. So the region is not asked for a name.
    for (flags, code, missing, replayed, others) in [
        (&[][..], 8, 2 * FILES, 0, json!(["local"])),
        (&["--replay"][..], 0, 0, 2 * FILES, json!([])),
        (&[][..], 0, 0, 0, json!(["local"])),
    ] {
        let found = shared.audit(flags, code);
        for (field, expected) in [
            ("missing", json!(missing)),
            ("replayed", json!(replayed)),
            ("otherTrail", json!(FILES)),
            ("unassigned", json!(0)),
            ("otherTrails", others),
            ("regionsUnseen", json!([])),
        ] {
            assert_eq!(found[field], expected, "{field}: {flags:?} {found}");
        }
    }
    assert_eq!(arrived(&shared.received(), &theirs), 0);
    // A region that does not say so changes nothing, and is named.
    let json = ["--format", "json"];
    let ran = shared.run_under(&without_region(), &json).exits(8);
    for text in [REGION, "cloudtrail:DescribeTrails"] {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
    let found = ran.json();
    assert_eq!(found["missing"], FILES, "{found}");
    assert_eq!(found["regionsUnseen"], json!([REGION]), "{found}");
}

#[test]
fn an_audit_asks_a_region_once_and_only_where_something_is_missing() {
    let world = World::wired();
    let shared = Shared::of(
        world,
        SignedDuration::from_hours(4),
        SignedDuration::from_hours(6),
    );
    shared.made_long_ago();
    let looks = || {
        let calls = shared.world.wire().calls();
        let looks = calls
            .iter()
            .filter(|call| call.name == "cloudtrail:DescribeTrails");
        looks.count()
    };
    let before = looks();
    shared.audit(&[], 0);
    assert_eq!(looks() - before, 1);
    shared.past(
        "sophos-ct-demo",
        &json!({ "regions": ["eu-west-1", REGION] }),
    );
    let before = looks();
    shared.audit(&[], 8);
    assert_eq!(looks() - before, 2);
}

#[test]
fn a_proof_does_not_call_files_of_a_trail_that_only_its_own_region_shows_wrong() {
    let (shared, _) = beside_a_silent_one();
    shared.audit(&["--replay"], 0);
    let path = shared.world.home().join("certificate.json");
    let file = path.to_str().unwrap();
    let found = shared.audit(&["--certify", "--keys", "--out", file], 0);
    let certificate = &found["certificate"];
    for (field, expected) in [
        ("unlisted", 0),
        ("unassigned", FILES),
        ("proved", 2 * FILES),
    ] {
        assert_eq!(certificate[field], expected, "{field}: {found:#}");
    }
    let check = ["audit", "--check", file, "--format", "json"];
    let checked = shared.world.run(&check).exits(0).json();
    assert_eq!(checked["holds"], true, "{checked:#}");
    // Where the region does not show it, they count as wrong, and that is told.
    let flags = ["--certify", "--format", "json"];
    let ran = shared.run_under(&without_region(), &flags).exits(8);
    assert!(ran.stderr.contains(REGION), "{}", ran.stderr);
    let found = ran.json();
    assert_eq!(found["certificate"]["unlisted"], FILES, "{found:#}");
    assert_eq!(found["regionsUnseen"], json!([REGION]), "{found:#}");
}

#[test]
fn what_lies_outside_the_one_region_of_the_connections_trail_is_another_trails_if_there_is_one() {
    let shared = Shared::new();
    shared.made_long_ago();
    blocking(async {
        let update = shared.world.aws().await.cloudtrail.update_trail();
        let update = update.name("sophos-ct-demo").is_multi_region_trail(false);
        update.send().await.unwrap();
    });
    let ours = shared.past("sophos-ct-demo", &json!({}));
    let theirs = undigested(&shared, "local", REGION);
    // Nobody is known who can have written there: our digests may have been deleted.
    let found = shared.audit(&[], 8);
    for (field, expected) in [("missing", FILES), ("unassigned", FILES), ("otherTrail", 0)] {
        assert_eq!(found[field], expected, "{field}: {found}");
    }
    local(&shared);
    for (flags, code, missing) in [
        (&[][..], 8, FILES),
        (&["--replay", "--include-unassigned"][..], 0, 0),
        (&[][..], 0, 0),
    ] {
        let found = shared.audit(flags, code);
        assert_eq!(found["missing"], missing, "{flags:?} {found}");
        assert_eq!(found["otherTrail"], FILES, "{flags:?} {found}");
        assert_eq!(found["unassigned"], 0, "{flags:?} {found}");
    }
    let received = shared.received();
    assert_eq!(arrived(&received, &ours.logs), FILES);
    assert_eq!(arrived(&received, &theirs), 0);
}

#[test]
fn a_replay_counts_everything_that_it_holds_back() {
    let shared = Shared::new();
    shared.made_long_ago();
    // Another trail is known where the first ones lie, and none where the others do.
    undigested(&shared, "sophos-ct-demo", "eu-west-1");
    shared.past("other", &json!({}));
    undigested(&shared, "sophos-ct-demo", REGION);
    let ran = shared.run(&["--replay", "--format", "json"]).exits(8);
    let found = ran.json();
    assert_eq!(found["unassigned"], 2 * FILES, "{found}");
    assert_eq!(found["missing"], 0, "{found}");
    let said = format!("{} log files have not arrived", 2 * FILES);
    assert!(ran.stderr.contains(&said), "{}", ran.stderr);
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
