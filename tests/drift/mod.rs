//! Changes since a connection was set up. `setup` mends what is ours, names what is not ours (exit 8), and asks again for
//! answers that only Central knows.

mod central;
mod mended;
mod named;

use crate::support::World;

/// The checks of `status` that fail, one in a line.
fn complaints(world: &World, code: i32) -> String {
    let status = world
        .run(&["status", "demo", "--format", "json"])
        .exits(code)
        .json();
    let checks = status["checks"].as_array().unwrap();
    let failing = checks.iter().filter(|check| check["ok"] == false);
    failing.map(|check| format!("{check}\n")).collect()
}
