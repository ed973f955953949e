//! `audit --certify` over a past in which somebody has changed and deleted things: each fault is told apart, nothing else is told,
//! and the AWS CLI's `validate-logs` says the same of what both judge.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::faults::{CASES, Case, Found, Scene};
use crate::{
    digests::cli::validate,
    support::{Ran, World, past::Past},
};

pub(super) const TRAIL: &str = "sophos-ct-demo";

/// A past that ended some hours ago, so that the digests of the live trail have nothing to do with it.
pub(super) struct Span {
    since: Timestamp,
    until: Timestamp,
    pub(super) hours: i64,
}

impl Span {
    fn of(hours: i64) -> Self {
        let minute = Timestamp::now().as_second() / 60 * 60;
        let until = Timestamp::from_second(minute).unwrap() - SignedDuration::from_hours(4);
        Self {
            since: until - SignedDuration::from_hours(hours),
            until,
            hours,
        }
    }

    /// So many hours after its start.
    pub(super) fn at(&self, hour: i64) -> Timestamp {
        self.since + SignedDuration::from_hours(hour)
    }

    fn audit(&self, world: &World, more: &[&str]) -> Ran {
        let (since, until) = (self.since.to_string(), self.until.to_string());
        let words = ["audit", "demo", "--since", &since, "--until", &until];
        world.run(&[&words[..], &["--format", "json"], more].concat())
    }
}

/// A case with what was made for it.
struct Made {
    case: &'static Case,
    past: Past,
    second: Option<Past>,
}

/// Makes a past for each case, all in one bucket and each in a region of its own, and lets everything of it arrive.
fn make(world: &World, bucket: &str, span: &Span, files: usize) -> Vec<Made> {
    let past = |case: &Case, trail: &str, files: usize, more: &Value| {
        let mut wanted = json!({
            "regions": [case.region], "since": span.since, "until": span.until, "files": files,
        });
        for (name, value) in more.as_object().unwrap() {
            wanted[name] = value.clone();
        }
        Past::make(world, bucket, trail, &wanted)
    };
    let mut made: Vec<Made> = CASES
        .iter()
        .map(|case| Made {
            case,
            past: past(case, TRAIL, files, &(case.past)(span)),
            second: None,
        })
        .collect();
    // No digest lists what is of a time without digests.
    let words = ["--replay", "--include-unassigned", "--wait", "30m"];
    let replayed = span.audit(world, &words);
    assert_eq!(replayed.exits(0).json()["missing"], 0);
    // The function does not hear of the files of a second trail.
    for made in made.iter_mut().filter(|made| made.case.second) {
        made.second = Some(past(made.case, "other", 5, &json!({})));
    }
    made
}

/// Does what each case says in a past of so many hours, with so many log files in each region, and compares what is found. With the
/// AWS CLI, its verdicts are compared too. Prints a table of it all.
fn tampered(files: usize, hours: i64, with_cli: bool) {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let span = Span::of(hours);
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let made = make(&world, &bucket, &span, files);
    let scenes = made.iter().map(|made| Scene {
        world: &world,
        bucket: &bucket,
        span: &span,
        past: &made.past,
        second: made.second.as_ref(),
    });
    let expected: Vec<Found> = made
        .iter()
        .zip(scenes)
        .map(|(made, scene)| (made.case.act)(&scene))
        .collect();
    let file = world.home().join("certificate.json");
    let file = file.to_str().unwrap();
    let begun = Instant::now();
    let flags = ["--certify", "--keys", "--out", file];
    let found = span.audit(&world, &flags).exits(8).json();
    let count: usize = made.iter().map(|made| made.past.logs.len()).sum();
    println!("{count} files, {hours} hours: {:?}\n", begun.elapsed());
    for (made, expected) in made.iter().zip(&expected) {
        let region = made.case.region;
        assert_eq!(in_region(&found, region), *expected, "{}", made.case.fault);
    }
    let proved: usize = made.iter().zip(&expected).map(proved).sum();
    assert_eq!(found["certificate"]["proved"], proved, "{found:#}");
    let checked = world.run(&["audit", "--check", file, "--format", "json"]);
    assert_eq!(checked.exits(8).json()["holds"], true);
    let said = match with_cli {
        true => judged_by_cli(&world.account, &bucket, &span, &made),
        false => vec![None; made.len()],
    };
    table(&made, &expected, &said);
    for ((made, expected), said) in made.iter().zip(&expected).zip(said) {
        if let Some(said) = said {
            agree(made, expected, &said);
        }
    }
}

/// The AWS CLI must have said the same of a region.
fn agree(made: &Made, expected: &Found, said: &Said) {
    let fault = made.case.fault;
    assert_eq!(said.valid, proved((made, expected)), "{fault}");
    let wrong = match made.case.unseen {
        // No digest names what is not there.
        true => BTreeSet::new(),
        false => expected.wrong(),
    };
    assert_eq!(said.wrong, wrong, "{fault}");
}

/// What was found in a region.
fn in_region(found: &Value, region: &str) -> Found {
    let certificate = &found["certificate"];
    let folder = format!("/{region}/");
    let mut files = BTreeMap::new();
    for (kind, keys) in certificate["keys"].as_object().unwrap() {
        let keys = keys.as_array().unwrap().iter();
        let keys = keys.map(|key| key.as_str().unwrap().to_owned());
        let keys: BTreeSet<String> = keys.filter(|key| key.contains(&folder)).collect();
        if !keys.is_empty() {
            files.insert(kind.clone(), keys);
        }
    }
    let findings = certificate["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["region"] == region);
    Found {
        files,
        findings: findings.map(|finding| finding["what"].clone()).collect(),
    }
}

/// How many log files of the connection's trail must be proved.
fn proved((made, expected): (&Made, &Found)) -> usize {
    let ours = |key: &&String| made.past.logs.contains(key);
    let others = expected.files.values().flatten().filter(ours);
    made.past.logs.len() - others.count()
}

/// What the AWS CLI says of a region.
#[derive(Clone)]
struct Said {
    /// How many log files are valid.
    valid: usize,
    /// What is wrong: a key or a time, and what it is.
    wrong: BTreeSet<(String, String)>,
}

/// Lets the AWS CLI judge each region.
fn judged_by_cli(account: &str, bucket: &str, span: &Span, made: &[Made]) -> Vec<Option<Said>> {
    let (since, until) = (span.since.to_string(), span.until.to_string());
    let judge = |region: &str| {
        let times = (since.as_str(), until.as_str());
        said(bucket, &validate(account, TRAIL, bucket, region, times).1)
    };
    let judge = &judge;
    std::thread::scope(|scope| {
        let regions = made.iter().map(|made| made.case.region);
        let judges: Vec<_> = regions
            .map(|region| scope.spawn(move || judge(region)))
            .collect();
        let said = judges.into_iter().map(|judge| Some(judge.join().unwrap()));
        said.collect()
    })
}

/// Reads what the AWS CLI has printed.
fn said(bucket: &str, text: &str) -> Said {
    let place = format!("s3://{bucket}/");
    let mut wrong = BTreeSet::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        if let [_, key, verdict] = parts[..]
            && let Some(reason) = verdict.strip_prefix("INVALID: ")
        {
            let what = match reason {
                "hash value doesn't match" => "differs",
                "not found" => "gone",
                "signature verification failed" | "invalid format" => "faulty",
                other => other,
            };
            let key = key.strip_prefix(&place).expect("the bucket");
            wrong.insert((key.to_owned(), what.to_owned()));
        }
        let silence = line.strip_prefix("No log files were delivered by CloudTrail between ");
        if let Some(times) = silence {
            wrong.insert((times.replace(" and ", " "), "silence".to_owned()));
        }
    }
    let valid = text.lines().find(|line| line.contains(" log files valid"));
    let valid = match text.contains("No digests found") {
        // Then it does not look for log files.
        true => Some(0),
        false => valid.and_then(|line| line.split('/').next()?.parse().ok()),
    };
    Said {
        valid: valid.unwrap_or_else(|| panic!("{text}")),
        wrong,
    }
}

/// Prints what was done, what is found, and what the AWS CLI says.
fn table(made: &[Made], expected: &[Found], said: &[Option<Said>]) {
    println!("| fault | `audit --certify` | `aws cloudtrail validate-logs` |\n|---|---|---|");
    for ((made, expected), said) in made.iter().zip(expected).zip(said) {
        let mut ours = vec![format!("{} proved", proved((made, expected)))];
        let kinds = expected.files.iter();
        ours.extend(kinds.map(|(kind, keys)| format!("{} {kind}", keys.len())));
        let kinds = expected.findings.iter();
        let kinds = kinds.filter_map(|what| match what {
            Value::String(kind) => Some(kind.clone()),
            kind => kind.as_object()?.keys().next().cloned(),
        });
        ours.extend(kinds.map(|kind| format!("finding `{kind}`")));
        let theirs = said.as_ref().map(|said| {
            let mut theirs = vec![format!("{} valid", said.valid)];
            theirs.extend(said.wrong.iter().map(|(_, what)| what.clone()));
            theirs.join(", ")
        });
        let theirs = theirs.unwrap_or_else(|| "not asked".to_owned());
        println!("| {} | {} | {theirs} |", made.case.fault, ours.join(", "));
    }
}

#[test]
fn each_fault_is_told_apart() {
    tampered(24, 12, false);
}

#[test]
#[ignore = "takes minutes, and needs the AWS CLI"]
fn nothing_is_missed_among_ten_thousand_files_and_the_aws_cli_agrees() {
    tampered(840, 30 * 24, true);
}
