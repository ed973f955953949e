//! Plans that are handed over: whoever applies one does exactly what is in the file, or nothing.

mod again;
mod forms;
mod since;

use serde_json::{Value, json};

use crate::{
    existing::with_trail,
    support::{Ran, World, blocking, fixtures, snapshot},
};

/// Plans to a file, and returns what is in it.
fn planned(world: &World, words: &[&str]) -> Value {
    let words = [words, &["--no-input", "--out", "plan.json"]].concat();
    world.run(&words).exits(0);
    read(world)
}

fn read(world: &World) -> Value {
    let text = std::fs::read_to_string(world.home().join("plan.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn write(world: &World, plan: &Value) {
    std::fs::write(world.home().join("plan.json"), plan.to_string()).unwrap();
}

fn apply(world: &World) -> Ran {
    world.run(&["setup", "--plan", "plan.json", "--yes", "--format", "json"])
}

fn remove(world: &World) -> Ran {
    let account = world.account.as_str();
    let words = ["remove", "--plan", "plan.json", "--yes", "--format", "json"];
    world.run(&[&words[..], &["--confirm-account", account]].concat())
}

/// The document of a plan that is about this kind.
fn document<'a>(plan: &'a Value, kind: &str) -> &'a Value {
    let mut documents = plan["documents"].as_array().unwrap().iter();
    documents.find(|one| one["kind"] == kind).unwrap()
}

/// Somebody adds a statement to the policy of a plan's bucket. Returns the bucket's ARN.
fn somebody_adds_a_statement(world: &World, plan: &Value) -> String {
    let mut documents = plan["documents"].as_array().unwrap().iter();
    let arn = documents.find_map(|one| one["arn"].as_str().filter(|arn| arn.contains(":s3:")));
    let arn = arn.unwrap().to_owned();
    let bucket = arn.rsplit(':').next().unwrap().to_owned();
    blocking(async {
        let aws = world.aws().await;
        let mut policy = fixtures::bucket_policy_of(&aws, &bucket).await;
        let statement = json!({
            "Sid": "SomebodyElse", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject",
            "Resource": format!("{arn}/*"),
        });
        let statements = policy["Statement"].as_array_mut().unwrap();
        statements.push(statement);
        fixtures::bucket_policy(&aws, &bucket, policy).await;
    });
    arn
}

/// Refused because something has moved: nothing was changed, and the error names it.
#[track_caller]
fn is_refused(world: &World, ran: impl FnOnce(&World) -> Ran, named: &str) {
    let before = (snapshot::aws(world), snapshot::central(world));
    let ran = ran(world).exits(5);
    let error = ran.json()["error"].clone();
    assert!(
        error["message"].as_str().unwrap().contains(named),
        "{error}"
    );
    assert_eq!((snapshot::aws(world), snapshot::central(world)), before);
}

#[test]
fn an_unchanged_world_gets_exactly_the_steps_and_documents_of_the_file() {
    let world = World::new();
    let plan = planned(&world, &["plan", "demo", "--tag", "team=security"]);
    assert!(snapshot::aws(&world).is_empty());
    assert!(snapshot::central(&world).is_empty());
    let applied = apply(&world).exits(0).json();
    assert_eq!(applied["result"], "applied");
    assert_eq!(applied["connection"]["id"], plan["connection"]["id"]);
    let steps = applied["steps"].as_array().unwrap();
    let done = |step: &Value| json!([step["action"], step["kind"], step["arn"]]);
    let mut done: Vec<Value> = steps.iter().map(done).collect();
    // The output has an entry for each part of a step.
    done.dedup();
    let steps = plan["steps"].as_array().unwrap().iter();
    let of_file = steps.map(|step| json!([step["action"], step["kind"], step["arn"]]));
    assert_eq!(done, of_file.collect::<Vec<_>>());
    blocking(async {
        let aws = world.aws().await;
        let expected = document(&plan, "bucketPolicyStatement");
        let bucket = expected["arn"].as_str().unwrap().rsplit(':').next();
        let policy = fixtures::bucket_policy_of(&aws, bucket.unwrap()).await;
        assert_eq!(policy.to_string(), expected["after"].to_string());
        let role = aws
            .iam
            .get_role_policy()
            .role_name("sophos-ct-demo")
            .policy_name(role_policy(&aws).await)
            .send()
            .await
            .unwrap();
        let expected = document(&plan, "rolePolicy")["after"].to_string();
        let policy = role.policy_document().replace('+', " ");
        let policy: Value = serde_json::from_str(&decoded(&policy)).unwrap();
        assert_eq!(policy.to_string(), expected);
    });
    let again = apply(&world).exits(0).json();
    assert_eq!(again["result"], "unchanged");
}

async fn role_policy(aws: &sophos_ct::testing::Aws) -> String {
    let list = aws.iam.list_role_policies().role_name("sophos-ct-demo");
    let list = list.send().await.unwrap();
    list.policy_names()[0].clone()
}

/// IAM gives documents back percent-encoded.
fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .unwrap()
        .into_owned()
}

#[test]
fn a_bucket_policy_that_somebody_changed_since_is_named() {
    let world = World::new();
    let bucket = format!("shared-{}", world.account);
    blocking(async {
        let aws = world.aws().await;
        fixtures::bucket(&aws, &bucket).await;
        let all = json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:PutBucketAcl",
            "Resource": format!("arn:aws:s3:::{bucket}"),
        }]});
        fixtures::bucket_policy(&aws, &bucket, all).await;
    });
    let words = ["plan", "demo", "--bucket", &bucket];
    let plan = planned(&world, &words);
    let arn = somebody_adds_a_statement(&world, &plan);
    is_refused(&world, apply, &arn);
    let said = world
        .run(&["setup", "--plan", "plan.json", "--yes"])
        .exits(5);
    let again = format!("  sophos-ct plan demo --region eu-west-1 --bucket {bucket} ");
    assert!(said.stderr.contains(&again), "{}", said.stderr);
    assert!(said.stderr.contains("+ "), "{}", said.stderr);
    assert!(said.stderr.contains("SomebodyElse"), "{}", said.stderr);
    // The plan that is made anew is applied.
    planned(&world, &words);
    apply(&world).exits(0);
}

#[test]
fn a_file_that_was_tampered_with_is_refused() {
    let world = World::new();
    let plan = planned(&world, &["plan", "demo"]);
    let other = World::new();
    let somebody = "5b0e2a55-36a4-4b6d-8c1f-0c2c0c7f3a10";
    let tampered = |path: &str, value: Value| {
        let mut plan = plan.clone();
        *plan.pointer_mut(path).unwrap() = value;
        plan
    };
    let topic = json!("arn:aws:sns:eu-west-1:999999999999:theirs");
    for (path, value, code) in [
        ("/version", json!("2.0"), 2),
        ("/purpose", json!("remove"), 2),
        ("/account", json!(other.account), 5),
        ("/partition", json!("aws-cn"), 5),
        ("/region", json!("eu-central-1"), 5),
        ("/tenant/id", json!(somebody), 5),
        ("/connection/id", json!(somebody), 5),
        ("/connection/name", json!("another"), 5),
        ("/connection/new", json!(false), 5),
        ("/answers/0/key", json!("accept-cost"), 2),
        ("/function", json!("0".repeat(64)), 5),
        ("/steps/0/action", json!("delete"), 5),
        ("/steps/0/kind", json!("alarm"), 5),
        ("/steps/0/arn", topic, 5),
        ("/steps/0/ids", json!(["another"]), 5),
        ("/steps", json!([]), 5),
        ("/steps/0/settings/1/name", json!("Tags.else"), 5),
        ("/steps/0/settings/1/before", json!("theirs"), 5),
        ("/steps/0/settings/1/after", json!("theirs"), 5),
        ("/steps/0/settings", json!([]), 5),
        ("/documents/0/arn", json!("arn:aws:s3:::theirs"), 5),
        ("/documents/0/before", json!({}), 5),
        ("/documents/0/after/Version", json!("2008-10-17"), 5),
        ("/documents/0/writes", json!(false), 5),
        ("/documents", json!([]), 5),
    ] {
        write(&world, &tampered(path, value));
        let ran = apply(&world);
        assert_eq!(ran.code, code, "{path}: {}\n{}", ran.stdout, ran.stderr);
    }
    assert!(snapshot::aws(&world).is_empty());
    assert!(snapshot::central(&world).is_empty());
    write(&world, &plan);
    apply(&world).exits(0);
}

#[test]
fn another_account_is_named_and_flags_that_say_otherwise_are_refused_at_once() {
    let world = World::new();
    let plan = planned(&world, &["plan", "demo", "--topic", "chosen"]);
    let other = World::new();
    write(&other, &plan);
    is_refused(&other, apply, &world.account);
    let text = ["setup", "--plan", "plan.json", "--yes"];
    let said = other.run(&text).exits(5).stderr;
    let account = format!("plan is for account {}", world.account);
    assert!(said.contains(&account), "{said}");
    assert!(!said.contains("--expect-account"), "{said}");
    let words = ["setup", "--plan", "plan.json", "--yes"];
    for (flags, named) in [
        (&["--topic", "another", "--function", "else"][..], "--topic"),
        (&["--topic", "another", "--function", "else"], "--function"),
        (&["--region", "eu-central-1"], "--region"),
        (&["--expect-account", "999999999999"], "--expect-account"),
        (&["--expect-tenant", "Other"], "--expect-tenant"),
        (&["--tenant", "Other"], "--tenant"),
    ] {
        let refused = world.run(&[&words[..], flags].concat()).exits(2);
        assert!(refused.stderr.contains(named), "{}", refused.stderr);
    }
    let mut command = world.command(&words);
    command.env("SOPHOS_CT_TOPIC", "another");
    let refused = Ran::from(command.output().unwrap()).exits(2);
    let stderr = refused.stderr;
    assert!(stderr.contains("SOPHOS_CT_TOPIC"), "{stderr}");
    world
        .run(&["setup", "demo", "--plan", "plan.json"])
        .exits(2);
    let nowhere = world.run(&["setup", "--plan", "nowhere.json"]).exits(2);
    let said = "nowhere.json cannot be read";
    assert!(nowhere.stderr.contains(said), "{}", nowhere.stderr);
    // Nobody is asked, and nobody has confirmed.
    world.run(&["setup", "--plan", "plan.json"]).exits(2);
    let same = [&words[..], &["--topic", "chosen", "--wait", "2m"]].concat();
    world.run(&same).exits(0);
}

#[test]
fn the_screen_of_a_plan_file_names_it_and_all_that_is_missing_is_said_at_once() {
    let world = with_trail(true);
    planned(&world, &["plan", "demo", "--resources", "new"]);
    let said = world.run(&["setup", "--plan", "plan.json"]).exits(2).stderr;
    for part in ["--accept-cost", "--yes", "eu-west-1 (from the plan)"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let is_of_file = |line: &str| {
        let begins = line
            .trim_start()
            .starts_with("sophos-ct setup --plan plan.json ");
        begins && line.contains(" --accept-cost ") && line.ends_with(" --no-input --yes")
    };
    assert!(said.lines().any(is_of_file), "{said}");
    let words = ["setup", "--plan", "plan.json", "--accept-cost", "--yes"];
    let json = [&words[..], &["--format", "json"]].concat();
    let applied = world.run(&json).exits(0).json();
    let equivalent = applied["equivalent"].as_str().unwrap();
    assert!(is_of_file(equivalent), "{equivalent}");
}

#[test]
fn a_removal_is_handed_over_and_is_exactly_the_one_that_was_planned() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let before = (snapshot::aws(&world), snapshot::central(&world));
    let plan = planned(&world, &["remove", "demo"]);
    assert_eq!((snapshot::aws(&world), snapshot::central(&world)), before);
    assert_eq!(plan["purpose"], "remove");
    assert_eq!(apply(&world).code, 2);
    let arn = somebody_adds_a_statement(&world, &plan);
    is_refused(&world, remove, &arn);
    planned(&world, &["remove", "demo"]);
    let words = ["remove", "--plan", "plan.json", "--yes", "--delete-logs"];
    world.run(&words).exits(2);
    let removed = remove(&world).exits(0).json();
    assert_eq!(removed["result"], "removed");
    remove(&world).exits(0);
}

#[test]
fn the_file_fits_its_schema_and_stdout_stays_one_document() {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let published: Value = serde_json::from_str(include_str!("../schemas/plan-file.json")).unwrap();
    compiler.add_resource("plan-file.json", published).unwrap();
    let schema = compiler.compile("plan-file.json", &mut schemas).unwrap();
    let fits = |plan: &Value| {
        if let Err(complaint) = schemas.validate(plan, schema) {
            panic!("{complaint:#}: {plan:#}");
        }
    };
    for text in [
        include_str!("data/plan-1.0.json"),
        include_str!("data/plan-1.1.json"),
        include_str!("data/plan-1.9.json"),
    ] {
        fits(&serde_json::from_str(text).unwrap());
    }
    let world = World::new();
    let json = ["plan", "demo", "--format", "json", "--detailed-exitcode"];
    let out = [&json[..], &["--out", "plan.json"]].concat();
    let printed = world.run(&out).exits(7).json();
    assert_eq!(printed["result"], "planned");
    fits(&read(&world));
    apply(&world).exits(0);
    let removal = ["remove", "demo", "--format", "json", "--out", "plan.json"];
    let printed = world.run(&removal).exits(0).json();
    assert_eq!(printed["result"], "planned");
    fits(&read(&world));
    let unwritable = ["plan", "demo", "--out", "nowhere/plan.json"];
    let refused = world.run(&unwritable).exits(2);
    assert!(refused.stderr.contains("--out"), "{}", refused.stderr);
}

#[test]
fn a_plan_as_markdown_has_its_steps_documents_and_no_more_than_a_comment_takes() {
    let world = World::new();
    let words = ["plan", "demo", "--as", "markdown"];
    let text = world.run(&words).exits(0).stdout;
    assert!(text.starts_with("<h3>"), "{text}");
    for part in [
        "|---|---|---|---|",
        "```diff",
        "sophos-ct setup demo",
        "CreateTrail",
        "+ RetentionInDays: 30",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.len() < 65_536);
    assert_eq!(
        text.matches("<details>").count(),
        text.matches("</details>").count()
    );
    let both = [&words[..], &["--format", "json"]].concat();
    assert_eq!(world.run(&both).exits(2).json()["error"]["code"], "usage");
    let pending = [&words[..], &["--detailed-exitcode"]].concat();
    world.run(&pending).exits(7);
}

#[test]
fn a_plan_that_was_applied_does_not_take_back_what_came_after_it() {
    let world = World::new();
    planned(&world, &["plan", "demo", "--retention-days", "30"]);
    apply(&world).exits(0);
    world.setup("demo", &["--retention-days", "365"]).exits(0);
    is_refused(&world, apply, "sophos-ct-demo");
}
