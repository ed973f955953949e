//! Someone else acts between two calls of ours. If they write to a shared document, only a write between our last read and our
//! write is lost, which S3 and SNS cannot prevent (SPEC 2.1). Or they run this program at the same time.

use std::sync::{Arc, Mutex, mpsc};

use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter,
    S3KeyFilter, TopicConfiguration,
};
use serde_json::{Value, json};
use sophos_ct::testing::Aws;

use crate::{
    existing,
    support::{Ran, World, blocking, fixtures, snapshot},
};

/// A document that others write too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Document {
    BucketPolicy,
    TopicPolicy,
    Notification,
}

use Document::{BucketPolicy, Notification, TopicPolicy};

impl Document {
    fn is_read_by(self, call: &str) -> bool {
        call == match self {
            BucketPolicy => "s3:GetBucketPolicy",
            TopicPolicy => "sns:GetTopicAttributes",
            Notification => "s3:GetBucketNotificationConfiguration",
        }
    }

    fn is_written_by(self, call: &str) -> bool {
        match self {
            BucketPolicy => ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"].contains(&call),
            TopicPolicy => call == "sns:SetTopicAttributes",
            Notification => call == "s3:PutBucketNotificationConfiguration",
        }
    }
}

/// What the other writer writes to: their bucket and their topic.
#[derive(Clone)]
struct Theirs {
    bucket: String,
    topic: String,
}

impl Theirs {
    /// The names of the entries in a document, ours and the other writer's.
    async fn names(&self, aws: &Aws, document: Document) -> Vec<String> {
        let sids = |policy: &Value| -> Vec<String> {
            let statements = policy["Statement"].as_array().unwrap().iter();
            let sids = statements.filter_map(|one| one["Sid"].as_str());
            sids.map(ToOwned::to_owned).collect()
        };
        match document {
            BucketPolicy => sids(&fixtures::bucket_policy_of(aws, &self.bucket).await),
            TopicPolicy => sids(&self.topic_policy(aws).await),
            Notification => {
                let entries = self.entries(aws).await.topic_configurations;
                let ids = entries.into_iter().flatten().filter_map(|entry| entry.id);
                ids.collect()
            }
        }
    }

    async fn topic_policy(&self, aws: &Aws) -> Value {
        let get = aws.sns.get_topic_attributes().topic_arn(&self.topic);
        let found = get.send().await.unwrap();
        serde_json::from_str(&found.attributes().unwrap()["Policy"]).unwrap()
    }

    async fn entries(&self, aws: &Aws) -> NotificationConfiguration {
        let get = aws.s3.get_bucket_notification_configuration();
        let found = get.bucket(&self.bucket).send().await.unwrap();
        NotificationConfiguration::builder()
            .set_topic_configurations(found.topic_configurations)
            .set_queue_configurations(found.queue_configurations)
            .set_lambda_function_configurations(found.lambda_function_configurations)
            .set_event_bridge_configuration(found.event_bridge_configuration)
            .build()
    }

    /// Adds an entry with this name.
    async fn add(&self, aws: &Aws, document: Document, name: &str) {
        match document {
            BucketPolicy => {
                let mut policy = fixtures::bucket_policy_of(aws, &self.bucket).await;
                let account = &aws.caller.account;
                let statement = json!({
                    "Sid": name, "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
                    "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{}/{name}", self.bucket),
                });
                policy["Statement"].as_array_mut().unwrap().push(statement);
                fixtures::bucket_policy(aws, &self.bucket, policy).await;
            }
            TopicPolicy => {
                let mut policy = self.topic_policy(aws).await;
                let statement = json!({
                    "Sid": name, "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
                    "Action": "SNS:Publish", "Resource": self.topic,
                });
                policy["Statement"].as_array_mut().unwrap().push(statement);
                let set = aws.sns.set_topic_attributes().topic_arn(&self.topic);
                let set = set.attribute_name("Policy");
                let set = set.attribute_value(policy.to_string());
                set.send().await.unwrap();
            }
            Notification => {
                let prefix = FilterRule::builder().name(FilterRuleName::Prefix);
                let prefix = prefix.value(format!("{name}/")).build();
                let key = S3KeyFilter::builder().filter_rules(prefix).build();
                let filter = NotificationConfigurationFilter::builder().key(key);
                let entry = TopicConfiguration::builder()
                    .id(name)
                    .topic_arn(&self.topic)
                    .events(Event::S3ObjectCreated)
                    .filter(filter.build());
                let mut entries = self.entries(aws).await;
                let list = entries.topic_configurations.get_or_insert_default();
                list.push(entry.build().unwrap());
                let put = aws.s3.put_bucket_notification_configuration();
                let put = put.bucket(&self.bucket).notification_configuration(entries);
                put.send().await.unwrap();
            }
        }
    }
}

/// One thing that happened; the log has them in order.
#[derive(Debug)]
enum Happened {
    Call(String),
    Added(String),
}

/// Sets up and removes while someone else adds to one document before each call, and checks that their entries stay.
fn holds(document: Document, flags: &[&str]) {
    let world = existing::with_trail(false);
    let theirs = Theirs {
        bucket: format!("theirs-{}", world.account),
        topic: format!("arn:aws:sns:eu-west-1:{}:theirs", world.account),
    };
    blocking(existing::topic_of_s3(&world));
    let log: Arc<Mutex<Vec<Happened>>> = Arc::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let aws = runtime.block_on(world.aws());
    let (writer, shared) = (theirs.clone(), Arc::clone(&log));
    let mut number = 0;
    world.wire().before_each(move |call| {
        number += 1;
        let name = format!("Other{number}");
        runtime.block_on(writer.add(&aws, document, &name));
        let mut log = shared.lock().unwrap();
        log.extend([Happened::Added(name), Happened::Call(call.to_owned())]);
    });
    let words: Vec<String> = flags
        .iter()
        .map(|flag| flag.replace("ACCOUNT", &world.account))
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    world.setup("demo", &words).exits(0);
    let names = || blocking(async { theirs.names(&world.aws().await, document).await });
    let ours = |names: &[String]| names.iter().any(|name| name.starts_with("SophosCt-"));
    // EventBridge is not an entry in the list of notifications.
    assert!(ours(&names()) || flags.contains(&"eventbridge"));
    world.remove("demo", &[]).exits(0);
    let left = names();
    assert!(!ours(&left), "{left:?}");

    let log = log.lock().unwrap();
    let (mut added, mut lost) = (0, Vec::new());
    for (at, happened) in log.iter().enumerate() {
        let Happened::Added(name) = happened else {
            continue;
        };
        added += 1;
        let mut later = log[at..].iter().filter_map(|one| match one {
            Happened::Call(call) => Some(call.as_str()),
            Happened::Added(_) => None,
        });
        let next = later.find(|call| document.is_read_by(call) || document.is_written_by(call));
        // A write between our read and our write cannot be kept.
        let in_the_gap = next.is_some_and(|call| document.is_written_by(call));
        if !in_the_gap && !left.contains(name) {
            lost.push(name);
        }
    }
    assert!(
        lost.is_empty(),
        "{document:?} {flags:?}: {lost:?}\n{log:#?}"
    );
    // The program reads right before it writes. Since the plan was made, far more calls than these have gone by.
    let calls = log.iter().filter_map(|one| match one {
        Happened::Call(call) => Some(call.as_str()),
        Happened::Added(_) => None,
    });
    let calls: Vec<&str> = calls.collect();
    let mut writes = 0;
    for (at, call) in calls.iter().enumerate() {
        if document.is_written_by(call) {
            writes += 1;
            let between = calls[..at].iter().rev();
            let between = between.take_while(|call| !document.is_read_by(call));
            let between: Vec<_> = between.collect();
            // Only calls of other steps come in between, because they run at the same time.
            assert!(between.len() < 8, "{between:?}");
        }
    }
    println!("{document:?} {flags:?}: {added} writes by someone else, {writes} of ours");
    assert!(writes >= 2 && added > writes, "{writes} {added}");
}

#[test]
fn another_writer_between_any_two_calls_loses_nothing() {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let new = ["--resources", "new", "--accept-cost", "--topic", "theirs"];
            holds(TopicPolicy, &new);
        });
        scope.spawn(|| {
            let bucket = ["--resources", "new", "--accept-cost", "--bucket"];
            holds(BucketPolicy, &[&bucket[..], &["theirs-ACCOUNT"]].concat());
        });
        for notify in ["bucket", "eventbridge"] {
            scope.spawn(move || holds(Notification, &existing::notified_by(notify)));
        }
    });
}

/// Runs `setup` through the wire. Right before its call with this number, the program runs with `words` on another machine, from
/// beginning to end. Returns what both runs gave, and the name of that call.
fn during_setup(world: &World, number: usize, words: &[&str]) -> (Ran, Ran, String) {
    let mut other = world.elsewhere(words);
    let (tell, told) = mpsc::channel();
    let mut passed = 0;
    world.wire().before_each(move |call| {
        passed += 1;
        if passed == number {
            let ran: Ran = other.output().unwrap().into();
            tell.send((ran, call.to_owned())).unwrap();
        }
    });
    let setup = world.setup("demo", &[]);
    world.wire().mend();
    let (other, call) = told.try_recv().expect("setup makes so many calls");
    (setup, other, call)
}

/// The numbers of some calls of a `setup`, from its first write on. All of them would take too long.
fn moments() -> Vec<usize> {
    let world = World::wired();
    world.setup("demo", &[]).exits(0);
    let calls = world.wire().calls();
    let of_aws = calls
        .iter()
        .filter(|call| !call.name.starts_with("central:"));
    let first = of_aws.clone().position(|call| call.write).unwrap();
    // A few are left out, because runs differ in how often they ask whether the function is ready and has signed in.
    (first..of_aws.count() - 6).step_by(5).collect()
}

/// Our resources in the account, without the log bucket.
fn left(world: &World) -> Vec<String> {
    let all = snapshot::aws(world).into_keys();
    let ours = all.filter(|name| name.contains("sophos-ct-demo") && !name.starts_with("bucket "));
    ours.collect()
}

#[test]
fn a_removal_at_any_moment_of_a_setup_ends_in_a_connection_or_in_nothing_or_says_what_is_left() {
    std::thread::scope(|scope| {
        for number in moments() {
            scope.spawn(move || {
                let world = World::wired();
                let account = world.account.clone();
                let remove = ["remove", "demo", "--yes", "--confirm-account", &account];
                let (setup, remove, call) = during_setup(&world, number, &remove);
                let case = format!(
                    "{number} {call}: setup {} {}\nremove {} {}",
                    setup.code, setup.stderr, remove.code, remove.stderr
                );
                let works = world.run(&["status", "demo"]).code == 0;
                let left = left(&world);
                let said = setup.code != 0 || ![0, 2].contains(&remove.code);
                assert!(works || left.is_empty() || said, "{left:?}\n{case}");
                if works {
                    world.remove("demo", &[]).exits(0);
                } else if !left.is_empty() {
                    // The id that the failure names is enough to remove the rest.
                    let hint = setup.json()["error"]["hint"].to_string();
                    let (_, rest) = hint.split_once("sophos-ct remove ").expect(&case);
                    let id = rest.split(['`', ' ', '"']).next().unwrap();
                    world.remove(id, &[]).exits(0);
                }
                assert_eq!(self::left(&world), [""; 0], "{case}");
            });
        }
    });
}

#[test]
fn two_setups_at_once_end_in_one_working_connection() {
    std::thread::scope(|scope| {
        for number in moments() {
            scope.spawn(move || {
                let world = World::wired();
                let again = ["setup", "demo", "--yes", "--format", "json"];
                let (first, second, call) = during_setup(&world, number, &again);
                let case = format!(
                    "{number} {call}: first {} {}\nsecond {} {}",
                    first.code, first.stderr, second.code, second.stderr
                );
                // A run that saw the other one at work says so, and continues when it is run again.
                let ran = [first.code, second.code];
                assert!(ran.contains(&0), "{case}");
                world.setup("demo", &[]).exits(0);
                assert_eq!(world.run(&["status", "demo"]).code, 0, "{case}");
                let listed = world.run(&["list", "--format", "json"]).exits(0).json();
                assert_eq!(listed["connections"].as_array().unwrap().len(), 1, "{case}");
                world.remove("demo", &[]).exits(0);
                assert_eq!(left(&world), [""; 0], "{case}");
            });
        }
    });
}
