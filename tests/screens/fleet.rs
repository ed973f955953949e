//! Screens of `--fleet`: a file that does not fit, and the plan for all accounts.

use super::screens_of_each_width;
use crate::support::World;

#[test]
fn a_file_that_does_not_fit_is_told_line_by_line() {
    let world = World::new();
    let file = "account,role,region,colour\n1,Role,eu-west-1,\n111122223333,,nowhere,red\n";
    std::fs::write(world.home().join("fleet.csv"), file).unwrap();
    screens_of_each_width(
        "fleet_unfit",
        &world,
        &["setup", "--fleet", "fleet.csv"],
        &[],
    );
}

#[test]
fn one_plan_is_shown_for_all_accounts_before_the_question() {
    let world = World::new();
    let file = format!("account\n{}\n", world.account);
    std::fs::write(world.home().join("fleet.csv"), file).unwrap();
    let question = ("Apply these plans?", "これらのプランを適用しますか？", "\r");
    screens_of_each_width(
        "fleet_plan",
        &world,
        &["setup", "--fleet", "fleet.csv"],
        &[question],
    );
}

#[test]
fn a_fleet_is_looked_at_in_a_table() {
    let world = World::new();
    let file = format!("account\n{}\n", world.account);
    std::fs::write(world.home().join("fleet.csv"), file).unwrap();
    world
        .run(&["setup", "--fleet", "fleet.csv", "--yes"])
        .exits(0);
    screens_of_each_width(
        "fleet_status",
        &world,
        &["status", "--fleet", "fleet.csv"],
        &[],
    );
}
