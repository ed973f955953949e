//! What excuses that a file is not proved, and what must not: a certificate says so, and a check of it says the same.

use super::{
    certificates::{FOLDER, folder, gone, header, received, write_beside, write_with},
    *,
};
use crate::audit::certify::{
    certificate::Header,
    check::check,
    finding::Finding,
    found::Certificate,
    proof::{Content, File, Proof},
    silent::Silent,
};

/// Writes a certificate, checks it, and returns what it proves.
fn told(header: &Header, digests: &[Sealed], files: Vec<File>) -> Certificate {
    let folder = folder();
    let path = folder.path().join("certificate.json");
    write_with(&path, header, digests, files);
    let checked = check(&path).unwrap();
    assert_eq!(checked.differences, [""; 0]);
    checked.certificate
}

fn findings(certificate: &Certificate) -> Vec<What> {
    let findings = certificate.findings.iter();
    findings.map(|Finding { what, .. }| what.clone()).collect()
}

/// A digest that proves nothing.
fn junk(object: String) -> Sealed {
    Sealed {
        object,
        landed: at(24),
        content: Base64(b"junk".to_vec()),
        signature: None,
        algorithm: None,
    }
}

#[test]
fn a_junk_digest_beside_an_emptied_folder_excuses_nothing() {
    let with_home = Header {
        home: Some(FOLDER.to_owned()),
        ..header()
    };
    for hour in [10, 26] {
        let object = digest_key(OURS, hour).replace(".json.gz", "_backfill.json.gz");
        let files = (1..=24).map(gone).collect();
        let found = told(&header(), &[junk(object.clone())], files);
        assert!(!found.is_clean(), "{hour}");
        let faulty = What::Faulty {
            digest: object.clone(),
            fault: Fault::Unreadable,
            until: at(hour),
        };
        assert_eq!(findings(&found), [faulty.clone(), What::NoDigests]);
        // Not even a receipt is left.
        let found = told(&with_home, &[junk(object)], Vec::new());
        assert_eq!(findings(&found), [faulty, What::NoDigests], "{hour}");
    }
}

#[test]
fn a_file_that_was_received_and_is_written_again_after_the_window_is_told_without_digests() {
    let again = |content: Hash| File {
        landed: Some(at(80)),
        content: Content::Sha256(content),
        ..received(10)
    };
    let found = told(&header(), &[], vec![again(content(OURS, 99))]);
    assert_eq!(found.total.of(Proof::ReceivedDifferently), 1);
    assert!(!found.is_clean());
    // What is the same as before is still signed by nobody.
    let found = told(&header(), &[], vec![again(content(OURS, 10))]);
    assert_eq!(found.total.of(Proof::Unsigned), 1);
    assert_eq!(findings(&found), [What::NoDigests]);
    let found = told(&header(), &[], vec![received(10)]);
    assert_eq!(findings(&found), [What::NoDigests]);
}

#[test]
fn a_chain_of_our_own_trail_that_begins_late_is_a_gap() {
    let mut story = Story::of(OURS);
    (13..=24).for_each(|hour| story.sign(hour, 0));
    let files = || (13..=24).map(received).collect::<Vec<File>>();
    let found = told(&header(), &story.digests, files());
    assert!(found.is_clean(), "{:?}", found.findings);
    let made = Header {
        home: Some(FOLDER.to_owned()),
        signs_since: Some(at(0)),
        ..header()
    };
    let found = told(&made, &story.digests, files());
    let (from, until) = (at(0), at(12));
    assert_eq!(findings(&found), [What::Gap { from, until }]);
    assert!(!found.is_clean());
    // In the folders of other regions, a trail may well begin later: with the first event there.
    let elsewhere = Header { home: None, ..made };
    assert!(told(&elsewhere, &story.digests, files()).is_clean());
}

#[test]
fn a_file_that_no_digest_lists_may_be_that_of_a_trail_without_validation() {
    let unlisted = || File {
        object: log("other", 10),
        ..received(10)
    };
    let files = || {
        let ours = (1..=24).map(received);
        ours.chain([unlisted()]).collect::<Vec<File>>()
    };
    let digests = Story::day().digests;
    let found = told(&header(), &digests, files());
    assert_eq!(found.total.of(Proof::Unlisted), 1);
    assert!(!found.is_clean());
    let beside = |account: &str, whole_bucket: bool| Header {
        whole_bucket,
        silent: vec![Silent {
            trail: trail("other"),
            everywhere: false,
            account: Some(account.parse().unwrap()),
        }],
        ..header()
    };
    for whole_bucket in [false, true] {
        let found = told(&beside("111122223333", whole_bucket), &digests, files());
        let of = |proof| found.total.of(proof);
        assert_eq!((of(Proof::Unassigned), of(Proof::Proved)), (1, 24));
        assert!(found.is_clean(), "{whole_bucket}");
        // It does not write into this folder.
        let found = told(&beside("222233334444", whole_bucket), &digests, files());
        assert_eq!(found.total.of(Proof::Unlisted), 1, "{whole_bucket}");
    }
}

#[test]
fn a_trail_without_validation_that_only_the_files_region_shows_is_in_the_certificate() {
    let unlisted = File {
        object: log("other", 10),
        ..received(10)
    };
    let files = || {
        let ours = (1..=24).map(received);
        ours.chain([unlisted.clone()]).collect::<Vec<File>>()
    };
    let digests = Story::day().digests;
    let local = |account: &str| Silent {
        trail: trail("other"),
        everywhere: false,
        account: Some(account.parse().unwrap()),
    };
    let folder = folder();
    let path = folder.path().join("certificate.json");
    write_beside(
        &path,
        &header(),
        &digests,
        &[local("111122223333")],
        files(),
    );
    let checked = check(&path).unwrap();
    assert_eq!(checked.differences, [""; 0]);
    assert_eq!(checked.certificate.total.of(Proof::Unassigned), 1);
    assert!(checked.certificate.is_clean());
    // One that does not write into the folder excuses nothing.
    write_beside(
        &path,
        &header(),
        &digests,
        &[local("222233334444")],
        files(),
    );
    let checked = check(&path).unwrap();
    assert!(!checked.holds());
    assert_eq!(checked.certificate.total.of(Proof::Unlisted), 1);
}

#[test]
fn a_file_without_a_signature_may_be_that_of_a_trail_without_validation() {
    let theirs = || File {
        receipt: None,
        ..received(10)
    };
    let local = Silent {
        trail: trail("other"),
        everywhere: false,
        account: Some("111122223333".parse().unwrap()),
    };
    let folder = folder();
    let path = folder.path().join("certificate.json");
    for (files, expected) in [
        (vec![theirs()], Vec::new()),
        // The function has heard of one of them.
        (vec![theirs(), received(11)], vec![What::NoDigests]),
    ] {
        let silent = std::slice::from_ref(&local);
        write_beside(&path, &header(), &[], silent, files);
        let checked = check(&path).unwrap();
        assert_eq!(checked.differences, [""; 0]);
        assert_eq!(findings(&checked.certificate), expected);
    }
}
