//! Ctrl-C at each question and at each call.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{all_at_once, reads};
use crate::support::{Ran, World, central_url, endpoint, terminal::Terminal, wire::Wire};

const UNCHANGED: &str = "Stopped. Nothing was changed in AWS or Sophos Central.";

/// The questions of a first run, in order, and how each is answered.
const QUESTIONS: [&str; 4] = [
    "Name of the",
    "or use existing ones?",
    "these names?",
    "Apply this plan?",
];

#[test]
fn at_each_question_it_ends_with_130_and_says_that_nothing_was_changed() {
    let world = World::wired();
    let runs = (0..QUESTIONS.len()).map(|last| (format!("question {last}"), last));
    all_at_once(runs, |last| {
        let mut terminal = Terminal::run(&world, "exec \"$@\"", &["setup"]);
        for question in &QUESTIONS[..last] {
            terminal.answer_list(question, "\r");
        }
        terminal.answer_list(QUESTIONS[last], "\x03");
        is_unchanged(&mut terminal);
    });
    assert_eq!(world.wire().writes(), [""; 0]);
    world.setup("demo", &[]).exits(0);
    world.wire().mend();
    let mut terminal = Terminal::run(&world, "exec \"$@\"", &["remove", "demo"]);
    terminal.answer_list("Remove this connection?", "\x03");
    is_unchanged(&mut terminal);
    assert_eq!(world.wire().writes(), [""; 0]);
}

fn is_unchanged(terminal: &mut Terminal) {
    assert_eq!(terminal.end(), 130, "{}", terminal.screen());
    assert!(terminal.cursor_is_shown());
    let screen = terminal.screen();
    assert!(screen.contains(UNCHANGED), "{screen}");
}

#[test]
fn at_each_call_of_a_command_that_only_reads_it_ends_with_130() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    all_at_once(reads().map(|verb| (verb.words.join(" "), verb)), |verb| {
        // Each has a wire of its own, so that their calls are counted apart.
        let wire = Wire::lay(&endpoint(), &central_url(), &world.account);
        let mut calls = 0;
        while let Some(ran) = stopped(&wire, &mut on(&world, &wire, &verb.line(&world)), calls) {
            assert_eq!(ran.code, 130, "call {calls}: {}", ran.stderr);
            assert!(ran.stderr.contains("Stopped."), "{}", ran.stderr);
            assert_eq!(ran.stdout, "", "call {calls}");
            assert_eq!(wire.writes(), [""; 0]);
            calls += 1;
        }
        assert!(calls > 2, "{verb:?} makes {calls} calls");
    });
}

#[test]
fn at_each_write_it_ends_with_130_and_says_how_to_go_on_and_that_works() {
    let world = World::new();
    let wire = Wire::lay(&endpoint(), &central_url(), &world.account);
    let setup = ["setup", "demo", "--yes", "--no-input"];
    // The first run is stopped at the record in Central, before it writes to AWS.
    until_done(&world, &wire, &setup, "`sophos-ct setup demo`");
    wire.mend();
    let healthy: Ran = on(&world, &wire, &["status", "demo"])
        .output()
        .unwrap()
        .into();
    healthy.exits(0);
    let remove = world.removal();
    until_done(&world, &wire, &remove, "Run the same command again");
    wire.mend();
    let gone: Ran = on(&world, &wire, &remove).output().unwrap().into();
    assert!(gone.exits(0).stderr.contains("removed"));
}

/// Runs a command again and again, and stops it each time after a further write, until it is done.
fn until_done(world: &World, wire: &Wire, words: &[&str], hint: &str) {
    // A run repeats the last writes of the one before, so that each has to come further.
    for passes in 0..60 {
        wire.mend();
        wire.hold_after(passes, true);
        let Some(ran) = interrupted(wire, &mut on(world, wire, words)) else {
            assert!(passes > 0, "{words:?} writes nothing");
            return;
        };
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        for part in ["Stopped.", hint] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
    }
    panic!("{words:?} does not come to an end");
}

/// The program with its calls on this wire.
fn on(world: &World, wire: &Wire, words: &[&str]) -> Command {
    let mut command = world.command(words);
    command
        .env("AWS_ENDPOINT_URL", &wire.aws)
        .env("SOPHOS_CENTRAL_ID_URL", &wire.central)
        .env("SOPHOS_CENTRAL_API_URL", &wire.central);
    command
}

/// Runs the program and stops it at the call after this many; `None` if it ends before.
fn stopped(wire: &Wire, command: &mut Command, calls: usize) -> Option<Ran> {
    wire.mend();
    wire.hold_after(calls, false);
    interrupted(wire, command)
}

/// Runs the program and stops it at the call that the wire holds; `None` if it ends without one.
fn interrupted(wire: &Wire, command: &mut Command) -> Option<Ran> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(120);
    while wire.held().is_none() {
        if child.try_wait().unwrap().is_some() {
            let ran: Ran = child.wait_with_output().unwrap().into();
            // On another wire than at setup, the function's settings are not as planned.
            assert!([0, 8].contains(&ran.code), "{}", ran.stderr);
            return None;
        }
        assert!(Instant::now() < end, "{command:?} neither calls nor ends");
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    Some(child.wait_with_output().unwrap().into())
}
