//! The wizard on a real terminal.

mod course;
mod first_run;
mod keys;
mod questions;

use crate::support::{World, terminal::Terminal};

/// The questions of a first run, in order.
const QUESTIONS: [&str; 4] = [
    "Name of the",
    "or use existing ones?",
    "these names?",
    "Apply this plan?",
];

#[test]
fn enter_through_every_question_ends_with_an_active_connection() {
    let world = World::new();
    let mut terminal = Terminal::run(&world, "exec \"$@\"", &["setup"]);
    for question in QUESTIONS {
        terminal.answer_list(question, "\r");
    }
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    let name = format!("aws-{}", world.account);
    let screen = terminal.screen();
    assert!(
        screen.contains(&format!("Connection {name} is active")),
        "{screen}"
    );
    world.run(&["status", &name]).exits(0);
}

#[test]
fn ctrl_c_ends_with_130_and_shows_the_cursor_and_the_next_run_continues() {
    let world = World::wired();
    let mut terminal = Terminal::run(&world, "exec \"$@\"", &["setup", "stopped"]);
    terminal.answer(QUESTIONS[1], "\x03");
    assert_eq!(terminal.end(), 130, "{}", terminal.screen());
    assert!(terminal.cursor_is_shown());
    assert_eq!(world.wire().writes(), [""; 0]);

    let mut terminal = Terminal::run(&world, "exec \"$@\"", &["setup", "stopped", "--yes"]);
    terminal.answer("create bucket", "\x03");
    assert_eq!(terminal.end(), 130, "{}", terminal.screen());
    assert!(terminal.cursor_is_shown());
    let screen = terminal.screen();
    assert!(screen.contains("sophos-ct setup stopped"), "{screen}");
    assert!(!world.wire().writes().is_empty());
    world.setup("stopped", &[]).exits(0);
}

#[test]
fn declining_the_plan_ends_with_9_and_writes_nothing() {
    let world = World::wired();
    let mut terminal = Terminal::run(
        &world,
        "exec \"$@\"",
        &[
            "setup",
            "declined",
            "--no-organization",
            "--resources",
            "new",
        ],
    );
    terminal.answer("these names?", "\r");
    terminal.answer_list("Apply this plan?", "\x1b[B\r");
    assert_eq!(terminal.end(), 9, "{}", terminal.screen());
    assert_eq!(world.wire().writes(), [""; 0]);
}

#[test]
fn keys_pressed_before_the_plan_is_shown_do_not_decide_about_it() {
    let world = World::wired();
    let setup = ["setup", "hasty", "--no-organization", "--resources", "new"];
    let mut terminal = Terminal::run(&world, "exec \"$@\"", &setup);
    terminal.answer("these names?", "\r\r\r");
    terminal.answer_list("? Apply this plan?", "\x1b[B\r");
    assert_eq!(terminal.end(), 9, "{}", terminal.screen());
    assert_eq!(world.wire().writes(), [""; 0]);
}
