//! Screens of plans that are handed over.

use super::{screens, screens_of_each_width};
use crate::{
    existing::with_trail,
    support::{World, blocking, fixtures},
};

#[test]
fn a_plan_is_written_shown_and_refused_once_something_has_moved() {
    let world = World::new();
    let out = ["plan", "demo", "--no-input", "--out", "plan.json"];
    screens("plan_out", &world, &out, &[]);
    let apply = ["setup", "--plan", "plan.json"];
    let declined = [("Apply this plan?", "プランを適用", "\x1b[B\r")];
    screens("setup_plan_declined", &world, &apply, &declined);
    let other = ["setup", "--plan", "plan.json", "--topic", "another"];
    screens("setup_plan_other", &world, &other, &[]);
    let unattended = ["setup", "--plan", "plan.json", "--yes"];
    world.run(&unattended).exits(0);
    let out = ["remove", "demo", "--out", "plan.json"];
    screens("remove_out", &world, &out, &[]);
    blocking(async {
        let aws = world.aws().await;
        let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
        let mut policy = fixtures::bucket_policy_of(&aws, &bucket).await;
        policy["Version"] = "2008-10-17".into();
        fixtures::bucket_policy(&aws, &bucket, policy).await;
    });
    let account = world.account.as_str();
    let remove = [
        "remove",
        "--plan",
        "plan.json",
        "--yes",
        "--confirm-account",
        account,
    ];
    screens_of_each_width("remove_plan_moved", &world, &remove, &[]);
}

#[test]
fn a_plan_that_cannot_be_a_template_says_what_others_have_a_part_in() {
    let world = with_trail(false);
    let words = ["plan", "demo", "--resources", "existing", "--trail"];
    let more = ["theirs", "--notify", "bucket", "--no-input"];
    let words = [&words[..], &more, &["--as", "cloudformation"]].concat();
    screens_of_each_width("template_refused", &world, &words, &[]);
}
