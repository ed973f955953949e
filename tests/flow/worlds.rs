//! What hard cases begin with: `sandbox start --with` makes it once, and the commands that it recommends plan as they should.

use serde_json::{Value, json};
use sophos_ct::testing::{Aws, Options, SandboxAws};

use super::Own;
use crate::{schema::Published, support::blocking};

const BUCKET: &str = "corp-audit-111122223333";

#[test]
fn a_trail_of_others_is_offered_and_what_they_have_there_stays() {
    let own = Own::new();
    let world = own.enter("trail");
    let made = [
        "trail",
        "bucket",
        "bucketNotification",
        "bucketNotification",
    ];
    assert_eq!(kinds(&world), made);
    let plan = line(&world, 0);
    let planned = own.json(&plan);
    assert_eq!(actions(&planned, "trail"), ["use"]);
    assert_eq!(actions(&planned, "bucketNotification"), ["create"]);

    let theirs = blocking(own.notifications());
    assert_eq!(theirs, ["corp-audit-removed", "corp-inventory"]);
    let setup = format!("{} --yes --wait-for-logs", plan.replace("plan", "setup"));
    own.json(&setup);
    // Making the world once more leaves what is ours alone, too.
    own.enter("trail");
    let with_ours = blocking(own.notifications());
    assert_eq!(with_ours.len(), 3);
    assert!(theirs.iter().all(|one| with_ours.contains(one)));
    own.json("sophos-ct remove tour --sandbox --yes --confirm-account 111122223333");
    assert_eq!(blocking(own.notifications()), theirs);

    // A topic can be added to it.
    let world = own.enter("topic");
    let planned = own.json(&line(&world, 0));
    assert_eq!(actions(&planned, "topic"), ["use"]);
    assert_eq!(actions(&planned, "subscription"), ["create"]);
    assert_eq!(actions(&planned, "bucketNotification"), [""; 0]);
    let status = own.json("sophos-ct sandbox status");
    assert_eq!(status["worlds"][0]["world"], "trail");
    assert_eq!(status["worlds"][1], world);
    let said = own.run(&["sandbox", "status", "--lang", "ja"]).exits(0);
    assert!(said.stdout.contains("既存の証跡"), "{}", said.stdout);
    for resource in world["resources"].as_array().unwrap() {
        let id = resource["id"].as_str().unwrap();
        assert!(said.stdout.contains(id), "{id}: {}", said.stdout);
    }

    own.run(&["sandbox", "reset"]).exits(0);
    assert_eq!(own.json("sophos-ct sandbox start")["worlds"], json!([]));
    let trails = own.json("sophos-ct doctor --sandbox").to_string();
    assert!(!trails.contains("corp-audit"), "{trails}");
}

#[test]
fn an_organization_is_managed_from_the_sandboxs_account_or_is_control_towers() {
    let own = Own::new();
    let neither = ["sandbox", "start", "--with", "organization,control-tower"];
    let refused = own.run(&neither).exits(2);
    assert!(refused.stderr.contains("--with"), "{}", refused.stderr);
    assert_eq!(own.json("sophos-ct sandbox status")["running"], false);

    let world = own.enter("organization");
    let planned = own.json(&line(&world, 0));
    assert_eq!(actions(&planned, "trustedAccess"), ["create"]);
    let other = ["sandbox", "start", "--with", "control-tower"];
    let refused = own.run(&other).exits(2).stderr;
    assert!(refused.contains("`sophos-ct sandbox reset`"), "{refused}");
    own.run(&["sandbox", "reset"]).exits(0);

    let world = own.enter("control-tower");
    let name = |one: &Value| one["name"].as_str().map(ToOwned::to_owned);
    let resources = world["resources"].as_array().unwrap();
    let accounts: Vec<String> = resources.iter().filter_map(name).collect();
    assert_eq!(accounts[..2], ["management", "log-archive"]);
    let doctor = own.json(&line(&world, 0)).to_string();
    assert!(doctor.contains("log archive account"), "{doctor}");
    let planned = own.json(&line(&world, 1));
    assert_eq!(actions(&planned, "bucketNotification"), ["create"]);
    assert_eq!(actions(&planned, "trail"), [""; 0]);
    let equivalent = planned["equivalent"].as_str().unwrap();
    for flag in ["--profile log-archive", "--expect-account 222233334444"] {
        assert!(equivalent.contains(flag), "{equivalent}");
    }

    // Seen from the management account, the advice is to go where the bucket is.
    let words = "plan company --sandbox --organization --resources existing --trail";
    let words: Vec<&str> = words.split(' ').collect();
    let trail = "aws-controltower-BaselineCloudTrail";
    let refused = own.run(&[&words[..], &[trail]].concat()).exits(2).stderr;
    let bucket = "--bucket aws-controltower-logs-222233334444-eu-west-1";
    assert!(refused.contains(bucket), "{refused}");
    let nobody = ["plan", "company", "--sandbox", "--profile", "nobody"];
    let refused = own.run(&nobody).exits(2).stderr;
    assert!(refused.contains("log-archive"), "{refused}");

    // A variable may name a profile that is meant for AWS. One that the sandbox has counts.
    let without = line(&world, 1).replace(" --profile log-archive", "");
    let as_profile = |profile: &str, line: &str| {
        let words = line.split(' ').skip(1).chain(["--format", "json"]);
        let words: Vec<&str> = words.collect();
        let variable = [("SOPHOS_CT_PROFILE", profile)];
        own.run_with(&variable, &words).exits(0).stdout
    };
    let doctor = as_profile("nobody", &line(&world, 0));
    assert!(doctor.contains("log archive account"), "{doctor}");
    as_profile("log-archive", &without);
}

impl Own {
    /// Makes a world, twice. Returns what there is of it, and it is the same both times.
    fn enter(&self, world: &str) -> Value {
        let start = format!("sophos-ct sandbox start --interval 1s --with {world}");
        let first = self.json(&start);
        Published::compile().fits(&first, "sandbox");
        assert_eq!(self.json(&start), first);
        assert_eq!(first["worlds"].as_array().unwrap().len(), 1);
        first["worlds"][0].clone()
    }

    /// The document of a command line, which succeeds.
    fn json(&self, line: &str) -> Value {
        let words = line.split(' ').skip(1).chain(["--format", "json"]);
        self.run(&words.collect::<Vec<_>>()).exits(0).json()
    }

    /// The ids of the notifications of the trail's bucket, in alphabetical order.
    async fn notifications(&self) -> Vec<String> {
        let told = std::fs::read(self.dir.path().join("sandbox.json")).unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        let options = Options {
            profile: None,
            region: None,
            sandbox: Some(SandboxAws {
                endpoint: text("awsUrl"),
                account: text("account").parse().unwrap(),
                secret: text("secret").into(),
                role: None,
                client: None,
            }),
        };
        let aws = Aws::connect(&options).await.unwrap();
        let get = aws.s3.get_bucket_notification_configuration();
        let found = get.bucket(BUCKET).send().await.unwrap();
        let topics = found.topic_configurations().iter();
        let mut ids: Vec<String> = topics.map(|one| one.id().unwrap().to_owned()).collect();
        ids.sort();
        ids
    }
}

/// A command line that a world recommends.
fn line(world: &Value, number: usize) -> String {
    world["next"][number].as_str().unwrap().to_owned()
}

fn kinds(world: &Value) -> Vec<&str> {
    let resources = world["resources"].as_array().unwrap().iter();
    resources.map(|one| one["kind"].as_str().unwrap()).collect()
}

/// What a plan does with the parts of a kind.
fn actions<'a>(planned: &'a Value, kind: &str) -> Vec<&'a str> {
    let steps = planned["steps"].as_array().unwrap().iter();
    let of_kind = steps.filter(|step| step["kind"] == kind);
    of_kind
        .map(|step| step["action"].as_str().unwrap())
        .collect()
}
