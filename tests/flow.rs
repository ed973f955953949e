//! The job itself: set up, verified, again, removed, taken up again.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::support::{World, blocking};

#[test]
fn setup_delivers_the_stored_bytes_and_a_second_run_changes_nothing() {
    let world = World::new();
    let first = world.setup("demo", &["--wait-for-logs"]).exits(0).json();
    assert_eq!(first["result"], "applied");
    assert_eq!(first["connection"]["status"], "active");
    assert_eq!(first["connection"]["resources"]["complete"], true);
    let id = first["connection"]["id"].as_str().unwrap().to_owned();

    let second = world.setup("demo", &[]).exits(0).json();
    assert_eq!(second["result"], "unchanged");
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

#[test]
fn a_killed_setup_is_continued_from_its_name_alone() {
    let world = World::new();
    let mut killed = 0;
    for milliseconds in [400, 800, 1200, 1600, 2000] {
        let mut child = world
            .command(&[
                "setup",
                "crash",
                "--yes",
                "--function",
                "custom-fn",
                "--log-retention-days",
                "7",
            ])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_millis(milliseconds);
        while Instant::now() < end && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(10));
        }
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            killed += 1;
        }
        child.wait().unwrap();
    }
    assert!(killed > 0);
    // Where every run was killed before Central knew of it, the flags are still needed once.
    let listed = world.run(&["list", "--format", "json"]).exits(0).json();
    let known = !listed["connections"].as_array().unwrap().is_empty();
    let more: &[&str] = if known {
        &[]
    } else {
        &["--function", "custom-fn", "--log-retention-days", "7"]
    };
    let last = world.setup("crash", more).exits(0).json();
    assert_eq!(last["connection"]["status"], "active");
    assert_eq!(last["connection"]["settings"]["function"], "custom-fn");
    assert_eq!(last["connection"]["settings"]["log-retention-days"], 7);
    let listed = world.run(&["list", "--format", "json"]).exits(0).json();
    assert_eq!(listed["connections"].as_array().unwrap().len(), 1);
    world.remove("crash", &[]).exits(0);
}
