//! Connections next to each other on the same resources, and a connection that only its own resources describe.

use super::{notified_by, with_trail};
use crate::support::{World, snapshot};

#[test]
fn connections_stand_side_by_side_and_what_another_uses_is_kept() {
    let world = World::wired();
    world.setup("first", &[]).exits(0);
    // The second connection is on the first one's trail, and the third is in another region.
    world
        .setup(
            "second",
            &[
                "--resources",
                "existing",
                "--trail",
                "sophos-ct-first",
                "--connect-again",
            ],
        )
        .exits(0);
    let elsewhere = [
        "--resources",
        "new",
        "--accept-cost",
        "--region",
        "us-east-1",
    ];
    world.setup("third", &elsewhere).exits(0);
    let topic = "topic arn:aws:sns:eu-west-1:ACCOUNT:sophos-ct-first";
    let both = snapshot::aws(&world);
    assert_eq!(both[topic]["subscribers"].as_array().unwrap().len(), 2);

    let kept = world.remove("first", &[]).exits(6).json();
    assert!(
        kept["error"]["message"]
            .as_str()
            .unwrap()
            .contains("function:sophos-ct-second")
    );
    let after = snapshot::aws(&world);
    assert!(after.contains_key(topic) && after.contains_key("function sophos-ct-second"));
    assert!(!after.contains_key("function sophos-ct-first"));
    assert_eq!(
        after["trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-first"]["logging"],
        true
    );
    world.run(&["status", "second"]).exits(0);

    world.remove("second", &[]).exits(0);
    world.remove("first", &[]).exits(0);
    world.remove("third", &["--region", "us-east-1"]).exits(0);
    let left: Vec<String> = snapshot::aws(&world).into_keys().collect();
    assert!(
        left.iter().all(|name| name.starts_with("bucket ")),
        "{left:?}"
    );
}

#[test]
fn a_trail_is_kept_if_another_connection_collects_from_its_bucket() {
    for notify in ["bucket", "eventbridge"] {
        let world = World::new();
        world.setup("first", &[]).exits(0);
        let flags = notified_by(notify);
        let flags = flags.map(|flag| flag.replace("theirs", "sophos-ct-first"));
        let flags = flags.iter().map(String::as_str);
        let flags: Vec<&str> = flags.chain(["--connect-again"]).collect();
        world.setup("second", &flags).exits(0);
        let kept = world.remove("first", &[]).exits(6).json();
        let message = kept["error"]["message"].as_str().unwrap();
        assert!(message.contains("connection second"), "{message}");
        let left = snapshot::aws(&world);
        // Logs that another connection collects are not deleted, even on request.
        let bucket = format!("sophos-ct-first-{}-eu-west-1", world.account);
        let all = [
            "--force-shared",
            "--delete-logs",
            "--confirm-bucket",
            &bucket,
        ];
        let refused = world.remove("first", &all).exits(5).json();
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("is used by connection second"),
            "{message}"
        );
        assert_eq!(snapshot::aws(&world), left);
        assert!(!left.contains_key("function sophos-ct-first"));
        assert!(
            left.contains_key("trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-first")
        );
        world.run(&["status", "second"]).exits(0);
        world.remove("second", &[]).exits(0);
        world.remove("first", &[]).exits(0);
        let left: Vec<String> = snapshot::aws(&world).into_keys().collect();
        assert!(
            left.iter().all(|name| name.starts_with("bucket ")),
            "{left:?}"
        );
    }
}

#[test]
fn without_central_our_own_resources_show_which_trail_or_bucket_they_serve() {
    for notify in ["trail", "bucket", "eventbridge", ""] {
        let subscribe = notify.is_empty();
        let world = with_trail(subscribe);
        let before = snapshot::aws(&world);
        let flags = if subscribe {
            Vec::new()
        } else {
            notified_by(notify).to_vec()
        };
        world.setup("demo", &flags).exits(0);
        let words = [
            "remove",
            "demo",
            "--without-central",
            "--yes",
            "--confirm-account",
            &world.account,
        ];
        world.run(&words).exits(0);
        assert_eq!(snapshot::aws(&world), before, "{notify}");
    }
}
