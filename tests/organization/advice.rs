//! What the program says about an organization: what is missing, which limit is reached, and where Control Tower's logs are.

use serde_json::json;

use super::organize;
use crate::{
    existing,
    support::{World, blocking, wire::Fault},
};

#[test]
fn what_an_organization_lacks_is_said_before_anything_is_written() {
    let world = World::wired();
    let error = |world: &World, flags: &[&str], code: i32| {
        let ran = world.setup("org", flags).exits(code).json();
        assert_eq!(world.wire().writes(), [""; 0]);
        ran["error"]["message"].as_str().unwrap().to_owned()
    };
    let none = error(&world, &["--organization"], 5);
    assert!(none.contains("not in an organization"), "{none}");
    let lonely = error(&world, &["--org-id", "o-0123456789"], 2);
    assert!(lonely.contains("--organization"), "{lonely}");

    let management = World::new();
    let id = organize(&management, &[&world.account]);
    let member = error(&world, &["--organization"], 5);
    assert!(member.contains(&management.account), "{member}");
    let other = error(&world, &["--organization", "--org-id", "o-0123456789"], 2);
    assert!(other.contains(&id), "{other}");
}

#[test]
fn the_trail_limit_counts_the_accounts_own_and_leaves_the_organizations_to_cloudtrail() {
    let management = World::new();
    let mut world = existing::with_trail(false);
    organize(&management, &[&world.account]);
    management.setup("org", &["--organization"]).exits(0);
    let make = |name: String| {
        blocking(async {
            let aws = world.aws().await;
            let make = aws.cloudtrail.create_trail().name(name);
            let make = make
                .s3_bucket_name(format!("theirs-{}", world.account))
                .s3_key_prefix("audit");
            make.send().await.unwrap();
        });
    };
    for number in 2..=4 {
        make(format!("theirs-{number}"));
    }
    // The account has four trails of its own and the organization's, which CloudTrail may or may not count.
    let new = ["--resources", "new", "--accept-cost"];
    let fifth = world.setup("demo", &new).exits(0).json();
    assert_eq!(fifth["result"], "applied");
    let doctor = world.run(&["doctor"]).stdout;
    assert!(doctor.contains("5 of 5 in this region"), "{doctor}");
    world.move_house();
    world.wire().mend();
    let sixth = world.setup("more", &new).exits(5).json();
    assert_eq!(sixth["error"]["code"], "trailLimit");
    let message = sixth["error"]["message"].as_str().unwrap();
    for name in ["theirs", "theirs-4", "sophos-ct-demo"] {
        assert!(message.contains(&format!("trail/{name}")), "{message}");
    }
    assert_eq!(world.wire().writes(), [""; 0]);
    world.remove("demo", &[]).exits(0);
    // A refusal by CloudTrail itself is reported as such, and `remove` takes back what was made.
    let fault = Fault::Code("MaximumNumberOfTrailsExceededException");
    world.wire().fault("cloudtrail:CreateTrail", fault);
    let decided = world.setup("more", &new).exits(6).json();
    let message = decided["error"]["message"].as_str().unwrap();
    assert!(message.contains("AWS's limit"), "{message}");
    world.remove("more", &[]).exits(0);
    management.remove("org", &[]).exits(0);
}

#[test]
fn under_control_tower_the_log_archives_bucket_is_recommended_with_the_command_to_run_there() {
    let management = World::new();
    let archive = World::new();
    let member = World::wired();
    organize(&management, &[&archive.account, &member.account]);
    // On AWS the bucket is the log archive's. Here it is where the trail is made, because CloudTrail checks it there.
    existing::control_tower(&management);
    let words = [
        "plan",
        "demo",
        "--yes",
        "--resources",
        "existing",
        "--trail",
    ];
    let arn = format!(
        "arn:aws:cloudtrail:eu-west-1:{}:trail/aws-controltower-BaselineCloudTrail",
        management.account
    );
    let refused = member.run(&[&words[..], &[&arn]].concat()).exits(2);
    let bucket = format!("aws-controltower-logs-{}", management.account);
    for text in [
        "Control Tower",
        "log archive",
        &format!("--bucket {bucket}"),
    ] {
        assert!(refused.stderr.contains(text), "{text}: {}", refused.stderr);
    }
    assert_eq!(member.wire().writes(), [""; 0]);
    // If no trail is named, the program does not take this one by itself.
    member.run(&["plan", "demo", "--yes"]).exits(2);
}

#[test]
fn doctor_shows_what_the_account_is_in_its_organization_and_where_control_tower_is() {
    let world = World::new();
    let check = |name: &str| -> String {
        let doctor = world.run(&["doctor", "--format", "json"]).json();
        let checks = doctor["checks"].as_array().unwrap();
        let found = checks.iter().find(|check| check["name"] == name).unwrap();
        found["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        check("organization"),
        "the account is not in an organization"
    );
    assert_eq!(
        check("control-tower"),
        "no trail of Control Tower was found here"
    );
    let id = organize(&world, &[]);
    let management = format!("the management account of {id}");
    assert!(check("organization").starts_with(&management));
    let denied = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "organizations:*", "Resource": "*" },
    ]});
    let doctor = world.run_under(&denied.to_string(), &["doctor"]);
    let unseen = "the organization cannot be read: access denied (organizations:DescribeOrganization is missing)";
    assert!(doctor.exits(0).stdout.contains(unseen));
}
