//! `setup --adopt`: a stack has made what a connection consists of. Here setup makes it, and Central forgets who did.

use aws_credential_types::Credentials;
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

/// Deploys other code, as the stack's owner would.
fn deploy(world: &World, zip: Vec<u8>) {
    blocking(async {
        let update = world.aws().await.lambda.update_function_code();
        let code = aws_sdk_lambda::primitives::Blob::new(zip);
        let update = update.function_name(NAME).zip_file(code);
        update.send().await.unwrap();
    });
}

#[test]
fn other_code_is_refused_and_named_unless_it_is_given_too() {
    let world = World::new();
    made_by_a_stack(&world);
    // The same program, packed in another way.
    let own = [
        "package",
        "--out",
        "own.zip",
        "--sandbox",
        "--format",
        "json",
    ];
    let right = world.run(&own).exits(0).json()["codeSha256"].clone();
    let mut other = std::fs::read(world.home().join("own.zip")).unwrap();
    let comment = b"another";
    let length = other.len() - 2;
    other[length] = u8::try_from(comment.len()).unwrap();
    other.extend_from_slice(comment);
    std::fs::write(world.home().join("other.zip"), &other).unwrap();
    deploy(&world, other);
    let error = is_refused(&world, 5);
    let message = error["message"].as_str().unwrap();
    for named in [right.as_str().unwrap(), "package --out", "--forwarder"] {
        assert!(message.contains(named), "{named}: {message}");
    }
    let given = ["--adopt", "--forwarder", "other.zip"];
    world.setup("demo", &given).exits(0);
    // Later the owner may deploy what they like: it is said.
    let again = world.setup("demo", &[]).exits(0);
    assert!(again.stderr.contains("SHA-256"), "{}", again.stderr);
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
fn an_adoption_of_other_code_goes_on_with_this_code() {
    let mut world = World::wired();
    made_by_a_stack(&world);
    let own = ["package", "--out", "own.zip", "--sandbox"];
    world.run(&own).exits(0);
    let mut other = std::fs::read(world.home().join("own.zip")).unwrap();
    let comment = b"another";
    let length = other.len() - 2;
    other[length] = u8::try_from(comment.len()).unwrap();
    other.extend_from_slice(comment);
    std::fs::write(world.home().join("other.zip"), &other).unwrap();
    deploy(&world, other);
    world.wire().mend();
    let words = ["setup", "demo", "--adopt", "--forwarder", "other.zip"];
    killed_after(&world, 1, &[&words[..], &["--yes", "--no-input"]].concat());
    assert_eq!(snapshot::central(&world)[0]["resources"]["complete"], false);
    // On another machine there is no such file.
    world.move_house();
    let adopted = world.setup("demo", &[]).exits(0).json();
    assert_eq!(adopted["connection"]["resources"]["complete"], true);
}

#[test]
fn adopting_works_under_its_printed_policy_which_writes_nothing() {
    let world = World::new();
    made_by_a_stack(&world);
    let printed = world.printed_policy("setup-adopt", "demo", &[]);
    for writes in ["Create", "Put", "Delete", "AddPermission", "PassRole"] {
        assert!(!printed.contains(writes), "{printed}");
    }
    let words = ["setup", "demo", "--adopt", "--yes", "--format", "json"];
    let adopted = world.run_under(&printed, &words).exits(0).json();
    assert_eq!(adopted["connection"]["status"], "active");
    let resources = &adopted["connection"]["resources"];
    assert!(resources["forwarderVersion"].is_string(), "{resources}");
}

#[test]
fn who_may_not_list_the_functions_tags_adopts_it_without_its_version() {
    let world = World::new();
    made_by_a_stack(&world);
    let printed = world.printed_policy("setup-adopt", "demo", &[]);
    assert!(printed.contains("lambda:ListTags"));
    let printed = printed.replace("lambda:ListTags", "lambda:GetAlias");
    let words = ["setup", "demo", "--adopt", "--yes", "--format", "json"];
    let adopted = world.run_under(&printed, &words).exits(0).json();
    let resources = &adopted["connection"]["resources"];
    assert_eq!(resources["complete"], true);
    assert!(resources["forwarderVersion"].is_null(), "{resources}");
    // Whoever may list them records it, and it stays recorded.
    let version = || {
        let connection = &snapshot::central(&world)[0];
        connection["resources"]["forwarderVersion"].clone()
    };
    world.setup("demo", &[]).exits(0);
    assert!(version().is_string());
    world.run_under(&printed, &words).exits(0);
    assert!(version().is_string());
}

#[test]
fn the_tags_of_a_function_are_shown_only_to_those_who_may_list_them() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let all = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let read = json!({ "Effect": "Allow", "Action": "lambda:GetFunction", "Resource": "*" });
    let list = json!({ "Effect": "Allow", "Action": "lambda:ListTags", "Resource": "*" });
    let not = json!({ "Effect": "Deny", "Action": "lambda:ListTags", "Resource": "*" });
    let elsewhere = |region: &str| {
        json!({
            "Effect": "Deny", "Action": "lambda:ListTags", "Resource": "*",
            "Condition": { "StringEquals": { "aws:RequestedRegion": region } },
        })
    };
    for (statements, expected) in [
        (json!([read]), false),
        (json!([read, list]), true),
        (json!([all]), true),
        (json!([all, not]), false),
        (json!([read, list, elsewhere("eu-west-1")]), false),
        (json!([read, list, elsewhere("us-east-1")]), true),
    ] {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        world.role(&policy.to_string());
        let shown = blocking(async {
            let aws = world.aws_as(Some("operator")).await;
            shows_tags(&aws.lambda).await
        });
        assert_eq!(shown, expected, "{policy}");
    }
    for (statements, expected) in [(json!([read]), false), (json!([read, list]), true)] {
        let shown = blocking(async { shows_tags(&as_user(&world, &statements).await).await });
        assert_eq!(shown, expected, "a user with {statements}");
    }
}

async fn shows_tags(lambda: &aws_sdk_lambda::Client) -> bool {
    let read = lambda.get_function().function_name(NAME);
    let function = read.send().await.unwrap();
    assert!(function.configuration().is_some());
    function.tags().is_some_and(|tags| !tags.is_empty())
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

/// Makes a user with these permissions, who has asked STS for its name, and returns its client.
async fn as_user(world: &World, statements: &Value) -> aws_sdk_lambda::Client {
    let root = world.aws().await;
    let name = format!("user-{}", statements.as_array().unwrap().len());
    let made = root.iam.create_user().user_name(&name);
    made.send().await.unwrap();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    let put = root.iam.put_user_policy().user_name(&name);
    let put = put.policy_name("all").policy_document(policy.to_string());
    put.send().await.unwrap();
    let key = root.iam.create_access_key().user_name(&name);
    let key = key.send().await.unwrap().access_key.unwrap();
    let key = Credentials::new(key.access_key_id, key.secret_access_key, None, None, "test");
    let sts = root.sts.config().to_builder();
    let sts = aws_sdk_sts::Client::from_conf(sts.credentials_provider(key.clone()).build());
    sts.get_caller_identity().send().await.unwrap();
    let lambda = root.lambda.config().to_builder();
    aws_sdk_lambda::Client::from_conf(lambda.credentials_provider(key).build())
}
