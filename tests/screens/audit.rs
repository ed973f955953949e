//! Screens of `audit` over a past day that does not change: what arrived, what is missing and what is proved.

use serde_json::json;

use super::{USUAL, screen, screens_of_each_width};
use crate::support::{
    World, blocking, control,
    past::{Past, delete, flip},
};

/// The window of the past.
const DAY: [&str; 4] = [
    "--since",
    "2026-01-05T00:00:00Z",
    "--until",
    "2026-01-06T00:00:00Z",
];

#[test]
fn an_audit_tells_what_is_missing_and_a_certificate_what_is_proved() {
    let world = World::new();
    let set_up = world.setup("demo", &["--wait-for-logs"]).exits(0).json();
    let id = set_up["connection"]["id"].as_str().unwrap();
    // Otherwise the day were before the connection.
    world.rewrite(id, &json!({ "createdAt": "2026-01-01T00:00:00Z" }));
    let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
    let [_, since, _, until] = DAY;
    let wanted = json!({ "since": since, "until": until, "files": 48 });
    let past = Past::make(&world, &bucket, "sophos-ct-demo", &wanted);
    let audit = [&["audit", "demo"], &DAY[..]].concat();
    world.run(&[&audit[..], &["--replay"]].concat()).exits(0);
    let whole = [&audit[..], &["--certify"]].concat();
    for look in USUAL {
        screen("audit_whole", &world, look, &whole, &[]);
    }
    let path = format!("/_sandbox/connections/{id}/receipts");
    control("DELETE", &path, &json!(past.logs[20..23]));
    blocking(async {
        let aws = world.aws().await;
        flip(&aws, &bucket, &past.logs[4]).await;
        delete(&aws, &bucket, &past.logs[8]).await;
        delete(&aws, &bucket, &past.digests[12]).await;
    });
    screens_of_each_width("audit_missing", &world, &audit, &[]);
    screens_of_each_width("audit_certify", &world, &whole, &[]);
}
