//! What `status` tells besides its checks: the way of log files, what arrived, the licence, and what to keep; and `status --all`.

use serde_json::{Value, json};

use crate::{
    existing::with_trail,
    support::{Ran, World, blocking},
};

/// The code of the sandbox's licence.
const LICENCE: (&str, &str) = ("SOPHOS_CENTRAL_LICENSE_CODE", "PUBLICCLOUD-SANDBOX");

fn status(world: &World, words: &[&str]) -> Ran {
    let words = [&["status", "--format", "json"], words].concat();
    let mut command = world.command(&words);
    let (name, code) = LICENCE;
    command.env(name, code);
    command.output().unwrap().into()
}

/// Whether each hop of the way is right.
fn hops(document: &Value) -> Vec<(&str, Option<bool>)> {
    let hops = document["path"].as_array().unwrap().iter();
    hops.map(|hop| (hop["hop"].as_str().unwrap(), hop["ok"].as_bool()))
        .collect()
}

#[test]
fn the_way_of_log_files_is_told_hop_by_hop_with_what_arrived() {
    let world = World::wired();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    // A sign-in is no file.
    let signed_in = json!({ "forwarderSeenAt": "2020-01-01T00:00:00Z" });
    world.wire().tell(&signed_in);
    let found = status(&world, &[]).exits(0).json();
    let all = ["trail", "bucket", "topic", "function", "central"];
    assert_eq!(hops(&found), all.map(|hop| (hop, Some(true))));
    for hop in found["path"].as_array().unwrap() {
        let at = hop["at"].as_str().unwrap();
        let at: jiff::Timestamp = at.parse().unwrap();
        let hour_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
        assert!(at > hour_ago, "{hop}");
    }
    let day = &found["lastDay"];
    // CloudTrail's message does not say when a file landed, but SNS when it was published.
    assert!(day["delay"]["medianSeconds"].is_u64(), "{day}");
    assert!(day["files"].as_u64() >= Some(1), "{day}");
    let hours = day["hours"].as_array().unwrap().iter();
    let files = hours.map(|hour| hour["files"].as_u64().unwrap());
    assert_eq!(Some(files.sum::<u64>()), day["files"].as_u64());

    blocking(async {
        let aws = world.aws().await;
        let stop = aws.cloudtrail.stop_logging().name("sophos-ct-demo");
        stop.send().await.unwrap();
    });
    let found = status(&world, &[]).exits(8).json();
    let mut expected = all.map(|hop| (hop, Some(true)));
    expected[0].1 = Some(false);
    assert_eq!(hops(&found), expected);
    assert_eq!(fix(&found, "logging"), "sophos-ct setup demo");
    // The trail itself is as planned: the same fault is not told twice.
    assert_eq!(fix(&found, "trail"), "");
}

#[test]
fn what_is_wrong_with_a_part_is_not_explained_by_a_note_of_the_plan() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    blocking(async {
        let s3 = world.aws().await.s3;
        let policy = s3.get_bucket_policy().bucket(&bucket).send().await.unwrap();
        let mut policy: Value = serde_json::from_str(policy.policy().unwrap()).unwrap();
        policy["Statement"][0]["Effect"] = "Deny".into();
        let put = s3.put_bucket_policy().bucket(&bucket);
        put.policy(policy.to_string()).send().await.unwrap();
    });
    let found = status(&world, &[]).exits(8).json();
    let mut checks = found["checks"].as_array().unwrap().iter();
    let check = checks.find(|check| check["name"] == "bucketPolicyStatement");
    let detail = check.unwrap()["detail"].as_str().unwrap();
    assert_eq!(detail, format!("not as planned: arn:aws:s3:::{bucket}"));
}

/// What helps against what a check has found.
fn fix<'a>(document: &'a Value, name: &str) -> &'a str {
    let mut checks = document["checks"].as_array().unwrap().iter();
    let check = checks.find(|check| check["name"] == name).unwrap();
    check["fix"].as_str().unwrap_or_default()
}

#[test]
fn each_state_is_mended_by_the_command_that_stands_there() {
    let world = World::wired();
    let set_up = world.setup("demo", &[]).exits(0).json();
    let id = set_up["connection"]["id"].as_str().unwrap();
    world.patch(id, &json!({ "status": "paused" }));
    let found = status(&world, &[]).exits(8).json();
    let resume = fix(&found, "connection");
    assert_eq!(resume, "sophos-ct resume demo");
    let words: Vec<&str> = resume.split(' ').skip(1).collect();
    world.run(&words).exits(0);
    status(&world, &[]).exits(0);
    world.end_license("2020-01-01");
    let found = status(&world, &[]).exits(8).json();
    assert!(
        fix(&found, "connection").starts_with("Renew the licence"),
        "{found}"
    );
    world.end_license("2999-01-01");
    status(&world, &[]).exits(0);
    for reason in ["silent", "identityMismatch"] {
        let told = json!({ "status": "disconnected", "disconnectedBecause": reason });
        world.wire().tell(&told);
        world.rewrite(id, &json!({ "disconnectedBecause": reason }));
        let found = status(&world, &[]).exits(8).json();
        assert_eq!(
            fix(&found, "connection"),
            "sophos-ct setup demo",
            "{reason}"
        );
    }
}

#[test]
fn a_bucket_tells_when_its_files_landed_and_so_how_late_they_were() {
    let world = with_trail(false);
    let bucket = format!("theirs-{}", world.account);
    let existing = ["--resources", "existing", "--notify", "bucket"];
    let flags = [&existing[..], &["--bucket", &bucket, "--wait-for-logs"]].concat();
    world.setup("demo", &flags).exits(0);
    let found = status(&world, &[]).exits(0).json();
    let delay = &found["lastDay"]["delay"];
    let (median, p95) = (&delay["medianSeconds"], &delay["p95Seconds"]);
    assert!(
        median.is_u64() && median.as_u64() <= p95.as_u64(),
        "{found}"
    );
    // The trail is not known here, but its files are seen.
    let hop = |name: &str| {
        let mut hops = found["path"].as_array().unwrap().iter();
        hops.find(|hop| hop["hop"] == name).unwrap()
    };
    assert_eq!(hop("trail")["ok"], Value::Null);
    assert_eq!(hop("bucket")["ok"], true);
    assert!(hop("topic").get("at").is_none());
}

#[test]
fn the_licence_is_told_with_its_end_and_is_wrong_once_that_is_past() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let found = status(&world, &[]).exits(0).json();
    assert_eq!(found["licence"], json!({ "state": "valid" }));
    world.end_license("2999-01-01");
    let found = status(&world, &[]).exits(0).json();
    let until = json!({ "state": "valid", "endDate": "2999-01-01" });
    assert_eq!(found["licence"], until);
    // Without the code of the licence nothing is known, and nothing is wrong.
    let unknown = world.run(&["status", "--format", "json"]).exits(0).json();
    assert_eq!(unknown["licence"], json!({ "state": "unknown" }));
    world.end_license("2020-01-01");
    let found = status(&world, &[]).exits(8).json();
    let ended = json!({ "state": "ended", "endDate": "2020-01-01" });
    assert_eq!(found["licence"], ended);
    let checks = found["checks"].as_array().unwrap().iter();
    let mut licence = checks.filter(|check| check["name"] == "licence");
    assert_eq!(licence.next().unwrap()["ok"], false);
}

#[test]
fn the_command_to_keep_removes_the_connection_without_central() {
    let world = World::new();
    let names = ["--function", "our-forwarder", "--topic", "our-topic"];
    world.setup("demo", &names).exits(0);
    let text = world.run(&["status"]).exits(0).stdout;
    for kept in [
        world.account.as_str(),
        "eu-west-1",
        "--function",
        "our-topic",
    ] {
        let line = text.lines().find(|line| line.starts_with("Keep for"));
        assert!(line.unwrap().contains(kept), "{text}");
    }
    let found = status(&world, &[]).exits(0).json();
    let kept = found["withoutCentral"].as_str().unwrap();
    assert!(
        !kept.contains("--role") && !kept.contains("--bucket"),
        "{kept}"
    );
    let parts = world.run(&["status", "--parts"]).exits(0).stdout;
    assert!(parts.contains(kept), "{parts}");

    let mut words: Vec<&str> = kept.split(' ').skip(1).collect();
    words.extend(["--yes", "--confirm-account", &world.account]);
    world.run(&words).exits(0);
    blocking(async {
        let lambda = world.aws().await.lambda;
        let function = lambda.get_function().function_name("our-forwarder");
        assert!(function.send().await.is_err());
    });
}

/// A connection that Central has and whose setup never ran.
fn put(world: &World, number: u8, name: &str, account: &str, settings: &Value) {
    let id = format!("0000000{number}-0000-4000-8000-{}", world.account);
    let new = json!({
        "name": name, "awsAccountId": account, "partition": "aws", "homeRegion": "eu-west-1",
        "mode": "new", "settings": settings, "resources": { "complete": false, "items": [] },
    });
    world.put_connection(&id, &new);
}

#[test]
fn what_is_prepared_is_mended_by_inviting_whoever_has_its_account() {
    let world = World::new();
    for (name, account) in [("ours", world.account.as_str()), ("theirs", "999999999999")] {
        let words = ["invite", name, "--account", account];
        world.run(&words).exits(0);
    }
    let all = status(&world, &["--all"]).exits(8).json();
    for one in all["connections"].as_array().unwrap() {
        let name = one["connection"]["name"].as_str().unwrap();
        let alone = status(&world, &[name]).exits(8).json();
        for found in [one, &alone] {
            let fix = fix(found, "connection");
            assert!(fix.ends_with(&format!(" sophos-ct invite {name}")), "{fix}");
            // Whoever has just sent a code should not end it. Whether there is one is not known.
            for part in ["was taken back", "ends any that was sent"] {
                assert!(fix.contains(part), "{fix}");
            }
        }
    }
}

#[test]
fn all_connections_are_judged_and_one_that_cannot_be_looked_at_does_not_end_the_rest() {
    let world = World::wired();
    world.setup("demo", &[]).exits(0);
    let alone = status(&world, &["--all"]).exits(0).json();
    assert_eq!(alone["connections"].as_array().unwrap().len(), 1);
    put(&world, 1, "theirs", "999999999999", &json!({}));
    put(
        &world,
        2,
        "broken",
        &world.account,
        &json!({ "bucket": "NO BUCKET" }),
    );
    put(&world, 3, "later", &world.account, &json!({}));
    let before = world.wire().calls().len();
    let ran = status(&world, &["--all"]).exits(8);
    let found = ran.json();
    let of = |name: &str| {
        let mut all = found["connections"].as_array().unwrap().iter();
        all.find(|one| one["connection"]["name"] == name).unwrap()
    };
    assert_eq!(
        (&of("demo")["healthy"], &of("demo")["seen"]),
        (&json!(true), &json!("both"))
    );
    assert_eq!(of("theirs")["healthy"], false);
    assert_eq!(of("theirs")["seen"], "central");
    assert_eq!(of("broken")["error"]["code"], "conflict");
    assert!(of("broken").get("checks").is_none());
    // One sign-in and one list of trails serve all connections of the region.
    let calls = world.wire().calls();
    let calls = calls[before..].iter().map(|call| call.name.as_str());
    for shared in ["sts:GetCallerIdentity", "cloudtrail:DescribeTrails"] {
        let count = calls.clone().filter(|name| *name == shared).count();
        assert_eq!(count, 1, "{shared}");
    }

    let text = world.run(&["status", "--all"]).exits(8);
    let line = |name: &str| text.stdout.lines().find(|line| line.starts_with(name));
    assert!(
        line("demo").unwrap().contains("✓ healthy"),
        "{}",
        text.stdout
    );
    assert!(
        line("theirs").unwrap().contains("by Central"),
        "{}",
        text.stdout
    );
    assert!(text.stderr.contains(&world.account), "{}", text.stderr);
    assert!(text.stderr.contains("3 of 4"), "{}", text.stderr);
}

#[test]
fn without_aws_credentials_all_connections_are_shown_as_central_sees_them() {
    let world = World::new();
    let status = ["status", "--all", "--format", "json"];
    let none = world.run(&status).exits(0).json();
    assert_eq!(none, json!({ "connections": [] }));
    world.setup("demo", &[]).exits(0);
    let mut command = world.command(&status);
    command.env_remove("AWS_ACCESS_KEY_ID");
    let found = Ran::from(command.output().unwrap()).exits(0).json();
    assert_eq!(found["connections"][0]["seen"], "central");
    let mut command = world.command(&["status", "--all"]);
    command.env_remove("AWS_ACCESS_KEY_ID");
    let text = Ran::from(command.output().unwrap()).exits(0);
    assert!(
        text.stderr.contains("as Central sees them"),
        "{}",
        text.stderr
    );
    world.run(&["status", "demo", "--all"]).exits(2);
}
