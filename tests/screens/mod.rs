//! What people see: screens of the program as snapshots, in English and Japanese, on terminals of several widths. A snapshot is
//! called `screen@language-columns`; `widths` and `words` judge all of them.
//!
//! `INSTA_UPDATE=always cargo test --test suite screens::` takes changes up; read the difference before you commit it.

mod adopt;
mod audit;
mod commands;
mod errors;
mod fleet;
mod handover;
mod invitation;
mod setup;
mod shots;
mod signs;
mod status;
mod steering;
mod tidy;
mod watch;
mod widths;
mod words;

use std::process::Command;

use crate::support::{
    World,
    terminal::{Size, Terminal},
};

/// Tall enough for a whole run, so that nothing scrolls away.
const ROWS: u16 = 300;

/// A shell that leaves something on the terminal before it becomes the program.
const SHELL: &str = "echo earlier; exec \"$@\"";

/// The language of a screen and the width of its terminal.
#[derive(Clone, Copy)]
struct Look {
    language: &'static str,
    columns: u16,
}

const ENGLISH: Look = Look {
    language: "en",
    columns: 80,
};

const JAPANESE: Look = Look {
    language: "ja",
    ..ENGLISH
};

/// Both languages on a terminal of the usual width.
const USUAL: [Look; 2] = [ENGLISH, JAPANESE];

impl Look {
    /// The usual width, and a narrow and a wide terminal, in both languages.
    fn every() -> impl Iterator<Item = Self> {
        let languages = USUAL.into_iter();
        languages.flat_map(|look| [40, 80, 120].map(|columns| Self { columns, ..look }))
    }
}

/// A part of a question in English and in Japanese, and the keys that answer it.
type Answer<'a> = (&'a str, &'a str, &'a str);

/// Runs a command on a terminal, answers its questions, and compares the screen with its snapshot, which begins with the command
/// line and ends with the exit code.
#[track_caller]
fn screen_of(name: &str, world: &World, look: Look, command: &mut Command, answers: &[Answer]) {
    let Look { language, columns } = look;
    let japanese = language == "ja";
    command.env("LANG", if japanese { "ja_JP.UTF-8" } else { "C.UTF-8" });
    let size = Size {
        rows: ROWS,
        columns,
    };
    let mut terminal = Terminal::sized(command, "exec \"$@\"", size);
    for (english, translated, keys) in answers {
        let question = if japanese { translated } else { english };
        terminal.answer_list(question, keys);
    }
    let code = terminal.end();
    let words = command.get_args().map(|word| word.to_string_lossy());
    let words = words.collect::<Vec<_>>().join(" ");
    let text = format!("$ sophos-ct {words}\n{}\n(exit {code})", terminal.rows());
    let name = format!("{name}@{language}-{columns}");
    insta::assert_snapshot!(name, tidy::tidy(world, &text));
}

/// The same for these arguments.
#[track_caller]
fn screen(name: &str, world: &World, look: Look, arguments: &[&str], answers: &[Answer]) {
    screen_of(name, world, look, &mut world.command(arguments), answers);
}

/// The same in English and in Japanese.
#[track_caller]
fn screens(name: &str, world: &World, arguments: &[&str], answers: &[Answer]) {
    for look in USUAL {
        screen(name, world, look, arguments, answers);
    }
}

/// The same at each width, at the same time, for a run that changes nothing.
fn screens_of_each_width(name: &str, world: &World, arguments: &[&str], answers: &[Answer]) {
    std::thread::scope(|scope| {
        for look in Look::every() {
            scope.spawn(move || screen(name, world, look, arguments, answers));
        }
    });
}
