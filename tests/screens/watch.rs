//! `status --watch` on a terminal.

use serde_json::json;

use super::SHELL;
use crate::support::{
    World,
    terminal::{Size, Terminal},
};

/// A world with a connection `demo`, and its id.
fn connected() -> (World, String) {
    let world = World::new();
    let set_up = world.setup("demo", &[]).exits(0).json();
    let id = set_up["connection"]["id"].as_str().unwrap().to_owned();
    (world, id)
}

#[test]
fn watching_redraws_on_the_other_screen_and_leaves_nothing_behind() {
    let (world, id) = connected();
    let mut terminal = Terminal::run(&world, SHELL, &["status", "demo", "--watch"]);
    terminal.answer_list("demo is healthy", "");
    assert!(terminal.is_on_other_screen());
    world.patch(&id, &json!({ "status": "paused" }));
    terminal.answer_list("demo is not healthy", "");
    let screen = terminal.screen();
    assert!(!screen.contains("demo is healthy"), "{screen}");
    terminal.answer_list("demo is not healthy", "\x03");
    assert_eq!(terminal.end(), 130);
    assert!(!terminal.is_on_other_screen());
    assert!(terminal.cursor_is_shown());
    let screen = terminal.screen();
    assert!(screen.contains("earlier"), "{screen}");
    assert!(screen.contains("Stopped."), "{screen}");
    assert!(!screen.contains("healthy"), "{screen}");
}

#[test]
fn what_does_not_fit_the_terminal_is_cut_below_the_verdict_and_counted() {
    let (world, _) = connected();
    let command = world.command(&["status", "demo", "--watch", "--parts"]);
    let size = Size {
        rows: 24,
        columns: 80,
    };
    let mut terminal = Terminal::sized(&command, SHELL, size);
    terminal.answer_list(" more lines", "");
    let screen = terminal.screen();
    assert!(screen.starts_with("demo is healthy"), "{screen}");
    // Only the last row is left, for the cursor and a sign of life.
    let rows = terminal.rows();
    let cut = rows.lines().position(|line| line.contains(" more lines"));
    assert_eq!(cut, Some(22), "{rows}");
    terminal.answer_list(" more lines", "\x03");
    assert_eq!(terminal.end(), 130);
}

#[test]
fn watching_without_redrawing_adds_a_line_for_each_event_only() {
    let (world, id) = connected();
    let watch = ["status", "demo", "--watch", "--accessible"];
    let mut terminal = Terminal::run(&world, SHELL, &watch);
    terminal.answer_list("demo is healthy", "");
    world.patch(&id, &json!({ "status": "paused" }));
    terminal.answer_list("paused", "\x03");
    assert_eq!(terminal.end(), 130);
    assert!(!terminal.is_on_other_screen());
    let screen = terminal.screen();
    // What stays as it was is told once.
    assert_eq!(
        screen.matches("settings: as deployed").count(),
        1,
        "{screen}"
    );
    assert_eq!(screen.matches("demo is healthy").count(), 1, "{screen}");
}
