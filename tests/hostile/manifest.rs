//! The manifest claims what is not ours, or leaves out what is ours.

use serde_json::json;

use super::Stage;
use crate::support::{World, snapshot};

#[test]
fn a_manifest_that_claims_what_is_not_ours_is_refused_for_each_kind() {
    let stage = Stage::set();
    let account = &stage.world.account;
    let mut claims = of_each_kind(account, "eu-west-1", "victim");
    // Our own names, in another account and in another region.
    claims.extend(of_each_kind(
        "999999999999",
        "eu-west-1",
        "sophos-ct-hostile",
    ));
    let elsewhere = of_each_kind(account, "us-east-1", "sophos-ct-hostile");
    claims.extend(
        elsewhere
            .into_iter()
            .filter(|(_, arn, _)| arn.contains("us-east-1")),
    );
    claims.extend(parts_of_ours(account));
    for ownership in ["created", "modified"] {
        let mut lie = stage.manifest.clone();
        for (kind, arn, id) in &claims {
            let mut claim = json!({ "kind": kind, "arn": arn, "ownership": ownership });
            if let Some(id) = id {
                claim["id"] = (*id).into();
            }
            lie["items"].as_array_mut().unwrap().push(claim);
        }
        // Each is named, so each alone would have been refused.
        let named: Vec<String> = claims.iter().map(|(_, arn, _)| arn.clone()).collect();
        stage.refuses(&json!({ "resources": lie }), &named);
    }
    stage.honest();
}

#[test]
fn marked_resources_are_named_if_central_gives_other_names_and_an_empty_manifest() {
    let stage = Stage::set();
    let mut settings = stage.settings.clone();
    for setting in ["role", "function", "topic", "trail"] {
        settings[setting] = "made-up".into();
    }
    let lie = json!({ "settings": settings, "resources": { "items": [], "buckets": [], "complete": true } });
    stage.world.rewrite(&stage.id, &lie);
    let before = snapshot::aws(&stage.world);
    let refused = stage.world.remove("hostile", &[]).exits(5).json();
    let message = refused["error"]["message"].as_str().unwrap();
    for part in [
        "trail/sophos-ct-hostile",
        "role/sophos-ct-hostile",
        ":sophos-ct-hostile",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let function = message.matches("function:sophos-ct-hostile").count();
    assert_eq!(function, 1, "{message}");
    assert_eq!(snapshot::aws(&stage.world), before);
    stage.honest();
}

#[test]
fn a_bucket_that_is_only_used_stays_even_where_central_calls_it_created() {
    let world = World::new();
    world.setup("kept", &[]).exits(0);
    world.remove("kept", &[]).exits(0);
    let connection = world.setup("kept", &[]).exits(0).json()["connection"].clone();
    let mut manifest = connection["resources"].clone();
    let honest = manifest.clone();
    for item in manifest["items"].as_array_mut().unwrap() {
        if item["kind"] == "bucket" {
            assert_eq!(item["ownership"], "used");
            item["ownership"] = "created".into();
        }
    }
    let id = connection["id"].as_str().unwrap();
    world.rewrite(id, &json!({ "resources": manifest }));
    let before = snapshot::aws(&world);
    let bucket = format!("sophos-ct-kept-{}-eu-west-1", world.account);
    let delete = ["--delete-logs", "--confirm-bucket", &bucket];
    let ran = world.remove("kept", &delete).exits(5).json();
    assert!(ran["error"]["message"].as_str().unwrap().contains(&bucket));
    assert_eq!(snapshot::aws(&world), before);
    world.rewrite(id, &json!({ "resources": honest }));
    world.remove("kept", &[]).exits(0);
}

/// The kind of a resource, its ARN, and the id if it is a part of a resource.
type Claim = (&'static str, String, Option<&'static str>);

/// A claim of each kind, on resources with this name.
fn of_each_kind(account: &str, region: &str, name: &str) -> Vec<Claim> {
    let bucket = format!("arn:aws:s3:::{name}-{account}");
    let trail = format!("arn:aws:cloudtrail:{region}:{account}:trail/{name}");
    let topic = format!("arn:aws:sns:{region}:{account}:{name}");
    let function = format!("arn:aws:lambda:{region}:{account}:function:{name}");
    let role = format!("arn:aws:iam::{account}:role/{name}");
    let log_group = format!("arn:aws:logs:{region}:{account}:log-group:/aws/lambda/{name}");
    let rule = format!("arn:aws:events:{region}:{account}:rule/{name}");
    let trusted = format!("arn:aws:organizations::{account}:organization/o-{name}");
    let linked = format!("arn:aws:iam::{account}:role/aws-service-role/{name}");
    vec![
        ("trail", trail.clone(), None),
        ("bucket", bucket.clone(), None),
        ("topic", topic.clone(), None),
        ("subscription", topic.clone(), Some("theirs")),
        ("function", function.clone(), None),
        ("role", role.clone(), None),
        ("rolePolicy", role, Some("theirs")),
        ("logGroup", log_group, None),
        ("bucketPolicyStatement", bucket.clone(), Some("Theirs")),
        ("bucketNotification", bucket.clone(), Some("theirs")),
        ("topicPolicyStatement", topic, Some("theirs")),
        ("trailTopic", trail, None),
        ("functionPermission", function, Some("theirs")),
        ("lifecycle", bucket, None),
        ("eventRule", rule, None),
        ("trustedAccess", trusted, None),
        ("serviceLinkedRole", linked, None),
    ]
}

/// Claims on parts of our own resources that are not ours.
fn parts_of_ours(account: &str) -> Vec<Claim> {
    vec![
        (
            "bucketPolicyStatement",
            format!("arn:aws:s3:::sophos-ct-hostile-{account}-eu-west-1"),
            Some("Theirs"),
        ),
        (
            "topicPolicyStatement",
            format!("arn:aws:sns:eu-west-1:{account}:sophos-ct-hostile"),
            Some("__default_statement_ID"),
        ),
        (
            "functionPermission",
            format!("arn:aws:lambda:eu-west-1:{account}:function:sophos-ct-hostile"),
            Some("theirs"),
        ),
        (
            "rolePolicy",
            format!("arn:aws:iam::{account}:role/sophos-ct-hostile"),
            Some("theirs"),
        ),
        ("role", "not an arn".to_owned(), None),
    ]
}
