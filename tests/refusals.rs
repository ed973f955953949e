//! What is refused, with its exit code, and that nothing is written then.

use crate::support::{World, blocking};

#[test]
fn bad_answers_are_reported_together_and_change_nothing() {
    let world = World::new();
    let ran = world
        .setup(
            "demo",
            &[
                "--bucket",
                "Not_A_Bucket",
                "--log-retention-days",
                "8",
                "--tag",
                "x",
            ],
        )
        .exits(2);
    let message = ran.json()["error"]["message"].as_str().unwrap().to_owned();
    for flag in ["--bucket", "--log-retention-days", "--tag"] {
        assert!(message.contains(flag), "{message}");
    }
    let usage = world
        .run(&["setup", "--nonsense", "--format", "json"])
        .exits(2)
        .json();
    assert_eq!(usage["error"]["code"], "usage");
    let organization = world.setup("demo", &["--organization"]).exits(2).json();
    assert_eq!(organization["error"]["code"], "notYet");
    let without_yes = world
        .run(&["setup", "demo", "--format", "json"])
        .exits(2)
        .json();
    assert_eq!(without_yes["error"]["code"], "missingAnswers");
    assert!(
        world.run(&["list", "--format", "json"]).json()["connections"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_wrong_secret_and_an_ended_licence_are_told_apart() {
    let world = World::new();
    let ran = world
        .command(&["list", "--format", "json", "-vv"])
        .env("SOPHOS_CENTRAL_CLIENT_SECRET", "wrong-secret-wrong")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(3));
    let all = [ran.stdout, ran.stderr].concat();
    assert!(!String::from_utf8_lossy(&all).contains("wrong-secret-wrong"));
    world.end_license("2020-01-01");
    assert_eq!(
        world.setup("demo", &[]).exits(4).json()["error"]["code"],
        "licenseRequired"
    );
}

#[test]
fn a_name_clash_with_something_unmarked_is_a_conflict() {
    let world = World::new();
    blocking(async {
        let aws = world.aws().await;
        aws.sns
            .create_topic()
            .name("sophos-ct-clash")
            .send()
            .await
            .unwrap();
    });
    let ran = world.setup("clash", &[]).exits(5).json();
    assert!(
        ran["error"]["message"]
            .as_str()
            .unwrap()
            .contains(":sophos-ct-clash")
    );
    assert!(
        world.run(&["list", "--format", "json"]).json()["connections"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_second_trail_is_refused_without_accept_cost() {
    let world = World::new();
    world.setup("one", &[]).exits(0);
    let ran = world.setup("two", &["--resources", "new"]).exits(2).json();
    let message = ran["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("USD") && message.contains("trail/sophos-ct-one"),
        "{message}"
    );
}
