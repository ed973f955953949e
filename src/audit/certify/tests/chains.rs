//! Chains of digests: each fault is told apart from the others.

use super::*;
use crate::audit::certify::digest::{DigestKey, named_time};

#[test]
fn a_whole_chain_has_nothing_wrong() {
    let story = Story::day();
    assert_eq!(wrong(&story.digests, &[public_key(0)]), []);
}

#[test]
fn each_fault_is_told_apart() {
    type Change = fn(&mut Story);
    let cases: [(&str, Change, Vec<What>); 14] = [
        (
            "a bit of a digest",
            |story| flip(story.digest(10)),
            vec![faulty(10, Fault::Altered)],
        ),
        (
            "a bit of a signature",
            |story| flip_signature(story.digest(10)),
            vec![faulty(10, Fault::SignatureAltered)],
        ),
        (
            "a bit of the last signature: no digest says that the content is right",
            |story| flip_signature(story.digest(24)),
            vec![faulty(24, Fault::Signature)],
        ),
        (
            "no signature",
            |story| story.digest(10).signature = None,
            vec![faulty(10, Fault::NotSigned)],
        ),
        (
            "another algorithm",
            |story| story.digest(10).algorithm = Some("SHA1withRSA".to_owned()),
            vec![faulty(10, Fault::Algorithm("SHA1withRSA".to_owned()))],
        ),
        (
            "not a digest, at the end",
            |story| story.digest(24).content = Base64(zip(b"{}")),
            vec![faulty(24, Fault::Unreadable)],
        ),
        (
            "not a digest, and the one before it deleted: nothing names that one",
            |story| {
                story.digest(10).content = Base64(b"{}".to_vec());
                story.delete(9);
                story.delete(11);
            },
            vec![
                What::Gap {
                    from: at(8),
                    until: at(9),
                },
                faulty(10, Fault::Unreadable),
                What::Missing {
                    digest: digest_key(OURS, 11),
                    from: at(10),
                    until: at(11),
                },
            ],
        ),
        (
            "a digest in the place of another",
            |story| {
                let copy = story.digest(24).clone();
                story.digests.push(Sealed {
                    object: digest_key(OURS, 25),
                    ..copy
                });
            },
            // It was read because it may list the last files of the window.
            vec![faulty(25, Fault::Moved)],
        ),
        (
            "a digest deleted",
            |story| story.delete(10),
            vec![What::Missing {
                digest: digest_key(OURS, 10),
                from: at(9),
                until: at(10),
            }],
        ),
        (
            "two digests in a row deleted",
            |story| {
                story.delete(9);
                story.delete(10);
            },
            vec![What::Missing {
                digest: digest_key(OURS, 10),
                from: at(8),
                until: at(10),
            }],
        ),
        (
            "the first digest deleted",
            |story| story.delete(1),
            vec![What::Missing {
                digest: digest_key(OURS, 1),
                from: at(0),
                until: at(1),
            }],
        ),
        (
            "the last digests deleted",
            |story| (21..=24).for_each(|hour| story.delete(hour)),
            vec![What::Gap {
                from: at(20),
                until: at(24),
            }],
        ),
        (
            "hours without logging",
            |story| {
                *story = Story::of(OURS);
                story.sign(0, 0);
                story.digests.clear();
                (1..=6).for_each(|hour| story.sign(hour, 0));
                story.last = None;
                (13..=24).for_each(|hour| story.sign(hour, 0));
            },
            vec![What::Gap {
                from: at(6),
                until: at(12),
            }],
        ),
        (
            "a chain that begins late",
            |story| {
                *story = Story::of(OURS);
                (13..=24).for_each(|hour| story.sign(hour, 0));
            },
            vec![What::Begins { at: at(12) }],
        ),
    ];
    for (name, change, expected) in cases {
        let mut story = Story::day();
        change(&mut story);
        assert_eq!(wrong(&story.digests, &[public_key(0)]), expected, "{name}");
    }
}

#[test]
fn a_digest_that_was_moved_proves_nothing() {
    let mut story = Story::day();
    let object = digest_key(OURS, 10);
    story.digest(10).object = object.replace("T220000Z", "T223000Z");
    let found = wrong(&story.digests, &[public_key(0)]);
    let is = |test: fn(&What) -> bool| found.iter().filter(|what| test(what)).count() == 1;
    assert!(
        is(|what| matches!(what, What::Missing { .. })),
        "{found:#?}"
    );
    let moved = |what: &What| {
        matches!(
            what,
            What::Faulty {
                fault: Fault::Moved,
                ..
            }
        )
    };
    assert!(is(moved), "{found:#?}");
}

#[test]
fn keys_may_change_and_an_unknown_one_is_told() {
    let mut story = Story::of(OURS);
    story.sign(0, 0);
    story.digests.clear();
    for hour in 1..=24 {
        story.sign(hour, usize::from(hour > 12));
    }
    let mut keys = [public_key(0), public_key(1)];
    (keys[0].until, keys[1].from) = (at(12), at(12));
    assert_eq!(wrong(&story.digests, &keys), []);
    let found = wrong(&story.digests, &keys[..1]);
    let unknown = Fault::UnknownKey("fingerprint 1".to_owned());
    let expected: Vec<What> = (13..=24)
        .map(|hour| faulty(hour, unknown.clone()))
        .collect();
    assert_eq!(found, expected);
    keys[1].from = at(50);
    let found = wrong(&story.digests, &keys);
    let early = Fault::KeyNotValid("fingerprint 1".to_owned());
    assert_eq!(found[0], faulty(13, early));
    // A key with the right name that is another key.
    keys[1] = PublicKey {
        fingerprint: "fingerprint 1".to_owned(),
        ..public_key(0)
    };
    let found = wrong(&story.digests, &keys);
    assert_eq!(found.last(), Some(&faulty(24, Fault::Signature)));
}

#[test]
fn a_second_trail_is_a_chain_of_its_own() {
    let mut digests = Story::day().digests;
    let mut other = Story::of("other");
    other.sign(3, 0);
    other.sign(9, 0);
    digests.extend(other.digests);
    let (ours, window) = (trail(OURS), window());
    let (chains, found) = judged(&digests, &[public_key(0)], &ours, &window);
    assert_eq!(found, []);
    let said = chains.say(&log("other", 9), Some(at(9)));
    assert!(
        said.theirs && said.hash == Some(content("other", 9)),
        "{said:?}"
    );
    let said = chains.say(&log(OURS, 9), Some(at(9)));
    assert!(
        !said.theirs && said.hash == Some(content(OURS, 9)),
        "{said:?}"
    );
}

#[test]
fn what_a_digest_lists_counts_only_if_the_digest_holds() {
    let mut story = Story::day();
    flip(story.digest(10));
    story.delete(12);
    let (ours, window) = (trail(OURS), window());
    let (chains, _) = judged(&story.digests, &[public_key(0)], &ours, &window);
    assert_eq!(chains.say(&log(OURS, 10), None).hash, None);
    assert_eq!(chains.say(&log(OURS, 12), None).hash, None);
    let listed: Vec<&str> = chains.listed().map(|(object, _)| object).collect();
    assert_eq!(listed.len(), 22);
    assert!(!listed.contains(&log(OURS, 10).as_str()), "{listed:#?}");
    // A file of a time without a digest cannot be due.
    let due = |hour, minute| {
        let landed = at(hour) + SignedDuration::from_mins(minute);
        chains.say("AWSLogs/x.json.gz", Some(landed)).due
    };
    assert!(due(7, 30));
    assert!(!due(9, 30) && !due(11, 30));
    assert!(!due(23, 55), "the next digest may list it");
}

#[test]
fn a_file_is_due_only_where_no_trail_lacks_a_digest() {
    let mut story = Story::day();
    story.delete(12);
    let mut other = Story::of("other");
    (1..=6).for_each(|hour| other.sign(hour, 0));
    other.last = None;
    (11..=24).for_each(|hour| other.sign(hour, 0));
    other.delete(16);
    let digests = [story.digests, other.digests].concat();
    let (ours, window) = (trail(OURS), window());
    let (chains, _) = judged(&digests, &[public_key(0)], &ours, &window);
    let due = |hour| {
        let landed = at(hour) + SignedDuration::from_mins(30);
        chains.say("AWSLogs/x.json.gz", Some(landed)).due
    };
    assert!(due(3), "both tell of it");
    assert!(due(8), "the other trail did not log");
    assert!(!due(11), "the digest of ours is deleted");
    assert!(!due(15), "that of the other is, and it may be its file");
    // Without any digest of ours, those of others say nothing of our files.
    let others: Vec<Sealed> = digests
        .into_iter()
        .filter(|digest| digest.object.contains("_other_"))
        .collect();
    let (chains, _) = judged(&others, &[public_key(0)], &ours, &window);
    let landed = at(3) + SignedDuration::from_mins(30);
    assert!(!chains.say("AWSLogs/x.json.gz", Some(landed)).due);
    assert!(chains.has_none(|trail| trail.name == OURS));
}

/// A trail writes into another bucket from hour 10 on, and comes back at hour 12.
fn diverted(hours: std::ops::RangeInclusive<i64>) -> Vec<What> {
    let mut story = Story::of(OURS);
    for hour in 0..=24 {
        story.bucket = if hour == 12 { "elsewhere" } else { BUCKET };
        story.sign(hour, 0);
    }
    for hour in (0..=24).filter(|hour| !hours.contains(hour)).chain(10..=11) {
        story.delete(hour);
    }
    wrong(&story.digests, &[public_key(0)])
}

#[test]
fn a_trail_that_comes_from_another_bucket_is_told_and_one_that_was_diverted_leaves_a_gap() {
    let gap = What::Gap {
        from: at(9),
        until: at(11),
    };
    assert_eq!(diverted(1..=24), [gap]);
    let elsewhere = What::Elsewhere {
        digest: digest_key(OURS, 12),
        bucket: "elsewhere".to_owned(),
        at: at(11),
    };
    assert_eq!(diverted(12..=24), [elsewhere]);
}

#[test]
fn a_file_that_is_written_again_counts_for_the_time_at_which_it_was_signed() {
    let story = Story::day();
    let (ours, window) = (trail(OURS), window());
    let (chains, _) = judged(&story.digests, &[public_key(0)], &ours, &window);
    let named = at(10) - SignedDuration::from_mins(30);
    for (landed, expected) in [
        (None, named),
        (
            Some(at(10) - SignedDuration::from_mins(29)),
            at(10) - SignedDuration::from_mins(29),
        ),
        (Some(at(80)), named),
    ] {
        assert_eq!(
            chains.say(&log(OURS, 10), landed).at,
            expected,
            "{landed:?}"
        );
    }
    // Nobody has signed this one, which has landed after the window: it counts for the time in its name.
    assert_eq!(chains.say(&log("other", 10), Some(at(80))).at, named);
}

#[test]
fn keys_of_digests_and_log_files_are_read() {
    let key = DigestKey::parse(&digest_key(OURS, 10)).unwrap();
    assert_eq!(
        (key.trail, key.end, key.backfill),
        (trail(OURS), at(10), false)
    );
    let late = digest_key(OURS, 10).replace(".json.gz", "_backfill.json.gz");
    let key = DigestKey::parse(&late).unwrap();
    assert_eq!(
        (key.trail, key.end, key.backfill),
        (trail(OURS), at(10), true)
    );
    for text in ["", "AWSLogs/x", "AWSLogs/1_CloudTrail-Digest_x.json.gz"] {
        assert_eq!(DigestKey::parse(text), None, "{text}");
    }
    let landed = at(10) - SignedDuration::from_mins(30);
    assert_eq!(named_time(&log(OURS, 10)), Some(landed));
    assert_eq!(named_time("AWSLogs/x"), None);
}

#[test]
fn a_digest_without_what_a_proof_needs_is_none() {
    let sealed = Story::day().digest(10).clone();
    let whole: Value = serde_json::from_slice(&unzip(&sealed.content.0)).unwrap();
    let read = |document: &Value| Digest::read(&zip(document.to_string().as_bytes()));
    assert!(read(&whole).is_some());
    for field in [
        "digestStartTime",
        "digestEndTime",
        "digestS3Bucket",
        "digestS3Object",
        "digestPublicKeyFingerprint",
        "digestSignatureAlgorithm",
        "previousDigestHashValue",
    ] {
        let mut without = whole.clone();
        without.as_object_mut().unwrap().remove(field);
        assert!(read(&without).is_none(), "{field}");
    }
    let mut other = whole.clone();
    other["logFiles"][0]["hashAlgorithm"] = "MD5".into();
    assert!(read(&other).is_none());
    let mut unknown = whole;
    unknown["another"] = json!({});
    assert!(read(&unknown).is_some());
    // Nothing may come behind it.
    let more = [sealed.content.0, b"more".to_vec()].concat();
    assert!(Digest::read(&more).is_none());
}
