//! `setup` and `remove` are killed after each write, and the connection uses resources that are not ours or are the whole
//! organization's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{killed_after, remove_words, setup_words, side_by_side};
use crate::{
    existing, organization,
    support::{World, snapshot},
};

#[test]
fn a_trail_of_an_organization_survives_kills() {
    let make = || {
        let world = World::wired();
        organization::organize(&world, &[]);
        world
    };
    matrix_of(make, &["--organization"], &[]);
}

#[test]
fn a_subscription_to_a_topic_that_is_not_ours_survives_kills() {
    // These show which bucket we read, and which topic's messages we take.
    let evidence = ["iam:PutRolePolicy", "lambda:AddPermission"];
    let flags = ["--resources", "existing"];
    matrix_of(|| existing::with_trail(true), &flags, &evidence);
}

#[test]
fn a_notification_of_a_bucket_that_is_not_ours_survives_kills() {
    let flags = existing::notified_by("bucket");
    let evidence = ["iam:PutRolePolicy"];
    matrix_of(|| existing::with_trail(false), &flags, &evidence);
}

/// Kills `setup` after each write and continues it, kills `remove` after each write and continues it, and checks that in the
/// end everything is as it was in the world of `make`. Once the writes in `evidence` are done, `setup` does not ask for the
/// flags again.
fn matrix_of(make: fn() -> World, flags: &[&str], evidence: &[&str]) {
    let whole = make();
    let before = theirs(&whole);
    whole.setup("demo", flags).exits(0);
    let writes = whole.wire().writes().len();
    let expected = (snapshot::aws(&whole), snapshot::central(&whole));
    whole.wire().mend();
    whole.run(&remove_words(&whole, &[])).exits(0);
    let removing = whole.wire().writes().len();
    assert_eq!(theirs(&whole), before);
    side_by_side((1..=writes.max(removing)).collect(), |number| {
        let mut world = make();
        let mut done = Vec::new();
        if number <= writes {
            done = killed_after(&world, number, &setup_words(flags));
            world.move_house();
        }
        let more = if number <= writes { &[] } else { flags };
        let continued = world.setup("demo", more);
        let shows = |write: &&str| done.iter().any(|one| one == write);
        if more.is_empty() && continued.code == 2 && !evidence.iter().all(shows) {
            // Nothing in AWS shows yet that the resources that are not ours were meant, so the flags are given once more.
            assert!(
                continued.stderr.contains("Confirm it with these flags"),
                "{}",
                continued.stderr
            );
            world.setup("demo", flags).exits(0);
        } else {
            continued.exits(0);
        }
        assert_eq!(snapshot::aws(&world), expected.0, "after {done:?}");
        assert_eq!(snapshot::central(&world), expected.1, "after {done:?}");
        world.wire().mend();
        if number <= removing {
            done = killed_after(&world, number, &remove_words(&world, &[]));
            world.move_house();
        }
        world.run(&remove_words(&world, &[])).exits(0);
        assert_eq!(theirs(&world), before, "after {done:?}");
    });
}

/// Everything except what `remove` leaves behind: the log bucket, and what belongs to the whole organization.
fn theirs(world: &World) -> BTreeMap<String, Value> {
    let mut found = snapshot::aws(world);
    found.retain(|name, _| {
        !name.starts_with("bucket sophos-ct-") && !name.starts_with("role AWSServiceRole")
    });
    found
}
