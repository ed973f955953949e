//! What 5,000 connections cost. This is a benchmark and is run by hand.

use std::time::Instant;

use serde_json::json;

use crate::support::{Ran, World};

const CONNECTIONS: u64 = 5000;
/// The most that a page can have (contract: `listConnections`).
const PAGE: u64 = 200;

#[test]
#[ignore = "a benchmark: cargo test --test suite five_thousand -- --ignored --nocapture"]
fn five_thousand_connections_are_listed_page_by_page_and_completed_from_a_few_pages() {
    let world = World::wired();
    for number in 0..CONNECTIONS {
        let new = json!({
            "name": format!("customer-{number:04}"), "awsAccountId": format!("3000{number:08}"),
            "partition": "aws", "homeRegion": "eu-west-1", "mode": "new", "settings": {},
            "resources": { "complete": false, "items": [] },
        });
        let id = format!("00000000-0000-4000-8000-{:012x}", first_id(&world) + number);
        world.put_connection(&id, &new);
    }
    let pages = || {
        let calls = world.wire().calls();
        let pages = calls
            .iter()
            .filter(|call| call.name == "central:GET connections");
        pages.count() as u64
    };
    for words in [&["list"][..], &["list", "--format", "json"]] {
        let (before, begun) = (pages(), Instant::now());
        let ran = world.run(words).exits(0);
        println!("{words:?}: {} ms", begun.elapsed().as_millis());
        assert_eq!(pages() - before, CONNECTIONS / PAGE);
        assert!(ran.stdout.contains("customer-4999"));
    }
    let (before, begun) = (pages(), Instant::now());
    let offered = completed(&world, "customer-00");
    println!("completion: {} ms", begun.elapsed().as_millis());
    assert!(
        offered.stdout.contains("customer-0000"),
        "{}",
        offered.stdout
    );
    assert!(pages() - before <= 5);
}

/// The number from which the ids of this world's connections are counted.
fn first_id(world: &World) -> u64 {
    world.account.parse::<u64>().unwrap() * CONNECTIONS % (1 << 47)
}

/// What the program offers for the beginning of a connection's name, as bash would ask.
fn completed(world: &World, typed: &str) -> Ran {
    let mut command = world.command(&["--", "sophos-ct", "status", typed]);
    command
        .env("SOPHOS_CT_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", "2")
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_IFS", "\n");
    command.output().unwrap().into()
}
