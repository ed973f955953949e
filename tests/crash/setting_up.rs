//! `setup` is killed after each write.

use serde_json::json;

use super::{FLAGS, killed_after, setup_words, side_by_side, undisturbed};
use crate::support::{World, snapshot};

#[test]
fn setup_killed_after_any_write_is_continued_from_its_name_alone() {
    setup_matrix(FLAGS);
}

#[test]
#[ignore = "the same with default names; long"]
fn setup_with_defaults_killed_after_any_write_is_continued() {
    setup_matrix(&[]);
}

#[test]
fn a_half_done_setup_is_removed_without_a_trace() {
    let (_, writes) = undisturbed(&[]);
    // The first write goes to Central, and before it there is nothing to remove.
    side_by_side((1..writes.len()).step_by(2).collect(), |number| {
        let mut world = World::wired();
        let done = killed_after(&world, number, &setup_words(&[]));
        world.move_house();
        world.remove("demo", &[]).exits(0);
        let left = snapshot::aws(&world);
        let kept = |name: &String| name.starts_with("bucket ") && left[name]["tags"] != json!({});
        assert!(left.keys().all(kept), "{left:?} after {done:?}");
        assert_eq!(snapshot::central(&world)[0]["status"], "deleted");
    });
}

/// Kills `setup` with these flags after each write, and continues it by its name alone from another machine.
fn setup_matrix(flags: &[&str]) {
    let (whole, writes) = undisturbed(flags);
    let (default, _) = undisturbed(&[]);
    let expected = (snapshot::aws(&whole), snapshot::central(&whole));
    let by_name_alone = (snapshot::aws(&default), snapshot::central(&default));
    side_by_side((0..=writes.len()).collect(), |number| {
        let mut world = World::wired();
        let done = killed_after(&world, number, &setup_words(flags));
        world.move_house();
        world.setup("demo", &[]).exits(0);
        // If nothing was written, the flags are known nowhere.
        let (aws, central) = if number == 0 {
            &by_name_alone
        } else {
            &expected
        };
        assert_eq!(&snapshot::aws(&world), aws, "after {done:?}");
        assert_eq!(&snapshot::central(&world), central, "after {done:?}");
    });
}
