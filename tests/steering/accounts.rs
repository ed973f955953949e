//! `accounts` shows names beside ids where AWS tells them, and says so where there is no organization.

use serde_json::{Value, json};

use super::{says, without_aws};
use crate::{
    organization::organize,
    support::{World, blocking},
};

/// Adds an account with this name to the organization of a world.
fn join(world: &World, id: &str, name: &str) {
    blocking(async {
        let organizations = world.aws().await.organizations;
        let create = organizations.create_account().account_name(name);
        // The sandbox takes the id from the address.
        let create = create.email(format!("{id}@example.com"));
        create.send().await.unwrap();
    });
}

#[test]
fn without_an_organization_it_is_said_on_stdout_and_in_json() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    for (language, said) in [("en", "it has one account"), ("ja", "1 つのアカウント")] {
        let ran = without_aws(&world, language, &["accounts", "demo"]).exits(0);
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
    }
    let json = ["accounts", "demo", "--format", "json"];
    let document = without_aws(&world, "en", &json).exits(0).json();
    let organization = document["connection"].get("organization");
    assert_eq!(organization, Some(&Value::Null));
    assert!(document.get("names").is_none(), "{document}");
    says(
        &world,
        &["accounts", "demo", "--all"],
        2,
        ["one account", "1 つのアカウント"],
    );
}

#[test]
fn names_stand_beside_ids_where_organizations_may_be_read_and_else_ids_alone() {
    let world = World::new();
    organize(&world, &[]);
    let (shop, stranger) = (format!("8{}", &world.account[1..]), "799999999999");
    join(&world, &shop, "Web shop");
    world.setup("demo", &["--organization"]).exits(0);
    let all = ["All accounts of the organization", "組織の全アカウント"];
    says(&world, &["accounts", "demo"], 0, all);
    let list = format!("{shop},{stranger}");
    let set = ["accounts", "demo", "--set", &list];
    // The stranger is taken only where nobody can tell that it is one.
    world.run(&set).exits(2);
    says(&world, &set, 0, ["could not be checked", "確認できません"]);
    let accounts = ["accounts", "demo"];
    let lines = |text: &str| -> Vec<String> { text.lines().map(ToOwned::to_owned).collect() };
    let mut named = vec![format!("{shop}  Web shop"), stranger.to_owned()];
    named.sort();
    assert_eq!(lines(&world.run(&accounts).exits(0).stdout), named);
    let json = [&accounts[..], &["--format", "json"]].concat();
    let document = world.run(&json).exits(0).json();
    assert_eq!(document["names"], json!({ &shop: "Web shop" }));
    let words = world.run(&["accounts", "demo", "--accessible"]).exits(0);
    let line = format!("{shop}: Web shop");
    assert!(words.stdout.contains(&line), "{}", words.stdout);

    let mut ids = vec![shop, stranger.to_owned()];
    ids.sort();
    let unnamed = ["The names of the accounts could not", "アカウントの名前を"];
    for (language, said) in ["en", "ja"].into_iter().zip(unnamed) {
        let ran = without_aws(&world, language, &accounts).exits(0);
        assert_eq!(lines(&ran.stdout), ids);
        assert_eq!(ran.stderr.matches(said).count(), 1, "{}", ran.stderr);
    }
    let policy = world.printed_policy("accounts", "demo", &[]);
    let blind = policy.replace("organizations:ListAccounts", "organizations:ListRoots");
    let denied = world.run_under(&blind, &accounts).exits(0);
    assert_eq!(lines(&denied.stdout), ids);
    let denied = denied.stderr;
    assert!(denied.contains("organizations:ListAccounts"), "{denied}");
    // A warning of what cannot be checked says enough.
    let set = world.run_under(&blind, &["accounts", "demo", "--set", stranger]);
    let set = set.exits(0).stderr;
    assert!(
        !set.contains(unnamed[0]) && set.contains("could not be checked"),
        "{set}"
    );
}
