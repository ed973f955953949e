//! The settings name roles, queues, keys and other resources that the customer has not named.

use serde_json::json;

use super::Stage;
use crate::{
    existing,
    support::{World, snapshot},
};

#[test]
fn a_role_that_only_central_names_gets_neither_our_policy_nor_our_function() {
    let stage = Stage::set();
    let mut settings = stage.settings.clone();
    settings["role"] = "victim".into();
    let mut lie = stage.manifest.clone();
    for item in lie["items"].as_array_mut().unwrap() {
        let kind = item["kind"].as_str().unwrap().to_owned();
        if kind == "role" || kind == "rolePolicy" {
            let arn = item["arn"]
                .as_str()
                .unwrap()
                .replace("role/sophos-ct-hostile", "role/victim");
            item["arn"] = arn.into();
        }
        if kind == "role" {
            item["ownership"] = "used".into();
        }
    }
    stage.refuses(&json!({ "settings": settings, "resources": lie }), &[]);
    stage.honest();
}

#[test]
fn nothing_is_sent_to_a_queue_that_only_central_names() {
    let stage = Stage::set();
    let queue = format!("arn:aws:sqs:eu-west-1:{}:victim", stage.world.account);
    let mut settings = stage.settings.clone();
    settings["dead-letter"] = queue.as_str().into();
    let before = snapshot::aws(&stage.world);
    for complete in [true, false] {
        let mut lie = stage.manifest.clone();
        lie["complete"] = complete.into();
        let fields = json!({ "settings": settings, "resources": lie });
        stage.world.rewrite(&stage.id, &fields);
        let asked = stage.world.setup("hostile", &[]);
        assert_eq!(asked.code, 2, "{}", asked.stderr);
        assert!(asked.stderr.contains(&format!("--dead-letter {queue}")));
        assert_eq!(snapshot::aws(&stage.world), before);
    }
    // The queue that the function already sends to is the one that was meant, so another queue is a conflict.
    stage.honest();
    let meant = format!("arn:aws:sqs:eu-west-1:{}:meant", stage.world.account);
    let world = World::new();
    let meant = meant.replace(&stage.world.account, &world.account);
    let set_up = ["--dead-letter", &meant];
    let set_up = world.setup("meant", &set_up).exits(0).json()["connection"].clone();
    let mut lie = set_up["settings"].clone();
    lie["dead-letter"] = queue.replace(&stage.world.account, &world.account).into();
    let before = snapshot::aws(&world);
    let id = set_up["id"].as_str().unwrap();
    world.rewrite(id, &json!({ "settings": lie }));
    world.setup("meant", &[]).exits(5);
    assert_eq!(snapshot::aws(&world), before);
    // Before any resource of ours exists, nothing in AWS shows which queue was meant, so `setup` asks again.
    let new = World::new();
    let id = "5f0c7a3e-8a1b-4c2d-9e3f-1a2b3c4d5e6f";
    let queue = format!("arn:aws:sqs:eu-west-1:{}:victim", new.account);
    let document = json!({
        "name": "prepared", "awsAccountId": new.account, "partition": "aws", "homeRegion": "eu-west-1", "mode": "new",
        "settings": { "dead-letter": queue },
        "resources": { "items": [], "complete": false, "names": {} },
    });
    new.put_connection(id, &document);
    let asked = new.setup("prepared", &[]);
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    assert!(
        asked.stderr.contains(&format!("--dead-letter {queue}")),
        "{}",
        asked.stderr
    );
}

#[test]
fn settings_that_name_what_is_not_ours_are_refused_even_where_the_manifest_agrees() {
    let stage = Stage::set();
    let account = &stage.world.account;
    let ours = format!("sophos-ct-hostile-{account}-eu-west-1");
    let theirs = format!("victim-{account}");
    for (setting, from, to, named) in [
        (
            "role",
            "role/sophos-ct-hostile",
            "role/victim",
            format!("arn:aws:iam::{account}:role/victim"),
        ),
        (
            "topic",
            ":sophos-ct-hostile",
            ":victim",
            format!("arn:aws:sns:eu-west-1:{account}:victim"),
        ),
        (
            "function",
            "sophos-ct-hostile",
            "victim",
            "log-group:/aws/lambda/victim".to_owned(),
        ),
        ("bucket", &ours, &theirs, format!("arn:aws:s3:::{theirs}")),
    ] {
        let mut settings = stage.settings.clone();
        settings[setting] = if setting == "bucket" {
            theirs.as_str()
        } else {
            "victim"
        }
        .into();
        let mut lie = stage.manifest.clone();
        for item in lie["items"].as_array_mut().unwrap() {
            let kind = item["kind"].as_str().unwrap().to_owned();
            let concerned = kind.to_lowercase().contains(setting)
                || (setting == "function" && kind == "logGroup");
            if concerned {
                item["arn"] = item["arn"].as_str().unwrap().replace(from, to).into();
            }
            if kind == "subscription" && setting == "topic" {
                item["arn"] = item["arn"].as_str().unwrap().replace(from, to).into();
            }
            if kind == "subscription" && setting == "function" {
                item["id"] = item["id"]
                    .as_str()
                    .unwrap()
                    .replace("function:sophos-ct-hostile", "function:victim")
                    .into();
            }
        }
        stage.refuses(&json!({ "resources": lie, "settings": settings }), &[named]);
    }
    stage.honest();
}

#[test]
fn the_function_gets_no_access_to_a_key_that_only_central_names() {
    let world = existing::with_trail(false);
    let flags = existing::notified_by("bucket");
    let set_up = world.setup("demo", &flags).exits(0).json()["connection"].clone();
    let key = format!(
        "arn:aws:kms:eu-west-1:{}:key/1a2b3c4d-1111-2222-3333-444455556666",
        world.account
    );
    let mut lie = set_up["settings"].clone();
    lie["kms-key"] = key.as_str().into();
    let id = set_up["id"].as_str().unwrap();
    let before = snapshot::aws(&world);
    world.rewrite(id, &json!({ "settings": lie }));
    let asked = world.setup("demo", &[]);
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    let flag = format!("--kms-key {key}");
    assert!(asked.stderr.contains(&flag), "{}", asked.stderr);
    assert_eq!(snapshot::aws(&world), before);
}
