//! Commands under random lies, each repeatable by its seed.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Ran, World, blocking, fixtures, snapshot};

#[test]
fn a_central_that_says_anything_changes_nothing_of_others_and_hides_nothing_of_ours() {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    let seed = number("SOPHOS_CT_SEED").unwrap_or(1);
    let runs: u64 = number("SOPHOS_CT_RUNS").unwrap_or(24);
    println!("SOPHOS_CT_SEED={seed} SOPHOS_CT_RUNS={runs}");
    let side_by_side = 4.min(runs.div_ceil(24));
    std::thread::scope(|scope| {
        for number in 0..side_by_side {
            let seeds = (seed + number..seed + runs).step_by(side_by_side as usize);
            scope.spawn(move || fuzz(seeds));
        }
    });
}

/// Runs commands, each under the lies of its own seed.
fn fuzz(seeds: impl Iterator<Item = u64>) {
    let mut account = Account::begin();
    for number in seeds {
        // One command in ten is a setup that begins with nothing.
        account.arrange(number % 10 == 0);
        account.lied_to(number);
    }
    if account.there {
        account.remove().exits(0);
    }
    assert_eq!(theirs(&account.world), account.before);
}

/// An account with resources that are not ours, and with or without a connection.
struct Account {
    world: World,
    /// What is not ours, as it was in the beginning.
    before: BTreeMap<String, Value>,
    /// Whether there is a connection.
    there: bool,
}

impl Account {
    fn begin() -> Self {
        let world = World::wired();
        blocking(async {
            let aws = world.aws().await;
            fixtures::role(&aws, "/", "victim", "lambda").await;
            aws.sns.create_topic().name("victim").send().await.unwrap();
            fixtures::bucket(&aws, &format!("victim-{}", world.account)).await;
        });
        let before = theirs(&world);
        Self {
            world,
            before,
            there: false,
        }
    }

    /// Sees to it that there is a connection, or none if the next command begins with nothing.
    fn arrange(&mut self, anew: bool) {
        if self.there && anew {
            self.remove().exits(0);
        } else if !self.there && !anew {
            self.world.run(&SETUP[..3]).exits(0);
        }
        self.there = true;
    }

    fn remove(&self) -> Ran {
        self.world.run(&remove_words(&self.world.account))
    }

    /// Runs the command of a seed under the lies of the seed, and checks what it says and what it leaves.
    fn lied_to(&mut self, number: u64) {
        let json = number.is_multiple_of(2);
        let mut words = words(number, &self.world.account);
        if json {
            words.extend(["--format", "json"]);
        }
        self.world.wire().lie(Some(number));
        let ran = under_lies(&self.world, &words);
        let lies = self.world.wire().lies();
        self.world.wire().lie(None);
        let context = || {
            format!(
                "seed {number}: {words:?} {lies:#?}\n{}\n{}",
                ran.stdout, ran.stderr
            )
        };
        assert!((0..=9).contains(&ran.code), "{}: {}", ran.code, context());
        assert!(!ran.stderr.contains("panicked"), "{}", context());
        for text in [&ran.stdout, &ran.stderr] {
            let acts = acting(text);
            assert!(acts.is_none(), "{acts:?}: {}", context());
        }
        if json {
            ran.json();
        }
        assert_eq!(theirs(&self.world), self.before, "{}", context());
        let ours = ours(&self.world);
        let removing = words[0] == "remove";
        if removing && ran.code == 0 {
            assert_eq!(ours, 0, "{}", context());
        }
        if removing || ours == 0 {
            // With an honest Central, `remove` takes away whatever is left, and the next command begins anew.
            let connections = snapshot::central(&self.world);
            if connections.iter().any(|one| one["status"] != "deleted") {
                let gone = self.remove();
                assert!(
                    gone.code == 0,
                    "{}: {}\n{}",
                    gone.code,
                    gone.stderr,
                    context()
                );
            }
            self.there = false;
        }
    }
}

const SETUP: [&str; 5] = ["setup", "demo", "--yes", "--wait", "2s"];

/// The command that belongs to a seed.
fn words(number: u64, account: &str) -> Vec<&str> {
    match number % 5 {
        0 | 1 => SETUP.to_vec(),
        2 => vec!["status", "demo"],
        3 => vec!["list", "--all"],
        _ => remove_words(account).to_vec(),
    }
}

fn remove_words(account: &str) -> [&str; 5] {
    ["remove", "demo", "--yes", "--confirm-account", account]
}

fn theirs(world: &World) -> BTreeMap<String, Value> {
    let mut found = snapshot::aws(world);
    found.retain(|name, _| name.contains("victim"));
    found
}

/// The number of our resources, without the log bucket.
fn ours(world: &World) -> usize {
    snapshot::aws(world)
        .into_keys()
        .filter(|name| name.contains("sophos-ct-demo") && !name.starts_with("bucket"))
        .count()
}

/// What would act on a terminal or in a CI job: a control character, a character that changes the direction of text, or a line
/// that is a command of a CI system.
fn acting(text: &str) -> Option<String> {
    let acts = |char: &char| {
        char.is_control() && *char != '\n'
            || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let char = text.chars().find(acts).map(|char| format!("{char:?}"));
    let command = text
        .lines()
        .find(|line| line.trim_start().starts_with("::") || line.trim_start().starts_with("##"));
    char.or_else(|| command.map(ToOwned::to_owned))
}

/// Runs the program under a Central that lies, and checks that it ends by itself within two minutes.
fn under_lies(world: &World, arguments: &[&str]) -> Ran {
    let mut command = world.command(arguments);
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let id = child.id();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(child.wait_with_output()));
    match told.recv_timeout(std::time::Duration::from_secs(120)) {
        Ok(output) => output.unwrap().into(),
        Err(_) => panic!("{id} does not end: {arguments:?} {:?}", world.wire().lies()),
    }
}
