//! What people see: screens of the program as snapshots, on a terminal of 80 columns.
//!
//! `INSTA_UPDATE=always cargo test --test suite screens::` takes changes up; read the difference before you commit it.

mod commands;
mod setup;
mod tidy;

use crate::support::{
    World,
    terminal::{Size, Terminal},
};

/// Tall enough for a whole run, so that nothing scrolls away.
const SIZE: Size = Size {
    rows: 300,
    columns: 80,
};

/// Runs the program, answers its questions, and returns the exit code and the screen.
fn shown(world: &World, arguments: &[&str], answers: &[(&str, &str)]) -> (u32, String) {
    let mut terminal = Terminal::sized(&world.command(arguments), "exec \"$@\"", SIZE);
    for (question, keys) in answers {
        terminal.answer_list(question, keys);
    }
    let code = terminal.end();
    (code, terminal.rows())
}

/// Compares a run with its snapshot. The snapshot begins with the command line and ends with the exit code.
#[track_caller]
fn screen(name: &str, world: &World, arguments: &[&str], answers: &[(&str, &str)]) {
    let (code, screen) = shown(world, arguments, answers);
    let command = arguments.join(" ");
    let text = format!("$ sophos-ct {command}\n{screen}\n(exit {code})");
    insta::assert_snapshot!(name, tidy::tidy(world, &text));
}

/// The same in English and in Japanese, for a run that asks nothing.
#[track_caller]
fn screens(name: &str, world: &World, arguments: &[&str]) {
    for language in ["en", "ja"] {
        let words = [arguments, &["--no-input", "--lang", language]].concat();
        screen(&format!("{name}_{language}"), world, &words, &[]);
    }
}
