//! Trails whose settings were changed: what they wrote before is neither dropped nor taken for that of another trail, and a proof
//! accuses nobody where they do not log.

use aws_sdk_cloudtrail::operation::update_trail::builders::UpdateTrailFluentBuilder;
use serde_json::{Value, json};

use super::{
    shared::{FILES, Shared},
    whose::{REGION, arrived, local, undigested},
};
use crate::{
    organization::organize,
    support::{blocking, fixtures},
};

/// A connection that is older than all files.
fn long_ago() -> Shared {
    let shared = Shared::new();
    shared.made_long_ago();
    shared
}

/// Changes the settings of the connection's trail.
fn change(shared: &Shared, how: impl FnOnce(UpdateTrailFluentBuilder) -> UpdateTrailFluentBuilder) {
    blocking(async {
        let update = shared.world.aws().await.cloudtrail.update_trail();
        how(update.name("sophos-ct-demo")).send().await.unwrap();
    });
}

/// Makes the connection's trail that of an organization.
fn give_to_an_organization(shared: &Shared) {
    organize(&shared.world, &[]);
    let bucket = &shared.bucket;
    let service = json!({ "Service": "cloudtrail.amazonaws.com" });
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
          "Resource": format!("arn:aws:s3:::{bucket}") },
        { "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
          "Resource": format!("arn:aws:s3:::{bucket}/AWSLogs/*") },
    ]});
    blocking(async {
        let aws = shared.world.aws().await;
        fixtures::bucket_policy(&aws, bucket, policy).await;
        let trust = aws.organizations.enable_aws_service_access();
        let trust = trust.service_principal("cloudtrail.amazonaws.com");
        trust.send().await.unwrap();
    });
    change(shared, |update| update.is_organization_trail(true));
}

/// Whether a certificate says that there ought to be digests.
fn misses_digests(found: &Value) -> bool {
    let findings = found["certificate"]["findings"].as_array().unwrap();
    findings
        .iter()
        .any(|finding| finding["what"] == "noDigests")
}

#[test]
fn what_a_trail_without_validation_may_have_written_in_other_regions_can_be_sent() {
    let shared = long_ago();
    let regions = json!({ "regions": ["eu-west-1", REGION] });
    let ours = shared.past("sophos-ct-demo", &regions);
    shared.delete_all(&ours.digests);
    change(&shared, |update| update.enable_log_file_validation(false));
    assert_eq!(shared.audit(&[], 8)["missing"], 2 * FILES);
    change(&shared, |update| update.is_multi_region_trail(false));
    let told = shared.run(&[]).exits(8).stderr;
    assert!(told.contains("--enable-log-file-validation"), "{told}");
    for (flags, code, missing, unassigned, replayed) in [
        (&[][..], 8, FILES, FILES, 0),
        (
            &["--replay", "--include-unassigned"][..],
            0,
            0,
            0,
            2 * FILES,
        ),
        (&[][..], 0, 0, 0, 0),
    ] {
        let found = shared.audit(flags, code);
        for (field, expected) in [
            ("missing", missing),
            ("unassigned", unassigned),
            ("replayed", replayed),
            ("otherTrail", 0),
        ] {
            assert_eq!(found[field], expected, "{field}: {flags:?} {found}");
        }
    }
    assert_eq!(arrived(&shared.received(), &ours.logs), 2 * FILES);
}

#[test]
fn what_a_trail_wrote_before_it_became_that_of_an_organization_is_missed_sent_and_proved() {
    let shared = long_ago();
    let ours = shared.past("sophos-ct-demo", &json!({}));
    assert_eq!(shared.audit(&[], 8)["missing"], FILES);
    give_to_an_organization(&shared);
    assert_eq!(shared.audit(&[], 8)["missing"], FILES);
    let found = shared.audit(&["--certify", "--keys"], 8);
    assert_eq!(found["certificate"]["neverReceived"], FILES, "{found:#}");
    assert!(!misses_digests(&found), "{found:#}");
    let sent = shared.audit(&["--replay"], 0);
    assert_eq!(sent["replayed"], FILES, "{sent}");
    assert_eq!(arrived(&shared.received(), &ours.logs), FILES);
    let found = shared.audit(&["--certify"], 0);
    assert_eq!(found["certificate"]["proved"], FILES, "{found:#}");
}

#[test]
fn a_proof_misses_the_digests_of_a_trail_whose_organization_is_not_known() {
    let shared = long_ago();
    let ours = shared.past("sophos-ct-demo", &json!({}));
    give_to_an_organization(&shared);
    shared.delete_all(&ours.digests);
    let found = shared.audit(&["--certify", "--keys"], 8);
    assert_eq!(found["unassigned"], FILES, "{found:#}");
    assert!(misses_digests(&found), "{found:#}");
}

#[test]
fn a_proof_misses_no_digests_where_the_connections_trail_does_not_log() {
    let shared = long_ago();
    change(&shared, |update| update.is_multi_region_trail(false));
    shared.past("sophos-ct-demo", &json!({}));
    shared.audit(&["--replay"], 0);
    undigested(&shared, "local", REGION);
    local(&shared);
    let path = shared.world.home().join("certificate.json");
    let file = path.to_str().unwrap();
    let found = shared.audit(&["--certify", "--keys", "--out", file], 0);
    assert_eq!(found["otherTrail"], FILES, "{found:#}");
    for (field, expected) in [("proved", FILES), ("unsigned", FILES), ("gaps", 0)] {
        let certificate = &found["certificate"];
        assert_eq!(certificate[field], expected, "{field}: {found:#}");
    }
    let check = ["audit", "--check", file, "--format", "json"];
    let checked = shared.world.run(&check).exits(0).json();
    assert_eq!(checked["holds"], true, "{checked:#}");
}

#[test]
fn a_proof_asks_a_region_for_its_trails_before_it_misses_digests_there() {
    let shared = long_ago();
    shared.past("sophos-ct-demo", &json!({}));
    shared.audit(&["--replay"], 0);
    undigested(&shared, "local", REGION);
    // Nobody else is known to write there, so they would be the connection's.
    let flags = ["--certify", "--keys"];
    assert!(misses_digests(&shared.audit(&flags, 8)));
    local(&shared);
    let path = shared.world.home().join("certificate.json");
    let file = path.to_str().unwrap();
    let found = shared.audit(&[&flags[..], &["--out", file]].concat(), 8);
    assert_eq!(found["unassigned"], FILES, "{found:#}");
    assert_eq!(found["certificate"]["unsigned"], FILES, "{found:#}");
    assert!(!misses_digests(&found), "{found:#}");
    let check = ["audit", "--check", file, "--format", "json"];
    let checked = shared.world.run(&check).exits(0).json();
    assert_eq!(checked["holds"], true, "{checked:#}");
}
