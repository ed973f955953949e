//! `setup --adopt`: a stack has made what a connection consists of. Here setup makes it, and Central forgets who did.

mod other_code;
mod permissions;
mod printed;

use serde_json::{Value, json};

use crate::{
    crash::{killed_after, side_by_side},
    existing::with_trail,
    support::{Ran, World, blocking, fixtures, snapshot},
};

const NAME: &str = "sophos-ct-demo";

/// Lets setup make everything in AWS, and Central forget it. Returns the id with which it is marked.
fn made_by_a_stack(world: &World) -> String {
    let made = world.setup("demo", &[]).exits(0).json();
    let id = made["connection"]["id"].as_str().unwrap().to_owned();
    world.unmake(&id);
    assert!(snapshot::central(world).is_empty());
    id
}

fn adopt(world: &World) -> Ran {
    world.setup("demo", &["--adopt"])
}

/// Takes away what the stack has made, as its owner would; the bucket stays with its log files.
fn stack_deletes_it(world: &World) {
    blocking(async {
        let aws = world.aws().await;
        let topic = format!("arn:aws:sns:eu-west-1:{}:{NAME}", world.account);
        let policies = aws.iam.list_role_policies().role_name(NAME).send().await;
        for policy in policies.unwrap().policy_names() {
            let delete = aws.iam.delete_role_policy().role_name(NAME);
            delete.policy_name(policy).send().await.unwrap();
        }
        aws.cloudtrail
            .delete_trail()
            .name(NAME)
            .send()
            .await
            .unwrap();
        let delete = aws.lambda.delete_function().function_name(NAME);
        delete.send().await.unwrap();
        aws.sns
            .delete_topic()
            .topic_arn(topic)
            .send()
            .await
            .unwrap();
        aws.iam.delete_role().role_name(NAME).send().await.unwrap();
        let group = format!("/aws/lambda/{NAME}");
        let delete = aws.logs.delete_log_group().log_group_name(group);
        delete.send().await.unwrap();
    });
}

/// Refused without a change anywhere; returns the error.
#[track_caller]
fn is_refused(world: &World, code: i32) -> Value {
    let before = (snapshot::aws(world), snapshot::central(world));
    let error = adopt(world).exits(code).json()["error"].clone();
    assert_eq!((snapshot::aws(world), snapshot::central(world)), before);
    error
}

#[test]
fn what_a_stack_has_made_is_registered_under_its_own_id_and_nothing_in_aws_changes() {
    let world = World::new();
    let id = made_by_a_stack(&world);
    let before = snapshot::aws(&world);
    let adopted = world.setup("demo", &["--adopt", "--wait-for-logs"]);
    let adopted = adopted.exits(0).json();
    assert_eq!(adopted["result"], "applied");
    assert_eq!(adopted["connection"]["id"], json!(id));
    assert_eq!(adopted["connection"]["status"], "active");
    assert!(adopted["connection"]["lastReceivedAt"].is_string());
    for step in adopted["steps"].as_array().unwrap() {
        assert_eq!(step["action"], "use", "{step}");
        assert!(step["reason"].is_string(), "{step}");
    }
    let resources = &adopted["connection"]["resources"];
    assert_eq!(resources["complete"], true);
    assert!(resources["forwarderVersion"].is_string(), "{resources}");
    for item in resources["items"].as_array().unwrap() {
        assert_eq!(item["ownership"], "external", "{item}");
    }
    // The snapshot has a name of its own for the id of a connection that Central knows.
    let named: Vec<String> = before
        .iter()
        .map(|(name, found)| format!("{name}: {found}").replace(&id, "CONNECTION-0"))
        .collect();
    let after = snapshot::aws(&world);
    let after: Vec<String> = after
        .iter()
        .map(|(name, found)| format!("{name}: {found}"))
        .collect();
    assert_eq!(after, named);
    let again = world.setup("demo", &[]).exits(0).json();
    assert_eq!(again["result"], "unchanged");
    let again = adopt(&world).exits(0).json();
    assert_eq!(again["result"], "unchanged");
    let status = world.run(&["status", "demo", "--format", "json"]);
    let status = status.exits(0).json();
    let mut checks = status["checks"].as_array().unwrap().iter();
    assert!(checks.any(|check| check["name"] == "stack"), "{status}");
}

#[test]
fn remove_keeps_what_the_stack_owns_until_it_is_gone() {
    let world = World::new();
    made_by_a_stack(&world);
    adopt(&world).exits(0);
    let before = snapshot::aws(&world);
    let kept = world.remove("demo", &[]).exits(6).json();
    let message = kept["error"]["message"].as_str().unwrap();
    for part in ["trail/", "function:", "role/"] {
        let part = format!("{part}{NAME}");
        assert!(message.contains(&part), "{part}: {message}");
    }
    for step in kept["steps"].as_array().unwrap() {
        assert_eq!(step["action"], "keep", "{step}");
    }
    assert_eq!(snapshot::aws(&world), before);
    assert_eq!(snapshot::central(&world)[0]["status"], "active");
    stack_deletes_it(&world);
    let removed = world.remove("demo", &[]).exits(0).json();
    assert_eq!(removed["result"], "removed");
    assert_eq!(snapshot::central(&world)[0]["status"], "deleted");
    let left: Vec<String> = snapshot::aws(&world).into_keys().collect();
    assert!(
        left.iter().all(|one| one.starts_with("bucket ")),
        "{left:?}"
    );
    world.remove("demo", &[]).exits(0);
}

#[test]
fn a_part_that_is_missing_or_differs_is_named_and_nothing_is_registered() {
    let world = World::new();
    let id = made_by_a_stack(&world);
    blocking(async {
        let aws = world.aws().await;
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole",
        }]});
        let update = aws.iam.update_assume_role_policy().role_name(NAME);
        let update = update.policy_document(trust.to_string());
        update.send().await.unwrap();
        let policy = format!("SophosCt-{id}-Forwarder");
        let delete = aws.iam.delete_role_policy().role_name(NAME);
        delete.policy_name(policy).send().await.unwrap();
    });
    let error = is_refused(&world, 5);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("AssumeRolePolicyDocument"), "{message}");
    let policy = format!("role/{NAME} (SophosCt-{id}-Forwarder)");
    assert!(message.contains(&policy), "{message}");
}

#[test]
fn drift_after_the_adoption_is_named_and_left_to_the_stack() {
    let world = World::new();
    made_by_a_stack(&world);
    adopt(&world).exits(0);
    blocking(async {
        let aws = world.aws().await;
        let stop = aws.cloudtrail.stop_logging().name(NAME);
        stop.send().await.unwrap();
    });
    let before = snapshot::aws(&world);
    let again = world.setup("demo", &[]).exits(8).json();
    let message = again["error"]["message"].as_str().unwrap();
    assert!(message.contains(&format!("trail/{NAME}")), "{message}");
    let status = world.run(&["status", "demo", "--format", "json"]);
    let status = status.exits(8).json();
    let mut checks = status["checks"].as_array().unwrap().iter();
    let logging = checks.find(|check| check["ok"] == false).unwrap();
    assert_eq!(logging["name"], "logging");
    let fix = logging["fix"].as_str().unwrap();
    assert!(fix.contains("update the stack"), "{fix}");
    assert_eq!(snapshot::aws(&world), before);
}

#[test]
fn marks_of_two_connections_are_refused() {
    let world = World::new();
    made_by_a_stack(&world);
    let other = "5b0e2a55-36a4-4b6d-8c1f-0c2c0c7f3a10";
    blocking(async {
        let aws = world.aws().await;
        let tag = aws_sdk_iam::types::Tag::builder()
            .key("sophos-ct:connection-id")
            .value(other);
        let tagged = aws.iam.tag_role().role_name(NAME);
        let tagged = tagged.tags(tag.build().unwrap());
        tagged.send().await.unwrap();
    });
    let error = is_refused(&world, 5);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(other), "{message}");
}

#[test]
fn without_a_stack_or_of_another_connection_nothing_is_adopted() {
    let world = World::new();
    let error = is_refused(&world, 5);
    assert!(error["message"].as_str().unwrap().contains("demo"));
    // What setup has made itself stays its own.
    let id = made_by_a_stack(&world);
    adopt(&world).exits(0);
    let renamed = ["rename", "demo", "shop"];
    world.run(&renamed).exits(0);
    let error = is_refused(&world, 5);
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("shop") && message.contains(&id),
        "{message}"
    );
    let own = World::new();
    own.setup("demo", &[]).exits(0);
    is_refused(&own, 5);
}

#[test]
fn flags_that_do_not_go_with_it_are_refused_at_once() {
    let world = World::wired();
    for words in [
        &["setup", "--plan", "plan.json"][..],
        &["plan", "demo", "--out", "plan.json"],
    ] {
        let refused = world.run(&[words, &["--adopt", "--yes"]].concat()).exits(2);
        assert!(refused.stderr.contains("--adopt"), "{}", refused.stderr);
    }
    assert!(world.wire().calls().is_empty());
}

#[test]
fn the_marks_of_a_template_are_no_drift_and_stay() {
    let world = World::new();
    made_by_a_stack(&world);
    let topic = format!("arn:aws:sns:eu-west-1:{}:{NAME}", world.account);
    let trail = format!(
        "arn:aws:cloudtrail:eu-west-1:{}:trail/{NAME}",
        world.account
    );
    blocking(async {
        let aws = world.aws().await;
        fixtures::managed_topic(&aws, &topic).await;
        fixtures::managed_role(&aws, NAME).await;
        fixtures::managed_trail(&aws, &trail).await;
        fixtures::managed_function(&aws, NAME).await;
    });
    adopt(&world).exits(0);
    let before = snapshot::aws(&world);
    let again = world.setup("demo", &[]).exits(0).json();
    assert_eq!(again["result"], "unchanged");
    world.run(&["status", "demo"]).exits(0);
    assert_eq!(snapshot::aws(&world), before);
    let mut command = world.without_central("demo", &[]);
    let kept: Ran = command.output().unwrap().into();
    kept.exits(6);
    assert_eq!(snapshot::aws(&world), before);
}

#[test]
fn an_adoption_killed_after_any_write_goes_on_from_its_name_alone() {
    let words = ["setup", "demo", "--adopt", "--yes", "--no-input"];
    let whole = World::wired();
    made_by_a_stack(&whole);
    whole.wire().mend();
    whole.run(&words).exits(0);
    // The pending connection, and its complete manifest.
    assert!(whole.wire().writes().len() >= 2);
    whole.wire().mend();
    let expected = (snapshot::aws(&whole), snapshot::central(&whole));
    side_by_side((0..=2).collect(), |number| {
        let mut world = World::wired();
        made_by_a_stack(&world);
        world.wire().mend();
        let done = killed_after(&world, number, &words);
        world.move_house();
        // Before the first write, nothing says that there is something to adopt.
        let more: &[&str] = if number == 0 { &["--adopt"] } else { &[] };
        world.setup("demo", more).exits(0);
        let reached = (snapshot::aws(&world), snapshot::central(&world));
        assert_eq!(reached, expected, "after {done:?}");
    });
}

#[test]
fn what_a_further_copy_costs_is_told_before_a_stack_that_makes_one_is_registered() {
    let world = with_trail(false);
    let new = ["--resources", "new", "--accept-cost"];
    let made = world.setup("demo", &new).exits(0).json();
    world.unmake(made["connection"]["id"].as_str().unwrap());
    let price = "USD 2.00 per 100,000";
    let adopted = adopt(&world).exits(0);
    assert!(adopted.stderr.contains(price), "{}", adopted.stderr);
    let again = adopt(&world).exits(0);
    assert!(!again.stderr.contains(price), "{}", again.stderr);
}
