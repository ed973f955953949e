//! The published policy and the printed ones are enough for what they are meant for.

use super::PUBLISHED;
use crate::support::{World, snapshot};

#[test]
fn setup_works_under_exactly_the_published_policy_and_remove_says_what_it_lacks() {
    let world = World::new();
    let setup = world
        .run_under(PUBLISHED, &["setup", "demo", "--yes", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(setup["connection"]["status"], "active");
    let again = world
        .run_under(PUBLISHED, &["setup", "demo", "--yes", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(again["result"], "unchanged");
    let account = world.account.as_str();
    let remove = [
        "remove",
        "demo",
        "--yes",
        "--confirm-account",
        account,
        "--format",
        "json",
    ];
    let removed = world.run_under(PUBLISHED, &remove).exits(6).json();
    let message = removed["error"]["message"].as_str().unwrap();
    for missing in ["lambda:DeleteFunction", "sns:ListSubscriptionsByTopic"] {
        assert!(message.contains(missing), "{missing}: {message}");
    }
    assert_eq!(
        world.remove("demo", &[]).exits(0).json()["result"],
        "removed"
    );
}

#[test]
fn setup_works_under_the_policy_that_the_program_prints() {
    let world = World::new();
    let printed = world.printed_policy("setup-new", "demo", &[]);
    let setup = ["setup", "demo", "--yes", "--format", "json"];
    let ran = world.run_under(&printed, &setup).exits(0).json();
    assert_eq!(ran["connection"]["status"], "active");
}

#[test]
fn remove_works_under_the_policy_that_the_program_prints() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let account = world.account.as_str();
    let printed = world.printed_policy("remove", "demo", &[]);
    let remove = [
        "remove",
        "demo",
        "--yes",
        "--confirm-account",
        account,
        "--format",
        "json",
    ];
    assert_eq!(
        world.run_under(&printed, &remove).exits(0).json()["result"],
        "removed"
    );
}

#[test]
fn log_files_are_counted_and_deleted_under_the_policy_that_the_program_prints() {
    let world = World::new();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    let account = world.account.as_str();
    let printed = world.printed_policy("remove-logs", "demo", &[]);
    let bucket = format!("sophos-ct-demo-{account}-eu-west-1");
    let remove = [
        "remove",
        "demo",
        "--delete-logs",
        "--confirm-bucket",
        &bucket,
        "--yes",
        "--confirm-account",
        account,
        "--format",
        "json",
    ];
    let removed = world.run_under(&printed, &remove).exits(0).json();
    assert!(removed["logs"]["objects"].as_u64() > Some(0), "{removed}");
    let left = snapshot::aws(&world).into_keys();
    let left: Vec<String> = left
        .filter(|name| name.contains("sophos-ct-demo"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn an_upgrade_is_done_if_the_caller_may_do_it_and_left_out_otherwise() {
    let world = World::new();
    world.setup("old", &[]).exits(0);
    let code = |world: &World| snapshot::aws(world)["function sophos-ct-old"]["code"].clone();
    let before = code(&world);
    // This counts as another build: bytes after the end of an ELF file do not change what it does.
    let mut other = std::fs::read(world.command(&[]).get_program()).unwrap();
    other.extend(b"another build");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), other).unwrap();
    let words = [
        "setup",
        "old",
        "--yes",
        "--format",
        "json",
        "--forwarder",
        file.path().to_str().unwrap(),
    ];

    let refused = world.run_under(PUBLISHED, &words).exits(0).json();
    let steps = refused["steps"].as_array().unwrap();
    let function = steps
        .iter()
        .find(|step| step["kind"] == "function")
        .unwrap();
    assert_eq!(function["action"], "keep");
    assert!(function["reason"].is_string(), "{function}");
    assert_eq!(code(&world), before);

    let upgraded = world.run(&words).exits(0).json();
    assert_eq!(upgraded["result"], "applied");
    assert_ne!(code(&world), before);
    world.run(&["status", "old"]).exits(0);
    assert_eq!(world.run(&words).exits(0).json()["result"], "unchanged");
    // The usual function is another build again. It is not older, so `setup` puts it back.
    let steps = world.setup("old", &[]).exits(0).json()["steps"].clone();
    let modified = steps
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["action"] == "modify");
    assert_eq!(modified.count(), 1);
    assert_eq!(code(&world), before);
}
