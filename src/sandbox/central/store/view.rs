//! A connection as the contract shows it.

use serde_json::{Map, Value, json};

use super::{Store, records::Connection};
use crate::sandbox::central::times::to_the_millisecond;

impl Store {
    /// The status of a connection and, where the contract has one, the field and value of the reason.
    #[must_use]
    pub fn status(
        &self,
        connection: &Connection,
    ) -> (&'static str, Option<(&'static str, &'static str)>) {
        let silent = connection.seen_at.is_some_and(|seen| {
            jiff::Timestamp::now().duration_since(seen) > jiff::SignedDuration::from_hours(24)
        });
        if connection.deleted {
            ("deleted", None)
        } else if !connection.activated {
            ("pending", None)
        } else if self.license_ended(&connection.tenant) {
            ("paused", Some(("pausedBecause", "license")))
        } else if connection.paused_by_user {
            ("paused", Some(("pausedBecause", "user")))
        } else if connection.identity_mismatch {
            (
                "disconnected",
                Some(("disconnectedBecause", "identityMismatch")),
            )
        } else if silent {
            ("disconnected", Some(("disconnectedBecause", "silent")))
        } else {
            ("active", None)
        }
    }

    /// The connection as the contract shows it. A summary leaves out accounts, settings and resources.
    #[must_use]
    pub fn view(&self, id: &str, connection: &Connection, summary: bool) -> Value {
        let mut fields = connection.fields.clone();
        let accounts = fields
            .get("accounts")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        if summary {
            for name in ["accounts", "settings", "resources"] {
                fields.remove(name);
            }
        }
        let (status, because) = self.status(connection);
        fields.insert("id".to_owned(), id.into());
        fields.insert("status".to_owned(), status.into());
        if let Some((name, reason)) = because {
            fields.insert(name.to_owned(), reason.into());
        }
        fields.insert("accountCount".to_owned(), accounts.into());
        fields.insert("createdAt".to_owned(), connection.created_at.clone().into());
        fields.insert("updatedAt".to_owned(), connection.updated_at.clone().into());
        add_forwarder(&mut fields, connection);
        fields.insert(
            "receivedObjects".to_owned(),
            connection.received_objects.into(),
        );
        fields.insert("receivedBytes".to_owned(), connection.received_bytes.into());
        Value::Object(fields)
    }
}

/// Adds what Central knows about the forwarder and its files.
fn add_forwarder(fields: &mut Map<String, Value>, connection: &Connection) {
    let optional = [
        (
            "forwarderSeenAt",
            json!(connection.seen_at.map(to_the_millisecond)),
        ),
        ("forwarderVersion", json!(connection.forwarder_version)),
        ("forwarderChecks", json!(connection.checks)),
        ("lastReceivedAt", json!(connection.last_received_at)),
    ];
    for (name, value) in optional.into_iter().filter(|(_, value)| !value.is_null()) {
        fields.insert(name.to_owned(), value);
    }
}
