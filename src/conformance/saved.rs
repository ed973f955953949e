//! The connections that the checks save: their ids, names and bodies.

use reqwest::Method;
use serde_json::{Value, json};

use super::{answer::Ask, bench::Bench};

impl Bench {
    /// The request that saves a connection. What it makes is deleted at the end.
    pub(super) fn put(&self, id: &str, body: Value) -> Ask {
        let ask = self.of("putConnection", Method::PUT, &format!("/{id}"));
        ask.with("if-none-match", "*").json(body)
    }

    /// A name that no other run uses.
    pub(super) fn name(&self, suffix: &str) -> String {
        format!("verify-central {} {suffix}", self.mark)
    }

    /// The body of a connection as step 1 saves it.
    pub(super) fn new_connection(&self, suffix: &str) -> Value {
        json!({
            "name": self.name(suffix),
            "awsAccountId": self.account(),
            "partition": "aws",
            "homeRegion": "eu-west-1",
            "mode": "new",
            "settings": { "retention-days": "30" },
            "resources": { "buckets": ["verify-central-logs"], "items": [{
                "kind": "bucket", "arn": "arn:aws:s3:::verify-central-logs", "ownership": "created",
            }] },
        })
    }

    /// The account of the connections that are made.
    pub(super) fn account(&self) -> String {
        let of_forwarder = self
            .forwarder
            .as_ref()
            .map(|forwarder| forwarder.account.clone());
        of_forwarder.unwrap_or_else(|_| "111122223333".to_owned())
    }
}

/// A new id of a connection.
pub(super) fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
