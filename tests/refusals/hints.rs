//! The hint of a refusal says what to do next.

use crate::support::{World, wire::Fault};

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

#[test]
fn who_names_an_unknown_connection_can_paste_what_shows_all_of_them() {
    let world = World::new();
    let made = world.setup("demo", &[]).exits(0).json();
    let profile = ["--profile", "log archive"];
    for verb in ["status", "audit", "pause", "accounts"] {
        let words = [&[verb, "nobody", "--format", "json"], &profile[..]].concat();
        let error = world.run(&words).exits(2).json()["error"].clone();
        let hint = error["hint"].as_str().unwrap();
        let command = hint.split('`').nth(1).unwrap();
        assert_eq!(command, "sophos-ct list --all --profile 'log archive'");
        let line = command.replacen("sophos-ct list", "\"$0\" list --format json", 1);
        let listed = world.shell(&line).exits(0).json();
        assert_eq!(listed["connections"][0]["id"], made["connection"]["id"]);
    }
}

#[test]
fn commands_in_hints_have_the_sandbox_flag_in_the_sandbox() {
    let hint = "See `sophos-ct list --all`, `aws configure` and `sophos-ct status demo --sandbox`.";
    let failure = sophos_ct::testing::Failure::usage("x")
        .hinted(hint)
        .in_sandbox();
    assert_eq!(
        failure.hints,
        [
            "See `sophos-ct list --all --sandbox`, `aws configure` and `sophos-ct status demo --sandbox`."
        ]
    );
}
