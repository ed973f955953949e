//! Rows of one account: each is planned on what the ones before it have left.

use super::{Broken, EXTERNAL_ID, Fleet, ROLE, prepare, results, why};
use crate::{
    existing::with_trail,
    support::{Ran, World, snapshot, terminal::Terminal},
};

const TRAIL: &str = "trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-two";
const COSTS: &str = "USD 2.00 per 100,000";

/// Writes the file of a fleet whose rows are all of the world's account.
fn write(world: &World, columns: &str, rows: &[&str]) {
    let rows = rows.iter().map(|row| format!("{},{row}\n", world.account));
    let file = format!("account,{columns}\n{}", rows.collect::<String>());
    std::fs::write(world.home().join("fleet.csv"), file).unwrap();
}

fn setup(world: &World) -> Ran {
    world.run(&["setup", "--fleet", "fleet.csv", "--yes", "--format", "json"])
}

#[test]
fn a_second_row_on_the_same_trail_is_refused_before_anything_of_it_is_written() {
    let world = with_trail(true);
    let rows = ["one,existing,theirs", "two,existing,theirs"];
    write(&world, "name,resources,trail", &rows);
    let ran = setup(&world).exits(1);
    let document = ran.json();
    assert_eq!(results(&document), ["applied", "failed"], "{}", ran.stderr);
    assert!(why(&document, 1).contains("sent twice"), "{document:#}");
    assert!(
        ran.stderr.contains("Plan for 1 account\n"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("1 more row"), "{}", ran.stderr);
    let found = snapshot::aws(&world);
    let topic = &found["topic arn:aws:sns:eu-west-1:ACCOUNT:theirs"];
    assert_eq!(topic["subscribers"].as_array().unwrap().len(), 1);
    let again = setup(&world).exits(1).json();
    assert_eq!(results(&again), ["unchanged", "failed"]);
}

#[test]
fn a_second_new_trail_shows_what_it_costs_and_needs_consent() {
    let world = World::new();
    write(&world, "name,resources", &["one,new", "two,new"]);
    let document = setup(&world).exits(1).json();
    assert_eq!(results(&document), ["applied", "failed"]);
    assert!(why(&document, 1).contains(COSTS), "{document:#}");
    assert!(!snapshot::aws(&world).contains_key(TRAIL));
    let rows = ["one,new,", "two,new,true"];
    write(&world, "name,resources,accept-cost", &rows);
    let ran = setup(&world).exits(0);
    assert_eq!(results(&ran.json()), ["unchanged", "applied"]);
    assert!(ran.stderr.contains(COSTS), "{}", ran.stderr);
}

#[test]
fn each_wave_is_asked_about_and_whoever_declines_a_later_one_keeps_the_first() {
    let world = World::new();
    let rows = ["one,new,", "two,new,true"];
    write(&world, "name,resources,accept-cost", &rows);
    let words = ["setup", "--fleet", "fleet.csv"];
    let mut terminal = Terminal::run(&world, "exec \"$@\"", &words);
    let question = "Apply these plans? (y/N)";
    terminal.answer(question, "y\r");
    terminal.answer(COSTS, "");
    terminal.answer(question, "n\r");
    assert_eq!(terminal.end(), 9, "{}", terminal.screen());
    let screen = terminal.screen();
    for said in ["nothing else was changed", "set up", "not begun"] {
        assert!(screen.contains(said), "{said}: {screen}");
    }
    assert!(!snapshot::aws(&world).contains_key(TRAIL));
}

#[test]
fn a_row_behind_one_that_failed_is_not_begun_and_says_why() {
    let fleet = Fleet::new(World::new(), 1, &[Broken::Permission]);
    let account = &fleet.members[0].account;
    let row = |name: &str| format!("{account},{ROLE},{EXTERNAL_ID},{name},true\n");
    let heading = "account,role,external-id,name,accept-cost\n";
    let file = format!("{heading}{}{}", row("one"), row("two"));
    std::fs::write(fleet.caller.home().join("fleet.csv"), file).unwrap();
    let document = fleet.setup().exits(1).json();
    assert_eq!(results(&document), ["failed", "planned"], "{document:#}");
    assert!(why(&document, 1).contains("one"), "{document:#}");
}

#[test]
fn a_row_can_use_what_the_one_before_it_makes_and_is_removed_before_it() {
    let world = World::new();
    let rows = ["one,new,,", "two,existing,sophos-ct-one,true"];
    write(&world, "name,resources,trail,connect-again", &rows);
    let ran = setup(&world).exits(0);
    assert_eq!(results(&ran.json()), ["applied"; 2], "{}", ran.stderr);
    let words = ["remove", "--fleet", "fleet.csv", "--yes"];
    let consent = ["--confirm-accounts", "2", "--format", "json"];
    let ran = world.run(&[&words[..], &consent].concat()).exits(0);
    assert_eq!(results(&ran.json()), ["removed"; 2], "{}", ran.stderr);
}

#[test]
fn whoever_agrees_to_the_plans_sees_tenant_regions_and_what_they_cost() {
    let (world, other) = (with_trail(true), with_trail(true));
    prepare(&world, &other, None);
    let file = format!(
        "account,role,external-id,name,region,resources,accept-cost\n\
         {},,,one,eu-west-1,new,true\n\
         {},{ROLE},{EXTERNAL_ID},two,eu-central-1,new,true\n",
        world.account, other.account
    );
    std::fs::write(world.home().join("fleet.csv"), file).unwrap();
    let ran = world.run(&["setup", "--fleet", "fleet.csv", "--no-input"]);
    let said = ran.exits(2).stderr;
    let tenant = world.tenant["id"].as_str().unwrap();
    let line = said.lines().find(|line| line.contains(tenant)).unwrap();
    assert!(line.contains(", region "), "{line}");
    for part in ["eu-west-1", "eu-central-1", COSTS] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
