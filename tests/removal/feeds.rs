//! Without Central, AWS alone has to show how a connection hears of log files: a rule and a subscription are never left without a
//! word.

use serde_json::Value;

use super::left;
use crate::{
    existing::{notified_by, with_trail},
    support::{Ran, World, blocking, snapshot},
};

const NAME: &str = "sophos-ct-demo";

/// The flags that subscribe to the topic of the trail `theirs`.
const SUBSCRIBED: [&str; 4] = ["--resources", "existing", "--trail", "theirs"];

fn remove(world: &World) -> Ran {
    let mut command = world.without_central("demo", &["--format", "json"]);
    command.output().unwrap().into()
}

/// Removes as a role that has the printed policy of these answers without an action.
fn remove_lacking(world: &World, answers: &[&str], missing: &str) -> Ran {
    let printed = world.printed_policy("remove", "demo", answers);
    let mut policy: Value = serde_json::from_str(&printed).unwrap();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        let actions = statement["Action"].as_array_mut().unwrap();
        actions.retain(|action| action != missing);
        // The emulator judges calls about a rule as calls on another resource than AWS does.
        if statement["Resource"].to_string().contains(":rule/") {
            statement["Resource"] = "*".into();
        }
    }
    let allows = |statement: &Value| statement["Action"] != Value::Array(Vec::new());
    policy["Statement"].as_array_mut().unwrap().retain(allows);
    let mut command = world.without_central("demo", &["--format", "json"]);
    command.envs(world.role(&policy.to_string()));
    command.output().unwrap().into()
}

fn delete_function(world: &World) {
    blocking(async {
        let aws = world.aws().await;
        let delete = aws.lambda.delete_function().function_name(NAME);
        delete.send().await.unwrap();
    });
}

/// Something of the connection is left, and it says so. Returns the JSON.
#[track_caller]
fn says_what_is_left(removed: Ran, named: &[&str]) -> Value {
    let removed = removed.exits(6).json();
    assert_ne!(removed["result"], "removed");
    let message = removed["error"]["message"].as_str().unwrap();
    for named in named {
        assert!(message.contains(named), "{named}: {message}");
    }
    removed
}

/// The ARNs of the steps about this kind.
fn arns<'a>(removed: &'a Value, kind: &str) -> Vec<&'a str> {
    let steps = removed["steps"].as_array().unwrap().iter();
    let of_kind = steps.filter(|step| step["kind"] == kind);
    of_kind.map(|step| step["arn"].as_str().unwrap()).collect()
}

/// The account is as it was before the connection, apart from the role that removes.
#[track_caller]
fn is_as_before(world: &World, before: &[String], documents: &Value) {
    let mut names = left(world);
    names.retain(|name| !name.contains("operator"));
    assert_eq!(names, before);
    assert_eq!(theirs(world), *documents);
}

/// The documents of what was there before us.
fn theirs(world: &World) -> Value {
    let mut found = snapshot::aws(world);
    found.retain(|name, _| name.contains("theirs"));
    serde_json::to_value(found).unwrap()
}

#[test]
fn a_rule_is_found_by_its_own_mark_whatever_else_is_gone_or_unread() {
    for gone in [false, true] {
        let world = with_trail(false);
        let (before, documents) = (left(&world), theirs(&world));
        let answers = notified_by("eventbridge");
        world.setup("demo", &answers).exits(0);
        let removed = if gone {
            delete_function(&world);
            remove(&world)
        } else {
            remove_lacking(&world, &answers, "lambda:GetPolicy")
        };
        assert_eq!(removed.exits(0).json()["result"], "removed");
        is_as_before(&world, &before, &documents);
    }
}

#[test]
fn a_rule_whose_mark_cannot_be_read_stays_alone_until_it_can() {
    for missing in ["events:ListTagsForResource", "events:DescribeRule"] {
        let world = with_trail(false);
        let (before, documents) = (left(&world), theirs(&world));
        let answers = notified_by("eventbridge");
        world.setup("demo", &answers).exits(0);
        let rule = format!("rule/{NAME}");
        says_what_is_left(remove_lacking(&world, &answers, missing), &[&rule, missing]);
        let names = left(&world);
        assert!(
            !names.iter().any(|name| name.starts_with("function ")),
            "{names:?}"
        );
        // Nothing but the rule shows the connection.
        let unread = remove_lacking(&world, &answers, missing).exits(4).json();
        let message = unread["error"]["message"].as_str().unwrap();
        assert!(
            message.contains(&rule) && message.contains(missing),
            "{message}"
        );
        remove(&world).exits(0);
        is_as_before(&world, &before, &documents);
    }
}

#[test]
fn a_subscription_to_a_topic_of_others_is_found_by_policy_or_by_its_endpoint() {
    let world = with_trail(true);
    let (before, documents) = (left(&world), theirs(&world));
    world.setup("demo", &SUBSCRIBED).exits(0);
    let subscribed = theirs(&world);
    assert_ne!(subscribed, documents);
    let answers = [&SUBSCRIBED[..], &["--topic", "theirs"]].concat();
    says_what_is_left(
        remove_lacking(&world, &answers, "lambda:GetPolicy"),
        &[
            "lambda:GetPolicy",
            &format!("function:{NAME}"),
            &format!("role/{NAME}"),
        ],
    );
    assert_eq!(theirs(&world), subscribed);
    // Without the function, the subscription's endpoint is all that leads to the topic.
    delete_function(&world);
    let group = format!("/aws/lambda/{NAME}");
    let function = format!("function:{NAME}");
    let unlisted = says_what_is_left(
        remove_lacking(&world, &answers, "sns:ListSubscriptions"),
        &[
            "sns:ListSubscriptions",
            &format!("role/{NAME}"),
            &group,
            &function,
        ],
    );
    // Nobody knows which topic has it.
    assert_eq!(arns(&unlisted, "subscription"), [""; 0]);
    assert!(arns(&unlisted, "logGroup")[0].contains(&group));
    assert_eq!(theirs(&world), subscribed);
    let unread = says_what_is_left(
        remove_lacking(&world, &answers, "sns:ListSubscriptionsByTopic"),
        &["sns:ListSubscriptionsByTopic", &format!("role/{NAME}")],
    );
    let topic = format!("arn:aws:sns:eu-west-1:{}:theirs", world.account);
    assert_eq!(arns(&unread, "subscription"), [topic]);
    assert_eq!(theirs(&world), subscribed);
    assert_eq!(remove(&world).exits(0).json()["result"], "removed");
    is_as_before(&world, &before, &documents);
}
