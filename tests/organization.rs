//! Trails of an organization.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    existing,
    support::{Ran, World, blocking, fixtures, snapshot, terminal::Terminal, wire::Fault},
};

/// Makes the world's account the management account of an organization with these members.
pub fn organize(world: &World, members: &[&str]) -> String {
    blocking(async {
        let organizations = world.aws().await.organizations;
        let made = organizations.create_organization().send().await.unwrap();
        for member in members {
            let account = organizations.create_account().account_name(*member);
            account.email("someone@example.com").send().await.unwrap();
        }
        made.organization().unwrap().id().unwrap().to_owned()
    })
}

/// An account of its own for each world.
fn member(world: &World) -> String {
    format!("9{}", &world.account[1..])
}

/// The accounts whose files have arrived.
fn received(world: &World, connection: &Value) -> BTreeSet<String> {
    let id = connection["id"].as_str().unwrap();
    let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts");
    let receipts = world.central(&path);
    let receipts = receipts["items"].as_array().unwrap().iter();
    let stored = receipts.filter(|receipt| receipt["outcome"] == "stored");
    stored
        .map(|receipt| {
            let key = receipt["key"].as_str().unwrap();
            key.split('/').nth(2).unwrap().to_owned()
        })
        .collect()
}

/// Waits until files of so many accounts have arrived.
fn received_of(world: &World, connection: &Value, count: usize) -> BTreeSet<String> {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let found = received(world, connection);
        if found.len() >= count {
            return found;
        }
        assert!(std::time::Instant::now() < end, "only {found:?}");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

#[test]
fn a_new_trail_of_the_organization_brings_every_accounts_logs() {
    let world = World::wired();
    let member = member(&world);
    let id = organize(&world, &[&member]);
    let set_up = world
        .setup("org", &["--organization", "--wait-for-logs"])
        .exits(0)
        .json();
    let connection = &set_up["connection"];
    assert_eq!(
        connection["organization"],
        json!({ "id": id, "managementAccountId": world.account })
    );
    let accounts = received_of(&world, connection, 2);
    assert_eq!(accounts, BTreeSet::from([world.account.clone(), member]));
    world.wire().mend();
    assert_eq!(
        world.setup("org", &[]).exits(0).json()["result"],
        "unchanged"
    );
    assert_eq!(world.wire().writes(), [""; 0]);
    world.run(&["status", "org"]).exits(0);
    let listed = world
        .run(&["list", "--organization", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(listed["connections"].as_array().unwrap().len(), 1);

    world.remove("org", &[]).exits(0);
    let left = snapshot::aws(&world);
    let ours = |name: &&String| name.contains("sophos-ct") && !name.starts_with("bucket ");
    assert_eq!(left.keys().find(ours), None);
    // What is of the whole organization stays.
    assert!(
        left.contains_key("role AWSServiceRoleForCloudTrail"),
        "{left:?}"
    );
    blocking(async {
        let organizations = world.aws().await.organizations;
        let trusted = organizations
            .list_aws_service_access_for_organization()
            .send()
            .await
            .unwrap();
        assert_eq!(trusted.enabled_service_principals().len(), 1);
    });
}

#[test]
fn the_limit_of_trails_counts_the_accounts_own_and_cloudtrail_decides_on_the_organizations() {
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
    // Four of its own and the organization's, which CloudTrail may or may not count.
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
    // What CloudTrail itself refuses is told as that, and what was made is taken back.
    let fault = Fault::Code("MaximumNumberOfTrailsExceededException");
    world.wire().fault("cloudtrail:CreateTrail", fault);
    let decided = world.setup("more", &new).exits(6).json();
    let message = decided["error"]["message"].as_str().unwrap();
    assert!(message.contains("AWS's limit"), "{message}");
    world.remove("more", &[]).exits(0);
    management.remove("org", &[]).exits(0);
}

#[test]
fn only_the_wanted_accounts_are_collected() {
    let world = World::new();
    let member = member(&world);
    let id = organize(&world, &[&member]);
    let flags = ["--organization", "--accounts", &member, "--wait-for-logs"];
    let set_up = world.setup("some", &flags).exits(0).json();
    let equivalent = set_up["equivalent"].as_str().unwrap();
    assert!(
        equivalent.contains(&format!("--accounts {member}")),
        "{equivalent}"
    );
    assert_eq!(set_up["connection"]["accounts"], json!([member]));
    world
        .setup("some", &["--accounts", &world.account])
        .exits(2);
    // An id that is no member is said, before it waits for files that never come.
    let stranger = format!("8{}", &world.account[1..]);
    let told = format!("{stranger} is no account of organization {id} today");
    let with_both = format!("{member},{stranger}");
    let plan = ["plan", "other", "--organization", "--accounts", &with_both];
    let plan = world.run(&[&plan[..], &["--connect-again"]].concat());
    assert!(plan.exits(0).stdout.contains(&told));
    let add = world
        .run(&["accounts", "some", "--add", &stranger])
        .exits(0);
    assert!(add.stderr.contains(&told), "{}", add.stderr);
    let mut elsewhere = world.command(&["accounts", "some", "--add", &stranger]);
    elsewhere.env("AWS_SESSION_TOKEN", "of no account");
    let elsewhere: Ran = elsewhere.output().unwrap().into();
    assert!(elsewhere.exits(0).stderr.contains("could not be told"));
    let back = ["accounts", "some", "--set", &member];
    let back = world.run(&back).exits(0);
    assert!(!back.stderr.contains("is no account"), "{}", back.stderr);
    let again = world.setup("some", &flags).exits(0).json();
    assert_eq!(again["result"], "unchanged");
    assert_eq!(
        received(&world, &set_up["connection"]),
        BTreeSet::from([member])
    );
    world.remove("some", &[]).exits(0);
}

#[test]
fn an_existing_trail_of_the_organization_is_subscribed_to() {
    let world = existing::with_trail(true);
    let member = member(&world);
    organize(&world, &[&member]);
    blocking(async {
        let aws = world.aws().await;
        let service = "cloudtrail.amazonaws.com";
        aws.organizations
            .enable_aws_service_access()
            .service_principal(service)
            .send()
            .await
            .unwrap();
        let bucket = format!("theirs-{}", world.account);
        let policy = fixtures::bucket_policy_of(&aws, &bucket).await;
        let everywhere = policy
            .to_string()
            .replace(&format!("AWSLogs/{}/*", world.account), "AWSLogs/*");
        fixtures::bucket_policy(&aws, &bucket, everywhere).await;
        aws.cloudtrail
            .update_trail()
            .name("theirs")
            .is_organization_trail(true)
            .send()
            .await
            .unwrap();
    });
    let before = snapshot::aws(&world);
    let set_up = world
        .setup("org", &["--organization", "--wait-for-logs"])
        .exits(0)
        .json();
    let connection = &set_up["connection"];
    assert_eq!(connection["mode"], "existing");
    assert_eq!(
        connection["organization"]["managementAccountId"],
        world.account.as_str()
    );
    let id = connection["id"].as_str().unwrap();
    let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts");
    let receipts = world.central(&path).to_string();
    assert!(
        receipts.contains("audit/AWSLogs/o-")
            && receipts.contains(&format!("/{member}/CloudTrail/")),
        "{receipts}"
    );
    world.remove("org", &[]).exits(0);
    assert_eq!(snapshot::aws(&world), before);
}

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
fn an_organizations_trail_can_be_made_under_the_printed_policy() {
    let world = World::new();
    organize(&world, &[]);
    let account = world.account.as_str();
    let policy = world.printed_policy(
        "setup-organization",
        "org",
        &["--management-account", account],
    );
    let ran = world
        .run_under(&policy, &["setup", "org", "--organization", "--yes"])
        .exits(0);
    assert!(ran.stderr.contains("is active"), "{}", ran.stderr);
}

#[test]
fn a_list_of_20_000_accounts_is_set_and_changed_and_counts_from_the_next_file_on() {
    let world = World::wired();
    let member = member(&world);
    organize(&world, &[&member]);
    let set_up = world
        .setup("big", &["--organization", "--wait-for-logs"])
        .exits(0)
        .json();
    let connection = &set_up["connection"];
    let accounts = |flags: &[&str], code: i32| -> Value {
        let words = [&["accounts", "big", "--format", "json"], flags].concat();
        world.run(&words).exits(code).json()
    };
    assert_eq!(
        accounts(&[], 0)["connection"]["accounts"]
            .as_array()
            .map_or(0, Vec::len),
        0
    );
    accounts(&["--add", &member], 2);
    // 19,999 others and the member: of those that are there, its files alone are collected from now on.
    let mut list: Vec<String> = (0..19_999)
        .map(|number| format!("{:012}", 300_000_000_000_u64 + number))
        .collect();
    list.push(member.clone());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), list.join("\n")).unwrap();
    let from_file = format!("@{}", file.path().display());
    let set = accounts(&["--set", &from_file], 0);
    assert_eq!(
        set["connection"]["accounts"].as_array().unwrap().len(),
        20_000
    );
    accounts(&["--add", &world.account], 2);
    let changed = accounts(&["--remove", "300000000000", "--add", "111111111111"], 0);
    let changed = changed["connection"]["accounts"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(
        (changed.len(), &changed[0]),
        (20_000, &json!("111111111111"))
    );
    let complaint = accounts(&["--set", "12,34"], 2);
    assert!(
        complaint["error"]["message"]
            .as_str()
            .unwrap()
            .contains("`34`")
    );

    let id = connection["id"].as_str().unwrap();
    let path =
        format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts?pageSize=500");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let receipts = world.central(&path)["items"].as_array().unwrap().clone();
        let skipped = receipts
            .iter()
            .filter(|receipt| receipt["reason"] == "accountNotSelected");
        let keys: Vec<&str> = skipped
            .filter_map(|receipt| receipt["key"].as_str())
            .collect();
        if !keys.is_empty() {
            assert!(
                keys.iter().all(|key| key.contains(&world.account)),
                "{keys:?}"
            );
            let read = world.wire().read_by_function();
            let was_read = |key: &&str| read.iter().any(|path| path.ends_with(key));
            assert!(!read.is_empty());
            assert!(!keys.iter().any(was_read), "{read:?}");
            break;
        }
        assert!(std::time::Instant::now() < end, "nothing was skipped");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    let all = accounts(&["--all"], 0);
    assert_eq!(
        all["connection"]["accounts"].as_array().map_or(0, Vec::len),
        0
    );
    world.remove("big", &[]).exits(0);
}

#[test]
fn a_delegated_administrator_makes_the_trail_by_its_arn() {
    let management = World::new();
    let delegated = World::wired();
    organize(&management, &[&delegated.account]);
    let flags = ["--organization", "--wait-for-logs"];
    delegated.setup("org", &flags).exits(5);
    blocking(async {
        let organizations = management.aws().await.organizations;
        let cloudtrail = "cloudtrail.amazonaws.com";
        let register = organizations
            .register_delegated_administrator()
            .account_id(&delegated.account);
        register.service_principal(cloudtrail).send().await.unwrap();
    });
    let untrusted = delegated.setup("org", &flags).exits(5).json();
    assert!(
        untrusted["error"]["message"]
            .as_str()
            .unwrap()
            .contains("trusted access")
    );
    assert_eq!(delegated.wire().writes(), [""; 0]);
    blocking(async {
        let organizations = management.aws().await.organizations;
        let enable = organizations
            .enable_aws_service_access()
            .service_principal("cloudtrail.amazonaws.com");
        enable.send().await.unwrap();
    });
    let before = snapshot::aws(&delegated);
    let set_up = delegated.setup("org", &flags).exits(0).json();
    let steps = set_up["steps"].as_array().unwrap();
    let trail = steps.iter().find(|step| step["kind"] == "trail").unwrap();
    let owner = format!(":{}:trail/", management.account);
    assert!(trail["arn"].as_str().unwrap().contains(&owner), "{trail}");
    let accounts = received_of(&delegated, &set_up["connection"], 2);
    assert!(accounts.contains(&management.account));
    assert_eq!(
        delegated.setup("org", &[]).exits(0).json()["result"],
        "unchanged"
    );
    delegated.remove("org", &[]).exits(0);
    let mut after = snapshot::aws(&delegated);
    after.retain(|name, _| !name.starts_with("bucket "));
    assert_eq!(after, before);
}

#[test]
fn accounts_are_picked_from_a_searchable_list_or_typed_where_it_cannot_be_seen() {
    let world = World::new();
    let members: Vec<String> = (10..55)
        .map(|n| format!("8{n}{}", &world.account[3..]))
        .collect();
    let names: Vec<&str> = members.iter().map(String::as_str).collect();
    organize(&world, &names);
    let words = ["plan", "org", "--resources", "new"];
    let accounts = |screen: &str| {
        let line = screen
            .lines()
            .find(|line| line.contains("--accounts"))
            .map(ToOwned::to_owned);
        line.unwrap_or_else(|| panic!("{screen}"))
    };
    let mut terminal = Terminal::run(&world, "exec \"$@\"", &words);
    terminal.answer("an AWS organization?", "y");
    terminal.answer("Which accounts", "\x1b[B\r");
    // Found by typing, far below what a screen shows.
    terminal.answer_list("none ticked yet", &format!("{}\r", &members[40][..4]));
    terminal.answer_list("1 ticked", &format!("{}\r", &members[7][..4]));
    terminal.answer_list("2 ticked", "Done\r");
    terminal.answer("these names?", "\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    let screen = terminal.screen();
    let line = accounts(&screen);
    assert!(
        line.contains(&members[40]) && line.contains(&members[7]),
        "{screen}"
    );
    assert!(screen.contains("Logs of 2 accounts of AWS"), "{screen}");

    let policy = world.printed_policy("setup-organization", "org", &[]);
    let blind = policy.replace(
        "organizations:ListAccounts",
        "organizations:DescribeAccount",
    );
    let mut command = world.command(&words);
    command.envs(world.role(&blind));
    let mut terminal = Terminal::of(&command, "exec \"$@\"");
    terminal.answer("an AWS organization?", "y");
    terminal.answer("Which accounts", "\x1b[B\r");
    terminal.answer("Account ids", &format!("{},{}\r", members[3], members[3]));
    terminal.answer("these names?", "\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("organizations:ListAccounts"), "{screen}");
    assert_eq!(
        accounts(&screen).matches(&members[3]).count(),
        1,
        "{screen}"
    );
}

#[test]
fn under_control_tower_the_log_archives_bucket_is_recommended_with_the_command_to_run_there() {
    let management = World::new();
    let archive = World::new();
    let member = World::wired();
    organize(&management, &[&archive.account, &member.account]);
    // The trail's bucket is the log archive's; CloudTrail looks at it from where the trail is made.
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
    // Where nothing is named, the wizard says the same, and does not take the trail by itself.
    member.run(&["plan", "demo", "--yes"]).exits(2);
}

#[test]
fn doctor_tells_what_the_account_is_in_its_organization_and_where_control_tower_is() {
    let world = World::new();
    let check = |name: &str| -> String {
        let doctor = world.run(&["doctor", "--format", "json"]).json();
        let checks = doctor["checks"].as_array().unwrap();
        let found = checks.iter().find(|check| check["name"] == name).unwrap();
        found["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(check("organization"), "the account is in no organization");
    assert_eq!(
        check("control-tower"),
        "no trail of Control Tower is seen here"
    );
    let id = organize(&world, &[]);
    let management = format!("the management account of {id}");
    assert!(check("organization").starts_with(&management));
    let denied = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "organizations:*", "Resource": "*" },
    ]});
    let doctor = world.run_under(&denied.to_string(), &["doctor"]);
    let unseen = "the caller may not see it (organizations:DescribeOrganization)";
    assert!(doctor.exits(0).stdout.contains(unseen));
}
