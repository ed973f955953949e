//! A fleet: many accounts in one run, each by a role of its own. One that fails does not stop the others, and a run that was stopped
//! goes on.

mod waves;

use std::{
    fmt::Write,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{
    schema::Published,
    support::{Ran, World, blocking, fixtures, terminal::Terminal},
};

const ROLE: &str = "SophosSetup";
const EXTERNAL_ID: &str = "of-this-fleet";

/// How an account is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Broken {
    /// The role wants another external id.
    Role,
    /// Somebody's bucket has the name of the log bucket.
    Bucket,
    /// The role may not create functions.
    Permission,
}

/// A caller, and accounts with roles that the caller may assume.
struct Fleet {
    caller: World,
    members: Vec<World>,
}

impl Fleet {
    /// Makes this many accounts, of which the first ones are broken, and the file that names them.
    fn new(caller: World, count: usize, broken: &[Broken]) -> Self {
        let members: Vec<World> = (0..count).map(|_| World::new()).collect();
        let mut file = "account,role,external-id,session-tags,tag\n".to_owned();
        for (number, member) in members.iter().enumerate() {
            prepare(&caller, member, broken.get(number).copied());
            let account = &member.account;
            writeln!(
                file,
                "{account},{ROLE},{EXTERNAL_ID},\"Team=Security,Run=Fleet\",team=security"
            )
            .unwrap();
        }
        std::fs::write(caller.home().join("fleet.csv"), file).unwrap();
        Self { caller, members }
    }

    fn run(&self, words: &[&str]) -> Ran {
        self.caller.run(&[words, &["--format", "json"]].concat())
    }

    fn setup(&self) -> Ran {
        self.run(&["setup", "--fleet", "fleet.csv", "--yes"])
    }

    /// Begins a run that is going to be stopped.
    fn begin(&self, words: &[&str]) -> Child {
        let words = [
            &["setup", "--fleet", "fleet.csv", "--yes", "--format", "json"],
            words,
        ];
        let mut command = self.caller.command(&words.concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// How many connections are active.
    fn active(&self) -> usize {
        let listed = self.caller.run(&["list", "--format", "json"]).exits(0);
        let listed = listed.json()["connections"].as_array().unwrap().clone();
        listed
            .iter()
            .filter(|one| one["status"] == "active")
            .count()
    }

    /// Waits until so many connections are active.
    fn wait_for(&self, count: usize) {
        let begun = Instant::now();
        while self.active() < count {
            assert!(begun.elapsed() < Duration::from_secs(600), "{count} active");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// Makes the role in a member's account, and breaks what is to be broken.
fn prepare(caller: &World, member: &World, broken: Option<Broken>) {
    let external_id = match broken {
        Some(Broken::Role) => "of-another",
        _ => EXTERNAL_ID,
    };
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{}:root", caller.account) },
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": { "StringEquals": { "sts:ExternalId": external_id } },
    }]});
    let mut allowed = vec![json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })];
    if broken == Some(Broken::Permission) {
        let denied = "lambda:CreateFunction";
        allowed.push(json!({ "Effect": "Deny", "Action": denied, "Resource": "*" }));
    }
    let policy = json!({ "Version": "2012-10-17", "Statement": allowed });
    blocking(async {
        let aws = member.aws().await;
        let role = aws.iam.create_role().role_name(ROLE);
        let role = role.assume_role_policy_document(trust.to_string());
        role.send().await.unwrap();
        fixtures::role_policy(&aws, ROLE, policy).await;
        if broken == Some(Broken::Bucket) {
            let bucket = format!("sophos-ct-{}-eu-west-1", member.account);
            fixtures::bucket(&aws, &bucket).await;
            let theirs = json!({ "Version": "2012-10-17", "Statement": [{
                "Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket",
                "Resource": format!("arn:aws:s3:::{bucket}"),
            }]});
            fixtures::bucket_policy(&aws, &bucket, theirs).await;
        }
    });
}

/// The results of the members, in the order of the file.
fn results(document: &Value) -> Vec<&str> {
    let members = document["members"].as_array().unwrap().iter();
    members.map(|one| one["result"].as_str().unwrap()).collect()
}

/// What is said of a member that failed.
fn why(document: &Value, number: usize) -> &str {
    document["members"][number]["error"]["message"]
        .as_str()
        .unwrap()
}

#[test]
fn accounts_that_fail_do_not_stop_the_others_and_are_named_with_their_reasons() {
    let schemas = Published::compile();
    let fleet = Fleet::new(World::new(), 5, &[Broken::Role, Broken::Bucket]);
    let ran = fleet.setup().exits(1);
    let document = ran.json();
    schemas.fits(&document, "fleet");
    let applied = ["failed", "failed", "applied", "applied", "applied"];
    assert_eq!(results(&document), applied, "{}", ran.stderr);
    assert!(why(&document, 0).contains("sts:AssumeRole"), "{document:#}");
    let hint = document["members"][0]["error"]["hint"].as_str().unwrap();
    assert!(hint.contains("policy fleet"), "{hint}");
    assert!(!hint.contains("policy setup-new"), "{hint}");
    let bucket = format!("sophos-ct-{}", fleet.members[1].account);
    assert!(why(&document, 1).contains(&bucket), "{document:#}");
    assert_eq!(document["members"][1]["error"]["code"], "conflict");
    assert_eq!(fleet.active(), 3);
    // Again: what is done stays as it is.
    let document = fleet.setup().exits(1).json();
    let again = ["failed", "failed", "unchanged", "unchanged", "unchanged"];
    assert_eq!(results(&document), again);
    let seen = fleet
        .run(&["status", "--fleet", "fleet.csv"])
        .exits(1)
        .json();
    schemas.fits(&seen, "fleet");
    assert_eq!(results(&seen)[2..], ["healthy"; 3]);
    assert_eq!(results(&seen)[..2], ["failed"; 2]);
}

#[test]
fn a_fleet_is_removed_only_by_its_number_of_accounts() {
    let schemas = Published::compile();
    let fleet = Fleet::new(World::new(), 2, &[]);
    fleet.setup().exits(0);
    let remove = ["remove", "--fleet", "fleet.csv", "--yes"];
    let missing = fleet.run(&remove).exits(2).json();
    let said = missing["error"]["message"].as_str().unwrap();
    assert!(said.contains("--confirm-accounts"), "{said}");
    fleet
        .run(&[&remove[..], &["--confirm-accounts", "3"]].concat())
        .exits(5);
    assert_eq!(fleet.active(), 2);
    let consent = [&remove[..], &["--confirm-accounts", "2"]].concat();
    let ran = fleet.run(&consent).exits(0);
    let document = ran.json();
    schemas.fits(&document, "fleet");
    assert_eq!(results(&document), ["removed"; 2]);
    let last = "This is the last trail";
    assert_eq!(ran.stderr.matches(last).count(), 1, "{}", ran.stderr);
    assert_eq!(fleet.active(), 0);
    assert_eq!(
        results(&fleet.run(&consent).exits(0).json()),
        ["removed"; 2]
    );
}

#[test]
fn what_does_not_fit_in_the_file_is_said_at_once_and_nothing_is_changed() {
    let world = World::wired();
    let file = "account,role,region,colour\n1,Role,eu-west-1,\n111122223333,,nowhere,red\n";
    std::fs::write(world.home().join("fleet.csv"), file).unwrap();
    let words = ["setup", "--fleet", "fleet.csv", "--yes", "--format", "json"];
    let said = world.run(&words).exits(2).json()["error"]["message"].clone();
    let said = said.as_str().unwrap();
    for part in ["line 1: colour", "line 2: account", "line 3: region"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // Another account without a role.
    std::fs::write(world.home().join("fleet.csv"), "account\n111122223333\n").unwrap();
    let said = world.run(&words).exits(2).json()["error"]["message"].clone();
    let said = said.as_str().unwrap();
    assert!(said.contains("line 2: role"), "{said}");
    let with = [&words[..], &["--name", "demo", "--code", "x"]].concat();
    let said = world.run(&with).exits(2).json()["error"]["message"].clone();
    let said = said.as_str().unwrap();
    assert!(said.contains("--name") && said.contains("--code"), "{said}");
    assert_eq!(world.wire().writes(), [""; 0]);
}

#[test]
fn a_partner_has_a_tenant_for_each_row() {
    let (world, tenant) = World::of_partner();
    let account = &world.account;
    let row = format!("[[member]]\naccount = \"{account}\"\ntenant = \"{tenant}\"\n");
    std::fs::write(world.home().join("fleet.toml"), row).unwrap();
    let words = [
        "setup",
        "--fleet",
        "fleet.toml",
        "--yes",
        "--format",
        "json",
    ];
    let document = world.run(&words).exits(0).json();
    assert_eq!(results(&document), ["applied"]);
    let words = ["status", "--fleet", "fleet.toml", "--format", "json"];
    assert_eq!(results(&world.run(&words).exits(0).json()), ["healthy"]);
}

#[test]
fn ctrl_c_lets_running_accounts_end_and_begins_no_other() {
    let fleet = Fleet::new(World::new(), 3, &[]);
    let child = fleet.begin(&["--at-once", "1"]);
    fleet.wait_for(1);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap()).exits(130);
    let document = ran.json();
    let words = results(&document);
    assert_eq!(words[0], "applied");
    assert_eq!(words[2], "planned", "{}", ran.stderr);
    assert!(
        ran.stderr.contains("run the same command again"),
        "{}",
        ran.stderr
    );
    let begun = words.iter().filter(|word| **word == "applied").count();
    assert_eq!(fleet.active(), begun);
    let document = fleet.setup().exits(0).json();
    assert_eq!(results(&document)[0], "unchanged");
    assert_eq!(fleet.active(), 3);
}

/// A world whose account has the connection `demo` and is in the file.
fn alone() -> World {
    let world = World::wired();
    world.setup("demo", &[]).exits(0);
    let file = format!("account,name\n{},demo\n", world.account);
    std::fs::write(world.home().join("fleet.csv"), file).unwrap();
    world
}

/// Runs a command on a terminal, changes something at its question, and then agrees. The member fails and is named, with what has
/// moved.
#[track_caller]
fn agrees_too_late(
    world: &World,
    verb: &str,
    (question, keys): (&str, &str),
    change: impl Future<Output = ()>,
    moved: &str,
) {
    let words = [verb, "--fleet", "fleet.csv"];
    let mut terminal = Terminal::run(world, "exec \"$@\"", &words);
    terminal.answer(question, "");
    blocking(change);
    terminal.answer(question, keys);
    assert_eq!(terminal.end(), 1, "{}", terminal.screen());
    let screen = terminal.screen();
    let member = format!("{} demo: ", world.account);
    for said in [member.as_str(), moved, "Run the same command again"] {
        assert!(screen.contains(said), "{said}: {screen}");
    }
}

#[test]
fn an_account_whose_plan_changes_nothing_is_run_by_that_plan() {
    let world = alone();
    // Everything is there, but the forwarder is not seen.
    let silent = json!({ "status": "disconnected", "disconnectedBecause": "silent" });
    world.wire().tell(&silent);
    let stop = async {
        let aws = world.aws().await;
        let stop = aws.cloudtrail.stop_logging().name("sophos-ct-demo");
        stop.send().await.unwrap();
    };
    let question = ("Apply these plans?", "y\r");
    agrees_too_late(&world, "setup", question, stop, "trail/sophos-ct-demo");
    blocking(async {
        let aws = world.aws().await;
        let status = aws.cloudtrail.get_trail_status().name("sophos-ct-demo");
        assert_eq!(status.send().await.unwrap().is_logging, Some(false));
    });
}

#[test]
fn an_account_is_removed_by_the_plan_that_was_agreed_to_alone() {
    let world = alone();
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let change = async {
        let aws = world.aws().await;
        let mut policy = fixtures::bucket_policy_of(&aws, &bucket).await;
        let theirs = json!({
            "Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket",
            "Resource": format!("arn:aws:s3:::{bucket}"),
        });
        policy["Statement"].as_array_mut().unwrap().push(theirs);
        fixtures::bucket_policy(&aws, &bucket, policy).await;
    };
    let question = ("Type the number of accounts", "1\r");
    agrees_too_late(&world, "remove", question, change, &bucket);
    world.run(&["status", "demo"]).exits(0);
}

#[test]
#[ignore = "fifty accounts; some minutes"]
fn fifty_accounts_of_which_three_are_broken_are_set_up_although_the_run_is_killed_half_way() {
    const COUNT: usize = 50;
    const SOME: usize = 5;
    const DELAY: Duration = Duration::from_millis(100);
    let broken = [Broken::Role, Broken::Bucket, Broken::Permission];
    let caller = World::wired();
    caller.wire().delay(DELAY);
    let fleet = Fleet::new(caller, COUNT, &broken);
    let begun = Instant::now();
    let mut child = fleet.begin(&[]);
    fleet.wait_for(COUNT / 2);
    child.kill().unwrap();
    child.wait().unwrap();
    let ran = fleet.setup().exits(1);
    let together = begun.elapsed();
    let document = ran.json();
    let words = results(&document);
    assert_eq!(words[..3], ["failed"; 3], "{}", ran.stderr);
    let done = words
        .iter()
        .filter(|word| ["applied", "unchanged"].contains(word));
    assert_eq!(done.count(), COUNT - 3, "{}", ran.stderr);
    assert_eq!(fleet.active(), COUNT - 3);
    let bucket = format!("sophos-ct-{}", fleet.members[1].account);
    let reasons = ["sts:AssumeRole", &bucket, "lambda:CreateFunction"];
    for (number, reason) in reasons.iter().enumerate() {
        assert!(why(&document, number).contains(reason), "{document:#}");
        eprintln!(
            "{}: {}",
            fleet.members[number].account,
            why(&document, number)
        );
    }
    // Some others, one after another, with the same delay.
    let caller = World::wired();
    caller.wire().delay(DELAY);
    let others = Fleet::new(caller, SOME, &[]);
    let begun = Instant::now();
    for member in &others.members {
        let row = format!(
            "account,role,external-id\n{},{ROLE},{EXTERNAL_ID}\n",
            member.account
        );
        std::fs::write(others.caller.home().join("fleet.csv"), row).unwrap();
        others.setup().exits(0);
    }
    let alone = begun.elapsed() / u32::try_from(SOME).unwrap();
    let apart = alone * u32::try_from(COUNT).unwrap();
    let ratio = together.as_secs_f64() / apart.as_secs_f64();
    eprintln!(
        "{COUNT} accounts, killed half-way: {together:.0?}; {SOME} one by one, {alone:.1?} each: ratio {ratio:.2}"
    );
}
