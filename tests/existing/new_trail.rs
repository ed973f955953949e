//! A new trail next to existing resources: what it costs, and that it can use a bucket, a topic or a role that is not ours.

use serde_json::Value;

use super::{REGION, bucket, publisher, round_trip::there_and_back, with_trail};
use crate::support::{blocking, fixtures};

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
    // The sandbox has one event every ten seconds: about 264,000 in thirty days, at USD 2.00 per 100,000.
    let price = plan
        .lines()
        .find(|line| line.contains("USD 2.00 per 100,000"))
        .unwrap();
    assert!(price.contains(&beside), "{price}");
    let (_, monthly) = price.split_once("events a month, which cost USD ").unwrap();
    let usd: f64 = monthly.split(';').next().unwrap().parse().unwrap();
    assert!((5.0..5.5).contains(&usd), "{price}");
    // The cost is named for each trail that logs these events already, and `--yes` does not accept it.
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

    // There is no cost if the other trail logs no management events or is stopped.
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
fn a_stopped_trail_is_not_recommended_and_makes_a_new_trail_cost_nothing() {
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
    // The plan does not ask for `--accept-cost`.
    assert!(actions(&plan()).contains("\"create\",\"kind\":\"trail\""));
}

#[test]
fn a_new_trail_can_use_an_existing_bucket_topic_or_role() {
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
