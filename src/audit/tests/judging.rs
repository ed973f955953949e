//! What became of a log file, from what is known of it.

use super::*;
use crate::audit::{
    reconcile::{Choice, judge},
    writers::WrittenBy,
};

#[test]
fn a_file_without_a_receipt_is_missing_once_the_grace_is_over() {
    let window = a_day();
    let old = object("k", "2026-11-28T00:00:00Z");
    let young = object("k", "2026-11-28T11:59:00Z");
    let of = |outcome, reason| receipt("k", outcome, reason);
    let paused = of(Outcome::Skipped, Some(SkipReason::Paused));
    let not_selected = of(Outcome::Skipped, Some(SkipReason::AccountNotSelected));
    for (paused_too, object, receipt, expected) in [
        (false, &old, None, Found::Missing),
        (false, &young, None, Found::InFlight),
        (
            false,
            &young,
            Some(of(Outcome::Stored, None)),
            Found::Stored,
        ),
        (
            false,
            &old,
            Some(of(Outcome::Archived, None)),
            Found::Reported(Outcome::Archived),
        ),
        // What this version does not know is neither stored nor sent again.
        (
            true,
            &old,
            Some(of(Outcome::Unknown, None)),
            Found::Reported(Outcome::Unknown),
        ),
        (
            true,
            &old,
            Some(of(Outcome::Skipped, Some(SkipReason::Unknown))),
            Found::Skipped(Some(SkipReason::Unknown)),
        ),
        (
            false,
            &old,
            Some(paused.clone()),
            Found::Skipped(Some(SkipReason::Paused)),
        ),
        (true, &old, Some(paused), Found::Missing),
        (
            true,
            &old,
            Some(not_selected),
            Found::Skipped(Some(SkipReason::AccountNotSelected)),
        ),
    ] {
        let choice = Choice {
            history: false,
            replay: false,
            paused: paused_too,
            unassigned: false,
        };
        let found = judge(
            &window,
            choice,
            Timestamp::MIN,
            WrittenBy::Ours,
            object,
            receipt.as_ref(),
        );
        assert_eq!(found, expected, "{object:?}");
    }
}

#[test]
fn only_a_file_that_should_have_come_is_missing() {
    let window = a_day();
    let old = object("k", "2026-11-27T20:00:00Z");
    let late = object("k", "2026-11-28T00:00:00Z");
    let young = object("k", "2026-11-28T11:59:00Z");
    let stored = receipt("k", Outcome::Stored, None);
    let judged = |unassigned: bool, by: WrittenBy, object: &Object, receipt| {
        let choice = Choice {
            history: false,
            replay: false,
            paused: false,
            unassigned,
        };
        let heard_since = at("2026-11-28T00:00:00Z");
        judge(&window, choice, heard_since, by, object, receipt)
    };
    for (unassigned, by, object, expected) in [
        (false, WrittenBy::Ours, &old, Found::Earlier),
        (false, WrittenBy::Ours, &late, Found::Missing),
        (false, WrittenBy::Another, &old, Found::OtherTrail),
        (false, WrittenBy::Another, &late, Found::OtherTrail),
        (false, WrittenBy::Another, &young, Found::OtherTrail),
        (true, WrittenBy::Another, &late, Found::OtherTrail),
        (false, WrittenBy::Unknown, &old, Found::Earlier),
        (false, WrittenBy::Unknown, &late, Found::Unassigned),
        (false, WrittenBy::Unknown, &young, Found::InFlight),
        (true, WrittenBy::Unknown, &late, Found::Missing),
    ] {
        assert_eq!(judged(unassigned, by, object, None), expected, "{by:?}");
        assert_eq!(judged(unassigned, by, object, Some(&stored)), Found::Stored);
    }
}
