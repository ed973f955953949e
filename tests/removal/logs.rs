//! The log bucket and its log files are deleted on request, unless something else is in the bucket.

use aws_sdk_s3::types::{Tag, Tagging};
use serde_json::{Value, json};

use super::left;
use crate::{
    existing::with_trail,
    support::{World, blocking, fixtures, snapshot, terminal::Terminal, wire::Fault},
};

#[test]
fn logs_are_deleted_only_if_confirmed_and_if_nothing_else_is_in_the_bucket() {
    let world = World::new();
    let set_up = world.setup("logs", &["--wait-for-logs"]).exits(0).json();
    let bucket = format!("sophos-ct-logs-{}-eu-west-1", world.account);
    let missing = world.remove("logs", &["--delete-logs"]).exits(2).json();
    let message = missing["error"]["message"].as_str().unwrap();
    let said = format!("--confirm-bucket {bucket}");
    assert!(message.contains(&said), "{message}");
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
    // The bucket itself stands in the way: Central says nothing of it.
    let hint = refused["error"]["hint"].as_str().unwrap();
    assert!(!hint.contains("Central"), "{hint}");
    delete_object(&world, &bucket, "their/file");

    world.remove("logs", &[]).exits(0);
    assert_eq!(left(&world), ["bucket sophos-ct-logs-ACCOUNT-eu-west-1"]);
    // The logs can also be deleted later, by the connection's id.
    let id = set_up["connection"]["id"].as_str().unwrap();
    let removed = world.remove(id, &delete).exits(0).json();
    assert_eq!(removed["result"], "removed");
    let (objects, bytes) = (&removed["logs"]["objects"], &removed["logs"]["bytes"]);
    assert!(objects.as_u64() > Some(0), "{removed}");
    assert!(bytes.as_u64() > Some(0), "{removed}");
    assert_eq!(removed["logs"]["complete"], true);
    assert!(left(&world).is_empty());
}

#[test]
fn the_plan_says_how_much_is_deleted_and_the_end_how_to_delete_what_stays() {
    let world = World::new();
    let set_up = world.setup("demo", &[]).exits(0).json();
    let id = set_up["connection"]["id"].as_str().unwrap();
    let account = &world.account;
    let confirmed = |words: &[&str]| {
        let words = [
            &["remove"][..],
            words,
            &["--yes", "--confirm-account", account],
        ];
        world.run(&words.concat())
    };
    let kept = confirmed(&["demo"]).exits(0).stderr;
    let later = format!("sophos-ct remove {id} --delete-logs");
    assert!(kept.contains(&later), "{kept}");
    assert!(!kept.contains("Deleted with the bucket"), "{kept}");
    // Also if there is nothing else to do.
    let again = confirmed(&[id]).exits(0).stderr;
    assert!(again.contains(&later), "{again}");

    let bucket = format!("sophos-ct-demo-{account}-eu-west-1");
    let logs = format!("AWSLogs/{account}/CloudTrail/eu-west-1/2026/01/01/x.json.gz");
    blocking(versioned(&world, &bucket, "Enabled"));
    put_object(&world, &bucket, &logs);
    put_object(&world, &bucket, &logs);
    let declined = confirmed(&[id, "--delete-logs", "--confirm-bucket", "theirs"]);
    let plan = declined.exits(9).stderr;
    for part in [
        "Deleted with the bucket: ",
        " versions, ",
        "The oldest was written ",
    ] {
        assert!(plan.contains(part), "{part}: {plan}");
    }
    let delete = ["--delete-logs", "--confirm-bucket", &bucket];
    let removed = world.remove(id, &delete).exits(0);
    assert!(!removed.stderr.contains(&later), "{}", removed.stderr);
    let held = removed.json()["logs"].clone();
    let number = |name: &str| held[name].as_u64().unwrap();
    assert!(number("versions") > number("objects"), "{held}");
    let time = |name: &str| held[name].as_str().unwrap().to_owned();
    assert!(time("oldest") <= time("newest"), "{held}");
    assert_eq!(left(&world), [""; 0]);
}

#[test]
fn logs_are_deleted_version_by_version_even_if_versioning_came_later() {
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
fn logs_are_kept_if_anything_else_is_or_may_be_written_next_to_them() {
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
    for (key, named) in [
        ("0-before", "0-before"),
        (&format!("AWSLogs/{account}/Config/x"), "Config"),
        (&format!("AWSLogs/{account}/vpcflowlogs/x"), "vpcflowlogs"),
        ("AWSLogs/999999999999/CloudTrail/x.json.gz", "999999999999"),
        ("zzz", "zzz"),
    ] {
        put_object(&world, &bucket, key);
        refused(named);
        delete_object(&world, &bucket, key);
    }
    // An object under a delete marker is hidden: only a listing of versions shows it.
    blocking(versioned(&world, &bucket, "Enabled"));
    put_object(&world, &bucket, "theirs");
    delete_object(&world, &bucket, "theirs");
    refused("theirs");
    assert_eq!(delete_versions(&world, &bucket, "theirs"), 2);
    // A statement in the bucket's policy lets someone else write there.
    let own = let_config_write(&world, &bucket);
    refused("ConfigWrites");
    blocking(async {
        fixtures::bucket_policy(&world.aws().await, &bucket, own).await;
    });
    world.remove("demo", &delete).exits(0);
    assert_eq!(left(&world), [""; 0]);
}

fn put_object(world: &World, bucket: &str, key: &str) {
    blocking(async {
        let put = world.aws().await.s3.put_object().bucket(bucket).key(key);
        put.send().await.unwrap();
    });
}

/// Sets the versioning status of a bucket.
async fn versioned(world: &World, bucket: &str, status: &str) {
    let aws = world.aws().await;
    let versioning = aws_sdk_s3::types::VersioningConfiguration::builder().status(status.into());
    let put = aws.s3.put_bucket_versioning().bucket(bucket);
    put.versioning_configuration(versioning.build())
        .send()
        .await
        .unwrap();
}

fn delete_object(world: &World, bucket: &str, key: &str) {
    blocking(async {
        let aws = world.aws().await;
        let delete = aws.s3.delete_object().bucket(bucket).key(key);
        delete.send().await.unwrap();
    });
}

/// Deletes all versions and delete markers of an object, and returns how many there were.
fn delete_versions(world: &World, bucket: &str, key: &str) -> usize {
    blocking(async {
        let aws = world.aws().await;
        let list = aws.s3.list_object_versions().bucket(bucket).prefix(key);
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
            let delete = aws.s3.delete_object().bucket(bucket).key(key);
            delete.version_id(id).send().await.unwrap();
        }
        ids.len()
    })
}

/// Lets AWS Config write into the bucket, and returns the policy that the bucket had before.
fn let_config_write(world: &World, bucket: &str) -> Value {
    let account = &world.account;
    blocking(async {
        let aws = world.aws().await;
        let own = fixtures::bucket_policy_of(&aws, bucket).await;
        let mut document = own.clone();
        document["Statement"].as_array_mut().unwrap().push(json!({
            "Sid": "ConfigWrites", "Effect": "Allow", "Principal": { "Service": "config.amazonaws.com" },
            "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{bucket}/AWSLogs/{account}/Config/*"),
        }));
        fixtures::bucket_policy(&aws, bucket, document).await;
        own
    })
}

#[test]
fn a_bucket_that_came_into_use_after_the_plan_is_named_and_kept() {
    let world = World::wired();
    let tagging = Fault::Code("InvalidTag");
    world.wire().fault("s3:PutBucketTagging", tagging);
    world.setup("demo", &[]).exits(6);
    world.wire().mend();
    mark_at_the_second_look(&world);
    let words = ["--yes", "--confirm-account", &world.account];
    let ran = world.run(&[&["remove", "demo"][..], &words].concat());
    let said = ran.exits(6).stderr;
    assert!(said.contains("was never used when the plan"), "{said}");
    world.wire().mend();
    let left = snapshot::aws(&world);
    let bucket = "bucket sophos-ct-demo-ACCOUNT-eu-west-1";
    assert!(left.contains_key(bucket), "{left:?}");
}

/// Someone else gives the bucket our mark, as a setup that goes on would, between the plan of a removal and the deletion.
fn mark_at_the_second_look(world: &World) {
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let list = world.run(&["list", "--format", "json"]).json();
    let id = list["connections"][0]["id"].as_str().unwrap();
    let tag = Tag::builder().key("sophos-ct:connection-id").value(id);
    let tags = Tagging::builder().tag_set(tag.build().unwrap());
    let tags = tags.build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let aws = runtime.block_on(world.aws());
    let mut looks = 0;
    world.wire().before_each(move |call| {
        looks += usize::from(call == "s3:HeadBucket");
        if call == "s3:HeadBucket" && looks == 2 {
            let put = aws.s3.put_bucket_tagging().bucket(&bucket);
            runtime.block_on(put.tagging(tags.clone()).send()).unwrap();
        }
    });
}

#[test]
fn nobody_confirms_the_deletion_of_a_bucket_that_stays() {
    let world = with_trail(true);
    let theirs = ["--resources", "existing", "--trail", "theirs"];
    world.setup("demo", &theirs).exits(0);
    let remove = ["remove", "demo", "--delete-logs"];
    let mut terminal = Terminal::run(&world, "exec \"$@\"", &remove);
    terminal.answer_list("? Remove this connection?", "\r");
    assert_eq!(terminal.end(), 9, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(
        screen.contains("stay: the plan does not delete"),
        "{screen}"
    );
    assert!(!screen.contains("Type the bucket's name"), "{screen}");
}
