//! What has changed since a connection was set up: mended where it is ours, named where it is not (exit 8), asked again where only
//! Central says so.

use serde_json::{Value, json};

use crate::{
    existing, permissions,
    support::{World, blocking, fixtures, snapshot},
};

/// Checks of `status` that are not as they should be.
fn complaints(world: &World, code: i32) -> String {
    let status = world
        .run(&["status", "demo", "--format", "json"])
        .exits(code)
        .json();
    let checks = status["checks"].as_array().unwrap();
    let failing = checks.iter().filter(|check| check["ok"] == false);
    failing.map(|check| format!("{check}\n")).collect()
}

#[test]
fn what_is_ours_is_mended_and_what_the_caller_may_not_mend_is_named() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let whole = snapshot::aws(&world);
    let spoil = || {
        blocking(async {
            let aws = world.aws().await;
            let trust = json!({ "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": { "Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"] }, "Action": "sts:AssumeRole",
            }]});
            let update = aws
                .iam
                .update_assume_role_policy()
                .role_name("sophos-ct-demo");
            update
                .policy_document(trust.to_string())
                .send()
                .await
                .unwrap();
            fixtures::role(&aws, "/", "other", "lambda").await;
            let role = format!("arn:aws:iam::{}:role/other", world.account);
            let update = aws
                .lambda
                .update_function_configuration()
                .function_name("sophos-ct-demo");
            update.role(role).send().await.unwrap();
            let update = aws.cloudtrail.update_trail().name("sophos-ct-demo");
            update
                .enable_log_file_validation(false)
                .send()
                .await
                .unwrap();
        })
    };
    spoil();
    let found = complaints(&world, 8);
    for part in [
        "AssumeRolePolicyDocument",
        "role/other",
        "EnableLogFileValidation",
    ] {
        assert!(found.contains(part), "{part}: {found}");
    }
    // The published policy mends the trail, and neither trust nor the function's settings.
    let named = world
        .run_under(
            permissions::PUBLISHED,
            &["setup", "demo", "--yes", "--format", "json"],
        )
        .exits(8)
        .json();
    let message = named["error"]["message"].to_string();
    for action in [
        "iam:UpdateAssumeRolePolicy",
        "lambda:UpdateFunctionConfiguration",
    ] {
        assert!(message.contains(action), "{message}");
    }
    // A message that comes meanwhile lets the function sign in as the other role, which Central refuses. One that was under way
    // before may still end as the first role.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !complaints(&world, 8).contains("identityMismatch") {
        assert!(std::time::Instant::now() < end);
        blocking(async {
            let message = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": {
                "Type": "Notification", "Message": "CloudTrail validation message.",
                "TopicArn": format!("arn:aws:sns:eu-west-1:{}:sophos-ct-demo", world.account),
            }}]});
            let lambda = world.aws().await.lambda;
            let invoke = lambda.invoke().function_name("sophos-ct-demo");
            invoke
                .payload(aws_sdk_lambda::primitives::Blob::new(message.to_string()))
                .send()
                .await
                .unwrap();
        });
    }
    // What cannot be mended is named then too, and not waited for.
    let words = ["setup", "demo", "--yes", "--format", "json"];
    let named = world
        .run_under(permissions::PUBLISHED, &words)
        .exits(8)
        .json();
    let message = named["error"]["message"].to_string();
    assert!(message.contains("identityMismatch"), "{message}");
    assert!(
        message.contains("lambda:UpdateFunctionConfiguration"),
        "{message}"
    );
    let mended = world.setup("demo", &[]).exits(0).json();
    assert_eq!(mended["connection"]["status"], "active");
    let mut mended = snapshot::aws(&world);
    mended.retain(|name, _| name != "role other" && name != "role operator");
    assert_eq!(mended, whole);
    assert_eq!(complaints(&world, 0), "");
    world.remove("demo", &[]).exits(0);
}

#[test]
fn a_newer_function_is_left_as_it_is_and_an_older_one_is_replaced() {
    let world = World::wired();
    let set_up = world.setup("demo", &[]).exits(0).json();
    let id = set_up["connection"]["id"].as_str().unwrap();
    let other = tempfile::tempdir().unwrap();
    let other = other.path().join("bootstrap");
    let mut bytes = std::fs::read(env!("CARGO_BIN_EXE_bootstrap")).unwrap();
    bytes.extend(b"another build");
    std::fs::write(&other, bytes).unwrap();
    let other = ["--forwarder", other.to_str().unwrap()];
    let code = || {
        let parts = snapshot::aws(&world);
        parts["function sophos-ct-demo"]["code"].clone()
    };
    let deployed_by = |version: &str| {
        let mut resources = world.central(&format!(
            "/cloud-integrations/v1/aws-cloudtrail/connections/{id}"
        ))["resources"]
            .clone();
        resources["forwarderVersion"] = version.into();
        world.rewrite(id, &json!({ "resources": resources }));
    };
    let before = code();
    assert!(!before.is_null());
    deployed_by("99.0.0");
    world.wire().mend();
    let newer = world.setup("demo", &other).exits(0);
    assert!(newer.stderr.contains("99.0.0"), "{}", newer.stderr);
    assert_eq!(newer.json()["result"], "unchanged");
    assert_eq!(world.wire().writes(), [""; 0]);
    assert_eq!(code(), before);
    deployed_by("0.0.9");
    assert_eq!(
        world.setup("demo", &other).exits(0).json()["result"],
        "applied"
    );
    assert_ne!(code(), before);
    world.remove("demo", &[]).exits(0);
}

#[test]
fn what_we_did_not_set_is_named_and_never_taken_away() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    blocking(async {
        let aws = world.aws().await;
        let add = aws
            .lambda
            .add_permission()
            .function_name("sophos-ct-demo")
            .statement_id("TheirWay")
            .action("lambda:InvokeFunction")
            .principal("s3.amazonaws.com");
        add.send().await.unwrap();
        let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let put = aws
            .iam
            .put_role_permissions_boundary()
            .role_name("sophos-ct-demo");
        put.permissions_boundary(boundary).send().await.unwrap();
    });
    let before = snapshot::aws(&world);
    let ran = world.setup("demo", &[]).exits(8).json();
    let message = ran["error"]["message"].to_string();
    for part in ["TheirWay", "ReadOnlyAccess"] {
        assert!(message.contains(part), "{message}");
        assert!(complaints(&world, 8).contains(part), "{part}");
    }
    assert_eq!(snapshot::aws(&world), before);
    world.remove("demo", &[]).exits(0);
}

#[test]
fn a_dead_letter_target_that_somebody_set_is_cleared() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let target = || {
        blocking(async {
            let aws = world.aws().await;
            let get = aws.lambda.get_function().function_name("sophos-ct-demo");
            let function = get.send().await.unwrap();
            let configuration = function.configuration().unwrap();
            let config = configuration.dead_letter_config();
            let target = config.and_then(|config| config.target_arn());
            target.unwrap_or_default().to_owned()
        })
    };
    blocking(async {
        let aws = world.aws().await;
        aws.sns.create_topic().name("theirs").send().await.unwrap();
        let topic = format!("arn:aws:sns:eu-west-1:{}:theirs", world.account);
        let config = aws_sdk_lambda::types::DeadLetterConfig::builder().target_arn(topic);
        let update = aws
            .lambda
            .update_function_configuration()
            .function_name("sophos-ct-demo");
        update
            .dead_letter_config(config.build())
            .send()
            .await
            .unwrap();
    });
    assert!(target().contains("theirs"));
    world.setup("demo", &[]).exits(0);
    assert_eq!(target(), "");
    let again = world.setup("demo", &[]).exits(0).json();
    assert_eq!(again["result"], "unchanged");
    world.remove("demo", &[]).exits(0);
}

#[test]
fn a_rule_that_was_disabled_is_turned_on_again() {
    let world = existing::with_trail(false);
    let flags = existing::notified_by("eventbridge");
    world.setup("demo", &flags).exits(0);
    blocking(async {
        let aws = world.aws().await;
        aws.events
            .disable_rule()
            .name("sophos-ct-demo")
            .send()
            .await
            .unwrap();
    });
    assert!(complaints(&world, 8).contains("eventRule"));
    world.setup("demo", &[]).exits(0);
    assert_eq!(complaints(&world, 0), "");
    world.remove("demo", &[]).exits(0);
}

#[test]
fn saved_answers_alone_change_nothing_that_is_not_ours() {
    let world = existing::with_trail(false);
    let account = world.account.clone();
    let bucket = format!("theirs-{account}");
    let before = snapshot::aws(&world);
    // A connection that nobody here has begun, as Central may make it up.
    let id = "11111111-2222-4333-8444-555555555566";
    for settings in [
        json!({ "resources": "existing", "bucket": bucket, "prefix": "audit", "notify": "bucket" }),
        json!({ "resources": "existing", "bucket": bucket, "prefix": "audit", "notify": "eventbridge" }),
        json!({ "resources": "existing", "notify": "trail", "bucket": bucket, "prefix": "audit",
            "trail": format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/theirs") }),
    ] {
        let new = json!({
            "name": "made-up", "awsAccountId": account, "partition": "aws", "homeRegion": "eu-west-1",
            "mode": "existing", "settings": settings,
            "resources": { "items": [], "buckets": [bucket], "complete": false },
        });
        world.put_connection(id, &new);
        world.rewrite(id, &json!({ "settings": new["settings"] }));
        let asked = world.setup("made-up", &[]).exits(2).json();
        let message = asked["error"]["message"].to_string();
        assert!(message.contains("--notify"), "{message}");
        assert_eq!(snapshot::aws(&world), before, "{settings}");
    }
}

#[test]
fn what_carries_our_mark_is_removed_also_where_central_forgets_it() {
    let world = World::new();
    let connection = world.setup("demo", &[]).exits(0).json()["connection"].clone();
    let id = connection["id"].as_str().unwrap();
    world.rewrite(
        id,
        &json!({ "resources": { "items": [], "buckets": [], "complete": true } }),
    );
    let removed = world.remove("demo", &[]).exits(0);
    for part in ["trail", "function", "role", "topic"] {
        let named = removed
            .stderr
            .lines()
            .any(|line| line.contains("Not in Central's list") && line.contains(part));
        assert!(named, "{part}: {}", removed.stderr);
    }
    let left: Vec<String> = snapshot::aws(&world).into_keys().collect();
    assert_eq!(left, ["bucket sophos-ct-demo-ACCOUNT-eu-west-1"]);
}

#[test]
fn a_connection_that_is_removed_meanwhile_gets_no_trail() {
    let world = World::wired();
    world.wire().delay(std::time::Duration::from_millis(150));
    let setup = world
        .command(&["setup", "demo", "--yes", "--format", "json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !world.wire().writes().contains(&"iam:CreateRole".to_owned()) {
        assert!(std::time::Instant::now() < end);
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    world
        .run(&["remove", "demo", "--central-only", "--yes"])
        .exits(0);
    let ran: crate::support::Ran = setup.wait_with_output().unwrap().into();
    let error = ran.exits(6).json()["error"].clone();
    assert!(
        error["message"]
            .to_string()
            .contains("removed by somebody else"),
        "{error}"
    );
    assert!(
        !world
            .wire()
            .writes()
            .contains(&"cloudtrail:CreateTrail".to_owned())
    );
    // It says how what is left goes.
    let hint = error["hint"].as_str().unwrap();
    let id = hint
        .split("remove ")
        .nth(1)
        .unwrap()
        .split('`')
        .next()
        .unwrap();
    world.wire().mend();
    world.remove(id, &[]).exits(0);
    let left: Vec<String> = snapshot::aws(&world).into_keys().collect();
    assert!(
        left.iter().all(|name| name.starts_with("bucket ")),
        "{left:?}"
    );
}

#[test]
fn a_trail_of_one_account_is_refused_for_an_organization_and_no_trail_is_connected_twice() {
    let world = existing::with_trail(true);
    crate::organization::organize(&world, &[]);
    let flags = ["--resources", "existing", "--trail", "theirs"];
    let refused = world
        .setup("demo", &[&flags[..], &["--organization"]].concat())
        .exits(5)
        .json();
    assert!(
        refused["error"]["message"]
            .to_string()
            .contains("one account")
    );
    world.setup("demo", &flags).exits(0);
    let twice = world.setup("again", &flags).exits(5).json();
    let message = twice["error"]["message"].to_string();
    assert!(message.contains("demo already"), "{message}");
    let meant = [&flags[..], &["--connect-again"]].concat();
    world.setup("again", &meant).exits(0);
    world.remove("again", &[]).exits(0);
    world.remove("demo", &[]).exits(0);
    // One of a connection that was removed may be connected anew.
    world.setup("later", &flags).exits(0);
    world.remove("later", &[]).exits(0);
}

#[test]
fn what_could_not_be_seen_is_said_where_nothing_is_to_be_done() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let mut policy: Value = serde_json::from_str(permissions::PUBLISHED).unwrap();
    let actions = policy["Statement"][0]["Action"].as_array_mut().unwrap();
    actions.retain(|action| action != "iam:GetRolePolicy" && action != "lambda:GetPolicy");
    let words = ["setup", "demo", "--yes"];
    let ran = world.run_under(&policy.to_string(), &words).exits(0);
    for action in ["iam:GetRolePolicy", "lambda:GetPolicy"] {
        assert!(ran.stderr.contains(action), "{}", ran.stderr);
    }
    world.remove("demo", &[]).exits(0);
}

#[test]
fn lifecycle_rules_that_cannot_be_read_are_never_written_over() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let rules = || {
        blocking(async {
            let aws = world.aws().await;
            let get = aws.s3.get_bucket_lifecycle_configuration();
            let found = get.bucket(&bucket).send().await.unwrap();
            let ids = found.rules().iter().filter_map(|rule| rule.id());
            ids.map(ToOwned::to_owned).collect::<Vec<_>>()
        })
    };
    blocking(async {
        use aws_sdk_s3::types::{
            BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
            LifecycleRuleFilter,
        };
        let rule = LifecycleRule::builder()
            .id("theirs")
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("x/").build())
            .expiration(LifecycleExpiration::builder().days(3).build());
        let document = BucketLifecycleConfiguration::builder().rules(rule.build().unwrap());
        let aws = world.aws().await;
        let put = aws.s3.put_bucket_lifecycle_configuration().bucket(&bucket);
        let put = put.lifecycle_configuration(document.build().unwrap());
        put.send().await.unwrap();
    });
    // The published policy lets them be written, and not read.
    let words = ["setup", "demo", "--yes", "--retention-days", "30"];
    let refused = world.run_under(permissions::PUBLISHED, &words).exits(5);
    assert!(
        refused.stderr.contains("s3:GetLifecycleConfiguration"),
        "{}",
        refused.stderr
    );
    assert_eq!(rules(), ["theirs"]);
    world.run(&words).exits(0);
    assert_eq!(rules().len(), 2);
    assert_eq!(rules()[0], "theirs");
    world.remove("demo", &[]).exits(0);
}
