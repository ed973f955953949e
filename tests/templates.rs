//! Plans as templates, and the zip of the function for them: what the ecosystem's own tools say, and one template applied.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use aws_sdk_cloudtrail::types::Tag as TrailTag;
use aws_sdk_s3::types::{Tag, Tagging};
use serde_json::{Value, json};

use crate::{
    existing::with_trail,
    organization::organize,
    support::{World, blocking, cloudformation, environment, fixtures, snapshot},
};

/// Prints a plan as a template.
#[track_caller]
fn template(world: &World, form: &str, words: &[&str]) -> Value {
    let plan = ["plan", "demo", "--no-input", "--as", form];
    let ran = world.run(&[&plan[..], words].concat()).exits(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// Writes the function's zip, and returns what is said of it.
fn package(world: &World) -> Value {
    let words = ["package", "--out", "f.zip", "--sandbox", "--format", "json"];
    world.run(&words).exits(0).json()
}

/// Worlds with a plan each that a template can express, and the words that it takes.
fn expressible() -> Vec<(World, Vec<String>)> {
    let all = World::new();
    let topic = blocking(async {
        let made = all.aws().await.sns.create_topic().name("pager").send();
        made.await.unwrap().topic_arn().unwrap().to_owned()
    });
    let queue = format!("arn:aws:sqs:eu-west-1:{}:lost", all.account);
    let words = [
        "--alarm",
        &topic,
        "--dead-letter",
        &queue,
        "--retention-days",
        "90",
        "--prefix",
        "logs",
        "--tag",
        "team=security",
    ];
    let words = words.map(ToOwned::to_owned).to_vec();
    let company = World::new();
    organize(&company, &[]);
    blocking(async {
        let aws = company.aws().await;
        let service = "cloudtrail.amazonaws.com";
        let trusted = aws.organizations.enable_aws_service_access();
        trusted.service_principal(service).send().await.unwrap();
        let role = aws.iam.create_service_linked_role();
        role.aws_service_name(service).send().await.unwrap();
    });
    vec![
        (World::new(), Vec::new()),
        (all, words),
        (company, vec!["--organization".to_owned()]),
        (
            with_trail(true),
            ["--resources", "existing", "--trail", "theirs"]
                .map(ToOwned::to_owned)
                .to_vec(),
        ),
    ]
}

fn lint(file: &Path) -> Output {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    let made = MADE.get_or_init(|| environment("cfn-lint", include_str!("data/cfn-lint.txt"), &[]));
    // SNS itself writes the older version into the policy of a topic.
    Command::new(made.join("bin/cfn-lint"))
        .args(["--regions", "eu-west-1", "--ignore-checks", "W2511"])
        .arg("--template")
        .arg(file)
        .output()
        .unwrap()
}

#[test]
fn cfn_lint_finds_nothing_in_a_template() {
    for (world, words) in expressible() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let template = template(&world, "cloudformation", &words);
        let file = world.home().join("template.json");
        std::fs::write(&file, template.to_string()).unwrap();
        let output = lint(&file);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{words:?}: {said}");
        // It does find what is wrong.
        let mut wrong = template;
        wrong["Resources"]["Function"]["Properties"]["Nonsense"] = json!(1);
        std::fs::write(&file, wrong.to_string()).unwrap();
        assert!(!lint(&file).status.success());
    }
}

/// What checkov wants beyond what setup makes, or where it does not know a default: S3 blocks public access to every new bucket and
/// encrypts what is in it (S3 User Guide, "Default settings for new S3 buckets").
const BEYOND: [&str; 12] = [
    "CKV_AWS_18",  // access logs of the log bucket
    "CKV_AWS_21",  // versions of log files
    "CKV_AWS_26",  // a key for a topic that only has names of log files
    "CKV_AWS_35",  // a customer's key for log files
    "CKV_AWS_53",  // the default
    "CKV_AWS_54",  // the default
    "CKV_AWS_55",  // the default
    "CKV_AWS_56",  // the default
    "CKV_AWS_115", // concurrency is the customer's
    "CKV_AWS_117", // it calls nothing in a VPC
    "CKV_AWS_158", // a customer's key for the function's log
    "CKV_AWS_173", // nothing in the environment is secret
];

#[test]
#[ignore = "installs checkov, which takes minutes"]
fn checkov_finds_nothing_but_what_setup_leaves_to_the_customer() {
    let made = environment("checkov", include_str!("data/checkov.txt"), &[]);
    for (world, words) in expressible() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let template = template(&world, "cloudformation", &words);
        let file = world.home().join("template.json");
        std::fs::write(&file, template.to_string()).unwrap();
        let output = Command::new(made.join("bin/checkov"))
            .args(["--framework", "cloudformation", "--compact", "--quiet"])
            .args(["--skip-check", &BEYOND.join(","), "--file"])
            .arg(file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{words:?}: {said}");
    }
}

#[test]
fn a_template_writes_nothing_and_says_how_to_go_on() {
    let world = World::new();
    let plan = ["plan", "demo", "--no-input", "--as"];
    for (form, next) in [
        ("cloudformation", "aws cloudformation deploy"),
        ("terraform", "terraform apply"),
    ] {
        let ran = world.run(&[&plan[..], &[form]].concat()).exits(0);
        assert!(ran.stderr.contains(next), "{}", ran.stderr);
        let account = format!("--expect-account {}", world.account);
        for part in ["setup demo --adopt --region eu-west-1", &account] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
        assert!(!ran.stderr.contains("USD"), "{}", ran.stderr);
    }
    let beside = with_trail(false);
    let words = [&plan[..], &["cloudformation", "--resources", "new"]].concat();
    let ran = beside.run(&words).exits(0);
    let price = "USD 2.00 per 100,000";
    assert!(ran.stderr.contains(price), "{}", ran.stderr);
    let adopt = ran.stderr.lines().last().unwrap();
    assert!(adopt.contains("--adopt"), "{adopt}");
    assert!(adopt.contains("--resources new"), "{adopt}");
    serde_json::from_str::<Value>(&ran.stdout).unwrap();
    let terraform = template(&world, "terraform", &[]);
    let account = &terraform["provider"]["aws"]["allowed_account_ids"][0];
    assert_eq!(account, world.account.as_str());
    assert!(snapshot::aws(&world).is_empty());
    assert!(snapshot::central(&world).is_empty());
    let json = [&plan[..], &["terraform", "--format", "json"]].concat();
    assert_eq!(world.run(&json).exits(2).json()["error"]["code"], "usage");
}

#[test]
fn what_a_template_cannot_express_is_refused_and_named() {
    for notify in ["trail", "bucket", "eventbridge"] {
        let world = with_trail(false);
        let words = ["plan", "demo", "--resources", "existing"];
        let more = [
            "--trail",
            "theirs",
            "--notify",
            notify,
            "--no-input",
            "--as",
        ];
        for form in ["cloudformation", "terraform"] {
            let ran = world.run(&[&words[..], &more, &[form]].concat()).exits(2);
            assert_eq!(ran.stdout, "", "{notify}");
            let named = if notify == "trail" {
                "trail/theirs"
            } else {
                "arn:aws:s3:::"
            };
            assert!(ran.stderr.contains(named), "{notify}: {}", ran.stderr);
            let hint = "`sophos-ct setup demo`";
            assert!(ran.stderr.contains(hint), "{notify}: {}", ran.stderr);
        }
    }
    let world = World::new();
    let words = ["plan", "demo", "--no-input", "--as", "cloudformation"];
    let tags: Vec<String> = (0..48).map(|one| format!("--tag=t{one}=x")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let many = world.run(&[&words[..], &tags].concat()).exits(2).stderr;
    assert!(
        many.contains("--tag") && !many.contains("without --as"),
        "{many}"
    );
    world.setup("demo", &[]).exits(0);
    let made = world.run(&words).exits(2).stderr;
    assert!(!made.contains("without --as"), "{made}");
}

#[test]
fn the_zip_of_package_is_the_one_that_setup_uploads() {
    let world = World::new();
    let said = package(&world);
    let file = world.home().join("f.zip");
    let first = std::fs::read(&file).unwrap();
    assert_eq!(said["bytes"], first.len());
    assert_eq!(package(&world), said);
    assert_eq!(std::fs::read(&file).unwrap(), first);
    world.setup("demo", &[]).exits(0);
    let deployed = blocking(async {
        let lambda = world.aws().await.lambda;
        let function = lambda.get_function().function_name("sophos-ct-demo");
        let found = function.send().await.unwrap();
        let configuration = found.configuration().unwrap();
        configuration.code_sha256().unwrap().to_owned()
    });
    assert_eq!(said["codeSha256"], deployed);
    let template = template(&World::new(), "cloudformation", &[]);
    assert_eq!(template["Parameters"]["CodeKey"]["Default"], said["key"]);
    world
        .run(&["package", "--out", "no/such/f.zip", "--sandbox"])
        .exits(2);
    let ran = world.run(&["package", "--out", "f.zip", "--forwarder", "nothing"]);
    assert!(ran.exits(2).stderr.contains("--forwarder"));
}

/// A value of the template as the account has it.
fn resolved(world: &World, template: &Value, value: &Value) -> Value {
    let parameter = |name: &str| template["Parameters"][name]["Default"].clone();
    if let Some(text) = value["Fn::Sub"].as_str() {
        let id = parameter("ConnectionId");
        let text = text
            .replace("${ConnectionId}", id.as_str().unwrap())
            .replace("${AWS::Partition}", "aws")
            .replace("${AWS::AccountId}", &world.account)
            .replace("${AWS::Region}", "eu-west-1");
        return text.into();
    }
    match value {
        Value::Array(list) => list
            .iter()
            .map(|one| resolved(world, template, one))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, one)| (name.clone(), resolved(world, template, one)))
            .collect(),
        other => other.clone(),
    }
}

/// Creates a stack, and waits until it is complete.
fn stack(world: &World, template: &Value, bucket: &str) {
    let version = ("Version", "2010-05-15");
    let name = ("StackName", "collecting");
    let body = template.to_string();
    let made = cloudformation(
        &world.account,
        &[
            ("Action", "CreateStack"),
            version,
            name,
            ("TemplateBody", &body),
            ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
            ("Parameters.member.1.ParameterKey", "CodeBucket"),
            ("Parameters.member.1.ParameterValue", bucket),
        ],
    );
    assert!(made.contains("StackId"), "{made}");
    for _ in 0..300 {
        let action = ("Action", "DescribeStacks");
        let found = cloudformation(&world.account, &[action, version, name]);
        if found.contains("CREATE_COMPLETE") {
            return;
        }
        assert!(found.contains("CREATE_IN_PROGRESS"), "{found}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("the stack is not complete");
}

/// Makes what the emulator's CloudFormation leaves out, from what the template says: it has no trails, and sets no tags on buckets.
async fn complete(world: &World, bucket: &Value, trail: &Value) {
    let aws = world.aws().await;
    let pairs = |properties: &Value| -> Vec<(String, String)> {
        let tags = properties["Tags"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        tags.map(|tag| (text(&tag["Key"]), text(&tag["Value"])))
            .collect()
    };
    let tags = pairs(bucket).into_iter();
    let tags = tags.map(|(key, value)| Tag::builder().key(key).value(value).build().unwrap());
    let tags = Tagging::builder().set_tag_set(Some(tags.collect()));
    let put = aws.s3.put_bucket_tagging();
    put.bucket(bucket["BucketName"].as_str().unwrap())
        .tagging(tags.build().unwrap())
        .send()
        .await
        .unwrap();
    let tags = pairs(trail).into_iter();
    let tags = tags.map(|(key, value)| TrailTag::builder().key(key).value(value).build().unwrap());
    let name = trail["TrailName"].as_str().unwrap();
    let make = aws.cloudtrail.create_trail().name(name);
    make.s3_bucket_name(trail["S3BucketName"].as_str().unwrap())
        .sns_topic_name(trail["SnsTopicName"].as_str().unwrap())
        .include_global_service_events(trail["IncludeGlobalServiceEvents"] == true)
        .is_multi_region_trail(trail["IsMultiRegionTrail"] == true)
        .enable_log_file_validation(trail["EnableLogFileValidation"] == true)
        .is_organization_trail(trail["IsOrganizationTrail"] == true)
        .set_tags_list(Some(tags.collect()))
        .send()
        .await
        .unwrap();
    aws.cloudtrail
        .start_logging()
        .name(name)
        .send()
        .await
        .unwrap();
}

#[test]
fn what_cloudformation_makes_of_a_template_is_adopted_and_logs_arrive() {
    let world = World::new();
    let mut template = template(&world, "cloudformation", &[]);
    let id = template["Parameters"]["ConnectionId"]["Default"].clone();
    let properties = |name: &str| {
        let properties = &template["Resources"][name]["Properties"];
        resolved(&world, &template, properties)
    };
    let (bucket, trail) = (properties("Bucket"), properties("Trail"));
    let role = properties("Role");
    package(&world);
    let code = format!("code-{}", world.account);
    blocking(async {
        let aws = world.aws().await;
        fixtures::bucket(&aws, &code).await;
        let zip = std::fs::read(world.home().join("f.zip")).unwrap();
        let key = template["Parameters"]["CodeKey"]["Default"].as_str();
        let put = aws.s3.put_object().bucket(&code).key(key.unwrap());
        put.body(zip.into()).send().await.unwrap();
    });
    template["Resources"]
        .as_object_mut()
        .unwrap()
        .shift_remove("Trail");
    stack(&world, &template, &code);
    blocking(async {
        complete(&world, &bucket, &trail).await;
        let aws = world.aws().await;
        let policy = role["Policies"][0].clone();
        let found = aws.iam.get_role_policy().role_name("sophos-ct-demo");
        let found = found.policy_name(policy["PolicyName"].as_str().unwrap());
        found.send().await.unwrap();
    });
    let adopted = world
        .setup("demo", &["--adopt", "--wait-for-logs"])
        .exits(0);
    assert_eq!(adopted.json()["connection"]["id"], id);
    world.run(&["status", "demo"]).exits(0);
    let kept = world.remove("demo", &[]).exits(6);
    assert!(kept.stderr.contains("collecting") || kept.stdout.contains("collecting"));
    // The template of an adopted connection is the same again.
    let plan = ["plan", "demo", "--no-input", "--as", "cloudformation"];
    let again = world.run(&plan).exits(0).stdout;
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["Parameters"]["ConnectionId"]["Default"], id);
    assert_eq!(
        again["Resources"]["Trail"]["Type"],
        "AWS::CloudTrail::Trail"
    );
}
