//! Whoever is invited is killed at each write, and goes on with the same code on another machine. So does whoever invites.

use std::process::Stdio;

use super::{accept, code, invitation, invited, ran_by_inviter, status, tenant};
use crate::support::{World, snapshot};

/// Runs `setup` with a code, kills it right after this many writes were answered, and returns these writes.
fn killed_after(world: &World, writes: usize, code: &str) -> Vec<String> {
    let words = [
        "setup",
        "--code",
        code,
        "--yes",
        "--expect-tenant",
        tenant(world),
    ];
    let mut child = invited(world, &words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    world.wire().kill_after(writes, child.id());
    child.wait().unwrap();
    let done = world.wire().writes();
    world.wire().mend();
    done
}

#[test]
fn setup_with_a_code_killed_at_any_write_goes_on_with_the_same_code() {
    let whole = World::wired();
    accept(&whole, &code(&invitation(&whole))).exits(0);
    let writes = whole.wire().writes();
    whole.wire().mend();
    let expected = (snapshot::aws(&whole), snapshot::central(&whole));
    let numbers: Vec<usize> = (0..=writes.len()).collect();
    std::thread::scope(|scope| {
        for part in numbers.chunks(numbers.len().div_ceil(4)) {
            let expected = &expected;
            scope.spawn(move || {
                for number in part {
                    let mut world = World::wired();
                    let code = code(&invitation(&world));
                    let done = killed_after(&world, *number, &code);
                    world.move_house();
                    // After the last write the connection may be active at any moment, which uses the code up.
                    let ran = accept(&world, &code);
                    assert!(
                        ran.code == 0 || ran.code == 3 && status(&world) == "active",
                        "after {done:?}: {}",
                        ran.stderr
                    );
                    let found = (snapshot::aws(&world), snapshot::central(&world));
                    assert_eq!(&found, expected, "after {done:?}");
                }
            });
        }
    });
}

#[test]
fn invite_killed_after_its_first_write_goes_on_with_the_same_command() {
    let world = World::wired();
    let words = [
        "invite",
        "demo",
        "--account",
        &world.account,
        "--format",
        "json",
    ];
    let mut child = world
        .command(&words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    world.wire().kill_after(1, child.id());
    assert_eq!(child.wait().unwrap().code(), None);
    assert_eq!(world.wire().writes(), ["central:PUT connection"]);
    world.wire().mend();
    let code = code(&ran_by_inviter(&world, &words).exits(0).json());
    accept(&world, &code).exits(0);
    assert_eq!(snapshot::central(&world).len(), 1);
}
