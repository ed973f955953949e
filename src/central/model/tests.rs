//! What the state of a connection means.

use serde_json::json;

use super::*;

impl Connection {
    /// An active connection with these fields.
    pub(crate) fn fixture(more: &Value) -> Self {
        let mut document = json!({
            "id": "0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d21",
            "name": "demo",
            "awsAccountId": "111122223333",
            "status": "active",
            "createdAt": "2026-11-27T12:00:00Z",
            "updatedAt": "2026-11-27T12:00:00Z",
        });
        for (key, value) in more.as_object().unwrap() {
            document[key] = value.clone();
        }
        serde_json::from_value(document).unwrap()
    }
}

fn because(more: &Value) -> Option<String> {
    Connection::fixture(more).because()
}

#[test]
fn a_connection_is_prepared_until_somebody_begins_to_set_it_up() {
    let part = json!({ "kind": "role", "arn": "arn:aws:iam::111122223333:role/r", "ownership": "created" });
    for (more, prepared) in [
        (json!({ "status": "pending" }), true),
        (
            json!({ "status": "pending", "resources": { "items": [] } }),
            true,
        ),
        (
            json!({ "status": "pending", "resources": { "items": [part] } }),
            false,
        ),
        (
            json!({ "status": "pending", "homeRegion": "eu-west-1" }),
            false,
        ),
        (json!({ "status": "active" }), false),
        (json!({ "status": "deleted" }), false),
    ] {
        assert_eq!(Connection::fixture(&more).is_prepared(), prepared, "{more}");
    }
}

#[test]
fn each_reason_of_the_contract_is_said_in_words_and_others_as_central_has_them() {
    for (key, reason, said) in [
        ("pausedBecause", "user", t!("because-user")),
        ("pausedBecause", "license", t!("because-license")),
        ("disconnectedBecause", "silent", t!("because-silent")),
        (
            "disconnectedBecause",
            "identityMismatch",
            t!("because-identity"),
        ),
        ("pausedBecause", "moon", "moon".to_owned()),
    ] {
        assert_eq!(because(&json!({ key: reason })), Some(said), "{reason}");
    }
    assert_eq!(because(&json!({})), None);
}

#[test]
fn what_central_adds_later_is_read_and_taken_for_nothing_good() {
    let connection: Connection = serde_json::from_value(json!({
        "id": "0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d21",
        "name": "demo",
        "awsAccountId": "111122223333",
        "partition": "aws-moon",
        "status": "dreaming",
        "createdAt": "2026-11-27T12:00:00Z",
        "updatedAt": "2026-11-27T12:00:00Z",
    }))
    .unwrap();
    assert_eq!(connection.status, Status::Unknown);
    assert_eq!(connection.partition, None);
    assert!(!connection.signed_in() && !connection.lacks_license());
    assert_eq!(connection.status.as_str(), "unknown");
    let asked = <Status as clap::ValueEnum>::from_str("unknown", true);
    assert!(asked.is_err(), "{asked:?}");
    let receipt: Receipt = serde_json::from_value(json!({
        "bucket": "b",
        "key": "k",
        "outcome": "sampled",
        "reason": "quota",
        "at": "2026-11-27T12:00:00Z",
    }))
    .unwrap();
    assert_eq!(receipt.outcome, Outcome::Unknown);
    assert_eq!(receipt.reason, Some(SkipReason::Unknown));
    let known: Outcome = serde_json::from_value(json!("archived")).unwrap();
    assert_eq!(known, Outcome::Archived);
    let who: IdType = serde_json::from_value(json!("reseller")).unwrap();
    assert_eq!(who, IdType::Unknown);
}
