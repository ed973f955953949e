//! Set up, verify, set up again, remove, and set up once more.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{Ran, World, blocking};

#[test]
fn setup_delivers_the_stored_bytes_and_a_second_run_changes_nothing() {
    let world = World::wired();
    let first = world.setup("demo", &["--wait-for-logs"]).exits(0).json();
    assert_eq!(first["result"], "applied");
    assert_eq!(first["connection"]["status"], "active");
    assert_eq!(first["connection"]["resources"]["complete"], true);
    let id = first["connection"]["id"].as_str().unwrap().to_owned();

    world.wire().mend();
    let second = world.setup("demo", &[]).exits(0).json();
    assert_eq!(second["result"], "unchanged");
    assert_eq!(world.wire().writes(), [""; 0]);
    assert_eq!(
        second["connection"]["updatedAt"],
        first["connection"]["updatedAt"]
    );

    let status = world
        .run(&["status", "demo", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(status["healthy"], true, "{status}");

    let receipts = world.central(&format!(
        "/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts"
    ));
    let receipts = receipts["items"].as_array().unwrap();
    assert!(!receipts.is_empty());
    blocking(async {
        let aws = world.aws().await;
        for receipt in receipts {
            let (bucket, key) = (
                receipt["bucket"].as_str().unwrap(),
                receipt["key"].as_str().unwrap(),
            );
            let body = aws
                .s3
                .get_object()
                .bucket(bucket)
                .key(key)
                .send()
                .await
                .unwrap()
                .body
                .collect()
                .await
                .unwrap();
            assert_eq!(
                receipt["sha256"],
                hex::encode(Sha256::digest(body.into_bytes()))
            );
        }
    });
}

#[test]
fn remove_leaves_only_the_log_bucket_and_setup_takes_it_up_again() {
    let world = World::new();
    let first = world.setup("again", &[]).exits(0).json();
    let removed = world.remove("again", &[]).exits(0).json();
    assert_eq!(removed["result"], "removed");
    assert_eq!(removed["connection"]["status"], "deleted");
    only_the_log_bucket_is_left(&world);
    assert_eq!(
        world.remove("again", &[]).exits(0).json()["result"],
        "removed"
    );

    let second = world.setup("again", &[]).exits(0).json();
    assert_eq!(second["connection"]["status"], "active");
    let bucket = second["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["kind"] == "bucket")
        .unwrap();
    assert_eq!(bucket["action"], "use");
    assert!(
        bucket["reason"]
            .as_str()
            .unwrap()
            .contains(first["connection"]["id"].as_str().unwrap())
    );
}

/// Nothing of the connection `again` is in AWS except its log bucket, which has no policy any more.
fn only_the_log_bucket_is_left(world: &World) {
    blocking(async {
        let aws = world.aws().await;
        assert!(
            aws.iam
                .get_role()
                .role_name("sophos-ct-again")
                .send()
                .await
                .is_err()
        );
        assert!(
            aws.lambda
                .get_function()
                .function_name("sophos-ct-again")
                .send()
                .await
                .is_err()
        );
        assert!(
            aws.cloudtrail
                .describe_trails()
                .send()
                .await
                .unwrap()
                .trail_list()
                .is_empty()
        );
        assert!(
            aws.sns
                .list_topics()
                .send()
                .await
                .unwrap()
                .topics()
                .is_empty()
        );
        let bucket = format!("sophos-ct-again-{}-eu-west-1", world.account);
        aws.s3.head_bucket().bucket(&bucket).send().await.unwrap();
        assert!(
            aws.s3
                .get_bucket_policy()
                .bucket(&bucket)
                .send()
                .await
                .is_err()
        );
    });
}

#[test]
fn the_function_itself_catches_up_on_the_files_of_a_pause() {
    let world = World::new();
    let set_up = world.setup("paused", &["--wait-for-logs"]).exits(0).json();
    let id = set_up["connection"]["id"].as_str().unwrap();
    let receipts = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts");
    let paused = || {
        let found = world.central(&format!("{receipts}?outcome=skipped"));
        let found = found["items"].as_array().unwrap().clone();
        let keys = found
            .iter()
            .map(|one| one["key"].as_str().unwrap().to_owned());
        keys.collect::<Vec<_>>()
    };
    let wait = |what: &str, fits: &dyn Fn() -> bool| {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !fits() {
            assert!(std::time::Instant::now() < end, "{what}");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    };
    world.patch(id, &json!({ "status": "paused" }));
    wait("nothing was skipped", &|| paused().len() > 1);
    world.patch(id, &json!({ "status": "active" }));
    // The function learns at a sign-in what is missing. A validation message causes one, at most every fifteen seconds.
    let provoke = || {
        blocking(async {
            let aws = world.aws().await;
            let topic = format!("arn:aws:sns:eu-west-1:{}:sophos-ct-paused", world.account);
            let update = aws.cloudtrail.update_trail().name("sophos-ct-paused");
            update.sns_topic_name(topic).send().await.unwrap();
        });
        std::thread::sleep(std::time::Duration::from_secs(2));
    };
    wait("still missing", &|| {
        provoke();
        paused().is_empty()
    });
    world.remove("paused", &[]).exits(0);
}

#[test]
fn without_a_slim_build_the_program_itself_is_the_function() {
    let world = World::new();
    let mut command = world.command(&["setup", "self", "--yes", "--format", "json"]);
    command.env_remove("SOPHOS_CT_FORWARDER");
    let ran: Ran = command.output().unwrap().into();
    assert_eq!(ran.exits(0).json()["connection"]["status"], "active");
    // The slim build is the same function in another file, which is a change: it replaces the program.
    let upgraded = world.setup("self", &[]).exits(0).json();
    assert_eq!(upgraded["result"], "applied");
    world.run(&["status", "self"]).exits(0);
    world.remove("self", &[]).exits(0);
}
