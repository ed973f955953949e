//! Which accounts of the organization are collected, and how they are chosen.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{organize, received};
use crate::support::{Ran, World, snapshot, terminal::Terminal};

#[test]
fn only_the_wanted_accounts_are_collected() {
    let world = World::new();
    let member = world.member();
    let id = organize(&world, &[&member]);
    let flags = ["--organization", "--accounts", &member, "--wait-for-logs"];
    let set_up = world.setup("some", &flags).exits(0).json();
    let equivalent = set_up["equivalent"].as_str().unwrap();
    assert!(
        equivalent.contains(&format!("--accounts {member}")),
        "{equivalent}"
    );
    assert_eq!(set_up["connection"]["accounts"], json!([member]));
    world
        .setup("some", &["--accounts", &world.account])
        .exits(2);
    // The program says so if an id is not a member, because files of that account never come.
    let stranger = format!("8{}", &world.account[1..]);
    let told = format!("{stranger} is not an account of organization {id} today");
    let with_both = format!("{member},{stranger}");
    let plan = ["plan", "other", "--organization", "--accounts", &with_both];
    let plan = world.run(&[&plan[..], &["--connect-again"]].concat());
    assert!(plan.exits(0).stdout.contains(&told));
    let refused = format!("{stranger} is not an account of organization {id}.");
    let before = snapshot::central(&world);
    for flag in ["--add", "--set"] {
        let ran = world.run(&["accounts", "some", flag, &with_both]).exits(2);
        let said = format!("`{flag}`: {refused}");
        assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    }
    assert_eq!(snapshot::central(&world), before);
    // Where nobody can tell, it is taken, and may stay.
    let mut elsewhere = world.command(&["accounts", "some", "--add", &stranger]);
    elsewhere.env("AWS_SESSION_TOKEN", "of no account");
    let elsewhere: Ran = elsewhere.output().unwrap().into();
    assert!(elsewhere.exits(0).stderr.contains("could not be checked"));
    let again = ["accounts", "some", "--set", &with_both];
    let again = world.run(&again).exits(0);
    assert!(again.stderr.contains(&told), "{}", again.stderr);
    let back = ["accounts", "some", "--set", &member];
    let back = world.run(&back).exits(0);
    assert!(
        !back.stderr.contains("is not an account"),
        "{}",
        back.stderr
    );
    // Who is not in the list cannot be taken out of it.
    let before = snapshot::central(&world);
    let out = ["accounts", "some", "--remove", &stranger];
    let out = world.run(&out).exits(0);
    let said = format!("{stranger} is not in the list of collected accounts.");
    for text in [said.as_str(), "Nothing was changed."] {
        assert!(out.stderr.contains(text), "{}", out.stderr);
    }
    assert_eq!(snapshot::central(&world), before);
    let again = world.setup("some", &flags).exits(0).json();
    assert_eq!(again["result"], "unchanged");
    assert_eq!(
        received(&world, &set_up["connection"]),
        BTreeSet::from([member])
    );
    world.remove("some", &[]).exits(0);
}

#[test]
fn a_list_of_20_000_accounts_is_set_and_changed_and_counts_from_the_next_file_on() {
    let world = World::wired();
    let member = world.member();
    organize(&world, &[&member]);
    let set_up = world
        .setup("big", &["--organization", "--wait-for-logs"])
        .exits(0)
        .json();
    let accounts = |flags: &[&str], code: i32| -> Value {
        let words = [&["accounts", "big", "--format", "json"], flags].concat();
        // Whoever may not read the organization can name any account.
        let mut command = world.command(&words);
        command.env("AWS_SESSION_TOKEN", "of no account");
        Ran::from(command.output().unwrap()).exits(code).json()
    };
    let count = |answer: &Value| {
        let accounts = answer["connection"]["accounts"].as_array();
        accounts.map_or(0, Vec::len)
    };
    assert_eq!(count(&accounts(&[], 0)), 0);
    accounts(&["--add", &member], 2);
    // 19,999 other ids and the member: of the accounts that exist, only the member's files are collected from here on.
    let mut list: Vec<String> = (0..19_999)
        .map(|number| format!("{:012}", 300_000_000_000_u64 + number))
        .collect();
    list.push(member.clone());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), list.join("\n")).unwrap();
    let from_file = format!("@{}", file.path().display());
    assert_eq!(count(&accounts(&["--set", &from_file], 0)), 20_000);
    accounts(&["--add", &world.account], 2);
    let changed = accounts(&["--remove", "300000000000", "--add", "111111111111"], 0);
    assert_eq!(count(&changed), 20_000);
    assert_eq!(changed["connection"]["accounts"][0], "111111111111");
    let complaint = accounts(&["--set", "12,34"], 2);
    assert!(
        complaint["error"]["message"]
            .as_str()
            .unwrap()
            .contains("`34`")
    );

    let skipped = skipped(&world, &set_up["connection"]);
    assert!(
        skipped.iter().all(|key| key.contains(&world.account)),
        "{skipped:?}"
    );
    let read = world.wire().read_by_function();
    let was_read = |key: &String| read.iter().any(|path| path.ends_with(key));
    assert!(!read.is_empty());
    assert!(!skipped.iter().any(was_read), "{read:?}");
    assert_eq!(count(&accounts(&["--all"], 0)), 0);
    world.remove("big", &[]).exits(0);
}

/// Waits until the function has skipped files because their accounts are not selected, and returns the files' keys.
fn skipped(world: &World, connection: &Value) -> Vec<String> {
    let id = connection["id"].as_str().unwrap();
    let path =
        format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts?pageSize=500");
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let receipts = world.central(&path);
        let receipts = receipts["items"].as_array().unwrap().iter();
        let skipped = receipts.filter(|receipt| receipt["reason"] == "accountNotSelected");
        let keys: Vec<String> = skipped
            .filter_map(|receipt| Some(receipt["key"].as_str()?.to_owned()))
            .collect();
        if !keys.is_empty() {
            return keys;
        }
        assert!(Instant::now() < end, "nothing was skipped");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn accounts_are_picked_from_a_searchable_list_or_typed_if_it_cannot_be_read() {
    let world = World::new();
    let members: Vec<String> = (10..55)
        .map(|n| format!("8{n}{}", &world.account[3..]))
        .collect();
    let names: Vec<&str> = members.iter().map(String::as_str).collect();
    organize(&world, &names);
    let words = ["plan", "org", "--resources", "new"];
    let accounts = |screen: &str| {
        let line = screen
            .lines()
            .find(|line| line.contains("--accounts"))
            .map(ToOwned::to_owned);
        line.unwrap_or_else(|| panic!("{screen}"))
    };
    let mut terminal = Terminal::run(&world, "exec \"$@\"", &words);
    terminal.answer("an AWS organization?", "y\r");
    terminal.answer("Which accounts", "\x1b[B\r");
    // These are found by typing. They are far below what a screen shows.
    let delete = "\x7f".repeat(4);
    terminal.answer_list("0 ticked", &format!("{} {delete}", &members[40][..4]));
    terminal.answer_list("1 ticked", &format!("{} ", &members[7][..4]));
    terminal.answer_list("2 ticked", "\r");
    terminal.answer("these names?", "\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    let screen = terminal.screen();
    let line = accounts(&screen);
    assert!(
        line.contains(&members[40]) && line.contains(&members[7]),
        "{screen}"
    );
    assert!(screen.contains("Logs of 2 accounts in AWS"), "{screen}");

    let policy = world.printed_policy("setup-organization", "org", &[]);
    let blind = policy.replace(
        "organizations:ListAccounts",
        "organizations:DescribeAccount",
    );
    let mut command = world.command(&words);
    command.envs(world.role(&blind));
    let mut terminal = Terminal::of(&command, "exec \"$@\"");
    terminal.answer("an AWS organization?", "y\r");
    terminal.answer("Which accounts", "\x1b[B\r");
    terminal.answer("Account ids", &format!("{},{}\r", members[3], members[3]));
    terminal.answer("these names?", "\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("organizations:ListAccounts"), "{screen}");
    assert_eq!(
        accounts(&screen).matches(&members[3]).count(),
        1,
        "{screen}"
    );
}
