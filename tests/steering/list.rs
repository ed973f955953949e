//! `list` says why what it shows is so.

use serde_json::{Value, json};

use super::{pending, says, without_aws};
use crate::support::World;

#[test]
fn an_empty_list_tells_whether_nothing_is_there_or_nothing_fits() {
    let world = World::new();
    let none = ["There is no connection yet", "接続はまだありません"];
    says(&world, &["list"], 0, none);
    says(&world, &["list", "--all"], 0, none);
    pending(&world, "later");
    let unfit = ["`sophos-ct list --all`", "`sophos-ct list --all`"];
    says(&world, &["list", "--status", "paused"], 0, unfit);
    says(&world, &["list", "--organization"], 0, unfit);
}

#[test]
fn an_ended_licence_is_said_once_beside_the_table_and_in_json_of_each_connection() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    pending(&world, "later");
    let ended = "the licence has ended";
    let said = || without_aws(&world, "en", &["list"]).exits(0).stderr;
    assert!(!said().contains(ended));
    world.end_license("2020-01-01");
    let one = "1 connection is paused because the licence has ended";
    says(&world, &["list"], 0, [one, "1 件の接続が一時停止中"]);
    assert_eq!(said().matches(ended).count(), 1);
    let listed = world.run(&["list", "--format", "json"]).exits(0).json();
    let listed = listed["connections"].as_array().unwrap().iter();
    let because: Vec<&Value> = listed.map(|one| &one["pausedBecause"]).collect();
    assert_eq!(because, [&json!("license"), &Value::Null]);
}
