//! A connection gets another name: nothing else changes, and everything works under it.

use super::{pending, says, without_aws};
use crate::support::{World, snapshot};

#[test]
fn a_renamed_connection_is_the_same_one_in_aws_and_is_removed_by_its_name() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let before = snapshot::aws(&world);
    let rename = ["rename", "demo", "my shop"];
    let ran = without_aws(&world, "en", &rename).exits(0);
    assert!(
        ran.stderr.contains("demo is called my shop"),
        "{}",
        ran.stderr
    );
    world.run(&["status", "demo"]).exits(2);
    world.run(&["status", "my shop"]).exits(0);
    let again = world.setup("my shop", &[]).exits(0).json();
    assert_eq!(again["result"], "unchanged");
    assert_eq!(again["connection"]["name"], "my shop");
    assert_eq!(snapshot::aws(&world), before);
    // What has other names than those that the name would give is kept for the day without Central.
    let kept = world.run(&["status", "my shop"]).exits(0).stdout;
    assert!(kept.contains("--function sophos-ct-demo"), "{kept}");
    let same = ["rename", "my shop", "my shop"];
    says(
        &world,
        &same,
        0,
        ["is called my shop already", "既に my shop"],
    );
    world.remove("my shop", &[]).exits(0);
}

#[test]
fn a_name_that_is_taken_or_cannot_be_one_is_refused_and_nothing_changes() {
    let world = World::new();
    let id = pending(&world, "later");
    world.setup("demo", &[]).exits(0);
    let before = snapshot::central(&world);
    let taken = ["already has a connection with this name", "既にあります"];
    says(&world, &["rename", "demo", "later"], 5, taken);
    says(&world, &["rename", &id, "demo"], 5, taken);
    for name in ["", "no/name", "6f9619ff-8b86-4011-b42d-00c04fc964ff"] {
        says(&world, &["rename", "demo", name], 2, ["NEW-NAME"; 2]);
    }
    assert_eq!(snapshot::central(&world), before);
}

#[test]
fn the_end_of_a_setup_says_what_to_keep() {
    let world = World::new();
    let setup = ["setup", "demo", "--yes", "--function", "our-forwarder"];
    let ran = world.run(&setup).exits(0);
    let kept = ran.stderr.replace(['\n', ' '], "");
    for part in [
        "remove--without-central",
        "--functionour-forwarder",
        &world.account,
        "eu-west-1",
    ] {
        assert!(kept.contains(part), "{part}: {}", ran.stderr);
    }
    assert!(!kept.contains("--topic"), "{}", ran.stderr);
}
