//! Whoever is invited is killed at each write, and goes on with the same code on another machine. So does whoever invites.

use super::{accept, code, invitation, invited, ran_by_inviter, status, tenant};
use crate::{
    crash::{killed, killed_after, side_by_side},
    support::{World, snapshot},
};

#[test]
fn setup_with_a_code_killed_at_any_write_goes_on_with_the_same_code() {
    let whole = World::wired();
    accept(&whole, &code(&invitation(&whole))).exits(0);
    let writes = whole.wire().writes();
    whole.wire().mend();
    let expected = (snapshot::aws(&whole), snapshot::central(&whole));
    side_by_side((0..=writes.len()).collect(), |number| {
        let mut world = World::wired();
        let code = code(&invitation(&world));
        let mut setup = invited(
            &world,
            &["setup", "--yes", "--expect-tenant", tenant(&world)],
        );
        let done = killed(&world, number, setup.env("SOPHOS_CT_CODE", &code));
        world.move_house();
        // After the last write the connection may be active at any moment, which uses the code up.
        let ran = accept(&world, &code);
        assert!(
            ran.code == 0 || ran.code == 3 && status(&world) == "active",
            "after {done:?}: {}",
            ran.stderr
        );
        let found = (snapshot::aws(&world), snapshot::central(&world));
        assert_eq!(found, expected, "after {done:?}");
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
    let done = killed_after(&world, 1, &words);
    assert_eq!(done, ["central:PUT connection"]);
    let code = code(&ran_by_inviter(&world, &words).exits(0).json());
    accept(&world, &code).exits(0);
    assert_eq!(snapshot::central(&world).len(), 1);
}
