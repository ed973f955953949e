//! Who may audit, and what is said to those who may not; flags that do not fit.

use serde_json::Value;

use super::{NOW, audit, forget, quiet, stored};
use crate::support::{World, blocking};

#[test]
fn an_audit_and_a_replay_work_under_the_printed_policy_and_name_what_is_missing() {
    let world = World::new();
    let id = quiet(&world, &[]);
    let policy = world.printed_policy("audit-replay", "demo", &[]);
    let words = [&["audit", "demo"], &NOW[..], &["json"]].concat();
    world.run_under(&policy, &words).exits(0);
    forget(&id, &stored(&world, &id)[..1]);
    let without = |missing: &str| -> String {
        let mut policy: Value = serde_json::from_str(&policy).unwrap();
        let statements = policy["Statement"].as_array_mut().unwrap();
        statements.retain(|one| !one["Action"].to_string().contains(missing));
        policy.to_string()
    };
    let replay = [&words[..], &["--replay"]].concat();
    for (missing, words) in [
        ("s3:ListBucket", &words),
        ("lambda:InvokeFunction", &replay),
    ] {
        let ran = world.run_under(&without(missing), words).exits(4);
        for text in [missing, "policy audit"] {
            assert!(ran.stderr.contains(text), "{}", ran.stderr);
        }
    }
    let replayed = world.run_under(&policy, &replay).exits(0).json();
    assert_eq!(replayed["replayed"], 1);
}

#[test]
fn flags_that_do_not_fit_are_named_at_once_and_nothing_is_asked() {
    let world = World::wired();
    let words = ["audit", "demo", "--since", "soon", "--grace", "long"];
    let ran = world.run(&words).exits(2);
    for flag in ["--since", "--grace"] {
        assert!(ran.stderr.contains(flag), "{}", ran.stderr);
    }
    assert_eq!(world.wire().calls().len(), 0);
    let ran = world.run(&["audit", "demo", "--include-skipped", "paused"]);
    assert!(ran.exits(2).stderr.contains("--replay"));
    let ran = world.run(&["audit", "demo", "--include-unassigned"]);
    assert!(ran.exits(2).stderr.contains("--replay"));
    let words = ["audit", "demo", "--since", "1h", "--until", "2h"];
    let ran = world.run(&words).exits(2);
    let said = "--since must be before --until: 1h is not before 2h";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert_eq!(world.wire().calls().len(), 0);
    world.run(&["audit", "unknown"]).exits(2);
}

#[test]
fn a_replay_without_its_function_says_that_nothing_was_sent_and_what_shows_why() {
    let world = World::new();
    let id = quiet(&world, &[]);
    forget(&id, &stored(&world, &id)[..1]);
    blocking(async {
        let lambda = world.aws().await.lambda;
        let delete = lambda.delete_function().function_name("sophos-ct-demo");
        delete.send().await.unwrap();
    });
    let words = [&["audit", "demo"], &NOW[..], &["text", "--replay"]].concat();
    let ran = world.run(&words).exits(1);
    for text in ["Nothing was sent.", "`sophos-ct status demo`"] {
        assert!(ran.stderr.contains(text), "{}", ran.stderr);
    }
    let said = ran.stderr.contains("handed to the function");
    assert!(!said, "{}", ran.stderr);
}

#[test]
fn a_bucket_without_log_files_is_nothing_to_complain_about() {
    let world = World::new();
    quiet(&world, &[]);
    let words = [
        "audit",
        "demo",
        "--since",
        "2020-01-01",
        "--until",
        "2020-02-01",
    ];
    let ran = world.run(&words).exits(0);
    assert!(ran.stdout.contains("No log file"), "{}", ran.stdout);
    let found = audit(&world, &[]).exits(0).json();
    assert!(found["objects"].as_u64() > Some(0), "{found}");
}
