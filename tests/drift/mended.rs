//! What is ours is mended.

use aws_sdk_lambda::types::Runtime;
use serde_json::json;

use super::complaints;
use crate::{
    existing, permissions,
    support::{World, blocking, fixtures, snapshot},
};

#[test]
fn what_is_ours_is_mended_and_what_the_caller_may_not_mend_is_named() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let whole = snapshot::aws(&world);
    spoil(&world);
    let found = complaints(&world, 8);
    for part in [
        "AssumeRolePolicyDocument",
        "role/other",
        "EnableLogFileValidation",
    ] {
        assert!(found.contains(part), "{part}: {found}");
    }
    // The published policy allows mending the trail, but not the role's trust or the function's settings.
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
    let mended = world.setup("demo", &[]).exits(0).json();
    assert_eq!(mended["connection"]["status"], "active");
    let mut mended = snapshot::aws(&world);
    mended.retain(|name, _| name != "role other" && name != "role operator");
    assert_eq!(mended, whole);
    assert_eq!(complaints(&world, 0), "");
    world.remove("demo", &[]).exits(0);
}

#[test]
fn setup_names_what_it_cannot_mend_if_central_refuses_the_sign_in() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    spoil(&world);
    // A message that arrives meanwhile makes the function sign in as the other role, which Central refuses. An invocation that
    // was already running may still end as the first role.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !complaints(&world, 8).contains("identityMismatch") {
        assert!(std::time::Instant::now() < end);
        invoke(&world);
    }
    // Even then `setup` names what it cannot mend, and it does not wait for a sign-in.
    let words = ["setup", "demo", "--yes", "--format", "json"];
    let named = world
        .run_under(permissions::PUBLISHED, &words)
        .exits(8)
        .json();
    let message = named["error"]["message"].to_string();
    assert!(message.contains("another role"), "{message}");
    assert!(
        message.contains("lambda:UpdateFunctionConfiguration"),
        "{message}"
    );
}

/// Changes the trust of our role, the function's role and the trail.
fn spoil(world: &World) {
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
}

/// Gives the function CloudTrail's validation message, as the topic would.
fn invoke(world: &World) {
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

#[test]
fn a_newer_function_keeps_what_it_brings_and_an_older_one_is_replaced() {
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
    // What the newer code brings is not known here, and stays.
    blocking(async {
        let aws = world.aws().await;
        fixtures::variable(&aws, "sophos-ct-demo", "SOPHOS_CT_NEWER", "1").await;
        let update = aws.lambda.update_function_configuration();
        let update = update.function_name("sophos-ct-demo");
        update.runtime(Runtime::Providedal2).send().await.unwrap();
    });
    let newer = Some("1".to_owned());
    let brought = ("provided.al2".to_owned(), newer);
    let unchanged = world.setup("demo", &other).exits(0).json();
    assert_eq!(unchanged["result"], "unchanged");
    assert_eq!(runs_with(&world, "SOPHOS_CT_NEWER"), brought);
    // A setting of ours is mended without the code and what it brings.
    blocking(async {
        let aws = world.aws().await;
        fixtures::variable(&aws, "sophos-ct-demo", "SOPHOS_CT_PREFIX", "other").await;
    });
    let mended = world.setup("demo", &other).exits(0).json();
    assert_eq!(mended["result"], "applied");
    assert_eq!(code(), before);
    assert_eq!(runs_with(&world, "SOPHOS_CT_NEWER"), brought);
    let prefix = runs_with(&world, "SOPHOS_CT_PREFIX").1;
    assert_eq!(prefix.as_deref(), Some(""));
    let resources = &mended["connection"]["resources"];
    assert_eq!(resources["forwarderVersion"], "99.0.0");
    assert_eq!(
        world.setup("demo", &other).exits(0).json()["result"],
        "unchanged"
    );
    // What is recorded of it is what it has.
    let status = world.run(&["status", "demo", "--format", "json"]).json();
    let mut checks = status["checks"].as_array().unwrap().iter();
    let settings = checks.find(|check| check["name"] == "environment");
    assert_eq!(settings.unwrap()["ok"], true, "{status:#}");
    deployed_by("0.0.9");
    assert_eq!(
        world.setup("demo", &other).exits(0).json()["result"],
        "applied"
    );
    assert_ne!(code(), before);
    let replaced = ("provided.al2023".to_owned(), None);
    assert_eq!(runs_with(&world, "SOPHOS_CT_NEWER"), replaced);
    world.remove("demo", &[]).exits(0);
}

/// The function's runtime, and the value of this variable.
fn runs_with(world: &World, variable: &str) -> (String, Option<String>) {
    blocking(async {
        let lambda = world.aws().await.lambda;
        let get = lambda.get_function().function_name("sophos-ct-demo");
        let found = get.send().await.unwrap();
        let configuration = found.configuration().unwrap();
        let runtime = configuration.runtime().unwrap().as_str().to_owned();
        let variables = configuration.environment().unwrap().variables().unwrap();
        (runtime, variables.get(variable).cloned())
    })
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
fn targets_that_whoever_planned_may_not_list_are_believed_to_be_as_planned() {
    let world = existing::with_trail(false);
    let flags = existing::notified_by("eventbridge");
    world.setup("demo", &flags).exits(0);
    let denied = "events:ListTargetsByRule";
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": denied, "Resource": "*" },
    ]});
    let policy = policy.to_string();
    let words = ["setup", "demo", "--yes", "--format", "json"];
    let again = world.run_under(&policy, &words).exits(0);
    assert!(again.stderr.contains(denied), "{}", again.stderr);
    assert_eq!(again.json()["result"], "unchanged");
    blocking(async {
        let lambda = world.aws().await.lambda;
        let update = lambda.update_function_configuration();
        let update = update.function_name("sophos-ct-demo");
        update.runtime(Runtime::Providedal2).send().await.unwrap();
    });
    let words = ["plan", "demo", "--no-input", "--out", "plan.json"];
    world.run_under(&policy, &words).exits(0);
    let words = ["setup", "--plan", "plan.json", "--yes", "--format", "json"];
    assert_eq!(world.run(&words).exits(0).json()["result"], "applied");
    world.remove("demo", &[]).exits(0);
}
