//! Trails of an organization. Here are the organization and the accounts whose log files have arrived; the tests are in the
//! parts.

mod accounts;
mod advice;
mod collecting;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{World, blocking};

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

/// Waits until files of this many accounts have arrived.
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
