//! What others have changed since a plan was made, besides documents: settings of resources, and who uses them.

use aws_sdk_lambda::types::Environment;
use aws_sdk_sns::types::Tag;
use serde_json::json;

use super::{apply, is_refused, planned, read, remove};
use crate::{
    existing,
    support::{World, blocking},
};

const NAME: &str = "sophos-ct-demo";

fn topic(world: &World) -> String {
    format!("arn:aws:sns:eu-west-1:{}:{NAME}", world.account)
}

/// Lets the function's log group keep its events for so many days.
fn keep_events(world: &World, days: i32) {
    blocking(async {
        let logs = world.aws().await.logs;
        let put = logs.put_retention_policy().retention_in_days(days);
        let put = put.log_group_name(format!("/aws/lambda/{NAME}"));
        put.send().await.unwrap();
    });
}

fn limit_time(world: &World, seconds: i32) {
    blocking(async {
        let lambda = world.aws().await.lambda;
        let update = lambda.update_function_configuration().function_name(NAME);
        update.timeout(seconds).send().await.unwrap();
    });
}

/// Adds a variable to the function's environment.
fn add_variable(world: &World, name: &str, value: &str) {
    blocking(async {
        let lambda = world.aws().await.lambda;
        let get = lambda.get_function().function_name(NAME);
        let found = get.send().await.unwrap();
        let found = found.configuration().and_then(|all| all.environment());
        let found = found.and_then(|all| all.variables());
        let mut variables = found.cloned().unwrap_or_default();
        variables.insert(name.to_owned(), value.to_owned());
        let environment = Environment::builder().set_variables(Some(variables));
        let update = lambda.update_function_configuration().function_name(NAME);
        let update = update.environment(environment.build());
        update.send().await.unwrap();
    });
}

fn tag_topic(world: &World, value: &str) {
    blocking(async {
        let tag = Tag::builder().key("team").value(value).build().unwrap();
        let sns = world.aws().await.sns;
        let put = sns.tag_resource().resource_arn(topic(world)).tags(tag);
        put.send().await.unwrap();
    });
}

/// Gives the alarm on silence another threshold.
fn threshold(world: &World, threshold: f64) {
    blocking(async {
        let cloudwatch = world.aws().await.cloudwatch;
        let name = format!("{NAME}-silence");
        let put = cloudwatch.put_metric_alarm().alarm_name(name);
        let put = put.namespace("AWS/Lambda").metric_name("Invocations");
        let put = put.statistic("Sum".into()).period(60).evaluation_periods(1);
        let put = put.comparison_operator("LessThanThreshold".into());
        put.threshold(threshold).send().await.unwrap();
    });
}

/// Subscribes somebody's queue to the topic. Returns the ARNs of the queue and of its subscription.
fn subscribe(world: &World) -> (String, String) {
    let queue = format!("arn:aws:sqs:eu-west-1:{}:theirs", world.account);
    let subscription = blocking(async {
        let sns = world.aws().await.sns;
        let subscribe = sns.subscribe().topic_arn(topic(world)).protocol("sqs");
        let subscribe = subscribe.endpoint(&queue).return_subscription_arn(true);
        let made = subscribe.send().await.unwrap();
        made.subscription_arn().unwrap().to_owned()
    });
    (queue, subscription)
}

fn unsubscribe(world: &World, subscription: &str) {
    blocking(async {
        let sns = world.aws().await.sns;
        let unsubscribe = sns.unsubscribe().subscription_arn(subscription);
        unsubscribe.send().await.unwrap();
    });
}

#[test]
fn a_setting_that_somebody_changed_since_is_named_with_what_it_was_and_is() {
    let world = World::new();
    let pager = blocking(async {
        let sns = world.aws().await.sns;
        let made = sns.create_topic().name("pager").send().await.unwrap();
        made.topic_arn().unwrap().to_owned()
    });
    world.setup("demo", &["--alarm", &pager]).exits(0);
    // The plan has something to do: whatever else was changed would survive it, or be overwritten.
    keep_events(&world, 365);
    threshold(&world, 7.0);
    let secret = "hunter2-of-somebody";
    let changes: [(&dyn Fn(), &str); 6] = [
        (&|| keep_events(&world, 60), "RetentionInDays was 365"),
        (&|| limit_time(&world, 300), "Timeout was 120"),
        (
            &|| add_variable(&world, "THEIRS", secret),
            "Environment.THEIRS was nothing",
        ),
        (&|| tag_topic(&world, "one"), "Tags.team was nothing"),
        (&|| tag_topic(&world, "two"), "Tags.team was one"),
        (&|| threshold(&world, 9.0), "Threshold was 7"),
    ];
    for (change, named) in changes {
        planned(&world, &["plan", "demo"]);
        change();
        is_refused(&world, apply, named);
    }
    let plan = planned(&world, &["plan", "demo"]).to_string();
    assert!(plan.contains("Environment.THEIRS"), "{plan}");
    assert!(!plan.contains(secret), "{plan}");
    apply(&world).exits(0);
    // Nothing is left to do, so nothing is refused.
    apply(&world).exits(0);
}

#[test]
fn a_setting_of_what_a_removal_deletes_is_named_too() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    planned(&world, &["remove", "demo"]);
    limit_time(&world, 300);
    is_refused(&world, remove, "Timeout was 120");
    planned(&world, &["remove", "demo"]);
    remove(&world).exits(0);
}

#[test]
fn targets_that_whoever_planned_may_not_list_have_not_moved() {
    let world = existing::with_trail(false);
    let flags = existing::notified_by("eventbridge");
    world.setup("demo", &flags).exits(0);
    let denied = "events:ListTargetsByRule";
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": denied, "Resource": "*" },
    ]});
    let words = ["remove", "demo", "--no-input", "--out", "plan.json"];
    world.run_under(&policy.to_string(), &words).exits(0);
    let plan = read(&world);
    let mut steps = plan["steps"].as_array().unwrap().iter();
    let rule = steps.find(|step| step["kind"] == "eventRule").unwrap();
    let mut settings = rule["settings"].as_array().unwrap().iter();
    let target = settings.find(|one| one["name"].as_str().unwrap().starts_with("Targets."));
    assert_eq!(target.unwrap()["unread"], denied);
    remove(&world).exits(0);
}

#[test]
fn whoever_began_to_use_what_a_removal_takes_by_force_is_named() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let words = ["remove", "demo", "--force-shared"];
    assert!(planned(&world, &words).get("users").is_none());
    let (queue, subscription) = subscribe(&world);
    is_refused(&world, remove, &queue);
    let plan = planned(&world, &words);
    assert_eq!(plan["users"], json!([{ "subscriber": queue }]));
    assert!(plan["notes"].to_string().contains(&queue), "{plan}");
    // Fewer users are no obstacle.
    unsubscribe(&world, &subscription);
    remove(&world).exits(0);
}

#[test]
fn a_document_that_was_to_stay_for_others_is_shown_if_they_are_gone() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let (_, subscription) = subscribe(&world);
    planned(&world, &["remove", "demo"]);
    unsubscribe(&world, &subscription);
    let refused = remove(&world).exits(5).stderr;
    let heading = "From what was planned to what was found:";
    let (_, shown) = refused.split_once(heading).expect(&refused);
    assert!(shown.contains("\"Sid\""), "{shown}");
}

#[test]
fn a_trail_that_became_the_last_one_since_is_named_as_such() {
    let world = existing::with_trail(false);
    let new = ["--resources", "new", "--accept-cost"];
    world.setup("demo", &new).exits(0);
    planned(&world, &["remove", "demo"]);
    assert!(read(&world).get("lastTrail").is_none());
    blocking(async {
        let cloudtrail = world.aws().await.cloudtrail;
        let stop = cloudtrail.stop_logging().name("theirs");
        stop.send().await.unwrap();
    });
    is_refused(&world, remove, "last trail");
    let plan = planned(&world, &["remove", "demo"]);
    assert_eq!(plan["lastTrail"], true);
    remove(&world).exits(0);
}
