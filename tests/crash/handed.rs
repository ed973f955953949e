//! `setup --plan` and `remove --plan` are killed after each write, and run again with the same file.

use std::path::Path;

use super::{FLAGS, killed_after, side_by_side, undisturbed};
use crate::support::{World, snapshot};

/// Writes a plan to a file that no machine loses.
fn planned(world: &World, folder: &Path, words: &[&str]) -> String {
    let file = folder.join("plan.json").display().to_string();
    let words = [words, &["--no-input", "--out", &file]].concat();
    world.run(&words).exits(0);
    world.wire().mend();
    file
}

#[test]
fn a_plan_killed_after_any_write_goes_on_from_its_file_to_the_same_end() {
    let (whole, writes) = undisturbed(FLAGS);
    let expected = (snapshot::aws(&whole), snapshot::central(&whole));
    side_by_side((0..=writes.len()).collect(), |number| {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World::wired();
        let file = planned(&world, folder.path(), &[&["plan", "demo"], FLAGS].concat());
        let words = ["setup", "--plan", &file, "--yes", "--no-input"];
        let done = killed_after(&world, number, &words);
        world.move_house();
        world.run(&words).exits(0);
        let reached = (snapshot::aws(&world), snapshot::central(&world));
        assert_eq!(reached, expected, "after {done:?}");
    });
}

#[test]
fn a_planned_removal_killed_after_any_write_goes_on_from_its_file_to_the_same_end() {
    let (world, _) = undisturbed(&[]);
    let account = world.account.clone();
    let remove = ["remove", "demo", "--yes", "--confirm-account", &account];
    world.run(&remove).exits(0);
    let writes = world.wire().writes();
    let expected = (snapshot::aws(&world), snapshot::central(&world));
    side_by_side((0..=writes.len()).collect(), |number| {
        let folder = tempfile::tempdir().unwrap();
        let (mut world, _) = undisturbed(&[]);
        let file = planned(&world, folder.path(), &["remove", "demo"]);
        let account = world.account.clone();
        let words = [
            "remove",
            "--plan",
            &file,
            "--yes",
            "--confirm-account",
            &account,
        ];
        let done = killed_after(&world, number, &words);
        world.move_house();
        world.run(&words).exits(0);
        let reached = (snapshot::aws(&world), snapshot::central(&world));
        assert_eq!(reached, expected, "after {done:?}");
    });
}
