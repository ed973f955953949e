//! `audit --certify`: what CloudTrail signs is proved end to end, and what is changed afterwards is told apart.

use std::{
    fs,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    existing,
    schema::Published,
    support::{
        Ran, World, blocking,
        past::{Past, delete},
    },
};

fn certify(world: &World, more: &[&str]) -> Ran {
    let words = [
        "audit",
        "demo",
        "--since",
        "1h",
        "--certify",
        "--format",
        "json",
    ];
    world.run(&[&words[..], more].concat())
}

/// Waits until so many files are proved.
fn until_proved(world: &World, least: u64) -> Value {
    let end = Instant::now() + Duration::from_secs(180);
    loop {
        let found = certify(world, &[]).json();
        if found["certificate"]["proved"].as_u64() >= Some(least) {
            return found;
        }
        assert!(Instant::now() < end, "{found:#}");
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// The keys of the files that a certificate calls proved.
fn proved(certificate: &Value) -> Vec<String> {
    let records = certificate["records"].as_array().unwrap().iter();
    let files = records.filter_map(|record| record.get("file"));
    let proved = files.filter(|file| file["proof"] == "proved");
    let keys = proved.map(|file| file["object"].as_str().unwrap().to_owned());
    keys.collect()
}

#[test]
fn what_cloudtrail_has_signed_is_proved_and_what_is_changed_is_told_apart() {
    let world = World::new();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    let found = until_proved(&world, 4);
    for kind in ["altered", "deleted", "receivedDifferently", "unlisted"] {
        assert_eq!(found["certificate"][kind], 0, "{kind}: {found:#}");
    }
    assert_eq!(found["certificate"]["invalidDigests"], 0, "{found:#}");
    let path = world.home().join("certificate.json");
    let file = path.to_str().unwrap();
    let report = world.home().join("report.html");
    certify(
        &world,
        &["--out", file, "--report", report.to_str().unwrap()],
    );
    let checked = world.run(&["audit", "--check", file, "--format", "json"]);
    let checked = checked.exits(0).json();
    let page = fs::read_to_string(&report).unwrap();
    for key in checked["publicKeys"].as_array().unwrap() {
        let fingerprint = key["fingerprint"].as_str().unwrap();
        assert!(page.contains(fingerprint), "{fingerprint}: {page}");
    }
    assert!(page.contains("What CloudTrail has signed"), "{page}");
    assert_eq!(checked["holds"], true, "{checked:#}");
    Published::compile().fits(&checked, "auditCheck");
    let text = fs::read_to_string(&path).unwrap();
    let keys = proved(&serde_json::from_str(&text).unwrap());
    assert!(keys.len() >= 4, "{keys:#?}");

    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    blocking(async {
        let aws = world.aws().await;
        let from = format!("{bucket}/{}", keys[2]);
        let copy = aws.s3.copy_object().bucket(&bucket).key(&keys[0]);
        copy.copy_source(from).send().await.unwrap();
        let delete = aws.s3.delete_object().bucket(&bucket).key(&keys[1]);
        delete.send().await.unwrap();
    });
    let found = certify(&world, &["--keys", "--out", file]).exits(8).json();
    let listed = &found["certificate"]["keys"];
    assert_eq!(listed["altered"], json!([keys[0]]), "{found:#}");
    assert_eq!(listed["deleted"], json!([keys[1]]), "{found:#}");
    // The certificate says so again, and still says the truth.
    let checked = world.run(&["audit", "--check", file, "--format", "json"]);
    let checked = checked.exits(8).json();
    assert_eq!(checked["holds"], true, "{checked:#}");
    assert_eq!(checked["certificate"]["altered"], 1, "{checked:#}");
    // A verdict that is changed by hand is noticed.
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"altered\"", "\"proved\"")).unwrap();
    let checked = world.run(&["audit", "--check", file, "--format", "json"]);
    assert_eq!(checked.exits(8).json()["holds"], false);
}

/// Deletes everything in a bucket.
fn empty(world: &World, bucket: &str) {
    blocking(async {
        let aws = world.aws().await;
        let list = aws.s3.list_objects_v2().bucket(bucket).send();
        for object in list.await.unwrap().contents() {
            delete(&aws, bucket, object.key().unwrap()).await;
        }
    });
}

#[test]
fn what_was_received_and_has_left_no_trace_in_the_bucket_is_told() {
    let world = World::new();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    let before = until_proved(&world, 2);
    let proved = before["certificate"]["proved"].as_u64().unwrap();
    super::log(&world, false);
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let path = world.home().join("certificate.json");
    let file = path.to_str().unwrap();
    let end = Instant::now() + Duration::from_secs(90);
    // The last files may land after the bucket was emptied.
    let found = loop {
        empty(&world, &bucket);
        let found = certify(&world, &["--keys", "--out", file]).json();
        let certificate = &found["certificate"];
        if certificate["digests"] == 0 && certificate["proved"] == 0 {
            break found;
        }
        assert!(Instant::now() < end, "{found:#}");
    };
    let vanished = found["certificate"]["vanished"].as_u64().unwrap();
    assert!(vanished >= proved, "{found:#}");
    let keys = found["certificate"]["keys"]["vanished"].as_array();
    assert_eq!(keys.unwrap().len() as u64, vanished, "{found:#}");
    let checked = world.run(&["audit", "--check", file]).exits(8);
    for text in ["it proves no log file", "could be proved", "vanished"] {
        assert!(checked.stdout.contains(text), "{}", checked.stdout);
    }
}

#[test]
fn where_the_bucket_notifies_the_files_of_a_foreign_organization_do_not_stand_for_the_trails() {
    let world = existing::with_trail(false);
    let set_up = world.setup("demo", &existing::notified_by("bucket"));
    let set_up = set_up.exits(0).json();
    super::log(&world, false);
    let minute = Timestamp::now().as_second() / 60 * 60;
    let minute = Timestamp::from_second(minute).unwrap();
    let before = |hours: i64| (minute - SignedDuration::from_hours(hours)).to_string();
    let id = set_up["connection"]["id"].as_str().unwrap();
    world.rewrite(id, &json!({ "createdAt": before(30 * 24) }));
    // Of the trail itself, neither log files nor digests are left.
    let (since, until, files) = (before(10), before(4), 6);
    let wanted = json!({
        "prefix": "audit", "organization": "o-a1b2c3d4e5",
        "since": since, "until": until, "files": files,
    });
    let bucket = format!("theirs-{}", world.account);
    Past::make(&world, &bucket, "foreign", &wanted);
    let audit = |more: &[&str]| {
        let words = ["audit", "demo", "--since", &since, "--until", &until];
        world.run(&[&words[..], &["--format", "json"], more].concat())
    };
    audit(&["--replay"]).exits(0);
    let found = audit(&["--certify", "--keys"]).exits(8).json();
    let certificate = &found["certificate"];
    assert_eq!(certificate["proved"], files, "{found:#}");
    let mut findings = certificate["findings"].as_array().unwrap().iter();
    assert!(findings.any(|one| one["what"] == "noDigests"), "{found:#}");
}

#[test]
fn a_proof_works_under_the_printed_policy_and_names_what_is_missing() {
    let world = World::new();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    until_proved(&world, 1);
    let policy = world.printed_policy("audit-certify", "demo", &[]);
    let words = ["audit", "demo", "--since", "1h", "--certify"];
    world.run_under(&policy, &words).exits(0);
    for missing in ["cloudtrail:ListPublicKeys", "s3:GetObject"] {
        let mut without: Value = serde_json::from_str(&policy).unwrap();
        let statements = without["Statement"].as_array_mut().unwrap();
        statements.retain(|one| !one["Action"].to_string().contains(missing));
        let ran = world.run_under(&without.to_string(), &words).exits(4);
        for text in [missing, "policy audit"] {
            assert!(ran.stderr.contains(text), "{}", ran.stderr);
        }
    }
}

#[test]
fn a_proof_looks_at_the_trails_once() {
    let world = World::wired();
    world.setup("demo", &[]).exits(0);
    let looks = || {
        let calls = world.wire().calls();
        let looks = calls
            .iter()
            .filter(|call| call.name == "cloudtrail:DescribeTrails");
        looks.count()
    };
    let before = looks();
    certify(&world, &[]).json();
    assert_eq!(looks() - before, 1);
}

#[test]
fn a_certificate_is_checked_without_aws_and_central() {
    let world = World::wired();
    let path = world.home().join("certificate.json");
    fs::write(&path, "{}").unwrap();
    let file = path.to_str().unwrap();
    let ran = world.run(&["audit", "--check", file]).exits(2);
    assert!(ran.stderr.contains("--check"), "{}", ran.stderr);
    let ran = world.run(&["audit", "--out", file]).exits(2);
    assert!(ran.stderr.contains("--certify"), "{}", ran.stderr);
    let ran = world.run(&["audit", "demo", "--check", file]).exits(2);
    assert!(ran.stderr.contains("--check"), "{}", ran.stderr);
    assert!(world.wire().calls().is_empty());
}
