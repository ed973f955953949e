//! Screens of `pause`, `resume` and `rename`, and of what the end of a licence means.

use serde_json::json;

use super::{USUAL, screen, screens_of_each_width};
use crate::support::World;

#[test]
fn a_connection_is_paused_resumed_and_renamed() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    for look in USUAL {
        for (name, verb) in [
            ("pause", "pause"),
            ("pause_again", "pause"),
            ("resume", "resume"),
            ("resume_again", "resume"),
        ] {
            screen(name, &world, look, &[verb, "demo"], &[]);
        }
        screen("rename", &world, look, &["rename", "demo", "fourth"], &[]);
        world.run(&["rename", "fourth", "demo"]).exits(0);
    }
}

#[test]
fn an_ended_licence_and_an_unfinished_setup_are_said() {
    let world = World::wired();
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    let received = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(3 * 3600 + 60);
    let told = json!({ "lastReceivedAt": received.to_string(), "receivedObjects": 1234 });
    world.wire().tell(&told);
    let id = format!("00000000-0000-4000-8000-{}", world.account);
    let new = json!({
        "name": "eighth", "awsAccountId": world.account, "partition": "aws", "homeRegion": "eu-west-1",
        "mode": "new", "settings": {}, "resources": { "complete": false, "items": [] },
    });
    world.put_connection(&id, &new);
    world.end_license("2020-01-01");
    screens_of_each_width("resume_licence", &world, &["resume", "demo"], &[]);
    screens_of_each_width("pause_pending", &world, &["pause", "eighth"], &[]);
    screens_of_each_width("list_licence", &world, &["list", "--status", "paused"], &[]);
    screens_of_each_width("accounts_licence", &world, &["accounts", "demo"], &[]);
}
