//! What is listed of a bucket, and in how many calls.

use std::sync::{Arc, Mutex};

use super::*;
use crate::{
    aws::Aws,
    aws::served,
    connection::{Design, Feed, Organization, fixture},
    resources::trail,
};

/// The keys of a bucket, and the listings that were asked for.
#[derive(Clone, Default)]
struct Bucket {
    keys: Arc<Mutex<Vec<String>>>,
    asked: Arc<Mutex<Vec<served::Asked>>>,
}

impl Bucket {
    fn of(keys: &[String]) -> Self {
        let bucket = Self::default();
        let mut sorted = keys.to_vec();
        sorted.sort();
        *bucket.keys.lock().unwrap() = sorted;
        bucket
    }

    /// Answers a listing, two entries a page.
    fn answer(&self, asked: &served::Asked) -> Option<(u16, String)> {
        asked.get("list-type")?;
        self.asked.lock().unwrap().push(asked.clone());
        let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
        let (prefix, delimiter) = (text("prefix"), text("delimiter"));
        let after = text("start-after").max(text("continuation-token"));
        let keys = self.keys.lock().unwrap();
        let fitting = keys
            .iter()
            .filter(|key| key.starts_with(&prefix) && **key > after);
        let mut entries: Vec<String> = fitting
            .map(|key| match key[prefix.len()..].split_once('/') {
                Some((name, _)) if !delimiter.is_empty() => format!("{prefix}{name}/"),
                _ => key.clone(),
            })
            .filter(|entry| *entry > after)
            .collect();
        entries.dedup();
        let truncated = entries.len() > 2;
        entries.truncate(2);
        let next = entries.last().cloned().unwrap_or_default();
        let entries: String = entries.iter().map(|entry| shown(entry)).collect();
        Some((
            200,
            format!(
                "<ListBucketResult><IsTruncated>{truncated}</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>{entries}</ListBucketResult>"
            ),
        ))
    }

    async fn aws(&self, design: &Design) -> Aws {
        let bucket = self.clone();
        served::aws(design, move |asked| bucket.answer(asked)).await
    }
}

fn shown(entry: &str) -> String {
    if entry.ends_with('/') {
        format!("<CommonPrefixes><Prefix>{entry}</Prefix></CommonPrefixes>")
    } else {
        format!(
            "<Contents><Key>{entry}</Key><Size>7</Size><LastModified>2026-11-28T08:00:00.000Z</LastModified></Contents>"
        )
    }
}

fn place<'a>(aws: &'a Aws, design: &'a Design, prefix: &'a str) -> Place<'a> {
    Place {
        s3: &aws.s3,
        bucket: &design.bucket,
        owner: Some(&design.account),
        prefix,
    }
}

fn key(folder: &str, day: &str, name: &str) -> String {
    format!("{folder}2026/11/{day}/{name}.json.gz")
}

#[tokio::test]
async fn folders_of_accounts_and_organizations_are_found_without_listing_objects() {
    let keys = [
        "p/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/24/a.json.gz",
        "p/AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/24/a.json.gz",
        "p/AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/24/a.json.gz",
        "p/AWSLogs/111122223333/Config/eu-west-1/2026/11/24/a.json.gz",
        "p/AWSLogs/o-a1b2c3d4e5/444455556666/CloudTrail/eu-west-1/2026/11/24/a.json.gz",
        "p/AWSLogs/777788889999/CloudTrail/eu-west-1/2026/11/24/a.json.gz",
        "p/AWSLogs/elasticloadbalancing/x",
        "AWSLogs/000000000000/CloudTrail/eu-west-1/2026/11/24/a.json.gz",
    ]
    .map(ToOwned::to_owned);
    let bucket = Bucket::of(&keys);
    let mut design = fixture::design(Feed::New);
    design.prefix = "p".parse().unwrap();
    let aws = bucket.aws(&design).await;
    let found = folders(&place(&aws, &design, "p/")).await.unwrap();
    let names = |folders: &[Folder]| -> Vec<String> {
        let names = folders.iter();
        names
            .map(|one| format!("{} {}", one.account, one.region))
            .collect()
    };
    assert_eq!(
        names(&found),
        [
            "111122223333 eu-west-1",
            "111122223333 us-east-1",
            "444455556666 eu-west-1",
            "777788889999 eu-west-1",
        ]
    );
    let root = "p/AWSLogs/o-a1b2c3d4e5/444455556666";
    assert_eq!(found[2].logs, format!("{root}/CloudTrail/eu-west-1/"));
    assert_eq!(
        found[2].digests,
        format!("{root}/CloudTrail-Digest/eu-west-1/")
    );
    let asked = bucket.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|asked| asked.contains_key("delimiter")));
}

#[tokio::test]
async fn a_function_hears_of_the_folders_of_its_trail_or_of_the_whole_bucket() {
    const OWN: &str = "111122223333";
    let of = |organization: &str, account: &str| {
        let folder = folder(account, "eu-west-1");
        let into = |text: &str| text.replacen("AWSLogs/", &format!("AWSLogs/{organization}"), 1);
        Folder {
            logs: into(&folder.logs),
            digests: into(&folder.digests),
            ..folder
        }
    };
    let all = [
        of("", OWN),
        of("", "777788889999"),
        of("o-a1b2c3d4e5/", OWN),
        of("o-a1b2c3d4e5/", "444455556666"),
        of("o-zzzzzzzzzz/", "444455556666"),
    ];
    let own = fixture::design(Feed::New);
    let signed = |organization: &str| {
        let folder = format!("AWSLogs/{organization}{OWN}/CloudTrail-Digest/eu-west-1/");
        let name = format!("{OWN}_CloudTrail-Digest_eu-west-1_theirs_eu-west-1_20261123T010000Z");
        key(&folder, "23", &name)
    };
    let heard_of = async |design: &Design, organization: bool| {
        let signed = signed(if organization { "o-a1b2c3d4e5/" } else { "" });
        let aws = Bucket::of(&[signed]).aws(design).await;
        let place = place(&aws, design, "");
        let shown = trail::State {
            organization,
            ..trail::State::fixture(&design.trail_arn(), design.bucket.as_ref())
        };
        let trails = Trails::new(design, &place, Some(&[shown]));
        let days = date("2026-11-24")..=date("2026-11-24");
        let found = heard(all.to_vec(), &place, design, trails.as_ref(), &days).await;
        found.unwrap()
    };
    assert_eq!(heard_of(&own, false).await, all[..1]);
    let mut organization = own.clone();
    organization.organization = Some(Organization {
        id: "o-zzzzzzzzzz".to_owned(),
        management: OWN.parse().unwrap(),
    });
    assert_eq!(heard_of(&organization, true).await, all[4..]);
    // CloudTrail shows that it is that of the account.
    let both = [&all[..1], &all[4..]].concat();
    assert_eq!(heard_of(&organization, false).await, both);
    // An organization's trail, of which the connection does not say whose it is: that of the trail's owner.
    let existing = fixture::design(Feed::Trail {
        trail: fixture::their_trail(),
    });
    assert_eq!(heard_of(&existing, false).await, all[..1]);
    assert_eq!(heard_of(&existing, true).await, all[2..4]);
    let whole = fixture::design(Feed::Bucket { trail: None });
    assert_eq!(heard_of(&whole, false).await, all);
}

#[tokio::test]
async fn of_several_organizations_that_of_the_trails_digests_is_heard() {
    let account = "111122223333";
    let of = |organization: &str, digest: bool| {
        let base = format!("AWSLogs/{organization}/{account}");
        match digest {
            true => key(
                &format!("{base}/CloudTrail-Digest/eu-west-1/"),
                "24",
                &format!("{account}_CloudTrail-Digest_eu-west-1_theirs_eu-west-1_20261124T010000Z"),
            ),
            false => key(&format!("{base}/CloudTrail/eu-west-1/"), "24", "a"),
        }
    };
    let (left, present) = ("o-a1b2c3d4e5", "o-zzzzzzzzzz");
    let design = fixture::design(Feed::Trail {
        trail: fixture::their_trail(),
    });
    let theirs = trail::State {
        organization: true,
        ..trail::State::fixture(&design.trail_arn(), design.bucket.as_ref())
    };
    let days = date("2026-11-24")..=date("2026-11-24");
    for signed in [&[present][..], &[], &[left, present]] {
        let mut keys = vec![of(left, false), of(present, false)];
        keys.extend(signed.iter().map(|organization| of(organization, true)));
        let aws = Bucket::of(&keys).aws(&design).await;
        let place = place(&aws, &design, "");
        let trails = Trails::new(&design, &place, Some(std::slice::from_ref(&theirs)));
        let found = folders(&place).await.unwrap();
        let found = of_one_organization(found, &place, &design, trails.as_ref(), &days).await;
        if signed.len() == 1 {
            let found = found.unwrap();
            let heard = heard(found, &place, &design, trails.as_ref(), &days).await;
            let heard = heard.unwrap();
            let names: Vec<&str> = heard.iter().map(|one| one.logs.as_str()).collect();
            let expected = format!("AWSLogs/{present}/{account}/CloudTrail/eu-west-1/");
            assert_eq!(names, [expected]);
        } else {
            let refused: Failure = found.unwrap_err();
            assert_eq!(refused.code, Code::Conflict);
            let has = |id: &str| refused.message.contains(id);
            assert!(has(left) && has(present), "{refused}");
        }
    }
}

#[tokio::test]
async fn the_files_of_a_trail_that_was_changed_are_heard_as_far_as_it_has_left_digests() {
    const ACCOUNT: &str = "111122223333";
    let design = fixture::design(Feed::Trail {
        trail: fixture::their_trail(),
    });
    let of_account = format!("AWSLogs/{ACCOUNT}");
    let of_organization = format!("AWSLogs/o-a1b2c3d4e5/{ACCOUNT}");
    let elsewhere = "AWSLogs/444455556666".to_owned();
    let days = date("2026-11-24")..=date("2026-11-24");
    let (one, both) = ([&of_account], [&of_account, &of_organization]);
    let other = [&of_organization];
    for (organization, validation, signed, day, expected) in [
        (true, true, &of_account, "24", &both[..]),
        (true, true, &of_organization, "23", &other[..]),
        // It may have been that of the account on the first of these days.
        (true, true, &of_organization, "24", &both[..]),
        // The digests may be those of another account's trail that has the same name.
        (false, true, &of_organization, "24", &one[..]),
        (false, true, &of_account, "24", &one[..]),
        // It leaves none that would tell, as far as it can be seen.
        (true, false, &elsewhere, "24", &both[..]),
        (false, false, &elsewhere, "24", &one[..]),
    ] {
        let name =
            format!("{ACCOUNT}_CloudTrail-Digest_eu-west-1_theirs_eu-west-1_202611{day}T010000Z");
        let mut keys = vec![key(
            &format!("{signed}/CloudTrail-Digest/eu-west-1/"),
            day,
            &name,
        )];
        for base in [&of_account, &of_organization] {
            keys.push(key(&format!("{base}/CloudTrail/eu-west-1/"), "24", "a"));
        }
        let aws = Bucket::of(&keys).aws(&design).await;
        let place = place(&aws, &design, "");
        let shown = |arn: &str, organization: bool| trail::State {
            organization,
            validation,
            ..trail::State::fixture(arn, design.bucket.as_ref())
        };
        let all = [shown(&design.trail_arn(), organization)];
        let trails = Trails::new(&design, &place, Some(&all));
        let found = folders(&place).await.unwrap();
        let found = heard(found, &place, &design, trails.as_ref(), &days).await;
        let found = found.unwrap();
        let names: Vec<&str> = found.iter().map(|one| one.logs.as_str()).collect();
        let expected = expected
            .iter()
            .map(|base| format!("{base}/CloudTrail/eu-west-1/"));
        let expected: Vec<String> = expected.collect();
        assert_eq!(
            names, expected,
            "{organization} {validation} {signed} {day}"
        );
    }
}

#[tokio::test]
async fn a_page_without_objects_does_not_end_the_list() {
    let logs = "AWSLogs/111122223333/CloudTrail/eu-west-1/";
    let design = fixture::design(Feed::New);
    let aws = served::aws(&design, move |asked| {
        asked.get("list-type")?;
        let (next, entry) = match asked.get("continuation-token").map(String::as_str) {
            None => ("one", String::new()),
            Some("one") => ("two", String::new()),
            Some("two") => ("", shown(&key(logs, "24", "a"))),
            Some(_) => panic!("no page begins there"),
        };
        let more = !next.is_empty();
        Some((
            200,
            format!(
                "<ListBucketResult><IsTruncated>{more}</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>{entry}</ListBucketResult>"
            ),
        ))
    })
    .await;
    let place = place(&aws, &design, "");
    let days = date("2026-11-24")..=date("2026-11-24");
    let mut objects = Objects::new(&place, logs, days);
    let found = objects.next().await.unwrap().map(|object| object.key);
    assert_eq!(found, Some(key(logs, "24", "a")));
    assert!(objects.next().await.unwrap().is_none());
    assert_eq!(objects.pages.calls(), 3);
}

#[tokio::test]
async fn a_list_that_does_not_say_where_it_goes_on_is_refused() {
    let design = fixture::design(Feed::New);
    let aws = served::aws(&design, |asked| {
        asked.get("list-type")?;
        let page = "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>";
        Some((200, page.to_owned()))
    })
    .await;
    let place = place(&aws, &design, "");
    let days = date("2026-11-24")..=date("2026-11-24");
    let mut objects = Objects::new(&place, "AWSLogs/", days);
    let refused: Failure = objects.next().await.unwrap_err();
    assert!(refused.message.contains(place.bucket), "{refused}");
}

#[tokio::test]
async fn only_the_objects_of_the_days_are_listed() {
    let logs = "AWSLogs/111122223333/CloudTrail/eu-west-1/";
    let mut keys: Vec<String> = Vec::new();
    for day in ["23", "24", "25", "26"] {
        for name in ["a", "b", "c"] {
            keys.push(key(logs, day, name));
        }
    }
    let bucket = Bucket::of(&keys);
    let design = fixture::design(Feed::New);
    let aws = bucket.aws(&design).await;
    let place = place(&aws, &design, "");
    let days = date("2026-11-24")..=date("2026-11-25");
    let mut objects = Objects::new(&place, logs, days);
    let mut found = Vec::new();
    while let Some(object) = objects.next().await.unwrap() {
        assert_eq!(
            (object.size, object.modified),
            (7, at("2026-11-28T08:00:00Z"))
        );
        found.push(object.key);
    }
    assert_eq!(found, keys[3..9]);
    // Six objects are three pages. Only the page behind them shows that there are no more.
    assert!(objects.pages.calls() <= 4, "{}", objects.pages.calls());
    let asked = bucket.asked.lock().unwrap().clone();
    assert_eq!(asked.len() as u64, objects.pages.calls());
}

#[tokio::test]
async fn a_denial_names_the_action() {
    let design = fixture::design(Feed::New);
    let aws = served::aws(&design, |asked| {
        asked.get("list-type")?;
        Some((403, "<Error><Code>AccessDenied</Code></Error>".to_owned()))
    })
    .await;
    let refused: Failure = folders(&place(&aws, &design, "")).await.unwrap_err();
    assert_eq!(refused.code, Code::AwsPermission);
    assert!(refused.message.contains("s3:ListBucket"), "{refused}");
}
