//! Screens of the commands besides `status` and `list`.

use super::{ENGLISH, JAPANESE, Look, screen, screen_of, screens, screens_of_each_width};
use crate::{organization::organize, support::World};

#[test]
fn the_life_of_a_connection() {
    let world = World::new();
    let account = world.account.clone();
    screens("list_empty", &world, &["list"], &[]);
    let plan = ["plan", "demo", "--no-input", "--detailed-exitcode"];
    screens_of_each_width("plan_new", &world, &plan, &[]);
    let plan = ["plan", "demo", "--no-input", "--accessible"];
    screens("plan_accessible", &world, &plan, &[]);
    let setup = ["setup", "demo", "--yes", "--wait-for-logs"];
    screen("setup_yes", &world, ENGLISH, &setup, &[]);
    screens("setup_unchanged", &world, &["setup", "demo", "--yes"], &[]);
    screens_of_each_width("doctor", &world, &["doctor"], &[]);
    let keep = ["remove", "demo", "--keep-trail"];
    let declined = [("Remove this connection?", "この接続を削除", "\r")];
    screens_of_each_width("remove_declined", &world, &keep, &declined);
    let logs = ["remove", "demo", "--delete-logs"];
    let other = [("bucket's name", "バケット名を入力", "theirs\r")];
    screens("remove_logs_declined", &world, &logs, &other);
    let remove = ["remove", "demo", "--yes", "--confirm-account", &account];
    screen("remove", &world, ENGLISH, &remove, &[]);
    screens("remove_again", &world, &remove, &[]);
    // The bucket that was kept is taken up again.
    screen("setup_yes", &world, JAPANESE, &setup, &[]);
    screen("remove", &world, JAPANESE, &remove, &[]);
}

#[test]
fn accounts_of_an_organization() {
    let world = World::new();
    organize(&world, &["711122223333"]);
    world.setup("demo", &["--organization"]).exits(0);
    screens("accounts_all", &world, &["accounts", "demo"], &[]);
    let set = ["accounts", "demo", "--set", "711122223333,799999999999"];
    screens("accounts_strangers", &world, &set, &[]);
    let set = ["accounts", "demo", "--set", "711122223333"];
    screens("accounts_set", &world, &set, &[]);
}

#[test]
fn policies() {
    let world = World::new();
    let account = ["--expect-account", &world.account];
    let place = ["--name", "demo", "--region", "eu-west-1"];
    for purpose in ["setup-new", "remove"] {
        let words = [&["policy", purpose][..], &place, &account].concat();
        screens(&format!("policy_{purpose}"), &world, &words, &[]);
    }
}

#[test]
fn doctor_of_a_caller_who_may_not_set_up() {
    let world = World::new();
    let policy = r#"{ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["lambda:*", "logs:*", "organizations:*", "s3:*", "sns:*"], "Resource": "*" },
        { "Effect": "Allow", "Action": ["cloudtrail:*", "iam:Get*", "iam:Simulate*"], "Resource": "*" }
    ]}"#;
    let role = world.role(policy);
    for look in Look::every() {
        let mut command = world.command(&["doctor"]);
        command.envs(role.clone());
        screen_of("doctor_lacking", &world, look, &mut command, &[]);
    }
}
