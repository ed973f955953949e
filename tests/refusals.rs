//! What is refused, with its exit code, and that nothing is written then.

use crate::support::{Ran, World, blocking, snapshot, wire::Fault};

#[test]
fn bad_answers_are_reported_together_and_change_nothing() {
    let world = World::new();
    let ran = world
        .setup(
            "demo",
            &[
                "--bucket",
                "Not_A_Bucket",
                "--log-retention-days",
                "8",
                "--tag",
                "x",
            ],
        )
        .exits(2);
    let message = ran.json()["error"]["message"].as_str().unwrap().to_owned();
    for flag in ["--bucket", "--log-retention-days", "--tag"] {
        assert!(message.contains(flag), "{message}");
    }
    let usage = world
        .run(&["setup", "--nonsense", "--format", "json"])
        .exits(2)
        .json();
    assert_eq!(usage["error"]["code"], "usage");
    let elsewhere = [
        "--role-arn",
        "arn:aws-cn:iam::123456789012:role/theirs",
        "--dead-letter",
        "arn:aws:sqs:eu-west-1:123456789012:theirs",
        "--kms-key",
        "arn:aws-cn:kms:cn-north-1:123456789012:key/1",
        "--resources",
        "existing",
        "--bucket",
        "theirs",
        "--notify",
        "bucket",
    ];
    let message = world.setup("demo", &elsewhere).exits(2).json()["error"]["message"].to_string();
    for flag in ["--role-arn", "--dead-letter", "--kms-key"] {
        assert!(message.contains(flag), "{message}");
    }
    let alias = [
        "--resources",
        "existing",
        "--bucket",
        "theirs",
        "--kms-key",
        "arn:aws:kms:eu-west-1:123456789012:alias/logs",
        "--permissions-boundary",
        "arn:aws:iam::123456789012:role/boundary",
    ];
    let message = world.setup("demo", &alias).exits(2).json()["error"]["message"].to_string();
    assert!(
        message.contains("alias/logs") && message.contains("role/boundary"),
        "{message}"
    );
    let without_yes = world
        .run(&["setup", "demo", "--format", "json"])
        .exits(2)
        .json();
    assert_eq!(without_yes["error"]["code"], "missingAnswers");
    assert!(
        world.run(&["list", "--format", "json"]).json()["connections"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_wrong_secret_and_an_ended_licence_are_told_apart() {
    let world = World::new();
    let ran = world
        .command(&["list", "--format", "json", "-vv"])
        .env("SOPHOS_CENTRAL_CLIENT_SECRET", "wrong-secret-wrong")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(3));
    let all = [ran.stdout, ran.stderr].concat();
    assert!(!String::from_utf8_lossy(&all).contains("wrong-secret-wrong"));
    world.end_license("2020-01-01");
    assert_eq!(
        world.setup("demo", &[]).exits(4).json()["error"]["code"],
        "licenseRequired"
    );
}

#[test]
fn a_name_clash_with_something_unmarked_is_a_conflict() {
    let world = World::new();
    blocking(async {
        let aws = world.aws().await;
        aws.sns
            .create_topic()
            .name("sophos-ct-clash")
            .send()
            .await
            .unwrap();
    });
    let ran = world.setup("clash", &[]).exits(5).json();
    assert!(
        ran["error"]["message"]
            .as_str()
            .unwrap()
            .contains(":sophos-ct-clash")
    );
    assert!(
        world.run(&["list", "--format", "json"]).json()["connections"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_second_trail_is_refused_without_accept_cost() {
    let world = World::new();
    world.setup("one", &[]).exits(0);
    let ran = world.setup("two", &["--resources", "new"]).exits(2).json();
    let message = ran["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("USD")
            && message.contains("events a month")
            && message.contains("trail/sophos-ct-one"),
        "{message}"
    );
}

#[test]
fn credentials_that_have_ended_or_are_refused_are_told_with_the_request_id_for_support() {
    let world = World::wired();
    // Each as STS has them (recorded, and IAM User Guide).
    for (code, says) in [
        ("ExpiredToken", "sign in to AWS again"),
        ("InvalidToken", "InvalidToken"),
        ("RequestTimeTooSkewed", "RequestTimeTooSkewed"),
        ("TokenRefreshRequired", "TokenRefreshRequired"),
        ("RequestExpired", "RequestExpired"),
        ("OptInRequired", "OptInRequired"),
    ] {
        let fault = Fault::Code(code);
        world.wire().fault("sts:GetCallerIdentity", fault);
        let ran = world.setup("demo", &[]);
        assert_eq!(world.wire().unmet(), [""; 0]);
        assert_eq!(ran.code, 3, "{code}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{code}: {}", ran.stderr);
        assert_eq!(ran.json()["error"]["requestId"], "r", "{code}");
    }
    assert_eq!(world.wire().writes(), [""; 0]);
}

/// Runs with variables of the environment changed, or without those that have no value.
fn with(world: &World, variables: &[(&str, Option<&str>)], arguments: &[&str]) -> Ran {
    let mut command = world.command(arguments);
    for (variable, value) in variables {
        match value {
            Some(value) => command.env(variable, value),
            None => command.env_remove(variable),
        };
    }
    command.output().unwrap().into()
}

#[test]
fn what_cannot_work_is_said_in_one_message_with_its_exit_code_and_nothing_is_written() {
    let world = World::wired();
    let setup = ["setup", "demo", "--yes", "--format", "json"];
    let nowhere = Some("http://127.0.0.1:9");
    let cases: [(&str, Option<&str>, i32, &str); 12] = [
        ("AWS_ACCESS_KEY_ID", None, 3, "AWS credentials"),
        (
            "AWS_ACCESS_KEY_ID",
            Some("AKIA0000000000000000"),
            3,
            "AWS refused the credentials",
        ),
        ("AWS_REGION", None, 2, "region"),
        ("AWS_REGION", Some("moon"), 2, "AWS_REGION: `moon`"),
        ("AWS_ENDPOINT_URL", nowhere, 1, "AWS did not answer"),
        ("AWS_ENDPOINT_URL", Some(""), 2, "AWS_ENDPOINT_URL"),
        (
            "SOPHOS_CENTRAL_CLIENT_SECRET",
            None,
            3,
            "Central credentials",
        ),
        ("SOPHOS_CENTRAL_CLIENT_SECRET", Some("wrong"), 3, "Central"),
        (
            "SOPHOS_CENTRAL_API_URL",
            nowhere,
            1,
            "Central does not answer",
        ),
        (
            "SOPHOS_CENTRAL_API_URL",
            Some("http://example.com"),
            2,
            "https",
        ),
        (
            "SOPHOS_CT_RETENTION_DAYS",
            Some("-1"),
            2,
            "SOPHOS_CT_RETENTION_DAYS",
        ),
        (
            "SOPHOS_CT_EXPECT_ACCOUNT",
            Some("999999999999"),
            5,
            "999999999999",
        ),
    ];
    std::thread::scope(|scope| {
        for (variable, value, code, part) in cases {
            let world = &world;
            scope.spawn(move || {
                let ran = with(world, &[(variable, value)], &setup).exits(code);
                let document = ran.json();
                let message = document["error"]["message"].as_str().unwrap();
                assert!(message.contains(part), "{variable}={value:?}: {message}");
                assert_eq!(document["result"], "failed");
            });
        }
    });
    for (words, code) in [
        (&["setup", "demo", "--yes", "--region", "moon"][..], 2),
        (&["setup", "demo", "--yes", "--profile", "nope"], 3),
        (&["setup", "demo", "--yes", "--tenant", "nope"], 5),
        (&["setup", "demo", "--yes", "--answers", "/nope.toml"], 2),
        (&["setup", "", "--yes"], 2),
        (&["setup", "a\nb", "--yes"], 2),
        (&["status", "nope"], 2),
        (
            &[
                "remove",
                "nope",
                "--yes",
                "--confirm-account",
                "999999999999",
            ],
            2,
        ),
        (&["status", "6f9619ff-8b86-d011-b42d-00c04fc964ff"], 2),
    ] {
        world
            .run(&[words, &["--format", "json"]].concat())
            .exits(code)
            .json();
    }
    assert_eq!(world.wire().writes(), [""; 0]);
}

#[test]
fn a_live_connections_mark_is_not_ours() {
    let world = World::wired();
    let one = world.setup("one", &[]).exits(0).json();
    world.wire().mend();
    let id = one["connection"]["id"].as_str().unwrap();
    let bucket = format!("sophos-ct-one-{}-eu-west-1", world.account);
    let same = [
        "--resources",
        "new",
        "--topic",
        "sophos-ct-one",
        "--role",
        "sophos-ct-one",
        "--function",
        "sophos-ct-one",
        "--bucket",
        &bucket,
        "--trail",
        "sophos-ct-one",
    ];
    let before = snapshot::aws(&world);
    let ran = world.setup("two", &same).exits(5).json();
    let message = ran["error"]["message"].as_str().unwrap();
    for part in [
        ":sophos-ct-one",
        "role/sophos-ct-one",
        "function:sophos-ct-one",
        &bucket,
        "trail/sophos-ct-one",
    ] {
        let named = message.lines().find(|line| line.contains(part));
        assert!(
            named.is_some_and(|line| line.contains(id)),
            "{part}: {message}"
        );
    }
    assert_eq!(world.wire().writes(), [""; 0]);
    assert_eq!(snapshot::aws(&world), before);
}

#[test]
fn a_partner_names_the_tenant_and_expects_it_where_nobody_is_asked() {
    let (world, customer) = World::of_partner();
    let missing = world.setup("demo", &[]).exits(2).json();
    assert_eq!(missing["error"]["code"], "missingAnswers");
    world.setup("demo", &["--tenant", "nobody"]).exits(2);
    let missing = world
        .setup("demo", &["--tenant", &customer])
        .exits(2)
        .json();
    let message = missing["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("--expect-tenant") && message.contains(&customer),
        "{message}"
    );
    world
        .setup(
            "demo",
            &["--tenant", &customer, "--expect-tenant", "another"],
        )
        .exits(5);
    let set_up = world
        .setup("demo", &["--expect-tenant", &customer])
        .exits(0)
        .json();
    assert_eq!(set_up["connection"]["status"], "active");
    let equivalent = set_up["equivalent"].as_str().unwrap();
    assert!(equivalent.contains("--expect-tenant"), "{equivalent}");
    world
        .run(&["status", "demo", "--tenant", &customer])
        .exits(0);
    world.remove("demo", &["--tenant", &customer]).exits(0);
}

#[test]
fn each_refusal_of_cloudtrail_says_what_to_do_next() {
    let world = World::wired();
    let refusals = [
        (
            "InsufficientEncryptionPolicyException",
            "kms:GenerateDataKey*",
        ),
        ("KmsKeyNotFoundException", "region"),
        ("KmsException", "disabled"),
        ("InvalidSnsTopicNameException", "FIFO"),
        ("InvalidHomeRegionException", "--region"),
        (
            "CloudTrailAccessNotEnabledException",
            "enable-aws-service-access",
        ),
        (
            "InsufficientDependencyServiceAccessPermissionException",
            "policy setup-organization",
        ),
        (
            "NotOrganizationMasterAccountException",
            "management account",
        ),
        ("OrganizationsNotInUseException", "--organization"),
        ("OrganizationNotInAllFeaturesModeException", "all features"),
        (
            "NoManagementAccountSLRExistsException",
            "create-service-linked-role",
        ),
        ("CloudTrailInvalidClientTokenIdException", "suspended"),
        ("OperationNotPermittedException", "organization"),
        ("TagsLimitExceededException", "--tag"),
        ("InvalidTrailNameException", "--trail"),
    ];
    for (code, step) in refusals {
        world
            .wire()
            .fault("cloudtrail:CreateTrail", Fault::Code(code));
        let error = world.setup("demo", &[]).exits(6).json()["error"].clone();
        assert!(error["message"].to_string().contains(code), "{error}");
        assert!(error["hint"].to_string().contains(step), "{error}");
    }
    world.wire().fault("cloudtrail:CreateTrail", Fault::Guarded);
    let error = world.setup("demo", &[]).exits(6).json()["error"].clone();
    let hint = error["hint"].to_string();
    assert!(hint.contains("service control policy"), "{error}");
    world.setup("demo", &[]).exits(0);
    world.remove("demo", &[]).exits(0);
}

/// A network that answers everything with its own page.
fn portal() -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 65_536]);
            let page = "<html>Please sign in to the network</html>";
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{page}",
                page.len()
            );
        }
    });
    url
}

#[test]
fn what_stands_between_is_told_from_what_was_asked() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let portal = portal();
    let said = |variables: &[(&str, Option<&str>)], code: i32, parts: &[&str]| {
        let ran = with(&world, variables, &["status", "demo"]).exits(code);
        for part in parts {
            let named = ran.stderr.contains(part);
            assert!(named, "{variables:?} {part}: {}", ran.stderr);
        }
        ran.stderr
    };
    for variable in [
        "AWS_ENDPOINT_URL",
        "SOPHOS_CENTRAL_ID_URL",
        "SOPHOS_CENTRAL_API_URL",
    ] {
        said(&[(variable, Some(&portal))], 1, &["web page"]);
    }
    let profile = [("AWS_PROFILE", Some("bogus")), ("AWS_ACCESS_KEY_ID", None)];
    let text = said(&profile, 3, &["AWS_PROFILE", "`bogus`"]);
    assert!(!text.contains("IMDS"), "{text}");
    let central = Some("https://central.invalid");
    let proxied = [
        ("SOPHOS_CENTRAL_ID_URL", central),
        ("SOPHOS_CENTRAL_API_URL", central),
        ("HTTPS_PROXY", Some("http://someone:secret@127.0.0.1:9")),
    ];
    let named = ["https://central.invalid", "HTTPS_PROXY", "127.0.0.1:9"];
    let text = said(&proxied, 1, &named);
    assert!(
        !text.contains("someone") && !text.contains("secret"),
        "{text}"
    );
    // A proxy does not lead to this very machine.
    let nowhere = Some("http://127.0.0.1:9");
    said(&[("HTTP_PROXY", nowhere), ("http_proxy", nowhere)], 0, &[]);
    let misspelt = [("SOPHOS_CT_BUKCET", Some("x"))];
    let text = said(&misspelt, 0, &["SOPHOS_CT_BUKCET"]);
    assert_eq!(text.matches("SOPHOS_CT_").count(), 1, "{text}");
}

#[test]
fn commands_in_hints_are_those_of_the_sandbox_there() {
    let hint = "See `sophos-ct list --all`, `aws configure` and `sophos-ct status demo --sandbox`.";
    let failure = sophos_ct::ui::Failure::usage("x").hinted(hint).in_sandbox();
    assert_eq!(
        failure.hints,
        [
            "See `sophos-ct list --all --sandbox`, `aws configure` and `sophos-ct status demo --sandbox`."
        ]
    );
}
