//! Who may do what: the caller, CloudTrail at the bucket, and the function with a role that is not ours.

use serde_json::{Value, json};

use super::{REGION, bucket, notified_by, round_trip::there_and_back, with_trail};
use crate::{
    permissions,
    support::{blocking, fixtures},
};

#[test]
fn subscribing_and_notifying_work_under_the_published_and_the_printed_policy() {
    for (topic, flags) in [
        (true, &["--trail", "theirs"][..]),
        (false, &["--trail", "theirs", "--notify", "bucket"]),
        (false, &["--trail", "theirs", "--notify", "trail"]),
    ] {
        let world = with_trail(topic);
        let bucket = bucket(&world);
        let setup = [
            &["setup", "demo", "--yes", "--resources", "existing"],
            flags,
        ]
        .concat();
        world.run_under(permissions::PUBLISHED, &setup).exits(0);
        world
            .run_under(permissions::PUBLISHED, &["setup", "demo", "--yes"])
            .exits(0);
        world.remove("demo", &[]).exits(0);
        let named = ["--bucket", bucket.as_str()];
        let topic_name = if topic {
            &["--topic", "theirs"][..]
        } else {
            &[]
        };
        let policy = world.printed_policy(
            "setup-existing",
            "demo",
            &[&named, flags, topic_name].concat(),
        );
        world.run_under(&policy, &setup).exits(0);
    }
}

#[test]
fn a_bucket_policy_that_stops_cloudtrail_or_the_function_is_found_before_anything_is_written() {
    let world = with_trail(false);
    let bucket = bucket(&world);
    let arn = format!("arn:aws:s3:::{bucket}");
    let policy = |deny: Value| {
        blocking(async {
            let aws = world.aws().await;
            let mut document = fixtures::bucket_policy_of(&aws, &bucket).await;
            let list = document["Statement"].as_array_mut().unwrap();
            list.retain(|statement| statement["Effect"] == "Allow");
            list.push(deny);
            fixtures::bucket_policy(&aws, &bucket, document).await;
        });
    };
    let denies = |principal: Value, action: &str, condition: Value| {
        json!({
            "Sid": "Guard", "Effect": "Deny", "Principal": principal, "Action": action,
            "Resource": [format!("{arn}/*")], "Condition": condition,
        })
    };
    let plan = |flags: &[&str], code: i32| {
        let words = ["plan", "demo", "--yes", "--accept-cost"];
        world.run(&[&words, flags].concat()).exits(code)
    };
    let existing = notified_by("bucket");
    let new = ["--resources", "new", "--bucket", &bucket];
    let tls = json!({ "Bool": { "aws:SecureTransport": "false" } });
    policy(denies("*".into(), "s3:*", tls));
    let said = plan(&existing, 0).stdout;
    assert!(!said.contains("Guard"), "{said}");
    let off_network = json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1" } });
    policy(denies("*".into(), "s3:GetObject", off_network));
    for flags in [&existing[..], &new] {
        let said = plan(flags, 5).stderr;
        assert!(
            said.contains("Guard") && said.contains("function"),
            "{said}"
        );
    }
    let by_tag = json!({ "StringNotEquals": { "aws:PrincipalTag/team": "security" } });
    policy(denies(json!({ "AWS": "*" }), "s3:GetObject", by_tag));
    let said = plan(&existing, 0).stdout;
    assert!(said.contains("Guard"), "{said}");
    let unencrypted = json!({ "Null": { "aws:SourceArn": "false" } });
    policy(denies("*".into(), "s3:PutObject", unencrypted));
    plan(&existing, 0);
    let said = plan(&new, 5).stderr;
    assert!(
        said.contains("Guard") && said.contains("CloudTrail"),
        "{said}"
    );
    assert_eq!(world.wire().writes(), [""; 0]);
}

#[test]
fn a_role_given_by_its_arn_is_passed_to_the_function_and_left_as_it_is() {
    let world = with_trail(false);
    let arn = format!("arn:aws:iam::{}:role/team/theirs", world.account);
    let queue = format!("arn:aws:sqs:{REGION}:{}:lost", world.account);
    let role = ["--role-arn", arn.as_str(), "--dead-letter", &queue];
    let flags = [&role[..], &["--resources", "new", "--accept-cost"]].concat();
    let words = [&["plan", "demo", "--yes"], &flags[..]].concat();
    let gone = world.run(&words).exits(5).stderr;
    assert!(gone.contains("--role-arn"), "{gone}");
    world
        .setup("demo", &[&flags[..], &["--role", "another"]].concat())
        .exits(2);
    blocking(async {
        fixtures::role(&world.aws().await, "/team/", "theirs", "lambda").await;
    });
    // The policy that the plan asks the role's owner for is enough.
    let planned = world.run(&words).exits(0).stdout;
    let line = planned
        .lines()
        .find(|line| line.contains("must allow"))
        .unwrap();
    let policy = &line[line.find('{').unwrap()..];
    assert!(policy.contains("sqs:SendMessage"), "{policy}");
    blocking(async {
        fixtures::role_policy(&world.aws().await, "theirs", policy).await;
    });
    let writes = there_and_back(&world, &flags);
    assert!(
        !writes.iter().any(|name| name.starts_with("iam:")),
        "{writes:?}"
    );
}
