//! Alarms tell a topic of the user's, are mended and removed with the connection, and cost no more than themselves where the
//! caller may not have them.

use serde_json::{Value, json};

use crate::{
    permissions::PUBLISHED,
    support::{World, blocking, snapshot},
};

const ALARMS: [&str; 2] = ["sophos-ct-demo-failures", "sophos-ct-demo-silence"];

/// Creates a topic and returns its ARN.
fn topic(world: &World, name: &str) -> String {
    blocking(async {
        let aws = world.aws().await;
        let made = aws.sns.create_topic().name(name).send().await.unwrap();
        made.topic_arn().unwrap().to_owned()
    })
}

/// An alarm of somebody else, or one in place of ours if there is one: a name, a metric and hardly more.
fn put(world: &World, name: &str) {
    blocking(async {
        let aws = world.aws().await;
        let put = aws.cloudwatch.put_metric_alarm().alarm_name(name);
        let put = put.namespace("AWS/Lambda").metric_name("Invocations");
        let put = put.statistic("Sum".into()).period(60).evaluation_periods(1);
        let put = put.comparison_operator("LessThanThreshold".into());
        put.threshold(7.0).send().await.unwrap();
    });
}

/// Lets an alarm say something.
fn say(world: &World, name: &str, value: &str) {
    blocking(async {
        let aws = world.aws().await;
        let set = aws.cloudwatch.set_alarm_state().alarm_name(name);
        let set = set.state_value(value.into()).state_reason("a test");
        set.send().await.unwrap();
    });
}

/// The alarms of the account, by their names.
fn alarms(world: &World) -> Vec<(String, Value)> {
    let all = snapshot::aws(world).into_iter();
    all.filter_map(|(name, alarm)| Some((name.strip_prefix("alarm ")?.to_owned(), alarm)))
        .collect()
}

fn names(world: &World) -> Vec<String> {
    alarms(world).into_iter().map(|(name, _)| name).collect()
}

/// One check of `status`, which ends with this code.
fn check(world: &World, name: &str, code: i32) -> Value {
    let status = world.run(&["status", "demo", "--format", "json"]);
    let status = status.exits(code).json();
    let checks = status["checks"].as_array().unwrap().iter();
    let mut named = checks.filter(|check| check["name"] == name);
    named.next().unwrap_or(&Value::Null).clone()
}

#[test]
fn a_topic_is_told_until_the_connection_is_removed() {
    let world = World::new();
    let pager = topic(&world, "pager");
    let ran = world.setup("demo", &["--alarm", &pager]).exits(0);
    assert!(ran.stderr.contains("0.20 USD"), "{}", ran.stderr);
    assert_eq!(names(&world), ALARMS);
    for (name, alarm) in alarms(&world) {
        let tells = json!(["arn:aws:sns:eu-west-1:ACCOUNT:pager"]);
        assert_eq!(alarm["tells"], tells, "{name}");
        let mark = &alarm["tags"]["sophos-ct:connection-id"];
        assert_eq!(*mark, "CONNECTION-0", "{name}");
    }
    let items = &ran.json()["connection"]["resources"]["items"];
    let items = items.as_array().unwrap().iter();
    assert_eq!(items.filter(|item| item["kind"] == "alarm").count(), 2);

    say(&world, ALARMS[0], "ALARM");
    let off = check(&world, "alarm-failures", 8);
    assert_eq!(off["ok"], false);
    assert!(off["fix"].as_str().unwrap().contains("--replay"), "{off}");
    say(&world, ALARMS[0], "OK");
    assert_eq!(check(&world, "alarm-failures", 0)["ok"], true);
    assert_eq!(
        world.setup("demo", &[]).exits(0).json()["result"],
        "unchanged"
    );

    world.remove("demo", &[]).exits(0);
    assert_eq!(names(&world), [""; 0]);
    let left = snapshot::aws(&world);
    assert!(left.contains_key("topic arn:aws:sns:eu-west-1:ACCOUNT:pager"));
}

#[test]
fn what_somebody_changes_is_named_and_mended_and_another_topic_is_a_planned_change() {
    let world = World::new();
    let pager = topic(&world, "pager");
    world.setup("demo", &["--alarm", &pager]).exits(0);
    let whole = alarms(&world);
    put(&world, ALARMS[1]);
    assert_ne!(alarms(&world), whole);
    world.run(&["status", "demo"]).exits(8);
    let plan = world.run(&["plan", "demo", "--format", "json"]);
    let plan = plan.exits(0).json();
    let mut steps = plan["steps"].as_array().unwrap().iter();
    let step = steps.find(|step| step["action"] == "modify").unwrap();
    assert_eq!(step["kind"], "alarm");
    assert!(
        step["reason"].as_str().unwrap().contains("Threshold"),
        "{step}"
    );
    world.setup("demo", &[]).exits(0);
    assert_eq!(alarms(&world), whole);

    let other = topic(&world, "other");
    world.setup("demo", &["--alarm", &other]).exits(0);
    for (name, alarm) in alarms(&world) {
        let tells = json!(["arn:aws:sns:eu-west-1:ACCOUNT:other"]);
        assert_eq!(alarm["tells"], tells, "{name}");
    }
    assert_eq!(
        world.setup("demo", &[]).exits(0).json()["result"],
        "unchanged"
    );

    // Whoever turns the actions off wants them off.
    blocking(async {
        let aws = world.aws().await;
        let muted = aws.cloudwatch.disable_alarm_actions();
        muted.alarm_names(ALARMS[0]).send().await.unwrap();
    });
    let muted = check(&world, "alarm-failures", 0);
    let detail = muted["detail"].as_str().unwrap();
    assert!(detail.contains("turned off"), "{detail}");
    assert_eq!(
        world.setup("demo", &[]).exits(0).json()["result"],
        "unchanged"
    );
}

#[test]
fn an_alarm_of_somebody_else_is_refused_and_stays() {
    let world = World::new();
    let pager = topic(&world, "pager");
    put(&world, ALARMS[1]);
    let before = snapshot::aws(&world);
    let refused = world.setup("demo", &["--alarm", &pager]).exits(5).json();
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains(ALARMS[1]), "{message}");
    assert_eq!(snapshot::aws(&world), before);
    world.setup("demo", &[]).exits(0);
    world.remove("demo", &[]).exits(0);
    assert_eq!(names(&world), [ALARMS[1]]);
}

#[test]
fn a_topic_that_cannot_be_told_is_refused_by_its_flag() {
    let world = World::new();
    let account = world.account.as_str();
    for (arn, code) in [
        (format!("arn:aws:sns:us-east-1:{account}:pager"), 2),
        (format!("arn:aws:sqs:eu-west-1:{account}:pager"), 2),
        (format!("arn:aws:sns:eu-west-1:{account}:pager.fifo"), 2),
        (format!("arn:aws:sns:eu-west-1:{account}:absent"), 5),
    ] {
        let refused = world.setup("demo", &["--alarm", &arn]).exits(code).json();
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("--alarm"), "{message}");
    }
    assert!(snapshot::central(&world).is_empty());
    assert_eq!(names(&world), [""; 0]);
}

#[test]
fn without_the_permission_everything_else_is_set_up_and_the_alarms_are_named() {
    for missing in ["cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"] {
        let world = World::new();
        let pager = topic(&world, "pager");
        let printed = world.printed_policy("setup-new", "demo", &["--alarm", &pager]);
        let policy = match missing {
            // The published policy has none of CloudWatch's.
            "cloudwatch:DescribeAlarms" => PUBLISHED.to_owned(),
            _ => printed.replace(&format!("\"{missing}\","), ""),
        };
        assert_ne!(policy, printed);
        let words = ["setup", "demo", "--yes", "--alarm", pager.as_str()];
        let ran = world.run_under(&policy, &words).exits(8);
        assert!(ran.stderr.contains(missing), "{}", ran.stderr);
        assert_eq!(names(&world), [""; 0], "{missing}");
        assert_eq!(snapshot::central(&world)[0]["status"], "active");
        // With the permission, the same command goes on from there.
        world.run_under(&printed, &words).exits(0);
        assert_eq!(names(&world), ALARMS);
        let policy = world.printed_policy("remove", "demo", &["--alarm", &pager]);
        let remove = world.removal();
        world.run_under(&policy, &remove).exits(0);
        assert_eq!(names(&world), [""; 0], "{missing}");
    }
}

#[test]
fn a_session_may_what_its_role_may_though_it_never_asked_who_it_is() {
    for (action, allowed) in [("cloudwatch:*", true), ("sns:*", false)] {
        let world = World::new();
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": action, "Resource": "*",
        }]});
        world.role(&policy.to_string());
        let answer = blocking(async {
            let aws = world.aws_as(Some("operator")).await;
            aws.cloudwatch.describe_alarms().send().await
        });
        assert_eq!(answer.is_ok(), allowed, "{action}: {answer:?}");
    }
}

#[test]
fn what_cannot_be_seen_is_in_the_plan_once_with_what_helps() {
    let world = World::new();
    let pager = topic(&world, "pager");
    let words = ["plan", "demo", "--alarm", &pager];
    let plan = world.run_under(PUBLISHED, &words).exits(0);
    for (part, times) in [
        ("cloudwatch:DescribeAlarms", 1),
        (ALARMS[0], 1),
        (ALARMS[1], 1),
    ] {
        let found = plan.stdout.matches(part).count();
        assert_eq!(found, times, "{part}: {}", plan.stdout);
    }
    let words = ["setup", "demo", "--yes", "--alarm", &pager];
    let ran = world.run_under(PUBLISHED, &words).exits(8);
    let (_, end) = ran.stderr.rsplit_once("error: ").unwrap();
    assert_eq!(end.matches("are not set up").count(), 1, "{end}");
    assert!(end.contains("`sophos-ct policy` with --alarm"), "{end}");
}

#[test]
fn a_key_that_alarms_cannot_use_is_refused_and_one_that_they_may_not_use_is_named() {
    let world = World::new();
    let secret = topic(&world, "secret");
    for (key, code) in [("alias/aws/sns", 5), ("alias/ours", 0)] {
        blocking(async {
            let aws = world.aws().await;
            let set = aws.sns.set_topic_attributes().topic_arn(&secret);
            let set = set.attribute_name("KmsMasterKeyId").attribute_value(key);
            set.send().await.unwrap();
        });
        let planned = world.run(&["plan", "demo", "--alarm", &secret]).exits(code);
        let said = planned.stdout + &planned.stderr;
        assert!(said.contains(key), "{said}");
        let asked = said.contains("kms:GenerateDataKey*");
        assert_eq!(asked, code == 0, "{said}");
    }
}

#[test]
fn without_central_alarms_are_found_by_their_names_and_marks() {
    let world = World::new();
    let pager = topic(&world, "pager");
    world.setup("demo", &["--alarm", &pager]).exits(0);
    let remove = [
        "remove",
        "demo",
        "--without-central",
        "--yes",
        "--confirm-account",
        &world.account,
    ];
    // Whoever may not see them is told so.
    let blind = world.printed_policy("remove", "demo", &[]);
    let ran = world.run_under(&blind, &remove).exits(0);
    assert!(
        ran.stderr.contains("cloudwatch:DescribeAlarms"),
        "{}",
        ran.stderr
    );
    assert_eq!(names(&world), ALARMS);
    world.run(&remove).exits(0);
    assert_eq!(names(&world), [""; 0]);
}
