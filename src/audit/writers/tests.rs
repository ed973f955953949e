//! Whose log files are, without AWS.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::*;
use crate::{
    audit::certify::Digest,
    aws::{Aws, served},
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

fn read(day: Day) -> Rc<OfDay> {
    Rc::new(OfDay {
        read: day.into(),
        ..OfDay::default()
    })
}

#[test]
fn the_digests_that_list_a_file_say_who_wrote_it() {
    let (mut before, mut after) = (Day::default(), Day::default());
    let key = digest_key("eu-west-1_sophos-ct-demo");
    before.add("logs", true, &key, &digest("logs", &key, &["ours", "both"]));
    let other = digest_key("eu-west-1_other");
    after.add(
        "logs",
        false,
        &other,
        &digest("logs", &other, &["theirs", "both"]),
    );
    let mut writers = Writers {
        days: [before, after].map(read).into(),
        ..Writers::default()
    };
    // Nobody else writes there.
    assert_eq!(writers.of(&file("none")), WrittenBy::Ours);
    writers.others.insert("other".to_owned());
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

#[test]
fn what_lies_where_the_connections_trail_does_not_log_is_its_own_only_if_its_digests_say_so() {
    let elsewhere = |day: Day, instead: Day| Writers {
        elsewhere: true,
        instead: vec![read(instead)],
        days: vec![read(day)],
        ..Writers::default()
    };
    let key = digest_key("eu-west-1_sophos-ct-demo");
    let ours = |files: &[&str]| {
        let mut day = Day {
            has_ours: true,
            ..Day::default()
        };
        day.add("logs", true, &key, &digest("logs", &key, files));
        day
    };
    let later = Object {
        modified: "2026-11-24T05:30:00Z".parse().unwrap(),
        ..file("later")
    };
    // No digest tells whether it has logged there before.
    for object in [&file("none"), &later] {
        let by = elsewhere(Day::default(), Day::default()).of(object);
        assert_eq!(by, WrittenBy::Unknown, "{object:?}");
    }
    // It has signed then, where it logs.
    let writers = elsewhere(Day::default(), ours(&[]));
    for (object, expected) in [
        (&file("none"), WrittenBy::Another),
        (&later, WrittenBy::Unknown),
    ] {
        assert_eq!(writers.of(object), expected, "{object:?}");
    }
    // It has logged there before.
    let writers = elsewhere(ours(&["ours"]), ours(&[]));
    for (object, expected) in [
        (&file("ours"), WrittenBy::Ours),
        (&file("none"), WrittenBy::Another),
        (&later, WrittenBy::Unknown),
    ] {
        assert_eq!(writers.of(object), expected, "{object:?}");
    }
}

fn shown(name: &str, bucket: &str) -> trail::State {
    let arn = format!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/{name}");
    trail::State::fixture(&arn, bucket)
}

fn place<'a>(aws: &'a Aws, design: &'a Design) -> Place<'a> {
    Place {
        s3: &aws.s3,
        bucket: &design.bucket,
        owner: Some(&design.account),
        prefix: "",
    }
}

#[tokio::test]
async fn only_trails_that_write_into_the_same_folders_are_beside() {
    let design = fixture::design(Feed::New);
    let aws = served::aws(&design, |_| None).await;
    let place = place(&aws, &design);
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

#[tokio::test]
async fn a_trail_of_one_region_writes_nothing_in_another_one() {
    let design = fixture::design(Feed::New);
    let aws = served::aws(&design, |_| None).await;
    let place = place(&aws, &design);
    let everywhere = shown("sophos-ct-demo", design.bucket.as_ref());
    let mut local = everywhere.clone();
    local.multi_region = false;
    let mut same_topic = shown("same-topic", design.bucket.as_ref());
    same_topic.topic_arn = Some(design.topic_arn());
    for (all, expected) in [
        (vec![everywhere], true),
        (vec![local.clone()], false),
        (vec![local, same_topic], true),
        (vec![], true),
    ] {
        let trails = Trails::new(&design, &place, Some(&all)).unwrap();
        let folder = |region: &str, organization: Option<&str>| {
            let (account, region) = ("111122223333".parse().unwrap(), region.parse().unwrap());
            Folder::new("AWSLogs/", organization, account, region)
        };
        let home = folder("eu-west-1", None);
        assert!(trails.write_into(&home), "{all:?}");
        let there = folder("us-east-1", None);
        assert_eq!(trails.write_into(&there), expected, "{all:?}");
        let instead = trails.logged_instead_of(&there);
        assert_eq!(instead, (!expected).then_some(home), "{all:?}");
        // It is not known to be that of an organization, and may be if CloudTrail does not show it.
        let of_organization = folder("eu-west-1", Some("o-a1b2c3d4e5"));
        assert_eq!(trails.write_into(&of_organization), all.is_empty());
        assert_eq!(trails.logged_instead_of(&of_organization), None);
    }
}

#[tokio::test]
async fn a_region_is_asked_once_for_the_trails_that_show_there_alone() {
    let design = fixture::design(Feed::New);
    let local = |bucket: &str, topic: &str| {
        json!({ "trailList": [{
            "Name": "local",
            "TrailARN": "arn:aws:cloudtrail:eu-central-1:111122223333:trail/local",
            "S3BucketName": bucket,
            "SnsTopicARN": topic,
            "HomeRegion": "eu-central-1",
            "IsMultiRegionTrail": false,
            "IsOrganizationTrail": false,
        }]})
    };
    let bucket: &str = design.bucket.as_ref();
    let denied = json!({ "__type": "AccessDeniedException", "message": "no" });
    let cases: [(u16, Value, Option<usize>); 5] = [
        (200, json!({ "trailList": [] }), Some(0)),
        (200, local(bucket, "theirs"), Some(1)),
        (200, local("another", "theirs"), Some(0)),
        (200, local(bucket, &design.topic_arn()), Some(0)),
        (400, denied, None),
    ];
    for (status, answer, expected) in cases {
        let asked = Arc::new(AtomicUsize::new(0));
        let (counted, body) = (Arc::clone(&asked), answer.to_string());
        let aws = served::aws(&design, move |asked| {
            let body_of = asked.get("body")?;
            body_of.contains("includeShadowTrails").then(|| {
                counted.fetch_add(1, Ordering::Relaxed);
                (status, body.clone())
            })
        })
        .await;
        let place = place(&aws, &design);
        let own = shown("sophos-ct-demo", bucket);
        let trails = Trails::new(&design, &place, Some(std::slice::from_ref(&own))).unwrap();
        let regions = Regions::default();
        let region: Region = "eu-central-1".parse().unwrap();
        for _ in 0..2 {
            let shown = regions.shown(&aws, &region).await;
            let names = shown.map(|shown| trails.beside.others(&place, &shown).count());
            assert_eq!(names, expected, "{answer}");
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        let mut others = Others::default();
        trails.tell_of_others(&place, &regions, &mut others);
        assert_eq!(others.names.len(), expected.unwrap_or_default(), "{answer}");
        assert_eq!(regions.unseen().contains_key(&region), expected.is_none());
    }
}

#[tokio::test]
async fn an_archived_digest_leaves_open_whose_the_files_of_its_time_are() {
    let design = fixture::design(Feed::New);
    let key = digest_key("eu-west-1_sophos-ct-demo");
    let reads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reads);
    let aws = served::aws(&design, move |asked| {
        if asked.contains_key("list-type") {
            let object = format!(
                "<Key>{key}</Key><Size>7</Size><LastModified>2026-11-24T01:05:00Z</LastModified>"
            );
            let list =
                format!("<ListBucketResult><Contents>{object}</Contents></ListBucketResult>");
            return Some((200, list));
        }
        (asked.get("x-id")? == "GetObject").then(|| {
            counted.fetch_add(1, Ordering::Relaxed);
            (
                403,
                "<Error><Code>InvalidObjectState</Code></Error>".to_owned(),
            )
        })
    })
    .await;
    let place = place(&aws, &design);
    let own = shown("sophos-ct-demo", design.bucket.as_ref());
    let trails = Trails::new(&design, &place, Some(std::slice::from_ref(&own))).unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    let folder = Folder::new("AWSLogs/", None, "111122223333".parse().unwrap(), region);
    // The days around are looked at too, and each of them once, also by those who look at the same time.
    let of = |day: &'static str| {
        let (trails, place, folder) = (&trails, &place, &folder);
        async move {
            let date: Date = day.parse().unwrap();
            let writers = trails.writers(place, folder, &(date..=date), true).await;
            (day, writers.unwrap())
        }
    };
    let (one, two, three) = tokio::join!(of("2026-11-24"), of("2026-11-25"), of("2026-11-23"));
    for (day, writers) in [one, two, three] {
        assert_eq!(writers.days.len(), 3, "{day}");
        assert_eq!(writers.closed(), None);
        assert!(writers.may_have_listed(&file("of its hour")), "{day}");
        let later = Object {
            modified: "2026-11-24T01:10:00Z".parse().unwrap(),
            ..file("later")
        };
        assert!(!writers.may_have_listed(&later), "{day}");
    }
    assert_eq!(reads.load(Ordering::Relaxed), 1);
    let mut others = Others::default();
    trails.tell_of_others(&place, &Regions::default(), &mut others);
    assert!(others.archived && !others.unread);
}
