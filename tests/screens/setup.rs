//! Screens of `setup` and `plan`.

use super::screen;
use crate::{
    existing::{notified_by, with_trail},
    organization::organize,
    support::World,
};

#[test]
fn setup_of_new_resources() {
    let world = World::new();
    let answers = [
        ("Name of the", "\r"),
        ("or use existing", "\r"),
        ("these names?", "\r"),
        ("Apply this plan?", "\x1b[B\x1b[B\r"),
        ("will record", ""),
        ("? Apply this plan?", "\r"),
    ];
    screen("setup_new", &world, &["setup"], &answers);
    let name = format!("aws-{}", world.account);
    screen("setup_again", &world, &["setup", &name, "--yes"], &[]);
}

#[test]
fn setup_with_names_typed_and_the_plan_declined() {
    let world = World::new();
    let answers = [
        ("or use existing", "\r"),
        ("these names?", "n\r"),
        ("? Bucket", "\r"),
        ("? Prefix", "audit\r"),
        ("? Trail", "all-events\r"),
        ("? Topic", "\r"),
        ("? Function", "\r"),
        ("? Role", "\r"),
        ("Apply this plan?", "\x1b[B\r"),
    ];
    screen("setup_names", &world, &["setup", "third"], &answers);
}

#[test]
fn plan_of_an_existing_trail() {
    let world = with_trail(true);
    let plan = ["plan", "existing"];
    let answers = [("or use existing", "\r")];
    let more = [("Which trail?", "\r"), ("these names?", "\r")];
    let answers = [&answers[..], &more].concat();
    screen("plan_existing", &world, &plan, &answers);
}

#[test]
fn plan_of_an_existing_trail_that_notifies_nothing() {
    let world = with_trail(false);
    let plan = ["plan", "existing", "--no-organization"];
    let answers = [
        ("or use existing", "\x1b[B\r"),
        ("Which trail?", "\r"),
        ("Your choice", "\x1b[B\r"),
        ("these names?", "\r"),
    ];
    screen("plan_existing_bucket", &world, &plan, &answers);
    let notified = notified_by("eventbridge");
    let plan = [&["plan", "existing", "--no-input"][..], &notified].concat();
    screen("plan_existing_eventbridge", &world, &plan, &[]);
}

#[test]
fn plan_of_an_organization() {
    let world = World::new();
    organize(&world, &["711122223333", "722233334444"]);
    let plan = ["plan", "organization", "--resources", "new"];
    let answers = [
        ("an AWS organization?", "y\r"),
        ("Which accounts", "\x1b[B\r"),
        ("0 ticked", "7111 "),
        ("1 ticked", "\r"),
        ("these names?", "\r"),
    ];
    screen("plan_organization", &world, &plan, &answers);
}
