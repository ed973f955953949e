//! Names under which there is something that is not this connection's.

use crate::support::{World, blocking, snapshot};

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
fn resources_with_the_mark_of_another_live_connection_are_a_conflict() {
    let world = World::wired();
    let one = world.setup("one", &[]).exits(0).json();
    world.wire().mend();
    let id = one["connection"]["id"].as_str().unwrap();
    let bucket = format!("sophos-ct-one-{}-eu-west-1", world.account);
    let same = [
        "--resources",
        "new",
        "--topic",
        "sophos-ct-one",
        "--role",
        "sophos-ct-one",
        "--function",
        "sophos-ct-one",
        "--bucket",
        &bucket,
        "--trail",
        "sophos-ct-one",
    ];
    let before = snapshot::aws(&world);
    let ran = world.setup("two", &same).exits(5).json();
    let message = ran["error"]["message"].as_str().unwrap();
    for part in [
        ":sophos-ct-one",
        "role/sophos-ct-one",
        "function:sophos-ct-one",
        &bucket,
        "trail/sophos-ct-one",
    ] {
        let named = message.lines().find(|line| line.contains(part));
        assert!(
            named.is_some_and(|line| line.contains(id)),
            "{part}: {message}"
        );
    }
    assert_eq!(world.wire().writes(), [""; 0]);
    assert_eq!(snapshot::aws(&world), before);
}
