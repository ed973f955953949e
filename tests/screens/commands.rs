//! Screens of the commands besides `setup`, and of each class of error, in English and Japanese.

use super::{screen, screens};
use crate::{
    existing::{notified_by, with_trail},
    organization::organize,
    support::{World, blocking},
};

#[test]
fn the_life_of_a_connection() {
    let world = World::new();
    screens("list_empty", &world, &["list"]);
    screens("plan_new", &world, &["plan", "demo"]);
    let setup = ["setup", "demo", "--yes", "--wait-for-logs"];
    screen("setup_yes", &world, &setup, &[]);
    screens("setup_unchanged", &world, &["setup", "demo", "--yes"]);
    screens("doctor", &world, &["doctor"]);
    let remove = ["remove", "demo", "--keep-trail"];
    let answers = [("Remove this connection?", "\r")];
    screen("remove_declined", &world, &remove, &answers);
    let account = world.account.clone();
    let remove = ["remove", "demo", "--yes", "--confirm-account", &account];
    screen("remove", &world, &remove, &[]);
    screens("remove_again", &world, &remove);
}

#[test]
fn status_of_a_broken_connection_names_what_is_wrong_first() {
    let world = World::new();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    blocking(async {
        let aws = world.aws().await;
        let stop = aws.cloudtrail.stop_logging().name("sophos-ct-demo");
        stop.send().await.unwrap();
        let role = aws.iam.delete_role_policy().role_name("sophos-ct-demo");
        let policies = aws.iam.list_role_policies().role_name("sophos-ct-demo");
        let policies = policies.send().await.unwrap();
        let policy = policies.policy_names().first().unwrap();
        role.policy_name(policy).send().await.unwrap();
    });
    screens("status_broken", &world, &["status"]);
    screens("plan_mending", &world, &["plan", "demo"]);
}

#[test]
fn accounts_of_an_organization() {
    let world = World::new();
    organize(&world, &["711122223333"]);
    world.setup("demo", &["--organization"]).exits(0);
    screens("accounts_all", &world, &["accounts", "demo"]);
    let set = ["accounts", "demo", "--set", "711122223333,799999999999"];
    screens("accounts_set", &world, &set);
}

#[test]
fn plans_beside_what_is_there() {
    let world = with_trail(false);
    let notified = notified_by("bucket");
    let plan = [&["plan", "existing"][..], &notified].concat();
    screens("plan_beside_bucket", &world, &plan);
}

#[test]
fn each_class_of_error() {
    let world = World::new();
    let usage = [
        "plan",
        "demo",
        "--bucket",
        "Not_A_Bucket",
        "--prefix",
        "/x/",
    ];
    screens("error_usage", &world, &usage);
    screens("error_unknown", &world, &["status", "nobody"]);
    screens(
        "error_account",
        &world,
        &["plan", "demo", "--expect-account", "999999999999"],
    );
    screens("error_unattended", &world, &["setup", "demo"]);
    let mut denied = World::new();
    denied.tenant["clientSecret"] = "wrong".into();
    screens("error_central_sign_in", &denied, &["list"]);
    blocking(async {
        let aws = world.aws().await;
        let topic = aws.sns.create_topic().name("sophos-ct-demo");
        topic.send().await.unwrap();
    });
    screens("error_conflict", &world, &["plan", "demo"]);
}
