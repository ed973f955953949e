//! Log files of every account arrive, from a trail of ours or from the organization's own.

use std::collections::BTreeSet;

use serde_json::json;

use super::{organize, received_of};
use crate::{
    existing,
    support::{World, blocking, fixtures, snapshot},
};

#[test]
fn a_new_trail_of_the_organization_brings_every_accounts_logs() {
    let world = World::wired();
    let member = world.member();
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
    // What belongs to the whole organization stays.
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
fn an_existing_trail_of_the_organization_is_subscribed_to() {
    let world = existing::with_trail(true);
    let member = world.member();
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
