//! Counts of files: all together, by place and by time.

use super::*;
use crate::{
    audit::tally::Slots,
    connection::{AccountId, Region},
};

#[test]
fn files_are_counted_together_and_by_place_and_time() {
    let window = a_day();
    let folders = [
        folder("111122223333", "eu-west-1"),
        folder("111122223333", "us-east-1"),
        folder("444455556666", "eu-west-1"),
    ];
    let mut tally = Tally::new(&window, &folders);
    for (folder, landed, found) in [
        (0, "2026-11-27T12:00:00Z", Found::Stored),
        (0, "2026-11-27T12:59:59Z", Found::Missing),
        (1, "2026-11-28T11:59:59Z", Found::InFlight),
        (
            2,
            "2026-11-28T00:30:00Z",
            Found::Skipped(Some(SkipReason::Paused)),
        ),
        (2, "2026-11-28T00:31:00Z", Found::Reported(Outcome::Gone)),
        (2, "2026-11-27T20:00:00Z", Found::Earlier),
        (2, "2026-11-27T20:00:00Z", Found::OtherTrail),
        (2, "2026-11-27T20:00:00Z", Found::Unassigned),
    ] {
        let object = object("k", landed);
        tally.add(&Verdict {
            folder: &folders[folder],
            object: &object,
            found,
        });
    }
    let expected = Counts {
        objects: 8,
        delivered: 1,
        missing: 1,
        unwanted: 1,
        reported: 1,
        in_flight: 1,
        earlier: 1,
        other_trail: 1,
        unassigned: 1,
        bytes: 80,
    };
    assert_eq!(tally.total, expected);
    assert_eq!(tally.skipped[&Some(SkipReason::Paused)], 1);
    assert_eq!(tally.reported[&Outcome::Gone], 1);
    let account: AccountId = "111122223333".parse().unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    assert_eq!(tally.places[&account][&region].missing, 1);
    assert_eq!(tally.accounts[&account][0].objects, 2);
    let by_hour: Vec<u64> = tally.times.iter().map(|counts| counts.objects).collect();
    assert_eq!((by_hour[0], by_hour[12], by_hour[23]), (2, 2, 1));
    assert_eq!(tally.slots.begins(12), at("2026-11-28T00:00:00Z"));
    assert_eq!(expected.to_json(7)["inFlight"], 1);
    assert_eq!(expected.to_json(7)["replayed"], 7);
    for field in ["beforeConnection", "otherTrail", "unassigned"] {
        assert_eq!(expected.to_json(7)[field], 1, "{field}");
    }
}

#[test]
fn times_are_cut_so_that_the_numbers_stay_few() {
    let month = window("2026-10-28T12:00:00Z", "2026-11-28T12:00:00Z");
    let year = window("2025-11-28T12:00:00Z", "2026-11-28T12:00:00Z");
    let hour = 3600;
    for (window, accounts, length) in [
        (&month, 20, hour),
        (&month, 1000, 24 * hour),
        (&month, 5000, 7 * 24 * hour),
        (&year, 20, 24 * hour),
    ] {
        let slots = Slots::new(window, accounts);
        assert_eq!(slots.length, length, "{accounts}");
        let last = window.until - SignedDuration::from_secs(1);
        assert_eq!(slots.of(last), slots.count - 1);
        assert_eq!(slots.of(window.since), 0);
    }
    let crowded = Slots::new(&year, 1_000_000);
    assert!(crowded.count <= 2, "{crowded:?}");
}
