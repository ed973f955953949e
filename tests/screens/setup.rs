//! Screens of `setup` and `plan`, with the questions of the wizard.

use super::{Answer, USUAL, screen, screens};
use crate::{
    existing::{notified_by, with_trail},
    organization::organize,
    support::World,
};

// A long question stands above its menu: the last item shows that the menu is there.
const NAME: Answer = ("Name of the", "接続の名前", "\r");
pub(super) const PROPOSED: Answer = ("or use existing", "既存のリソース: 既に", "\r");
const EXISTING: Answer = ("or use existing", "既存のリソース: 既に", "\x1b[B\r");
const THESE_NAMES: Answer = ("these names?", "この名前を使用", "\r");
const FIRST_TRAIL: Answer = ("A bucket in this", "このアカウントにあり", "\r");
const NO_TRAIL: Answer = (FIRST_TRAIL.0, FIRST_TRAIL.1, "\x1b[B\r");

#[test]
fn setup_of_new_resources() {
    let answers = [
        NAME,
        PROPOSED,
        THESE_NAMES,
        ("Apply this plan?", "プランを適用", "\x1b[B\x1b[B\r"),
        ("will record", "記録されるイベント", ""),
        ("? Apply this plan?", "? このプランを適用", "\r"),
    ];
    for look in USUAL {
        let world = World::new();
        screen("setup_new", &world, look, &["setup"], &answers);
        let name = format!("aws-{}", world.account);
        let again = ["setup", &name, "--yes"];
        screen("setup_again", &world, look, &again, &[]);
    }
}

#[test]
fn setup_with_names_typed_and_the_plan_declined() {
    let world = World::new();
    let answers = [
        PROPOSED,
        ("these names?", "この名前を使用", "n\r"),
        ("? Bucket", "? バケット", "\r"),
        ("? Prefix", "? プレフィックス", "audit\r"),
        ("? Trail", "? 証跡", "eighth\r"),
        ("? Topic", "? トピック", "\r"),
        ("? Function", "? 関数", "\r"),
        ("? Role", "? ロール", "\r"),
        ("Apply this plan?", "プランを適用", "\x1b[B\r"),
    ];
    screens("setup_names", &world, &["setup", "fourth"], &answers);
}

#[test]
fn plan_of_an_existing_trail() {
    let world = with_trail(true);
    let answers = [PROPOSED, FIRST_TRAIL, THESE_NAMES];
    screens("plan_existing", &world, &["plan", "fourth"], &answers);
}

#[test]
fn plan_of_an_existing_trail_that_notifies_nothing() {
    let world = with_trail(false);
    let plan = ["plan", "fourth", "--no-organization"];
    let answers = [
        EXISTING,
        FIRST_TRAIL,
        ("EventBridge: it", "EventBridge: バケット", "\x1b[B\r"),
        THESE_NAMES,
    ];
    screens("plan_existing_bucket", &world, &plan, &answers);
    let notified = notified_by("eventbridge");
    let plan = [&["plan", "fourth", "--no-input"][..], &notified].concat();
    screens("plan_existing_eventbridge", &world, &plan, &[]);
    let notified = notified_by("bucket");
    let plan = [&["plan", "fourth", "--no-input"][..], &notified].concat();
    screens("plan_beside_bucket", &world, &plan, &[]);
}

#[test]
fn documents_of_a_setup_and_of_a_removal() {
    let world = with_trail(false);
    // A text that all documents have, in both languages.
    const SHOWN: Answer = ("sts:AssumeRole", "sts:AssumeRole", "");
    let notified = notified_by("bucket");
    let setup = [&["setup", "fourth"][..], &notified].concat();
    let answers = [
        THESE_NAMES,
        ("Apply this plan?", "プランを適用", "\x1b[B\x1b[B\x1b[B\r"),
        SHOWN,
        ("? Apply this plan?", "? このプランを適用", "\x1b[B\r"),
    ];
    screens("documents", &world, &setup, &answers);
    world.setup("fourth", &notified).exits(0);
    let answers = [
        ("Remove this connection?", "この接続を削除", "\x1b[A\r"),
        ("ResourceAccount", "ResourceAccount", ""),
        ("? Remove this", "? この接続を削除", "\r"),
    ];
    screens("remove_documents", &world, &["remove", "fourth"], &answers);
}

#[test]
fn plan_of_a_bucket_alone() {
    let world = with_trail(false);
    let bucket = format!("theirs-{}\r", world.account);
    let answers = [
        EXISTING,
        NO_TRAIL,
        ("? Name of the bucket", "? バケットの名前", bucket.as_str()),
        ("add a notification", "通知を追加しますか", "y\r"),
        THESE_NAMES,
    ];
    screens("plan_bucket_alone", &world, &["plan", "fourth"], &answers);
}

#[test]
fn plan_of_an_organization() {
    let world = World::new();
    organize(&world, &["711122223333", "722233334444"]);
    let plan = ["plan", "eighth", "--resources", "new"];
    let answers = [
        ("an AWS organization?", "AWS 組織ですか", "y\r"),
        ("Only those", "選択したアカウントのみ", "\x1b[B\r"),
        ("0 ticked", "0 件選択中", "7111 "),
        ("1 ticked", "1 件選択中", "\r"),
        THESE_NAMES,
    ];
    screens("plan_organization", &world, &plan, &answers);
}
