//! What adopting needs, and what the tags of a function need.

use aws_credential_types::Credentials;
use serde_json::{Value, json};

use super::{NAME, made_by_a_stack};
use crate::support::{World, blocking, snapshot};

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
