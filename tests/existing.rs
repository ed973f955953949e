//! Existing resources: log files arrive, and what is somebody else's is as it was, or as others left it (SPEC 2.1).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sophos_ct::aws::Aws;

use crate::{
    permissions,
    support::{World, blocking, fixtures, snapshot},
};

const REGION: &str = "eu-west-1";

/// A world with somebody's trail `theirs` that logs into their bucket, and notifies their topic where they have one.
pub fn with_trail(topic: bool) -> World {
    let world = World::wired();
    blocking(async {
        let aws = world.aws().await;
        let account = world.account.as_str();
        let trail = format!("arn:aws:cloudtrail:{REGION}:{account}:trail/theirs");
        let bucket = bucket(&world);
        fixtures::bucket(&aws, &bucket).await;
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": "Check", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
              "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{bucket}") },
            { "Sid": "Write", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
              "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{bucket}/audit/AWSLogs/{account}/*") },
        ]});
        fixtures::bucket_policy(&aws, &bucket, policy).await;
        let mut create = aws
            .cloudtrail
            .create_trail()
            .name("theirs")
            .s3_bucket_name(&bucket)
            .s3_key_prefix("audit");
        if topic {
            let arn = their_topic(
                &aws,
                &json!([publisher(&world, "CloudTrail", "cloudtrail")]),
            )
            .await;
            create = create.sns_topic_name(arn);
        }
        create.is_multi_region_trail(true).send().await.unwrap();
        aws.cloudtrail
            .start_logging()
            .name(trail)
            .send()
            .await
            .unwrap();
    });
    world
}

/// The flags for their trail, notified in this way.
pub fn notified_by(notify: &str) -> [&str; 6] {
    [
        "--resources",
        "existing",
        "--trail",
        "theirs",
        "--notify",
        notify,
    ]
}

/// A statement of their topic's policy: this service may publish.
fn publisher<'a>(world: &World, sid: &'a str, service: &'a str) -> Value {
    json!({
        "Sid": sid, "Effect": "Allow", "Principal": { "Service": format!("{service}.amazonaws.com") },
        "Action": "SNS:Publish", "Resource": format!("arn:aws:sns:{REGION}:{}:theirs", world.account),
    })
}

fn bucket(world: &World) -> String {
    format!("theirs-{}", world.account)
}

async fn their_topic(aws: &Aws, statements: &Value) -> String {
    let made = aws.sns.create_topic().name("theirs").send().await.unwrap();
    let arn = made.topic_arn().unwrap().to_owned();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let set = aws
        .sns
        .set_topic_attributes()
        .topic_arn(&arn)
        .attribute_name("Policy")
        .attribute_value(policy);
    set.send().await.unwrap();
    arn
}

fn theirs(world: &World) -> BTreeMap<String, Value> {
    let mut found = snapshot::aws(world);
    found.retain(|name, _| name.contains("theirs"));
    found
}

/// Sets up with these flags until a log file has arrived, again without a change, and removes: theirs is as before.
fn there_and_back(world: &World, flags: &[&str]) -> Vec<String> {
    let before = snapshot::aws(world);
    let planned = world
        .run(&[&["plan", "demo", "--format", "json"], flags].concat())
        .exits(0)
        .json();
    let told = world.run(&[&["plan", "demo"], flags].concat()).exits(0);
    let set_up = world
        .setup("demo", &[flags, &["--wait-for-logs"]].concat())
        .exits(0)
        .json();
    assert_eq!(
        recorded_events(&world.wire().writes()),
        told_events(&told.stdout),
        "{flags:?}"
    );
    let actions = |document: &Value| -> Vec<String> {
        let steps = document["steps"].as_array().unwrap();
        steps
            .iter()
            .map(|step| {
                format!(
                    "{} {}",
                    step["action"].as_str().unwrap(),
                    step["kind"].as_str().unwrap()
                )
            })
            .collect()
    };
    assert_eq!(actions(&planned), actions(&set_up));
    let writes = world.wire().writes();
    world.wire().mend();
    assert_eq!(
        world.setup("demo", &[]).exits(0).json()["result"],
        "unchanged"
    );
    assert_eq!(world.wire().writes(), [""; 0]);
    world.run(&["status", "demo"]).exits(0);
    world.remove("demo", &[]).exits(0);
    let mut after = snapshot::aws(world);
    // Log files of a bucket of ours are kept.
    after.retain(|name, _| !name.starts_with("bucket sophos-ct-"));
    assert_eq!(after, before);
    writes
}

/// The CloudTrail events that a plan tells a security team of.
fn told_events(plan: &str) -> BTreeSet<String> {
    let mut lines = plan.lines();
    let line = lines.find_map(|line| line.strip_prefix("CloudTrail will record: "));
    line.unwrap().split(", ").map(ToOwned::to_owned).collect()
}

/// Those that CloudTrail records of these calls: some services name events otherwise than calls (Lambda Developer Guide and S3
/// User Guide, "CloudTrail events").
fn recorded_events(calls: &[String]) -> BTreeSet<String> {
    // Invoking a function is no management event.
    let is_recorded =
        |call: &&String| !call.starts_with("central:") && !call.ends_with("/invocations");
    let of_aws = calls.iter().filter(is_recorded);
    of_aws
        .map(|call| {
            let (service, operation) = call.split_once(':').unwrap();
            match (service, operation) {
                ("lambda", "CreateFunction") => "CreateFunction20150331".to_owned(),
                ("lambda", other) => format!("{other}20150331v2"),
                ("s3", other) => other.trim_end_matches("Configuration").to_owned(),
                (_, other) => other.to_owned(),
            }
        })
        .collect()
}

#[test]
fn a_new_trail_leaves_the_events_that_the_plan_tells_of_and_nothing_else() {
    there_and_back(&World::wired(), &[]);
    there_and_back(&World::wired(), &["--retention-days", "30"]);
}

#[test]
fn a_further_copy_of_management_events_is_made_only_where_its_price_is_accepted() {
    let world = with_trail(true);
    let new = ["--resources", "new"];
    let plan = world
        .run(&[&["plan", "demo"], &new[..]].concat())
        .exits(0)
        .stdout;
    let account = world.account.as_str();
    let beside = format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/theirs");
    // The sandbox has an event in ten seconds: some 264,000 of thirty days, at USD 2.00 per 100,000.
    let price = plan
        .lines()
        .find(|line| line.contains("USD 2.00 per 100,000"))
        .unwrap();
    assert!(price.contains(&beside), "{price}");
    let (_, monthly) = price.split_once("events a month, USD ").unwrap();
    let usd: f64 = monthly.split(';').next().unwrap().parse().unwrap();
    assert!((5.0..5.5).contains(&usd), "{price}");
    // It is said for each trail that logs them already, and `--yes` does not mean it.
    let refused = world.setup("demo", &new).exits(2).json();
    assert_eq!(refused["error"]["code"], "missingAnswers");
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains(&beside)
    );
    assert!(
        refused["error"]["hint"]
            .as_str()
            .unwrap()
            .contains("--accept-cost")
    );
    assert_eq!(world.wire().writes(), [""; 0]);
    world
        .setup("demo", &[&new[..], &["--accept-cost"]].concat())
        .exits(0);
    world.remove("demo", &[]).exits(0);

    // One that logs no management events, or that is stopped, costs nothing.
    blocking(async {
        let aws = world.aws().await;
        let stop = aws.cloudtrail.stop_logging().name("theirs");
        stop.send().await.unwrap();
    });
    let plan = world
        .run(&[&["plan", "demo"], &new[..]].concat())
        .exits(0)
        .stdout;
    assert!(!plan.contains("USD"), "{plan}");
}

#[test]
fn a_trail_with_a_topic_is_only_subscribed_to() {
    let world = with_trail(true);
    // The only trail that can be subscribed to needs no flag.
    let writes = there_and_back(&world, &[]);
    let touched = |name: &&String| {
        ["cloudtrail:", "s3:", "sns:Set", "sns:Create"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    assert_eq!(writes.iter().filter(touched).count(), 0, "{writes:?}");
    world
        .setup("demo", &["--notify", "trail", "--trail", "theirs"])
        .exits(5);
    world
        .setup("demo", &["--trail", "theirs", "--bucket", "another"])
        .exits(2);
    world
        .setup("demo", &["--resources", "existing", "--trail", "nobodys"])
        .exits(2);
}

#[test]
fn a_topic_that_carries_other_traffic_is_filtered() {
    let world = with_trail(true);
    let account = world.account.clone();
    let topic = format!("arn:aws:sns:{REGION}:{account}:theirs");
    blocking(async {
        let aws = world.aws().await;
        let publish = |service| publisher(&world, service, service);
        their_topic(&aws, &json!([publish("cloudtrail"), publish("events")])).await;
    });
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    blocking(async {
        let aws = world.aws().await;
        let listed = aws
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(&topic)
            .send()
            .await
            .unwrap();
        let arn = listed.subscriptions()[0].subscription_arn().unwrap();
        let read = aws
            .sns
            .get_subscription_attributes()
            .subscription_arn(arn)
            .send()
            .await
            .unwrap();
        let attributes = read.attributes().unwrap();
        assert_eq!(attributes["FilterPolicyScope"], "MessageBody");
        let filter: Value = serde_json::from_str(&attributes["FilterPolicy"]).unwrap();
        assert_eq!(filter, json!({ "s3Bucket": [bucket(&world)] }));
    });
    world.remove("demo", &[]).exits(0);
}

#[test]
fn a_trail_without_a_topic_gets_ours_and_loses_it_again() {
    let world = with_trail(false);
    let missing = world
        .setup("demo", &["--resources", "existing", "--trail", "theirs"])
        .exits(2)
        .json();
    assert!(
        missing["error"]["message"]
            .as_str()
            .unwrap()
            .contains("--notify")
    );
    let arn = format!("arn:aws:cloudtrail:{REGION}:{}:trail/theirs", world.account);
    there_and_back(
        &world,
        &[
            "--resources",
            "existing",
            "--trail",
            &arn,
            "--notify",
            "trail",
        ],
    );
}

#[test]
fn a_trail_that_got_another_topic_meanwhile_keeps_it() {
    let world = with_trail(false);
    world.setup("demo", &notified_by("trail")).exits(0);
    blocking(async {
        let aws = world.aws().await;
        let topic = their_topic(
            &aws,
            &json!([publisher(&world, "CloudTrail", "cloudtrail")]),
        )
        .await;
        aws.cloudtrail
            .update_trail()
            .name("theirs")
            .sns_topic_name(topic)
            .send()
            .await
            .unwrap();
    });
    let before = theirs(&world);
    world.setup("demo", &[]).exits(5);
    world.remove("demo", &[]).exits(0);
    assert_eq!(theirs(&world), before);
}

#[test]
fn a_bucket_a_topic_and_a_role_that_are_there_can_each_be_used_by_a_new_trail() {
    let make = || {
        let world = with_trail(true);
        blocking(async {
            let aws = world.aws().await;
            fixtures::role(&aws, "/", "theirs", "lambda").await;
            fixtures::role(&aws, "/", "theirs-ec2", "ec2").await;
        });
        world
    };
    let new = ["--resources", "new", "--accept-cost"];
    std::thread::scope(|scope| {
        for some in [
            &["bucket"][..],
            &["topic"],
            &["role"],
            &["bucket", "topic", "role"],
        ] {
            scope.spawn(move || {
                let world = make();
                let bucket = bucket(&world);
                let flags = some.iter().flat_map(|name| match *name {
                    "bucket" => ["--bucket", bucket.as_str()],
                    "topic" => ["--topic", "theirs"],
                    _ => ["--role", "theirs"],
                });
                let flags: Vec<&str> = new.into_iter().chain(flags).collect();
                let writes = there_and_back(&world, &flags);
                let made = |what: &str| writes.iter().any(|name| name == what);
                assert_eq!(
                    made("s3:CreateBucket") || made("s3:PutBucketTagging"),
                    !some.contains(&"bucket")
                );
                assert_eq!(made("sns:CreateTopic"), !some.contains(&"topic"));
                assert_eq!(made("iam:CreateRole"), !some.contains(&"role"));
            });
        }
    });
    let world = make();
    let refused = world
        .setup("demo", &[&new[..], &["--role", "theirs-ec2"]].concat())
        .exits(5)
        .json();
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains("lambda.amazonaws.com")
    );
}

#[test]
fn what_others_add_to_a_topic_policy_meanwhile_stays() {
    let world = with_trail(true);
    let arn = format!("arn:aws:sns:{REGION}:{}:theirs", world.account);
    let flags = ["--resources", "new", "--accept-cost", "--topic", "theirs"];
    world.setup("demo", &flags).exits(0);
    let policy = || -> Value {
        blocking(async {
            let aws = world.aws().await;
            let read = aws
                .sns
                .get_topic_attributes()
                .topic_arn(&arn)
                .send()
                .await
                .unwrap();
            serde_json::from_str(&read.attributes().unwrap()["Policy"]).unwrap()
        })
    };
    let mut changed = policy();
    let statements = changed["Statement"].as_array_mut().unwrap();
    assert_eq!(statements.len(), 2);
    statements.push(publisher(&world, "Meanwhile", "events"));
    blocking(async {
        let aws = world.aws().await;
        let set = aws
            .sns
            .set_topic_attributes()
            .topic_arn(&arn)
            .attribute_name("Policy");
        set.attribute_value(changed.to_string())
            .send()
            .await
            .unwrap();
    });
    world.remove("demo", &[]).exits(0);
    let left = policy();
    let sids: Vec<&str> = left["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["Sid"].as_str())
        .collect();
    assert_eq!(sids, ["CloudTrail", "Meanwhile"]);
}

#[test]
fn without_central_what_is_ours_tells_whose_trail_or_bucket_it_serves() {
    for notify in ["trail", "bucket", "eventbridge", ""] {
        let subscribe = notify.is_empty();
        let world = with_trail(subscribe);
        let before = snapshot::aws(&world);
        let flags = if subscribe {
            Vec::new()
        } else {
            notified_by(notify).to_vec()
        };
        world.setup("demo", &flags).exits(0);
        let words = [
            "remove",
            "demo",
            "--without-central",
            "--yes",
            "--confirm-account",
            &world.account,
        ];
        world.run(&words).exits(0);
        assert_eq!(snapshot::aws(&world), before, "{notify}");
    }
}

/// Their topic, to which S3 may publish.
pub async fn topic_of_s3(world: &World) {
    let aws = world.aws().await;
    their_topic(&aws, &json!([publisher(world, "S3", "s3")])).await;
}

/// Their own notification of another prefix, so that ours is merged beside it.
async fn notify_them(aws: &Aws, world: &World, prefix: &str) {
    use aws_sdk_s3::types::{
        Event, FilterRule, FilterRuleName, NotificationConfiguration,
        NotificationConfigurationFilter, S3KeyFilter, TopicConfiguration,
    };
    let topic = their_topic(aws, &json!([publisher(world, "S3", "s3")])).await;
    let rule = FilterRule::builder()
        .name(FilterRuleName::Prefix)
        .value(prefix)
        .build();
    let filter = NotificationConfigurationFilter::builder()
        .key(S3KeyFilter::builder().filter_rules(rule).build());
    let entry = TopicConfiguration::builder()
        .id("theirs")
        .topic_arn(topic)
        .events(Event::S3ObjectCreated)
        .filter(filter.build())
        .build()
        .unwrap();
    let found = aws
        .s3
        .get_bucket_notification_configuration()
        .bucket(bucket(world))
        .send()
        .await
        .unwrap();
    let mut entries = found.topic_configurations.unwrap_or_default();
    entries.push(entry);
    let document = NotificationConfiguration::builder()
        .set_topic_configurations(Some(entries))
        .build();
    let put = aws
        .s3
        .put_bucket_notification_configuration()
        .bucket(bucket(world));
    put.notification_configuration(document)
        .send()
        .await
        .unwrap();
}

#[test]
fn a_bucket_gets_our_notification_beside_theirs_and_loses_it_again() {
    let world = with_trail(false);
    blocking(async { notify_them(&world.aws().await, &world, "reports/").await });
    there_and_back(&world, &notified_by("bucket"));
}

#[test]
fn a_bucket_alone_is_enough_and_its_prefix_is_found() {
    let world = with_trail(false);
    let bucket = bucket(&world);
    // The first log file shows the prefix.
    let flags = [
        "--resources",
        "existing",
        "--bucket",
        &bucket,
        "--notify",
        "bucket",
    ];
    let set_up = world
        .setup("demo", &[&flags[..], &["--wait-for-logs"]].concat())
        .exits(0)
        .json();
    assert_eq!(set_up["connection"]["settings"]["prefix"], "audit");
    assert!(set_up["connection"]["settings"]["trail"].is_null());
    // What others add meanwhile stays.
    blocking(async { notify_them(&world.aws().await, &world, "reports/").await });
    let before = theirs(&world);
    world.remove("demo", &[]).exits(0);
    let mut after = theirs(&world);
    let name = format!("bucket {}", bucket.replace(&world.account, "ACCOUNT"));
    let entries = after[&name]["notifications"].as_array().unwrap().clone();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["id"], "theirs");
    after.get_mut(&name).unwrap()["notifications"] = before[&name]["notifications"].clone();
    assert_eq!(after, before);
    world
        .setup("demo", &["--resources", "existing", "--bucket", &bucket])
        .exits(2);
    world
        .setup(
            "demo",
            &[
                "--resources",
                "existing",
                "--bucket",
                "nobodys-bucket",
                "--notify",
                "bucket",
            ],
        )
        .exits(5);
}

#[test]
fn a_log_archive_is_collected_from_its_bucket_alone() {
    let world = World::wired();
    let bucket = bucket(&world);
    let member = "222222222222";
    let key = |unique: &str| {
        format!(
            "o-abcdefghij/AWSLogs/o-abcdefghij/{member}/CloudTrail/{REGION}/2026/11/24/{member}_CloudTrail_{REGION}_20261124T0000Z_{unique}.json.gz"
        )
    };
    let put = |key: String| {
        blocking(async {
            let put = world
                .aws()
                .await
                .s3
                .put_object()
                .bucket(&bucket)
                .key(key)
                .body(b"stored as it is".to_vec().into());
            put.send().await.unwrap();
        });
    };
    blocking(async {
        let aws = world.aws().await;
        fixtures::bucket(&aws, &bucket).await;
    });
    put(key("AAAAAAAAAAAAAAAA"));
    let flags = [
        "--resources",
        "existing",
        "--bucket",
        &bucket,
        "--notify",
        "bucket",
    ];
    let set_up = world.setup("archive", &flags).exits(0).json();
    assert_eq!(set_up["connection"]["settings"]["prefix"], "o-abcdefghij");
    put(key("BBBBBBBBBBBBBBBB"));
    // Not a log file: not offered.
    put(key("CCCCCCCCCCCCCCCC").replace("/CloudTrail/", "/CloudTrail-Digest/"));
    let id = set_up["connection"]["id"].as_str().unwrap();
    let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let receipts = loop {
        let receipts = world.central(&path)["items"].as_array().unwrap().clone();
        if !receipts.is_empty() {
            break receipts;
        }
        assert!(std::time::Instant::now() < end, "nothing arrived");
        std::thread::sleep(std::time::Duration::from_millis(200));
    };
    assert_eq!(receipts[0]["key"], key("BBBBBBBBBBBBBBBB"));
    assert_eq!(receipts[0]["outcome"], "stored");
    world.remove("archive", &[]).exits(0);
}

#[test]
fn an_overlapping_notification_is_found_before_anything_is_written() {
    let world = with_trail(false);
    blocking(async { notify_them(&world.aws().await, &world, "audit/").await });
    let flags = notified_by("bucket");
    let refused = world.setup("demo", &flags).exits(5).json();
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains("theirs")
    );
    assert_eq!(world.wire().writes(), [""; 0]);

    // EventBridge goes beside it.
    let writes = there_and_back(&world, &notified_by("eventbridge"));
    let made = |start: &str| writes.iter().any(|name| name.starts_with(start));
    assert!(made("events:PutRule") && !made("sns:"), "{writes:?}");
}

#[test]
fn events_that_were_on_before_or_that_others_listen_to_stay_on() {
    let world = with_trail(false);
    let flags = notified_by("eventbridge");
    let on = || {
        blocking(async {
            let aws = world.aws().await;
            let read = aws
                .s3
                .get_bucket_notification_configuration()
                .bucket(bucket(&world))
                .send()
                .await
                .unwrap();
            read.event_bridge_configuration.is_some()
        })
    };
    world.setup("demo", &flags).exits(0);
    assert!(on());
    blocking(async {
        let aws = world.aws().await;
        let rule = aws
            .events
            .put_rule()
            .name("theirs")
            .event_pattern(r#"{"source":["aws.s3"]}"#);
        rule.send().await.unwrap();
    });
    world.remove("demo", &[]).exits(0);
    assert!(on());
    // On before a second connection comes, so not its own to turn off.
    blocking(async {
        world
            .aws()
            .await
            .events
            .delete_rule()
            .name("theirs")
            .send()
            .await
            .unwrap();
    });
    world.setup("again", &flags).exits(0);
    world.remove("again", &[]).exits(0);
    assert!(on());
}

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
fn connections_stand_side_by_side_and_what_another_uses_is_kept() {
    let world = World::wired();
    world.setup("first", &[]).exits(0);
    // On the first one's trail, and in another region; and for another tenant.
    world
        .setup(
            "second",
            &[
                "--resources",
                "existing",
                "--trail",
                "sophos-ct-first",
                "--connect-again",
            ],
        )
        .exits(0);
    let elsewhere = [
        "--resources",
        "new",
        "--accept-cost",
        "--region",
        "us-east-1",
    ];
    world.setup("third", &elsewhere).exits(0);
    let topic = "topic arn:aws:sns:eu-west-1:ACCOUNT:sophos-ct-first";
    let both = snapshot::aws(&world);
    assert_eq!(both[topic]["subscribers"].as_array().unwrap().len(), 2);

    let kept = world.remove("first", &[]).exits(6).json();
    assert!(
        kept["error"]["message"]
            .as_str()
            .unwrap()
            .contains("function:sophos-ct-second")
    );
    let after = snapshot::aws(&world);
    assert!(after.contains_key(topic) && after.contains_key("function sophos-ct-second"));
    assert!(!after.contains_key("function sophos-ct-first"));
    assert_eq!(
        after["trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-first"]["logging"],
        true
    );
    world.run(&["status", "second"]).exits(0);

    world.remove("second", &[]).exits(0);
    world.remove("first", &[]).exits(0);
    world.remove("third", &["--region", "us-east-1"]).exits(0);
    let left: Vec<String> = snapshot::aws(&world).into_keys().collect();
    assert!(
        left.iter().all(|name| name.starts_with("bucket ")),
        "{left:?}"
    );
}

#[test]
fn what_keeps_cloudtrail_or_the_function_from_a_bucket_is_found_before_anything_is_written() {
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
fn a_role_that_somebody_brought_is_passed_to_the_function_and_left_as_it_is() {
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
    // What the plan asks of its owner is enough.
    let planned = world.run(&words).exits(0).stdout;
    let line = planned
        .lines()
        .find(|line| line.contains("must allow this"))
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

#[test]
fn what_cannot_be_handled_or_delivered_goes_to_the_dead_letter_queue() {
    let world = with_trail(true);
    let account = &world.account;
    let queue = format!("arn:aws:sqs:{REGION}:{account}:lost");
    world
        .setup("demo", &["--dead-letter", &queue, "--wait-for-logs"])
        .exits(0);
    blocking(async {
        let aws = world.aws().await;
        let function = aws
            .lambda
            .get_function()
            .function_name("sophos-ct-demo")
            .send()
            .await;
        let function = function.unwrap();
        let target = function
            .configuration()
            .unwrap()
            .dead_letter_config()
            .unwrap();
        assert_eq!(target.target_arn(), Some(queue.as_str()));
        let topic = format!("arn:aws:sns:{REGION}:{account}:theirs");
        let listed = aws
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(topic)
            .send()
            .await;
        let listed = listed.unwrap();
        let arn = listed.subscriptions()[0].subscription_arn().unwrap();
        let read = aws
            .sns
            .get_subscription_attributes()
            .subscription_arn(arn)
            .send()
            .await;
        let redrive = read.unwrap().attributes().unwrap()["RedrivePolicy"].clone();
        assert!(redrive.contains(&queue), "{redrive}");
    });
    assert_eq!(
        world.setup("demo", &[]).exits(0).json()["result"],
        "unchanged"
    );
    world.remove("demo", &[]).exits(0);
}

/// A call of this world's root to the emulator's KMS.
fn kms(world: &World, operation: &str, input: &Value) -> Value {
    crate::support::kms(&world.account, REGION, operation, input)
}

#[test]
fn the_key_of_a_trails_log_files_is_opened_to_the_function_and_its_policy_is_looked_at_by_cloudtrail()
 {
    let world = with_trail(false);
    let account = world.account.clone();
    let delegates = json!({
        "Sid": "Root", "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
        "Action": "kms:*", "Resource": "*",
    });
    let cloudtrail = json!({
        "Sid": "CloudTrail", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
    });
    let policy =
        |statements: Value| json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let made = kms(
        &world,
        "CreateKey",
        &json!({ "Policy": policy(json!([delegates])) }),
    );
    let key = made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    let put = |statements| {
        let input = json!({ "KeyId": key, "PolicyName": "default", "Policy": policy(statements) });
        kms(&world, "PutKeyPolicy", &input);
    };
    let encrypt = || {
        blocking(async {
            let aws = world.aws().await;
            let update = aws
                .cloudtrail
                .update_trail()
                .name("theirs")
                .kms_key_id(&key);
            update.send().await.is_ok()
        })
    };
    assert!(!encrypt(), "the key's policy does not let CloudTrail");
    put(json!([delegates, cloudtrail]));
    assert!(encrypt());
    let by_trail = notified_by("trail");
    let words = [&["plan", "demo", "--yes"], &by_trail[..]].concat();
    let said = world.run(&words).exits(0).stdout;
    assert!(
        said.contains(&key) && said.contains("kms:Decrypt"),
        "{said}"
    );
    // What its owner takes away meanwhile, CloudTrail tells at the next UpdateTrail, with the next step.
    put(json!([delegates]));
    let error = world.setup("demo", &by_trail).exits(6).json()["error"].clone();
    assert!(
        error["hint"].to_string().contains("kms:GenerateDataKey*"),
        "{error}"
    );
    put(json!([delegates, cloudtrail]));
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    blocking(async {
        let aws = world.aws().await;
        let listed = aws
            .iam
            .list_role_policies()
            .role_name("sophos-ct-demo")
            .send()
            .await;
        let name = listed.unwrap().policy_names()[0].clone();
        let read = aws
            .iam
            .get_role_policy()
            .role_name("sophos-ct-demo")
            .policy_name(name);
        let document = read.send().await.unwrap().policy_document().to_owned();
        let id = key.rsplit('/').next().unwrap();
        let opened = document.contains("kms%3ADecrypt") && document.contains(id);
        assert!(opened, "{document}");
    });
    world.remove("demo", &[]).exits(0);
}

/// Control Tower's trail in a management account, into a bucket that is out of everybody's sight.
pub fn control_tower(world: &World) {
    let account = world.account.as_str();
    let bucket = format!("aws-controltower-logs-{account}");
    blocking(async {
        let aws = world.aws().await;
        fixtures::bucket(&aws, &bucket).await;
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "Write", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
        }]});
        fixtures::bucket_policy(&aws, &bucket, policy).await;
        let trust = aws.organizations.enable_aws_service_access();
        trust
            .service_principal("cloudtrail.amazonaws.com")
            .send()
            .await
            .unwrap();
        let role = aws.iam.create_service_linked_role();
        role.aws_service_name("cloudtrail.amazonaws.com")
            .send()
            .await
            .unwrap();
        let create = aws
            .cloudtrail
            .create_trail()
            .name("aws-controltower-BaselineCloudTrail");
        let create = create.s3_bucket_name(&bucket).is_organization_trail(true);
        let made = create.is_multi_region_trail(true).send().await.unwrap();
        let start = aws.cloudtrail.start_logging();
        start.name(made.trail_arn().unwrap()).send().await.unwrap();
    });
}

#[test]
fn a_trail_that_is_stopped_makes_no_further_one_cost_money_and_is_not_recommended() {
    let world = with_trail(true);
    let stop = || {
        blocking(async {
            let cloudtrail = world.aws().await.cloudtrail;
            cloudtrail
                .stop_logging()
                .name("theirs")
                .send()
                .await
                .unwrap();
        });
    };
    let plan = || {
        world
            .run(&["plan", "demo", "--yes", "--format", "json"])
            .exits(0)
            .json()
    };
    let actions = |plan: &Value| plan["steps"].to_string();
    assert!(!actions(&plan()).contains("\"create\",\"kind\":\"trail\""));
    stop();
    // No --accept-cost is asked for.
    assert!(actions(&plan()).contains("\"create\",\"kind\":\"trail\""));
}

#[test]
fn a_prefix_with_a_space_is_used_and_left_again() {
    let world = with_trail(true);
    let (bucket, prefix) = (bucket(&world), "our logs, 1+1");
    blocking(async {
        let aws = world.aws().await;
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "Write", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/{prefix}/AWSLogs/*")],
        }]});
        fixtures::bucket_policy(&aws, &bucket, policy).await;
        let update = aws.cloudtrail.update_trail().name("theirs");
        update.s3_key_prefix(prefix).send().await.unwrap();
    });
    there_and_back(&world, &[]);
}

#[test]
fn a_trail_that_another_connection_collects_from_by_its_bucket_is_kept() {
    for notify in ["bucket", "eventbridge"] {
        let world = World::new();
        world.setup("first", &[]).exits(0);
        let flags = notified_by(notify);
        let flags = flags.map(|flag| flag.replace("theirs", "sophos-ct-first"));
        let flags = flags.iter().map(String::as_str);
        let flags: Vec<&str> = flags.chain(["--connect-again"]).collect();
        world.setup("second", &flags).exits(0);
        let kept = world.remove("first", &[]).exits(6).json();
        let message = kept["error"]["message"].as_str().unwrap();
        assert!(message.contains("connection second"), "{message}");
        let left = snapshot::aws(&world);
        // Not even where that is asked for are the logs of others deleted.
        let bucket = format!("sophos-ct-first-{}-eu-west-1", world.account);
        let all = [
            "--force-shared",
            "--delete-logs",
            "--confirm-bucket",
            &bucket,
        ];
        let refused = world.remove("first", &all).exits(5).json();
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("connection second collects"), "{message}");
        assert_eq!(snapshot::aws(&world), left);
        assert!(!left.contains_key("function sophos-ct-first"));
        assert!(
            left.contains_key("trail arn:aws:cloudtrail:eu-west-1:ACCOUNT:trail/sophos-ct-first")
        );
        world.run(&["status", "second"]).exits(0);
        world.remove("second", &[]).exits(0);
        world.remove("first", &[]).exits(0);
        let left: Vec<String> = snapshot::aws(&world).into_keys().collect();
        assert!(
            left.iter().all(|name| name.starts_with("bucket ")),
            "{left:?}"
        );
    }
}
