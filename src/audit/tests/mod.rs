//! Tests of what an audit finds, without AWS and Central.

mod counting;
mod judging;
mod listing;
mod sending;
mod showing;

use futures::FutureExt;
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    pages::{Page, Pages},
    receipts::in_order,
    reconcile::{Unit, pair},
    window::{KeyRange, day_in, each},
    *,
};
use crate::{
    central::model::{Outcome, Receipt, SkipReason},
    ui::{Code, Failure, Result},
};

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(super) fn window(since: &str, until: &str) -> Window {
    Window {
        since: at(since),
        until: at(until),
        grace: SignedDuration::from_mins(15),
        now: at(until),
    }
}

fn a_day() -> Window {
    window("2026-11-27T12:00:00Z", "2026-11-28T12:00:00Z")
}

pub(super) fn folder(account: &str, region: &str) -> Folder {
    Folder {
        account: account.parse().unwrap(),
        region: region.parse().unwrap(),
        logs: format!("AWSLogs/{account}/CloudTrail/{region}/"),
        digests: format!("AWSLogs/{account}/CloudTrail-Digest/{region}/"),
    }
}

fn object(key: &str, landed: &str) -> Object {
    Object {
        key: key.to_owned(),
        size: 10,
        modified: at(landed),
    }
}

fn receipt(key: &str, outcome: Outcome, reason: Option<SkipReason>) -> Receipt {
    Receipt {
        bucket: "logs".to_owned(),
        key: key.to_owned(),
        outcome,
        reason,
        size: None,
        sha256: None,
        content_sha256: None,
        at: at("2026-11-28T00:00:00Z"),
    }
}

/// A list in pages of this length, each of which comes at once.
fn pages<T: Clone>(items: &[T], length: usize) -> Pages<'_, T> {
    Pages::new("0".to_owned(), move |from| {
        let number: usize = from.parse().unwrap();
        let start = number * length;
        let end = (start + length).min(items.len());
        let page = Page {
            items: items[start..end].to_vec(),
            next: (end < items.len()).then(|| (number + 1).to_string()),
        };
        async move { Ok::<_, Failure>(page) }.boxed_local()
    })
}

#[test]
fn a_window_looks_into_the_folders_of_its_days_and_of_the_day_before() {
    let window = a_day();
    assert_eq!(window.days(), date("2026-11-26")..=date("2026-11-28"));
    assert!(window.contains(window.since));
    assert!(!window.contains(window.until));
    assert!(window.is_in_flight(at("2026-11-28T11:45:01Z")));
    assert!(!window.is_in_flight(at("2026-11-28T11:45:00Z")));
}

#[test]
fn the_keys_of_some_days_begin_with_what_the_days_have_in_common() {
    let keys = |first, last| KeyRange::new("f/", &(date(first)..=date(last)));
    let month = keys("2026-11-24", "2026-11-28");
    assert_eq!(month.prefix, "f/2026/11/2");
    assert_eq!(month.after, "f/2026/11/24/");
    assert_eq!(month.end, "f/2026/11/280");
    assert_eq!(keys("2026-11-24", "2026-11-24").prefix, "f/2026/11/24/");
    assert_eq!(keys("2025-12-31", "2026-01-01").prefix, "f/202");
    let inside = |key: &str| month.after.as_str() < key && key < month.end.as_str();
    for (key, expected) in [
        ("f/2026/11/23/z", false),
        ("f/2026/11/24/a", true),
        ("f/2026/11/28/z", true),
        ("f/2026/11/29/a", false),
        ("f/2026/12/01/a", false),
    ] {
        assert_eq!(inside(key), expected, "{key}");
    }
    assert_eq!(day_in("f/2026/11/24/a", "f/"), Some(date("2026-11-24")));
    for other in ["f/2026/13/01/a", "g/2026/11/24/a", "f/x/11/24/a", "f/2026"] {
        assert_eq!(day_in(other, "f/"), None, "{other}");
    }
}

#[test]
fn folders_are_split_only_as_far_as_there_would_be_too_few_units() {
    let days = date("2026-11-01")..=date("2026-11-30");
    let folders = |count: u64| -> Vec<Folder> {
        let accounts = (0..count).map(|number| format!("{:012}", 100_000_000_000 + number));
        accounts
            .map(|account| folder(&account, "eu-west-1"))
            .collect()
    };
    for (count, expected) in [(1, 30), (2, 60), (17, 68), (64, 64), (100, 100), (0, 0)] {
        let folders = folders(count);
        let units = units(&folders, &days);
        assert_eq!(units.len(), expected, "{count}");
        for one in &folders {
            let of_folder = units.iter().filter(|unit| unit.folder == one);
            let covered: Vec<Date> = of_folder.flat_map(|unit| each(&unit.days)).collect();
            assert_eq!(covered, each(&days), "{count}");
        }
    }
}

#[tokio::test]
async fn each_key_of_either_list_comes_once_however_the_pages_are_cut() {
    let objects: Vec<Object> = ["b", "c", "e", "f", "h"]
        .map(|key| object(key, "2026-11-28T00:00:00Z"))
        .to_vec();
    let receipts: Vec<Receipt> = ["a", "c", "d", "f", "g", "i"]
        .map(|key| receipt(key, Outcome::Stored, None))
        .to_vec();
    for (one, other) in [(1, 1), (1, 9), (9, 1), (2, 3), (9, 9)] {
        let mut pairs = Vec::new();
        let mut objects = pages(&objects, one);
        let mut receipts = pages(&receipts, other);
        pair(&mut objects, &mut receipts, async |object, receipt| {
            let key = |key: &String| key.clone();
            let object = object.map(|object| key(&object.key));
            pairs.push((object, receipt.map(|receipt| key(&receipt.key))));
            Ok(())
        })
        .await
        .unwrap();
        let shown = pairs.iter().map(|(object, receipt)| {
            let part = |key: &Option<String>| key.clone().unwrap_or_else(|| "-".to_owned());
            part(object) + &part(receipt)
        });
        let shown: Vec<String> = shown.collect();
        let expected = ["-a", "b-", "cc", "-d", "e-", "ff", "-g", "h-", "-i"];
        assert_eq!(shown, expected, "{one} {other}");
    }
    let (none, nothing) = (Vec::<Object>::new(), Vec::<Receipt>::new());
    let never = async |_: Option<&Object>, _: Option<&Receipt>| -> Result<()> { panic!("called") };
    pair(&mut pages(&none, 1), &mut pages(&nothing, 1), never)
        .await
        .unwrap();
}

#[test]
fn receipts_out_of_order_are_refused() {
    let list = |keys: &[&str]| -> Vec<Receipt> {
        let keys = keys.iter();
        keys.map(|key| receipt(key, Outcome::Stored, None))
            .collect()
    };
    let mut last = String::new();
    in_order(&list(&["a", "b"]), &mut last).unwrap();
    in_order(&list(&["c"]), &mut last).unwrap();
    for again in ["c", "b"] {
        let failure = in_order(&list(&[again]), &mut last.clone()).unwrap_err();
        assert_eq!(failure.code, Code::Central);
    }
}

#[test]
fn days_with_gaps_are_looked_at_again_and_no_others() {
    let folders = [
        folder("111122223333", "eu-west-1"),
        folder("111122223333", "us-east-1"),
    ];
    let mut gaps = Gaps::default();
    for (of, day) in [(0, "24"), (0, "25"), (0, "27"), (1, "24"), (0, "24")] {
        let key = format!("{}2026/11/{day}/a", folders[of].logs);
        gaps.add(&folders[of], &object(&key, "2026-11-28T00:00:00Z"));
    }
    let expected = [
        (0, "2026-11-24", "2026-11-25"),
        (0, "2026-11-27", "2026-11-27"),
        (1, "2026-11-24", "2026-11-24"),
    ]
    .map(|(of, first, last)| Unit {
        folder: &folders[of],
        days: date(first)..=date(last),
    });
    assert_eq!(gaps.units(), expected);
}

#[test]
fn a_spool_gives_back_the_keys_in_their_order() {
    let mut spool = Spool::new();
    let keys = ["a/b c", "line\nend", "\"quoted\"", "日本"];
    for key in keys {
        spool.push(key).unwrap();
    }
    // Beyond what stays in memory.
    for number in 0..20_000 {
        spool.push(&format!("{number:0100}")).unwrap();
    }
    for _ in 0..2 {
        let read: Vec<String> = spool.keys().unwrap().map(Result::unwrap).collect();
        assert_eq!(read[..4], keys);
        assert_eq!(read.len() as u64, spool.count());
        assert_eq!(read.last().unwrap(), &format!("{:0100}", 19_999));
    }
}
