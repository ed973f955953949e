//! `remove` and what can be asked of it.

use serde_json::{Value, json};

use crate::support::{Ran, World, blocking, fixtures, snapshot};

/// Without a way to Central.
fn without_central(world: &World, arguments: &[&str]) -> Ran {
    let mut command = world.command(arguments);
    for variable in [
        "SOPHOS_CENTRAL_ID_URL",
        "SOPHOS_CENTRAL_API_URL",
        "SOPHOS_CENTRAL_CLIENT_ID",
        "SOPHOS_CENTRAL_CLIENT_SECRET",
    ] {
        command.env_remove(variable);
    }
    command.output().unwrap().into()
}

fn left(world: &World) -> Vec<String> {
    snapshot::aws(world).into_keys().collect()
}

fn put_object(world: &World, bucket: &str, key: &str) {
    blocking(async {
        let put = world.aws().await.s3.put_object().bucket(bucket).key(key);
        put.send().await.unwrap();
    });
}

#[test]
fn central_only_ends_the_connection_and_names_what_stays_in_aws() {
    let world = World::new();
    world.setup("gone", &[]).exits(0);
    let before = snapshot::aws(&world);
    let ran = world
        .run(&["remove", "gone", "--central-only", "--yes"])
        .exits(0);
    for part in [
        "trail/sophos-ct-gone",
        "function:sophos-ct-gone",
        "role/sophos-ct-gone",
    ] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    assert_eq!(snapshot::aws(&world), before);
    assert_eq!(snapshot::central(&world)[0]["status"], "deleted");
    // A deleted connection is told from one that never was, and from one that is not healthy.
    let id = connection_id(&world, "gone");
    for name in ["gone", &id] {
        let status = world
            .run(&["status", name, "--format", "json"])
            .exits(8)
            .json();
        let checks = status["checks"].as_array().unwrap();
        assert_eq!(checks.len(), 1, "{status}");
        assert_eq!(checks[0]["detail"], "deleted");
        let fix = checks[0]["fix"].as_str().unwrap();
        assert!(
            fix.contains("setup gone") && fix.contains(&format!("remove {id}")),
            "{fix}"
        );
    }
    for verb in ["plan", "setup"] {
        let refused = world.run(&[verb, &id, "--yes"]).exits(2).stderr;
        assert!(refused.contains("is deleted"), "{refused}");
    }
    assert_eq!(snapshot::aws(&world), before);
    // What was left can still be found by its marks.
    let words = [
        "remove",
        "gone",
        "--without-central",
        "--yes",
        "--confirm-account",
        &world.account,
    ];
    without_central(&world, &words).exits(0);
    assert_eq!(left(&world), ["bucket sophos-ct-gone-ACCOUNT-eu-west-1"]);
}

#[test]
fn without_central_takes_out_what_carries_the_mark_under_given_names() {
    let world = World::new();
    let names = [
        "--topic",
        "our-topic",
        "--role",
        "our-role",
        "--function",
        "our-function",
        "--trail",
        "our-trail",
    ];
    world.setup("blind", &names).exits(0);
    blocking(async {
        // Somebody's topic under the default name is not ours.
        world
            .aws()
            .await
            .sns
            .create_topic()
            .name("sophos-ct-blind")
            .send()
            .await
            .unwrap();
    });
    let words = [
        "remove",
        "blind",
        "--without-central",
        "--yes",
        "--confirm-account",
        &world.account,
        "--format",
        "json",
    ];
    // Under the default names there is only the bucket, into which our trail of another name writes.
    let before = snapshot::aws(&world);
    let elsewhere = without_central(&world, &words).exits(6).json();
    assert!(
        elsewhere["error"]["message"]
            .as_str()
            .unwrap()
            .contains("trail/our-trail")
    );
    let unknown = [
        "remove",
        "nothing",
        "--without-central",
        "--yes",
        "--confirm-account",
        &world.account,
    ];
    without_central(&world, &unknown).exits(2);
    assert_eq!(snapshot::aws(&world), before);
    let removed = without_central(&world, &[&words[..], &names].concat())
        .exits(0)
        .json();
    assert_eq!(removed["result"], "removed");
    assert_eq!(removed["connection"], Value::Null);
    let bucket = "bucket sophos-ct-blind-ACCOUNT-eu-west-1";
    let theirs = "topic arn:aws:sns:eu-west-1:ACCOUNT:sophos-ct-blind";
    assert_eq!(left(&world), [bucket, theirs]);
    assert_eq!(snapshot::aws(&world)[bucket]["policy"], Value::Null);
    without_central(&world, &[&words[..], &names].concat()).exits(0);
    assert_eq!(snapshot::central(&world)[0]["status"], "active");
    world.remove("blind", &[]).exits(0);
    assert_eq!(snapshot::central(&world)[0]["status"], "deleted");
}

#[test]
fn logs_are_deleted_only_when_asked_in_words_and_where_nothing_else_is() {
    let world = World::new();
    let set_up = world.setup("logs", &["--wait-for-logs"]).exits(0).json();
    let bucket = format!("sophos-ct-logs-{}-eu-west-1", world.account);
    let missing = world.remove("logs", &["--delete-logs"]).exits(2).json();
    assert!(
        missing["error"]["message"]
            .as_str()
            .unwrap()
            .contains("--confirm-bucket")
    );
    world
        .remove("logs", &["--delete-logs", "--confirm-bucket", "another"])
        .exits(9);

    put_object(&world, &bucket, "their/file");
    let delete = ["--delete-logs", "--confirm-bucket", &bucket];
    let refused = world.remove("logs", &delete).exits(5).json();
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains(&bucket)
    );
    blocking(async {
        let delete = world
            .aws()
            .await
            .s3
            .delete_object()
            .bucket(&bucket)
            .key("their/file")
            .send()
            .await;
        delete.unwrap();
    });

    world.remove("logs", &[]).exits(0);
    assert_eq!(left(&world), ["bucket sophos-ct-logs-ACCOUNT-eu-west-1"]);
    // Later too, by id.
    let id = set_up["connection"]["id"].as_str().unwrap();
    let removed = world.remove(id, &delete).exits(0).json();
    assert_eq!(removed["result"], "removed");
    assert!(left(&world).is_empty());
}

#[test]
fn a_trail_is_kept_on_request_with_all_that_it_needs() {
    let world = World::new();
    world.setup("kept", &[]).exits(0);
    let ran = world
        .run(&[
            "remove",
            "kept",
            "--yes",
            "--confirm-account",
            &world.account,
            "--keep-trail",
        ])
        .exits(0);
    assert!(
        ran.stderr.contains("trail/sophos-ct-kept"),
        "{}",
        ran.stderr
    );
    let after = snapshot::aws(&world);
    let names: Vec<&str> = after.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "bucket sophos-ct-kept-ACCOUNT-eu-west-1",
            "topic arn:aws:sns:eu-west-1:ACCOUNT:sophos-ct-kept",
            "trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-kept"
        ]
    );
    assert_eq!(after[names[2]]["logging"], true);
    assert_eq!(after[names[1]]["subscribers"], json!([]));
    assert_ne!(after[names[0]]["policy"], Value::Null);
}

#[test]
fn the_last_trail_is_named_as_such() {
    let world = World::new();
    world.setup("last", &[]).exits(0);
    let ran = world
        .run(&[
            "remove",
            "last",
            "--yes",
            "--confirm-account",
            &world.account,
        ])
        .exits(0);
    assert!(ran.stderr.contains("last trail"), "{}", ran.stderr);
}

#[test]
fn what_others_use_is_kept_and_they_are_named() {
    let world = World::new();
    world.setup("shared", &[]).exits(0);
    let topic = format!("arn:aws:sns:eu-west-1:{}:sophos-ct-shared", world.account);
    let queue = format!("arn:aws:sqs:eu-west-1:{}:theirs", world.account);
    blocking(async {
        let aws = world.aws().await;
        let subscribe = aws
            .sns
            .subscribe()
            .topic_arn(&topic)
            .protocol("sqs")
            .endpoint(&queue);
        subscribe.send().await.unwrap();
    });
    let ran = world.remove("shared", &[]).exits(6).json();
    assert!(ran["error"]["message"].as_str().unwrap().contains(&queue));
    let after = snapshot::aws(&world);
    assert_eq!(
        after["topic arn:aws:sns:eu-west-1:ACCOUNT:sophos-ct-shared"]["subscribers"][0],
        queue
            .replace(&world.account, "ACCOUNT")
            .replace("arn", "sqs arn")
    );
    assert!(
        after.contains_key("trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-shared")
    );
    assert!(!after.contains_key("function sophos-ct-shared"));
    world.remove("shared", &["--force-shared"]).exits(0);
    assert_eq!(left(&world), ["bucket sophos-ct-shared-ACCOUNT-eu-west-1"]);
}

/// Our bucket with versions of its own, of somebody else or of ours.
async fn versioned(world: &World, bucket: &str, status: &str) {
    let aws = world.aws().await;
    let versioning = aws_sdk_s3::types::VersioningConfiguration::builder().status(status.into());
    let put = aws.s3.put_bucket_versioning().bucket(bucket);
    put.versioning_configuration(versioning.build())
        .send()
        .await
        .unwrap();
}

#[test]
fn logs_are_deleted_version_by_version_also_where_versioning_came_later() {
    for status in ["Enabled", "Suspended"] {
        let world = World::new();
        world.setup("demo", &["--wait-for-logs"]).exits(0);
        let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
        let logs = format!(
            "AWSLogs/{}/CloudTrail/eu-west-1/2026/01/01/x.json.gz",
            world.account
        );
        put_object(&world, &bucket, &logs);
        blocking(async {
            versioned(&world, &bucket, "Enabled").await;
            let aws = world.aws().await;
            let put = aws.s3.put_object().bucket(&bucket).key(&logs);
            put.send().await.unwrap();
            let delete = aws.s3.delete_object().bucket(&bucket).key(&logs);
            delete.send().await.unwrap();
            versioned(&world, &bucket, status).await;
        });
        let delete = ["--delete-logs", "--confirm-bucket", &bucket];
        world.remove("demo", &delete).exits(0);
        assert_eq!(left(&world), [""; 0], "{status}");
    }
}

#[test]
fn logs_are_kept_where_something_else_lies_or_may_be_written_beside_them() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let account = world.account.clone();
    let bucket = format!("sophos-ct-demo-{account}-eu-west-1");
    let delete = ["--delete-logs", "--confirm-bucket", &bucket];
    let refused = |named: &str| {
        let before = snapshot::aws(&world);
        let message = world.remove("demo", &delete).exits(5).json()["error"]["message"].to_string();
        assert!(message.contains(named), "{named}: {message}");
        assert_eq!(snapshot::aws(&world), before);
    };
    let delete_object = |key: &str| {
        blocking(async {
            let aws = world.aws().await;
            let delete = aws.s3.delete_object().bucket(&bucket).key(key);
            delete.send().await.unwrap();
        });
    };
    for (key, named) in [
        ("0-before", "0-before"),
        (&format!("AWSLogs/{account}/Config/x"), "Config"),
        (&format!("AWSLogs/{account}/vpcflowlogs/x"), "vpcflowlogs"),
        ("AWSLogs/999999999999/CloudTrail/x.json.gz", "999999999999"),
        ("zzz", "zzz"),
    ] {
        put_object(&world, &bucket, key);
        refused(named);
        delete_object(key);
    }
    // Hidden under a marker: only a listing of versions shows it.
    blocking(versioned(&world, &bucket, "Enabled"));
    put_object(&world, &bucket, "theirs");
    delete_object("theirs");
    refused("theirs");
    let versions = blocking(async {
        let aws = world.aws().await;
        let list = aws
            .s3
            .list_object_versions()
            .bucket(&bucket)
            .prefix("theirs");
        let list = list.send().await.unwrap();
        let ids = list
            .versions()
            .iter()
            .map(|one| one.version_id().unwrap().to_owned());
        let marked = list
            .delete_markers()
            .iter()
            .map(|one| one.version_id().unwrap().to_owned());
        let ids: Vec<String> = ids.chain(marked).collect();
        for id in &ids {
            let delete = aws.s3.delete_object().bucket(&bucket).key("theirs");
            delete.version_id(id).send().await.unwrap();
        }
        ids.len()
    });
    assert_eq!(versions, 2);
    // Somebody else may write there.
    let own = blocking(async {
        let aws = world.aws().await;
        let own = fixtures::bucket_policy_of(&aws, &bucket).await;
        let mut document = own.clone();
        document["Statement"].as_array_mut().unwrap().push(json!({
            "Sid": "ConfigWrites", "Effect": "Allow", "Principal": { "Service": "config.amazonaws.com" },
            "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{bucket}/AWSLogs/{account}/Config/*"),
        }));
        fixtures::bucket_policy(&aws, &bucket, document).await;
        own
    });
    refused("ConfigWrites");
    blocking(async {
        fixtures::bucket_policy(&world.aws().await, &bucket, own).await;
    });
    world.remove("demo", &delete).exits(0);
    assert_eq!(left(&world), [""; 0]);
}

/// The id of a connection, deleted or not.
fn connection_id(world: &World, name: &str) -> String {
    let listed = world
        .run(&["list", "--all", "--format", "json"])
        .exits(0)
        .json();
    let all = listed["connections"].as_array().unwrap();
    let found = all.iter().find(|one| one["name"] == name).unwrap();
    found["id"].as_str().unwrap().to_owned()
}
