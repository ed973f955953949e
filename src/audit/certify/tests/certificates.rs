//! Certificates: what is written can be verified again, and what is changed is noticed.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path};

use super::*;
use crate::{
    audit::certify::{
        certificate::{FORMAT, Header, Record, Records, Where, Writer},
        check::{Checked, check},
        finding::Finding,
        found::Certificate,
        proof::{Content, File, Proof, Received},
        screen::{Layout, check_page},
        section::{first_unsigned, has_no_digests},
        silent::Silent,
    },
    central::model::Outcome,
    connection::{AccountId, Region},
    ui::{layout::Width, t},
};

pub(super) const FOLDER: &str = "AWSLogs/111122223333/CloudTrail/eu-west-1/";

fn place() -> (AccountId, Region) {
    (
        "111122223333".parse().unwrap(),
        "eu-west-1".parse().unwrap(),
    )
}

pub(super) fn header() -> Header {
    Header {
        certificate: FORMAT,
        tool: "sophos-ct 0.0.0".to_owned(),
        made_at: at(24),
        connection: "demo".parse().unwrap(),
        connection_id: "0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d21".parse().unwrap(),
        tenant: "tenant".to_owned(),
        bucket: BUCKET.to_owned(),
        trail: Some(trail(OURS)),
        heard: BTreeSet::new(),
        whole_bucket: false,
        heard_since: Timestamp::UNIX_EPOCH,
        home: None,
        signs_since: None,
        expire_after_days: None,
        silent: Vec::new(),
        since: at(0),
        until: at(24),
        grace_seconds: 900,
    }
}

/// The log file of an hour: in the bucket as it was signed, and received.
pub(super) fn received(hour: i64) -> File {
    let hash = content(OURS, hour);
    File {
        object: log(OURS, hour),
        landed: Some(at(hour) - SignedDuration::from_mins(30)),
        content: Content::Sha256(hash),
        receipt: Some(Received {
            outcome: Outcome::Stored,
            reason: None,
            content: Some(hash),
            at: at(hour),
        }),
        proof: Proof::Proved,
    }
}

/// The same file, if nothing is left of it but the receipt.
pub(super) fn gone(hour: i64) -> File {
    File {
        landed: None,
        content: Content::Absent,
        ..received(hour)
    }
}

/// Writes the certificate of a day, in which these digests and files were found.
fn write(path: &Path, digests: &[Sealed], files: Vec<File>) {
    write_with(path, &header(), digests, files);
}

pub(super) fn write_with(path: &Path, header: &Header, digests: &[Sealed], files: Vec<File>) {
    write_beside(path, header, digests, &[], files);
}

/// The same where the folder's region alone shows these trails without digests.
pub(super) fn write_beside(
    path: &Path,
    header: &Header,
    digests: &[Sealed],
    silent: &[Silent],
    files: Vec<File>,
) {
    let window = header.window();
    let (account, region) = place();
    let scope = header.scope(&window);
    let mut scope = scope.of_folder(&account, &region, FOLDER);
    scope.perhaps_another |= !silent.is_empty();
    let keys = [public_key(0)];
    let (chains, wrong) = judged_for(scope, digests, &keys);
    let mut found = Certificate::new(&window, false);
    found.begin(&place(), &keys);
    found.digests = chains.len() as u64;
    let mut records = Records::new(true);
    let mut all = vec![
        Record::Folder(Where {
            account,
            region,
            folder: FOLDER.to_owned(),
        }),
        Record::Key(keys[0].clone()),
    ];
    all.extend(digests.iter().cloned().map(Record::Digest));
    all.extend(silent.iter().cloned().map(Record::Silent));
    let mut unsigned = None;
    for file in files {
        let said = chains.say(&file.object, file.landed);
        let proof = file.judged(said, &window);
        let file = File { proof, ..file };
        unsigned = first_unsigned(unsigned, &file, said.at, chains.scope.perhaps_another);
        found.add(&place(), &file, said.at);
        all.push(Record::File(file));
    }
    let none = has_no_digests(&chains, unsigned);
    let none = none.then_some((None, What::NoDigests));
    let wrong = wrong.into_iter().map(|(trail, what)| (Some(trail), what));
    for (trail, what) in wrong.chain(none) {
        let (account, region) = place();
        let finding = Finding {
            account,
            region,
            trail,
            what,
        };
        found.findings.push(finding.clone());
        all.push(Record::Finding(finding));
    }
    for record in &all {
        records.push(record).unwrap();
    }
    let mut writer = Writer::create(path, header).unwrap();
    writer.append(records).unwrap();
    writer.finish(&found.counts()).unwrap();
}

/// Writes the certificate of a day on which everything is proved.
fn write_day(path: &Path) {
    write(
        path,
        &Story::day().digests,
        (1..=24).map(received).collect(),
    );
}

pub(super) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The lines of the screen of a check.
fn shown(checked: &Checked) -> Vec<String> {
    let layout = Layout {
        width: Width::of_columns(80),
        words: false,
    };
    let page = check_page(checked, layout);
    page.lines.into_iter().map(|line| line.text).collect()
}

#[test]
fn a_certificate_is_one_document_that_is_verified_again() {
    let folder = folder();
    let path = folder.path().join("certificate.json");
    write_day(&path);
    let text = fs::read_to_string(&path).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["counts"]["proved"], 24);
    assert_eq!(document["connection"], "demo");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Nothing is left beside it.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let checked = check(&path).unwrap();
    assert_eq!(checked.differences, [""; 0]);
    assert!(checked.holds() && checked.certificate.is_clean());
    assert_eq!(checked.certificate.total.of(Proof::Proved), 24);
    let lines = shown(&checked);
    assert!(lines.contains(&t!("certify-holds")), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.contains("fingerprint 0")),
        "{lines:#?}"
    );
}

#[test]
fn what_is_wrong_is_told_again() {
    let folder = folder();
    let path = folder.path().join("certificate.json");
    let mut story = Story::day();
    flip_signature(story.digest(10));
    story.delete(12);
    let mut files: Vec<File> = (1..=24).map(received).collect();
    files[2].content = Content::Sha256(content(OURS, 99));
    files[3].content = Content::Absent;
    files[3].landed = None;
    files[4].receipt = None;
    write(&path, &story.digests, files);
    let Checked {
        differences,
        certificate,
        ..
    } = check(&path).unwrap();
    assert_eq!(differences, [""; 0]);
    assert!(!certificate.is_clean());
    let total = certificate.total;
    let counts = [
        Proof::Altered,
        Proof::Deleted,
        Proof::NeverReceived,
        Proof::Unsigned,
        Proof::Proved,
    ];
    assert_eq!(counts.map(|proof| total.of(proof)), [1, 1, 1, 2, 19]);
    assert_eq!((certificate.gaps(), certificate.invalid_digests()), (1, 1));
}

#[test]
fn what_vanished_is_told_again() {
    let folder = folder();
    let path = folder.path().join("certificate.json");
    // Everything is deleted.
    write(&path, &[], (1..=24).map(gone).collect());
    let checked = check(&path).unwrap();
    let certificate = &checked.certificate;
    assert_eq!(checked.differences, [""; 0]);
    assert_eq!(certificate.total.of(Proof::Vanished), 24);
    assert!(!certificate.is_clean() && certificate.proves_nothing());
    assert_eq!(certificate.gaps(), 1);
    let lines = shown(&checked);
    assert!(lines.contains(&t!("certify-intact")), "{lines:#?}");
    assert!(!lines.contains(&t!("certify-holds")), "{lines:#?}");
    // A chain begins afterwards.
    let mut story = Story::of(OURS);
    (13..=24).for_each(|hour| story.sign(hour, 0));
    let files = (1..=12).map(gone).chain((13..=24).map(received));
    write(&path, &story.digests, files.collect());
    let checked = check(&path).unwrap();
    let certificate = &checked.certificate;
    assert_eq!(checked.differences, [""; 0]);
    assert_eq!(certificate.total.of(Proof::Vanished), 12);
    assert_eq!(certificate.total.of(Proof::Proved), 12);
    assert_eq!(certificate.gaps(), 0);
    assert!(!certificate.is_clean());
}

#[test]
fn what_the_bucket_has_let_expire_is_neither_wrong_nor_proved() {
    let folder = folder();
    let path = folder.path().join("certificate.json");
    let header = Header {
        since: at(-48),
        expire_after_days: Some(1),
        ..header()
    };
    // It is kept until midnight.
    write_with(&path, &header, &[], vec![gone(-20), gone(-10)]);
    let checked = check(&path).unwrap();
    let total = checked.certificate.total;
    assert_eq!(checked.differences, [""; 0]);
    assert_eq!(
        (total.of(Proof::Expired), total.of(Proof::Vanished)),
        (1, 1)
    );
    write_with(&path, &header, &[], vec![gone(-20)]);
    let checked = check(&path).unwrap();
    assert!(checked.holds() && checked.certificate.is_clean());
    assert!(checked.certificate.proves_nothing());
}

#[test]
fn the_folder_in_which_there_must_be_digests_is_not_left_out() {
    let folder = folder();
    let path = folder.path().join("certificate.json");
    let with_home = |home: &str| {
        let header = Header {
            home: Some(home.to_owned()),
            ..header()
        };
        write_with(&path, &header, &[], Vec::new());
        check(&path).unwrap()
    };
    let checked = with_home(FOLDER);
    assert_eq!(checked.differences, [""; 0]);
    assert_eq!(checked.certificate.gaps(), 1);
    assert!(!checked.certificate.is_clean());
    let other = "AWSLogs/222233334444/CloudTrail/eu-west-1/";
    let text = t!("certify-differs-folder", folder = other);
    assert_eq!(with_home(other).differences, [text]);
}

#[test]
fn every_change_of_a_certificate_is_noticed() {
    let folder = folder();
    let path = folder.path().join("certificate.json");
    write_day(&path);
    let whole = fs::read_to_string(&path).unwrap();
    let hash = String::from(content(OURS, 5));
    let other = String::from(content(OURS, 6));
    let lines: Vec<&str> = whole.lines().collect();
    let without = |what: &str| {
        let line = lines
            .iter()
            .position(|line| line.starts_with(what))
            .unwrap();
        let mut left = lines.clone();
        left.remove(line);
        left.join("\n")
    };
    let half = &whole[..whole.len() / 2];
    for (name, text, expected) in [
        ("a hash", whole.replace(&hash, &other), 2),
        (
            "a verdict",
            whole.replacen("\"proved\"", "\"unwanted\"", 1),
            2,
        ),
        ("a digest left out", without("{\"digest\""), 3),
        ("a file left out", without("{\"file\""), 3),
        (
            "a count",
            whole.replace("\"proved\":24", "\"proved\":23"),
            2,
        ),
        ("the end", half.to_owned(), 2),
        ("a key", without("{\"key\""), 3),
    ] {
        fs::write(&path, text).unwrap();
        let checked = check(&path).unwrap();
        let differences = &checked.differences;
        assert!(!checked.holds(), "{name}");
        assert!(differences.len() >= expected, "{name}: {differences:#?}");
    }
}

#[test]
fn a_file_that_is_no_certificate_is_refused() {
    let folder = folder();
    let path = folder.path().join("certificate.json");
    let refused = |text: Option<&str>| {
        if let Some(text) = text {
            fs::write(&path, text).unwrap();
        }
        let failure = check(&path).unwrap_err();
        assert!(failure.message.starts_with("--check: "), "{failure}");
    };
    refused(None);
    for text in ["", "{}", "not JSON\n", "{\"certificate\":1,\"records\":[\n"] {
        refused(Some(text));
    }
    write(&path, &[], Vec::new());
    let newer = fs::read_to_string(&path).unwrap();
    refused(Some(
        &newer.replace("\"certificate\":1", "\"certificate\":2"),
    ));
}

#[test]
fn a_certificate_that_cannot_be_written_names_the_flag() {
    let nowhere = folder().path().join("not-there/certificate.json");
    let Err(failure) = Writer::create(&nowhere, &header()) else {
        panic!("written");
    };
    assert!(failure.message.starts_with("--out: "), "{failure}");
}
