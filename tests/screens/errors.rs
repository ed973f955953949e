//! Screens of errors, one for each exit code. Those of the codes 7, 8 and 9 are a plan, a status and a removal; 143 has that of 130.

use super::{USUAL, screen, screen_of, screens, screens_of_each_width, setup::PROPOSED};
use crate::{
    existing::with_trail,
    support::{World, blocking, wire::Fault},
};

#[test]
fn the_network_credentials_and_the_licence() {
    let mut world = World::new();
    for look in USUAL {
        let mut plan = world.command(&["plan", "demo", "--no-input"]);
        plan.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
        screen_of("error_unreachable", &world, look, &mut plan, &[]);
    }
    world.end_license("2020-01-01");
    let setup = ["setup", "demo", "--yes"];
    screens("error_license", &world, &setup, &[]);
    world.tenant["clientSecret"] = "wrong".into();
    screens("error_central_sign_in", &world, &["list"], &[]);
}

#[test]
fn answers_that_are_wrong_or_missing() {
    let world = World::new();
    let values = ["--bucket", "Not_A_Bucket", "--prefix", "/x/"];
    let plan = [&["plan", "demo"][..], &values].concat();
    screens_of_each_width("error_usage", &world, &plan, &[]);
    screens("error_unknown", &world, &["status", "nobody"], &[]);
    let other = ["plan", "demo", "--expect-account", "999999999999"];
    screens("error_account", &world, &other, &[]);
    let setup = ["setup", "demo", "--no-input"];
    screens("error_unattended", &world, &setup, &[]);
    let existing = ["plan", "fourth", "--no-input", "--resources", "existing"];
    screens("error_missing_trail", &with_trail(false), &existing, &[]);
}

#[test]
fn something_that_is_not_ours() {
    let world = World::new();
    blocking(async {
        let aws = world.aws().await;
        let topic = aws.sns.create_topic().name("sophos-ct-demo");
        topic.send().await.unwrap();
    });
    let plan = ["plan", "demo", "--no-input"];
    screens("error_conflict", &world, &plan, &[]);
}

#[test]
fn a_setup_that_is_stopped_by_aws_or_by_ctrl_c() {
    for look in USUAL {
        let world = World::wired();
        let answers = [PROPOSED, ("these names?", "この名前を使用", "\x03")];
        screen("interrupted", &world, look, &["setup", "demo"], &answers);
        let refusal = Fault::Code("InvalidTrailNameException");
        world.wire().fault("cloudtrail:CreateTrail", refusal);
        let setup = ["setup", "demo", "--yes"];
        screen("error_stopped", &world, look, &setup, &[]);
    }
}
