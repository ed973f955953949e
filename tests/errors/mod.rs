//! What can go wrong outside the program, for each command: a message that helps, the right exit code, and nothing changed.

mod hosts;
mod life;
mod matrix;
mod output;
mod signals;

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

use crate::support::World;

/// A command, and with whom it talks.
#[derive(Clone, Copy, Debug)]
struct Verb {
    words: &'static [&'static str],
    /// Whether it needs AWS. All need Central.
    aws: bool,
    writes: bool,
    /// What its JSON is called in the published schemas if it fails.
    schema: &'static str,
}

/// `demo` is a connection, `fresh` is none.
static VERBS: [Verb; 8] = [
    verb(&["setup", "fresh", "--yes"], true, true, "setup"),
    verb(&["remove", "demo", "--yes"], true, true, "setup"),
    verb(&["plan", "demo"], true, false, "setup"),
    verb(&["status", "demo"], true, false, "error"),
    verb(&["audit", "demo"], true, false, "error"),
    verb(&["doctor"], true, false, "status"),
    verb(&["list"], false, false, "error"),
    verb(&["accounts", "demo"], false, false, "error"),
];

const fn verb(
    words: &'static [&'static str],
    aws: bool,
    writes: bool,
    schema: &'static str,
) -> Verb {
    Verb {
        words,
        aws,
        writes,
        schema,
    }
}

/// The commands that only read.
fn reads() -> impl Iterator<Item = &'static Verb> {
    VERBS.iter().filter(|verb| !verb.writes)
}

impl Verb {
    /// The words of the command line.
    fn line<'a>(&self, world: &'a World) -> Vec<&'a str> {
        let mut words = self.words.to_vec();
        if words[0] == "remove" {
            words.extend(["--confirm-account", &world.account]);
        }
        words
    }
}

/// Does all jobs, many at the same time, because most of them wait. Says of all that have failed what they were.
fn all_at_once<T: Send>(jobs: impl IntoIterator<Item = (String, T)>, job: impl Fn(T) + Sync) {
    let waiting: Mutex<VecDeque<(String, T)>> = Mutex::new(jobs.into_iter().collect());
    let failed = Mutex::new(Vec::new());
    let next = || waiting.lock().unwrap().pop_front();
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                while let Some((name, one)) = next() {
                    if catch_unwind(AssertUnwindSafe(|| job(one))).is_err() {
                        failed.lock().unwrap().push(name);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{failed:#?}");
}
