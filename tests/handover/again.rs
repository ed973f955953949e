//! The command that makes a plan again, as it is said once something has moved: it makes the same plan.

use serde_json::json;

use super::{apply, planned, read, write};
use crate::{existing::with_trail, support::World};

/// The words behind the program's name of the command that a refusal prints; `FILE` is the plan's own file.
fn again(said: &str) -> Vec<String> {
    let mut lines = said.lines();
    let line = lines.find_map(|line| line.strip_prefix("  sophos-ct "));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    let words = line.split(' ').map(|word| match word {
        "FILE" => "plan.json".to_owned(),
        word => word.to_owned(),
    });
    let mut words: Vec<String> = words.collect();
    // Tests name a function's file of their own.
    if let Some(place) = words.iter().position(|word| word == "--forwarder") {
        words.drain(place..place + 2);
    }
    words
}

#[test]
fn a_plan_is_made_again_with_the_answers_that_were_given() {
    let world = with_trail(true);
    let words = [
        "plan",
        "demo",
        "--resources",
        "new",
        "--log-retention-days",
        "90",
        "--tag",
        "team=security",
    ];
    let plan = planned(&world, &words);
    let mut other = plan.clone();
    other["function"] = json!("0".repeat(64));
    write(&world, &other);
    let unattended = ["setup", "--plan", "plan.json", "--yes"];
    let said = world.run(&unattended).exits(5).stderr;
    let words = again(&said);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let account = world.account.as_str();
    let expected = format!(
        "plan demo --region eu-west-1 --resources new --log-retention-days 90 --tag team=security \
         --expect-account {account} --out plan.json"
    );
    assert_eq!(words.join(" "), expected);
    let json = apply(&world).exits(5).json();
    let hint = json["error"]["hint"].as_str().unwrap();
    assert!(hint.ends_with("--out FILE`"), "{hint}");
    assert!(!hint.contains('\n'), "{hint}");
    world.run(&[&words[..], &["--no-input"]].concat()).exits(0);
    assert_eq!(read(&world)["answers"], plan["answers"]);
    let accepted = [&unattended[..], &["--accept-cost"]].concat();
    world.run(&accepted).exits(0);
    // What is saved is read from Central again, and is no flag.
    let mut plan = planned(&world, &["plan", "demo", "--retention-days", "365"]);
    plan["steps"] = json!([]);
    write(&world, &plan);
    let said = world.run(&unattended).exits(5).stderr;
    let expected = format!(
        "plan demo --region eu-west-1 --retention-days 365 --expect-account {account} \
         --out plan.json"
    );
    assert_eq!(again(&said).join(" "), expected);
}

#[test]
fn a_removal_is_planned_again_with_its_wishes() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    for wishes in [&["--keep-trail"][..], &["--force-shared", "--delete-logs"]] {
        let mut plan = planned(&world, &[&["remove", "demo"][..], wishes].concat());
        let wished = plan["wishes"].clone();
        plan["steps"] = json!([]);
        write(&world, &plan);
        let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
        let unattended = ["remove", "--plan", "plan.json", "--yes"];
        let confirmed = [
            "--confirm-account",
            &world.account,
            "--confirm-bucket",
            &bucket,
        ];
        let said = world.run(&[unattended, confirmed].concat());
        let words = again(&said.exits(5).stderr);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let expected = [&["remove", "demo"][..], wishes, &["--out", "plan.json"]].concat();
        assert_eq!(words, expected);
        world.run(&words).exits(0);
        assert_eq!(read(&world)["wishes"], wished);
    }
}
