//! `setup` and `remove` that were killed or refused at any call reach the same end state when they are run again. Here the
//! program is run and killed; the tests are in the parts.

mod again;
mod faults;
mod handed;
mod not_ours;
mod removing;
mod setting_up;

use std::{
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::support::World;

/// Flags that are not defaults.
const FLAGS: &[&str] = &[
    "--function",
    "custom-fn",
    "--role",
    "custom-role",
    "--topic",
    "custom-topic",
    "--trail",
    "custom-trail",
    "--log-retention-days",
    "7",
    "--retention-days",
    "90",
    "--prefix",
    "audit",
    "--tag",
    "team=security",
];

/// Runs the program with these words, kills it right after this many writes were answered, and returns these writes.
pub fn killed_after(world: &World, writes: usize, words: &[&str]) -> Vec<String> {
    killed(world, writes, &mut world.command(words))
}

/// The same for a command that is already prepared.
pub fn killed(world: &World, writes: usize, command: &mut Command) -> Vec<String> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    world.wire().kill_after(writes, child.id());
    let ended = child.wait().unwrap();
    let done = world.wire().writes();
    assert!(
        ended.code().is_none(),
        "{command:?} ended by itself after {done:?}"
    );
    world.wire().mend();
    done
}

/// Calls `job` for each number, a few at a time.
pub fn side_by_side(numbers: Vec<usize>, job: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ran =
                        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(*number)));
                    if ran.is_err() {
                        failed.lock().unwrap().push(*number);
                    }
                }
            });
        }
    });
    assert!(failed.lock().unwrap().is_empty(), "killed after {failed:?}");
}

/// A world that was set up without disturbance, and the writes that this took.
fn undisturbed(flags: &[&str]) -> (World, Vec<String>) {
    let world = World::wired();
    world.setup("demo", flags).exits(0);
    let writes = world.wire().writes();
    world.wire().mend();
    (world, writes)
}

fn setup_words<'a>(flags: &[&'a str]) -> Vec<&'a str> {
    [&["setup", "demo", "--yes", "--no-input"], flags].concat()
}

fn remove_words<'a>(world: &'a World, flags: &[&'a str]) -> Vec<&'a str> {
    [&world.removal()[..], &["--no-input"], flags].concat()
}
