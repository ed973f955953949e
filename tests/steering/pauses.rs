//! What each state of a connection allows, and the words when it does not.

use serde_json::{Value, json};

use super::{pending, says, status_after, without_aws};
use crate::support::World;

const USER: &str = "user";

#[test]
fn a_user_pauses_and_resumes_without_aws_and_twice_is_once() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let (pause, resume) = (["pause", "demo"], ["resume", "demo"]);
    says(&world, &resume, 0, ["demo is active already", "既に有効"]);
    let paused = ("paused".to_owned(), Value::from(USER));
    for _ in 0..2 {
        assert_eq!(status_after(&world, &pause), paused);
    }
    says(&world, &pause, 0, ["paused already", "既に一時停止中"]);
    let active = ("active".to_owned(), Value::Null);
    for _ in 0..2 {
        assert_eq!(status_after(&world, &resume), active);
    }
    // The words of the change itself, with the way back.
    let ran = without_aws(&world, "en", &pause).exits(0);
    assert_eq!(ran.stdout, "");
    let back = "`sophos-ct resume demo` ends the pause";
    assert!(ran.stderr.contains(back), "{}", ran.stderr);
    let ran = without_aws(&world, "ja", &resume).exits(0);
    assert!(ran.stderr.contains("demo は有効です"), "{}", ran.stderr);
    world.remove("demo", &[]).exits(0);
}

#[test]
fn a_pause_of_an_ended_licence_is_not_a_users_and_ends_with_its_renewal() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let (pause, resume) = (["pause", "demo"], ["resume", "demo"]);
    world.end_license("2020-01-01");
    let because = ["because the licence has ended", "有効期限切れ"];
    says(&world, &pause, 4, because);
    says(&world, &resume, 4, because);
    says(
        &world,
        &resume,
        4,
        ["Renew the licence", "ライセンスを更新"],
    );
    let refused = world.run(&[&resume[..], &["--format", "json"]].concat());
    let error = refused.exits(4).json()["error"].clone();
    assert_eq!(error["code"], "licenseRequired");
    // It is said wherever someone may wonder.
    says(&world, &["list"], 0, because);
    says(&world, &["accounts", "demo"], 0, because);
    world.end_license("2999-01-01");
    says(&world, &resume, 0, ["active already", "既に有効"]);
    // A user's pause outlives the end of the licence.
    status_after(&world, &pause);
    world.end_license("2020-01-01");
    says(&world, &resume, 4, because);
    world.end_license("2999-01-01");
    says(&world, &pause, 0, ["paused already", "既に一時停止中"]);
    assert_eq!(status_after(&world, &resume).0, "active");
}

#[test]
fn a_connection_that_is_not_set_up_or_silent_or_deleted_is_neither_paused_nor_resumed() {
    let world = World::wired();
    let id = pending(&world, "later");
    for verb in ["pause", "resume"] {
        says(&world, &[verb, "later"], 5, ["later is pending", "保留中"]);
        says(&world, &[verb, "later"], 5, ["setup later", "setup later"]);
    }
    for (reason, said) in [
        ("silent", ["the forwarder is silent", "通信なし"]),
        ("identityMismatch", ["with another role", "別のロール"]),
    ] {
        world.rewrite(&id, &json!({ "disconnectedBecause": reason }));
        world.wire().tell(&json!({ "status": "disconnected" }));
        for verb in ["pause", "resume"] {
            says(&world, &[verb, "later"], 5, said);
            says(
                &world,
                &[verb, "later"],
                5,
                ["status later", "status later"],
            );
        }
        says(&world, &["accounts", "later"], 0, said);
    }
    world.wire().tell(&json!({}));
    let central_only = ["remove", "later", "--central-only", "--yes"];
    world.run(&central_only).exits(0);
    for words in [
        &["pause", "later"][..],
        &["resume", &id],
        &["rename", &id, "other"],
        &["accounts", &id, "--all"],
        &["accounts", "later"],
        &["audit", "later"],
    ] {
        says(&world, words, 2, ["is deleted", "削除されています"]);
    }
    let unknown = ["has no connection `nobody`", "接続 `nobody` はありません"];
    says(&world, &["pause", "nobody"], 2, unknown);
}

#[test]
fn what_central_refuses_although_it_looked_possible_is_a_conflict() {
    let world = World::wired();
    world.setup("demo", &[]).exits(0);
    world.end_license("2020-01-01");
    for (told, verb, refusal) in [
        (json!({ "status": "active" }), "pause", "notActive"),
        (
            json!({ "status": "paused", "pausedBecause": USER }),
            "resume",
            "licensePaused",
        ),
    ] {
        world.wire().tell(&told);
        says(&world, &[verb, "demo"], 5, [refusal; 2]);
    }
    world.wire().tell(&json!({}));
    world.end_license("2999-01-01");
    assert_eq!(status_after(&world, &["resume", "demo"]).0, "active");
}
