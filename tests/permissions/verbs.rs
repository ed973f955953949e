//! Each command that only reads works under the policy that is printed for it. Without any of its actions it names the action, or
//! loses a convenience that is listed here. Commands without a policy call nothing in AWS.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types::{DataResource, EventSelector, ReadWriteType};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::taken::{actions, without};
use crate::{
    organization::organize,
    support::{World, blocking, fixtures, past::Past},
};

/// What a command loses without an action that it does not name.
struct Convenience {
    purpose: &'static str,
    action: &'static str,
    /// What it says only without the action.
    said: &'static str,
}

const CONVENIENCES: [Convenience; 4] = [
    // Only digests tell whose a file is, where another trail writes into the same folders.
    Convenience {
        purpose: "audit",
        action: "s3:GetObject",
        said: "Digests that tell which trail",
    },
    // A trail counts as one that logs management events unless it is seen that it does not.
    Convenience {
        purpose: "plan",
        action: "cloudtrail:GetEventSelectors",
        said: "trail/data",
    },
    Convenience {
        purpose: "doctor",
        action: "cloudtrail:GetEventSelectors",
        said: "trail/data logs management events",
    },
    Convenience {
        purpose: "doctor",
        action: "cloudtrail:GetTrailStatus",
        said: "trail/stopped logs management events",
    },
];

/// A command, and the purpose of its policy.
struct Proof<'a> {
    purpose: &'a str,
    words: &'a [&'a str],
    /// Purposes whose actions the caller may also use, because the command tells of those that it may not.
    beside: &'a [&'a str],
}

impl Proof<'_> {
    fn run(&self, world: &World, policy: &str) -> (i32, String) {
        let ran = world.run_under(policy, self.words);
        (ran.code, ran.stdout + &ran.stderr)
    }

    /// Runs the command under the printed policy, and under that without each of the actions in turn that are to be proved.
    fn hold(&self, world: &World, is_to_be_proved: impl Fn(&str) -> bool) {
        let printed = |purpose: &str| -> Value {
            serde_json::from_str(&world.printed_policy(purpose, "demo", &[])).unwrap()
        };
        let mut policy = printed(self.purpose);
        let (code, text) = self.run(world, &policy.to_string());
        let works = code == 0 || code == 8 && !self.beside.is_empty();
        assert!(works, "{} {code}: {text}", self.purpose);
        let mut wanted = actions(&policy);
        // AWS answers this call without any permission (IAM User Guide).
        wanted.remove("sts:GetCallerIdentity");
        let others = self.beside.iter();
        let mut others: BTreeSet<String> = others.flat_map(|one| actions(&printed(one))).collect();
        if !others.is_empty() {
            // The emulator judges this call as one on every resource. In AWS it is one on the principal.
            others.insert("iam:SimulatePrincipalPolicy".to_owned());
            let more = json!({ "Effect": "Allow", "Action": others, "Resource": "*" });
            policy["Statement"].as_array_mut().unwrap().push(more);
        }
        let (_, whole) = self.run(world, &policy.to_string());
        let mut amiss = Vec::new();
        for missing in wanted.iter().filter(|action| is_to_be_proved(action)) {
            let said = self.said_without(missing);
            let (code, text) = self.run(world, &without(&policy, missing));
            if whole.contains(said) || !text.contains(said) {
                amiss.push(format!(
                    "{} without {missing}: {code}\n{text}",
                    self.purpose
                ));
            }
        }
        assert_eq!(amiss.join("\n\n"), "", "with all of them: {whole}");
    }

    /// What the command says only if it lacks an action: its name, or what shows that a convenience is lost.
    fn said_without<'a>(&self, missing: &'a str) -> &'a str {
        let mut lost = CONVENIENCES.iter();
        let lost = lost.find(|one| one.purpose == self.purpose && one.action == missing);
        lost.map_or(missing, |one| one.said)
    }
}

/// A command whose policy is proved by itself.
fn proof<'a>(purpose: &'a str, words: &'a [&'a str]) -> Proof<'a> {
    Proof {
        purpose,
        words,
        beside: &[],
    }
}

/// Makes two trails that do not log management events: `stopped` would, and `data` logs other events.
fn with_trails(world: &World) {
    let bucket = format!("theirs-{}", world.account);
    let statement = |action: &str, resource: String| {
        json!({
            "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": action, "Resource": resource,
        })
    };
    let arn = format!("arn:aws:s3:::{bucket}");
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        statement("s3:GetBucketAcl", arn.clone()),
        statement("s3:PutObject", format!("{arn}/AWSLogs/{}/*", world.account)),
    ]});
    let objects = DataResource::builder()
        .r#type("AWS::S3::Object")
        .values("arn:aws:s3");
    let data = EventSelector::builder()
        .read_write_type(ReadWriteType::All)
        .include_management_events(false)
        .data_resources(objects.build());
    blocking(async {
        let aws = world.aws().await;
        fixtures::bucket(&aws, &bucket).await;
        fixtures::bucket_policy(&aws, &bucket, policy).await;
        for name in ["stopped", "data"] {
            let create = aws.cloudtrail.create_trail().name(name);
            create.s3_bucket_name(&bucket).send().await.unwrap();
        }
        let select = aws.cloudtrail.put_event_selectors().trail_name("data");
        let select = select.event_selectors(data.build());
        select.send().await.unwrap();
        let start = aws.cloudtrail.start_logging().name("data");
        start.send().await.unwrap();
    });
}

#[test]
fn status_names_each_action_that_it_lacks() {
    let world = World::new();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    let words = ["status", "demo", "--parts"];
    proof("status", &words).hold(&world, |_| true);
}

#[test]
fn plan_names_each_action_that_it_lacks_or_takes_a_trail_for_one_of_management_events() {
    let selectors = "cloudtrail:GetEventSelectors";
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let plan = proof("plan", &["plan", "demo"]);
    plan.hold(&world, |action| action != selectors);
    let fresh = World::new();
    with_trails(&fresh);
    plan.hold(&fresh, |action| action == selectors);
}

#[test]
fn doctor_names_each_action_that_it_lacks_or_takes_a_trail_for_one_of_management_events() {
    let (management, world) = (World::new(), World::new());
    organize(&management, &[&world.account]);
    blocking(async {
        let organizations = management.aws().await.organizations;
        let register = organizations
            .register_delegated_administrator()
            .account_id(&world.account);
        let register = register.service_principal("cloudtrail.amazonaws.com");
        register.send().await.unwrap();
    });
    with_trails(&world);
    let doctor = Proof {
        beside: &["setup-new", "setup-existing", "setup-organization"],
        ..proof("doctor", &["doctor"])
    };
    doctor.hold(&world, |_| true);
}

#[test]
fn accounts_are_set_without_any_permission_and_each_that_lacks_is_named() {
    let world = World::new();
    let member = world.member();
    organize(&world, &[&member]);
    world.setup("demo", &["--organization"]).exits(0);
    let words = ["accounts", "demo", "--set", &member];
    proof("accounts", &words).hold(&world, |_| true);
}

#[test]
fn an_audit_names_what_it_lacks() {
    let world = World::new();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let minute = Timestamp::now().as_second() / 60 * 60;
    let until = Timestamp::from_second(minute).unwrap() - SignedDuration::from_hours(4);
    let since = until - SignedDuration::from_hours(2);
    let times = json!({ "since": since.to_string(), "until": until.to_string(), "files": 2 });
    Past::make(&world, &bucket, "other", &times);
    proof("audit", &["audit", "demo"]).hold(&world, |_| true);
}

#[test]
fn a_proof_names_what_it_lacks() {
    let world = World::new();
    let more = ["--wait-for-logs", "--retention-days", "30"];
    world.setup("demo", &more).exits(0);
    proof("audit-certify", &["audit", "demo", "--certify"]).hold(&world, |_| true);
}

#[test]
fn a_command_of_central_alone_has_no_policy_and_says_so() {
    let world = World::wired();
    for verb in ["list", "pause", "resume", "rename", "invite"] {
        let said = world.run(&["policy", verb]).exits(0).stdout;
        let none = format!("`sophos-ct {verb}` needs no permissions in AWS");
        assert!(said.contains(&none), "{said}");
        let words = ["policy", verb, "--format", "json"];
        let none = json!({ "Version": "2012-10-17", "Statement": [] });
        assert_eq!(world.run(&words).exits(0).json(), none);
    }
    assert!(world.wire().calls().is_empty());
    let mut list = world.command(&["list"]);
    for variable in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        list.env_remove(variable);
    }
    assert!(list.output().unwrap().status.success());
}
