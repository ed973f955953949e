//! Where the window begins and ends, and where what the bucket keeps begins.

use super::*;
use crate::audit::certify::certificate::Header;

#[test]
fn a_file_at_an_edge_of_the_window_is_judged_by_the_digest_that_lists_it() {
    let minutes = SignedDuration::from_mins;
    let mut story = Story::of(OURS);
    (-1..=25).for_each(|hour| story.sign(hour, 0));
    // That of an hour before is not read.
    story.delete(-1);
    let (ours, window) = (trail(OURS), window());
    let keys = [public_key(0)];
    let (chains, found) = judged(&story.digests, &keys, &ours, &window);
    assert_eq!(found, []);
    let (first, last) = (at(0) + minutes(2), at(24) - minutes(2));
    for (hour, landed) in [(0, first), (25, last)] {
        let said = chains.say(&log(OURS, hour), Some(landed));
        assert_eq!((said.hash, said.at), (Some(content(OURS, hour)), landed));
        assert!(chains.say("AWSLogs/x.json.gz", Some(landed)).due);
        // What it lists besides belongs to another window.
        assert_eq!(chains.number(&log(OURS, hour)), None);
    }
    let listed: Vec<&str> = chains.listed().map(|(object, _)| object).collect();
    assert_eq!(listed.len(), 24, "{listed:#?}");
    // Without these digests, nobody knows what they list.
    story.delete(0);
    story.delete(25);
    let (chains, found) = judged(&story.digests, &keys, &ours, &window);
    assert_eq!(found, []);
    for (landed, expected) in [
        (first, false),
        (at(0) + minutes(11), true),
        (at(24) - minutes(11), true),
        (last, false),
    ] {
        let said = chains.say("AWSLogs/x.json.gz", Some(landed));
        assert_eq!(said.due, expected, "{landed}");
    }
}

#[test]
fn the_digest_before_the_window_adds_no_gap_before_it() {
    let since = at(0) + SignedDuration::from_mins(5);
    let window = Window { since, ..window() };
    let (ours, keys) = (trail(OURS), [public_key(0)]);
    // After a first digest, those from this hour on to the end of the window.
    let found = |first: i64| {
        let mut story = Story::of(OURS);
        story.sign(0, 0);
        story.last = None;
        (first..=24).for_each(|hour| story.sign(hour, 0));
        let (_, found) = judged(&story.digests, &keys, &ours, &window);
        found
            .into_iter()
            .map(|(_, what)| what)
            .collect::<Vec<What>>()
    };
    assert_eq!(found(1), []);
    let (from, until) = (since, at(2));
    assert_eq!(found(3), [What::Gap { from, until }]);
    let (from, until) = (since, at(24));
    assert_eq!(found(25), [What::Gap { from, until }]);
}

#[test]
fn digests_that_the_bucket_has_let_expire_are_not_missing() {
    let mut story = Story::of(OURS);
    (-12..=24).for_each(|hour| story.sign(hour, 0));
    story.delete(-12);
    let since = at(-48);
    let window = Window { since, ..window() };
    let (ours, keys) = (trail(OURS), [public_key(0)]);
    let missing = What::Missing {
        digest: digest_key(OURS, -12),
        from: since,
        until: at(-12),
    };
    let expired = What::Expired { until: at(-12) };
    for (days, expected) in [
        (None, missing.clone()),
        (Some(2), missing),
        (Some(1), expired),
    ] {
        let scope = Scope {
            expire_after_days: days,
            ..scope(&ours, &window)
        };
        let (_, found) = judged_for(scope, &story.digests, &keys);
        assert_eq!(found, [(ours.clone(), expected)], "{days:?}");
    }
}

#[test]
fn a_junk_digest_does_not_stand_for_those_that_are_gone() {
    let (ours, window, keys) = (trail(OURS), window(), [public_key(0)]);
    let none = |digests: &[Sealed]| {
        let (chains, found) = judged(digests, &keys, &ours, &window);
        let found: Vec<What> = found.into_iter().map(|(_, what)| what).collect();
        (chains.has_none(|trail| trail.name == OURS), found)
    };
    let junk = |object: String| Sealed {
        object,
        landed: at(24),
        content: Base64(b"junk".to_vec()),
        signature: None,
        algorithm: None,
    };
    let backfill = |hour| digest_key(OURS, hour).replace(".json.gz", "_backfill.json.gz");
    let unreadable = |digest: String, hour| What::Faulty {
        digest,
        fault: Fault::Unreadable,
        until: at(hour),
    };
    for hour in [10, 26] {
        let object = backfill(hour);
        let expected = vec![unreadable(object.clone(), hour)];
        assert_eq!(none(&[junk(object)]), (true, expected), "{hour}");
        let (is_none, found) = none(&[junk(digest_key(OURS, hour))]);
        assert!(is_none, "{hour}");
        let faulty = unreadable(digest_key(OURS, hour), hour);
        assert!(found.contains(&faulty), "{hour}: {found:#?}");
    }
    // One that holds is no proof of the window either, if it is about another time.
    let mut after = Story::of(OURS);
    after.sign(26, 0);
    assert!(none(&after.digests).0);
    let mut within = Story::of(OURS);
    within.sign(10, 0);
    assert!(!none(&within.digests).0);
}

#[test]
fn the_chain_of_a_trail_that_has_signed_for_longer_begins_too_late() {
    let (ours, window, keys) = (trail(OURS), window(), [public_key(0)]);
    let found = |first: i64, signs_since: Option<Timestamp>| {
        let mut story = Story::of(OURS);
        (first..=24).for_each(|hour| story.sign(hour, 0));
        let scope = Scope {
            signs_since,
            ..scope(&ours, &window)
        };
        let (_, found) = judged_for(scope, &story.digests, &keys);
        found
            .into_iter()
            .map(|(_, what)| what)
            .collect::<Vec<What>>()
    };
    let begins = |hour| vec![What::Begins { at: at(hour) }];
    assert_eq!(found(13, None), begins(12));
    assert_eq!(found(13, Some(at(10))), begins(12));
    let (from, until) = (at(9), at(12));
    assert_eq!(found(13, Some(from)), [What::Gap { from, until }]);
    // It may be that of another trail.
    let mut other = Story::of("other");
    (13..=24).for_each(|hour| other.sign(hour, 0));
    let digests = [Story::day().digests, other.digests].concat();
    let scope = Scope {
        signs_since: Some(at(0)),
        ..scope(&ours, &window)
    };
    assert_eq!(judged_for(scope, &digests, &keys).1, []);
}

#[test]
fn only_the_home_folder_must_have_signed() {
    let (ours, window) = (trail(OURS), window());
    let home = "AWSLogs/111122223333/CloudTrail/eu-west-1/";
    let scope = Scope {
        home: Some(home),
        signs_since: Some(at(0)),
        ..scope(&ours, &window)
    };
    let (account, region) = (
        "111122223333".parse().unwrap(),
        "eu-west-1".parse().unwrap(),
    );
    let folder = scope.of_folder(&account, &region, home);
    assert_eq!((folder.home, folder.signs_since), (Some(home), Some(at(0))));
    let other = "AWSLogs/111122223333/CloudTrail/us-east-1/";
    let folder = scope.of_folder(&account, &"us-east-1".parse().unwrap(), other);
    assert_eq!((folder.home, folder.signs_since), (None, None));
}

#[test]
fn a_file_that_no_digest_lists_counts_for_the_time_in_its_name_if_it_was_written_again() {
    let minutes = SignedDuration::from_mins;
    let (ours, window) = (trail(OURS), window());
    let (chains, _) = judged(&[], &[], &ours, &window);
    let counts = |hour: i64, landed: Timestamp| chains.say(&log(OURS, hour), Some(landed)).at;
    let named = at(10) - minutes(30);
    assert_eq!(counts(10, named + minutes(3)), named + minutes(3));
    assert_eq!(counts(10, at(20)), at(20), "it landed in the window");
    assert_eq!(counts(10, at(24)), named);
    assert_eq!(counts(10, at(80)), named);
    // Those of other times have nothing to do with the window.
    for hour in [-3, 26] {
        assert_eq!(counts(hour, at(80)), at(80), "{hour}");
    }
    // The last ones may land just after it, and the first ones be named just before it.
    let short = Window {
        until: named + minutes(4),
        ..window.clone()
    };
    let (chains, _) = judged(&[], &[], &ours, &short);
    let landed = short.until + minutes(5);
    assert_eq!(chains.say(&log(OURS, 10), Some(landed)).at, landed);
    let late = Window {
        since: named + minutes(1),
        ..window
    };
    let (chains, _) = judged(&[], &[], &ours, &late);
    assert_eq!(chains.say(&log(OURS, 10), Some(at(80))).at, late.since);
}

#[test]
fn the_log_files_of_a_trail_that_notifies_the_same_topic_are_heard_of() {
    let (ours, window, keys) = (trail(OURS), window(), [public_key(0)]);
    let mut other = Story::of("other");
    (0..=24).for_each(|hour| other.sign(hour, 0));
    let digests = [Story::day().digests, other.digests].concat();
    for heard in [BTreeSet::new(), BTreeSet::from([trail("other")])] {
        let scope = Scope {
            heard: &heard,
            ..scope(&ours, &window)
        };
        let (chains, _) = judged_for(scope, &digests, &keys);
        let said = chains.say(&log("other", 9), Some(at(9)));
        assert_eq!(said.theirs, heard.is_empty());
        // The home folder must have digests of the connection's trail itself.
        assert!(!scope.is_own(&trail("other")));
        // Whoever checks the certificate knows it too.
        let header = Header {
            heard: heard.clone(),
            ..certificates::header()
        };
        let read: Header = serde_json::from_str(&json!(header).to_string()).unwrap();
        assert_eq!(
            read.scope(&window).is_ours(&trail("other")),
            !heard.is_empty()
        );
    }
}
