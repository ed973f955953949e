//! Output that cannot be written, and an environment with next to nothing in it.

use std::{
    fs::OpenOptions,
    os::unix::fs::FileTypeExt,
    process::{Command, Stdio},
};

use super::{VERBS, all_at_once, reads};
use crate::support::{Ran, World};

/// Commands that only print.
const PRINTING: [&[&str]; 3] = [&["completions", "bash"], &["man"], &["policy", "setup-new"]];

/// A flag, a file that cannot be written, the command that is to write it, and the exit code.
const FILES: [(&str, &str, &[&str], i32); 9] = [
    ("--log-file", "/dev/full", &["setup", "fresh", "--yes"], 2),
    (
        "--log-file",
        "/nowhere/log",
        &["setup", "fresh", "--yes"],
        2,
    ),
    ("--save-answers", "/dev/full", &["plan", "demo"], 2),
    ("--save-answers", "/nowhere/a.toml", &["plan", "demo"], 2),
    ("--out", "/dev/full", &["audit", "demo", "--certify"], 1),
    ("--report", "/dev/full", &["audit", "demo"], 1),
    ("--report", "/nowhere/report.html", &["audit", "demo"], 2),
    (
        "--out",
        "/nowhere/c.json",
        &["audit", "demo", "--certify"],
        2,
    ),
    ("--out", "/dev/full/folder", &["man"], 2),
];

fn full() -> Stdio {
    let device = OpenOptions::new().write(true).open("/dev/full");
    device.unwrap().into()
}

fn ran(command: &mut Command) -> Ran {
    command.output().unwrap().into()
}

/// The command lines that change nothing, with JSON output where it matters.
fn reading(world: &World) -> Vec<Vec<&str>> {
    let reads = reads().map(|verb| [&verb.line(world)[..], &["--format", "json"]].concat());
    reads.chain(PRINTING.map(<[&str]>::to_vec)).collect()
}

#[test]
fn a_full_disk_and_a_closed_pipe_are_told_apart() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let lines = reading(&world).into_iter();
    all_at_once(lines.map(|line| (line.join(" "), line)), |line| {
        let lost = ran(world.command(&line).stdout(full()));
        assert_eq!(lost.code, 1, "{}", lost.stderr);
        for part in ["No space left on device", "Check the disk"] {
            assert!(lost.stderr.contains(part), "{part}: {}", lost.stderr);
        }
        // As with `| head`, whoever reads has had enough.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let closed = ran(world.command(&line).stdout(writer));
        let read = ran(&mut world.command(&line));
        assert_eq!(closed.code, read.code, "{}", closed.stderr);
        assert!(
            !closed.stderr.contains("cannot be written"),
            "{}",
            closed.stderr
        );
    });
}

#[test]
fn a_file_that_cannot_be_written_is_named_with_its_flag_and_nothing_is_changed() {
    let world = World::wired();
    world.setup("demo", &[]).exits(0);
    world.wire().mend();
    let named = FILES.map(|line| (format!("{} {}", line.0, line.1), line));
    all_at_once(named, |(flag, file, words, code)| {
        let said = ran(&mut world.command(&[words, &[flag, file]].concat()));
        assert_eq!(said.code, code, "{}", said.stderr);
        let expected = format!("error: {flag}: {file}");
        assert!(said.stderr.contains(&expected), "{}", said.stderr);
    });
    assert_eq!(world.wire().writes(), [""; 0]);
    let kind = std::fs::metadata("/dev/full").unwrap().file_type();
    assert!(kind.is_char_device(), "it was replaced");
}

#[test]
fn without_a_home_and_with_nothing_set_the_program_says_what_it_needs() {
    let world = World::new();
    let at_home = ran(&mut world.command(&["plan", "fresh"])).exits(0);
    let homeless = ran(world.command(&["plan", "fresh"]).env_remove("HOME")).exits(0);
    assert_eq!(homeless.stdout, at_home.stdout);
    for verb in &VERBS {
        let mut bare = world.command(&verb.line(&world));
        let bare = ran(bare.env_clear().env("HOME", world.home()));
        let code = match verb.words[0] {
            // They sign in to both sides at once. Of AWS they lack the region, which is an answer, and that is told first.
            "setup" | "plan" => 2,
            // It tells all that it finds.
            "doctor" => 8,
            // The others ask Central first.
            _ => 3,
        };
        assert_eq!(bare.code, code, "{verb:?}: {}", bare.stderr);
        let said = bare.stdout + &bare.stderr;
        assert!(
            said.contains("SOPHOS_CENTRAL_CLIENT_ID"),
            "{verb:?}: {said}"
        );
        if code != 3 {
            assert!(said.contains("--region"), "{said}");
        }
    }
}
