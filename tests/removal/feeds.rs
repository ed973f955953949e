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

/// Takes away what lets anybody invoke the function, and lets a topic do so instead, if there is one.
fn let_in(world: &World, id: &str, topic: Option<&str>) {
    let id = format!("SophosCt-{id}-Invoke");
    blocking(async {
        let lambda = world.aws().await.lambda;
        let remove = lambda.remove_permission().function_name(NAME);
        remove.statement_id(&id).send().await.unwrap();
        if let Some(topic) = topic {
            let add = lambda.add_permission().function_name(NAME);
            let add = add.statement_id(&id).action("lambda:InvokeFunction");
            let add = add.principal("sns.amazonaws.com").source_arn(topic);
            add.send().await.unwrap();
        }
    });
}

fn id(set_up: &Ran) -> String {
    let id = set_up.json()["connection"]["id"].clone();
    id.as_str().unwrap().to_owned()
}

#[test]
fn a_subscription_is_found_although_the_functions_policy_names_no_topic() {
    let world = with_trail(true);
    let (before, documents) = (left(&world), theirs(&world));
    let set_up = world.setup("demo", &SUBSCRIBED).exits(0);
    let_in(&world, &id(&set_up), None);
    let subscribed = theirs(&world);
    let answers = [&SUBSCRIBED[..], &["--topic", "theirs"]].concat();
    says_what_is_left(
        remove_lacking(&world, &answers, "sns:ListSubscriptions"),
        &["sns:ListSubscriptions", &format!("role/{NAME}")],
    );
    assert_eq!(theirs(&world), subscribed);
    assert_eq!(remove(&world).exits(0).json()["result"], "removed");
    is_as_before(&world, &before, &documents);
}

#[test]
fn the_role_leads_to_a_subscription_of_a_function_that_is_gone() {
    for missing in ["sns:Unsubscribe", "lambda:GetFunction"] {
        let world = with_trail(true);
        let (before, documents) = (left(&world), theirs(&world));
        world.setup("demo", &SUBSCRIBED).exits(0);
        let subscribed = theirs(&world);
        delete_function(&world);
        let answers = [&SUBSCRIBED[..], &["--topic", "theirs"]].concat();
        says_what_is_left(
            remove_lacking(&world, &answers, missing),
            &[missing, &format!("role/{NAME}")],
        );
        assert_eq!(theirs(&world), subscribed, "{missing}");
        assert_eq!(remove(&world).exits(0).json()["result"], "removed");
        is_as_before(&world, &before, &documents);
    }
}

#[test]
fn of_several_topics_only_one_that_was_named_is_the_connections() {
    let world = with_trail(true);
    world.setup("demo", &SUBSCRIBED).exits(0);
    let place = format!("eu-west-1:{}", world.account);
    // Others have made a topic under our default name.
    blocking(async {
        let sns = world.aws().await.sns;
        sns.create_topic().name(NAME).send().await.unwrap();
        let subscribe = sns.subscribe().protocol("lambda");
        let subscribe = subscribe.topic_arn(format!("arn:aws:sns:{place}:{NAME}"));
        let subscribe = subscribe.endpoint(format!("arn:aws:lambda:{place}:function:{NAME}"));
        subscribe.send().await.unwrap();
    });
    delete_function(&world);
    let before = snapshot::aws(&world);
    let refused = remove(&world).exits(5).json();
    let message = refused["error"]["message"].as_str().unwrap();
    for topic in ["theirs", NAME] {
        let arn = format!("arn:aws:sns:{place}:{topic}");
        assert!(message.contains(&arn), "{arn}: {message}");
    }
    assert_eq!(snapshot::aws(&world), before);
    let mut named = world.without_central("demo", &["--format", "json", "--topic", "theirs"]);
    let named: Ran = named.output().unwrap().into();
    assert_eq!(named.exits(0).json()["result"], "removed");
    let after = theirs(&world).to_string();
    assert!(!after.contains(&format!("function:{NAME}")), "{after}");
}

#[test]
fn a_rule_and_a_topic_at_once_are_a_conflict() {
    let world = with_trail(true);
    let set_up = world.setup("demo", &notified_by("eventbridge")).exits(0);
    let topic = format!("arn:aws:sns:eu-west-1:{}:theirs", world.account);
    let_in(&world, &id(&set_up), Some(&topic));
    let before = snapshot::aws(&world);
    let refused = remove(&world).exits(5).json();
    let message = refused["error"]["message"].as_str().unwrap();
    for named in [format!("rule/{NAME}"), topic] {
        assert!(message.contains(&named), "{named}: {message}");
    }
    let hint = refused["error"]["hint"].as_str().unwrap();
    assert!(
        hint.contains("Delete what the connection does not use"),
        "{hint}"
    );
    assert_eq!(snapshot::aws(&world), before);
}
