//! Screens of a connection whose parts a stack has made.

use super::{screens, screens_of_each_width, status::connect};
use crate::support::World;

#[test]
fn what_a_stack_has_made_is_adopted_shown_and_kept() {
    let world = World::wired();
    let adopt = ["plan", "demo", "--adopt", "--no-input"];
    screens("plan_adopt_nothing", &world, &adopt, &[]);
    let id = connect(&world, &[]);
    world.unmake(&id);
    screens_of_each_width("plan_adopt", &world, &adopt, &[]);
    connect(&world, &["--adopt"]);
    screens_of_each_width("status_adopted", &world, &["status"], &[]);
    let parts = ["status", "--parts"];
    screens("status_adopted_parts", &world, &parts, &[]);
    screens_of_each_width("remove_adopted", &world, &world.removal(), &[]);
}
