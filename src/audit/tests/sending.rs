//! The events in which missing files are sent again.

use serde_json::Value;
use sophos_ct_forwarder::event;

use super::*;
use crate::{
    audit::replay::{Event, Events},
    connection::{Feed, fixture},
};

fn events(keys: &[String]) -> Vec<Event> {
    let design = fixture::design(Feed::New);
    let keys = keys.iter().cloned().map(Ok);
    Events::new(&design, keys).map(Result::unwrap).collect()
}

/// The keys that the function reads from events.
fn read(events: &[Event]) -> Vec<String> {
    let bucket = fixture::design(Feed::New).bucket.to_string();
    let objects = events.iter().flat_map(|event| {
        let value: Value = serde_json::from_str(&event.text).unwrap();
        event::read(&value, &bucket, "").objects
    });
    objects.map(|object| object.key).collect()
}

fn key(name: &str) -> String {
    format!("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/24/{name}.json.gz")
}

#[test]
fn the_function_reads_the_keys_that_are_sent_a_hundred_at_a_time() {
    let mut keys: Vec<String> = (0..250).map(|number| key(&number.to_string())).collect();
    keys.extend(["a b", "a+b", "100%", "日本", "a=b&c:d"].map(key));
    let events = events(&keys);
    let files: Vec<u64> = events.iter().map(|event| event.files).collect();
    assert_eq!(files, [100, 100, 55]);
    assert_eq!(read(&events), keys);
}

#[test]
fn an_event_is_never_too_long_for_lambda() {
    let keys: Vec<String> = (0..300)
        .map(|number| key(&format!("{}{number:03}", "日".repeat(290))))
        .collect();
    let events = events(&keys);
    assert!(events.len() > 3, "{}", events.len());
    assert!(events.iter().all(|event| event.text.len() <= 256 * 1024));
    assert_eq!(read(&events), keys);
    assert!(self::events(&[]).is_empty());
}
