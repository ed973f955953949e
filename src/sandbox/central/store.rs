//! What the sandbox's Central knows. Kept in memory, written to one file; plain data and its rules.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Principal,
    catch_up::{Outage, Watch},
};

/// The product code that the sandbox's licences have.
pub const LICENSE_CODE: &str = "PUBLICCLOUD-SANDBOX";

/// Everything, as it is written to disk.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Store {
    pub tenants: BTreeMap<String, Tenant>,
    /// By id, in order of creation.
    pub connections: indexed::Indexed<Connection>,
    /// By connection, then bucket and key: ordered by their UTF-8 bytes.
    #[serde(with = "receipts")]
    pub receipts: BTreeMap<(String, String, String), Receipt>,
    #[serde(skip)]
    pub tokens: HashMap<String, (Principal, Instant)>,
    #[serde(skip)]
    pub ingest_tokens: HashMap<String, (String, Instant)>,
    /// Signatures and `x-sophos-once` that were used.
    #[serde(skip)]
    pub used: HashSet<String>,
    #[serde(skip)]
    pub uploads: HashMap<String, Upload>,
    /// Decided `upload` and not arrived.
    #[serde(skip)]
    pub open_offers: BTreeMap<(String, String, String), Offer>,
    #[serde(skip)]
    pub faults: Vec<super::control::Fault>,
    /// An outage that is not known to be over.
    #[serde(skip)]
    pub outage: Option<Outage>,
    pub invitations: HashMap<String, Invitation>,
    #[serde(skip)]
    pub changed: bool,
}

/// A tenant, organization or partner, with its credential.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    pub id: String,
    pub name: String,
    pub kind: String,
    pub client_id: String,
    pub client_secret: String,
    /// The partner or organization that may act for it.
    pub parent: Option<String>,
    /// `None`: perpetual.
    pub license_ends: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    pub connection: String,
    pub created_at: jiff::Timestamp,
    pub expires_at: jiff::Timestamp,
    pub account: Option<String>,
}

/// A connection's record.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    pub tenant: String,
    /// The fields that the client sets.
    pub fields: Map<String, Value>,
    pub version: u64,
    pub activated: bool,
    pub paused_by_user: bool,
    pub deleted: bool,
    pub identity_mismatch: bool,
    pub created_at: String,
    pub updated_at: String,
    pub seen_at: Option<jiff::Timestamp>,
    pub forwarder_version: Option<String>,
    pub checks: Option<Value>,
    pub last_received_at: Option<String>,
    pub received_objects: u64,
    pub received_bytes: u64,
    /// The last decision on an offer.
    #[serde(default)]
    pub decided_at: Option<String>,
    /// Where files may be missing.
    #[serde(default)]
    pub watch: Watch,
}

/// A file that was offered and has not arrived.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    pub since: Instant,
    /// When somebody is asked to offer it again.
    pub due: Instant,
    /// The pause after that.
    pub pause: Duration,
}

impl Offer {
    /// For as long is a file asked for (`retry`).
    const LASTS: Duration = Duration::from_secs(14 * 24 * 3600);

    #[must_use]
    pub fn new(overdue: Duration) -> Self {
        let now = Instant::now();
        Self {
            since: now,
            due: now + overdue,
            pause: overdue,
        }
    }

    /// Whether it is time to ask for it.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.due <= Instant::now() && self.since.elapsed() < Self::LASTS
    }

    /// Somebody is asked: the next one after a pause that doubles.
    pub fn asked(&mut self, day: Duration) {
        self.due = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(day);
    }

    /// Asked for no sooner than tomorrow.
    pub fn rest(&mut self, day: Duration) {
        self.pause = day;
        self.due = Instant::now() + day;
    }
}

/// What Central decided on an object.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    pub outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// SHA-256 of the uncompressed content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
    pub at: String,
    /// From S3's last-modified time to the receipt, in seconds; for the statistics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_seconds: Option<i64>,
}

impl Receipt {
    /// One of an outcome alone, as of now.
    #[must_use]
    pub fn new(outcome: &str) -> Self {
        Self {
            outcome: outcome.to_owned(),
            reason: None,
            etag: None,
            size: None,
            sha256: None,
            content_sha256: None,
            at: now(),
            delay_seconds: None,
        }
    }
}

pub struct Upload {
    pub connection: String,
    pub bucket: String,
    pub key: String,
    pub etag: Option<String>,
    pub last_modified: Option<jiff::Timestamp>,
    pub until: Instant,
}

/// RFC 3339, UTC.
#[must_use]
pub fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

impl Store {
    /// Central has this address from now on: connections that were made under another one are told the new one.
    pub fn move_to(&mut self, url: &str) {
        let hosts = json!([url.trim_start_matches("http://")]);
        for (_, connection) in self.connections.iter_mut() {
            let fields = &mut connection.fields;
            self.changed |= fields.get("ingestUrl").and_then(Value::as_str) != Some(url);
            fields.insert("ingestUrl".to_owned(), url.into());
            fields.insert("uploadHosts".to_owned(), hosts.clone());
        }
    }

    /// Files could not be taken in just now.
    pub fn refused(&mut self, now: jiff::Timestamp) {
        let from = self.outage.map_or(now, |outage| outage.from);
        self.outage = Some(Outage { from, to: now });
    }

    /// Files are taken in again: those of an outage may be missing, of every connection.
    pub fn recovered(&mut self) {
        if let Some(Outage { from, to }) = self.outage.take() {
            for (_, connection) in self.connections.iter_mut() {
                connection.watch.between(from, to);
            }
        }
    }

    /// A tenant with a fresh credential.
    pub fn add_tenant(&mut self, name: &str, kind: &str, parent: Option<&str>) -> Tenant {
        let id = || uuid::Uuid::new_v4().to_string();
        let tenant = Tenant {
            id: id(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            client_id: id(),
            client_secret: format!("sandbox-{}", uuid::Uuid::new_v4().simple()),
            parent: parent.map(ToOwned::to_owned),
            license_ends: None,
        };
        self.tenants.insert(tenant.id.clone(), tenant.clone());
        self.changed = true;
        tenant
    }

    pub fn principal(&self, token: &str) -> Option<Principal> {
        self.tokens
            .get(token)
            .filter(|(_, until)| Instant::now() < *until)
            .map(|(principal, _)| principal.clone())
    }

    pub fn sign_in(&mut self, principal: Principal, lifetime: Duration) -> String {
        let token = format!("token-{}", uuid::Uuid::new_v4().simple());
        self.tokens
            .insert(token.clone(), (principal, Instant::now() + lifetime));
        token
    }

    #[must_use]
    pub fn may_act_for(&self, client: &str, tenant: &str) -> bool {
        client == tenant
            || self
                .tenants
                .get(tenant)
                .is_some_and(|one| one.parent.as_deref() == Some(client))
    }

    #[must_use]
    pub fn license_ended(&self, tenant: &str) -> bool {
        let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        self.tenants
            .get(tenant)
            .and_then(|tenant| tenant.license_ends.clone())
            .is_some_and(|ends| ends < today)
    }

    /// Status, and why where the contract has a reason.
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

    /// The connection as the contract shows it; a summary leaves accounts, settings and resources out.
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
        let seen = connection
            .seen_at
            .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
        let optional = [
            ("forwarderSeenAt", json!(seen)),
            ("forwarderVersion", json!(connection.forwarder_version)),
            ("forwarderChecks", json!(connection.checks)),
            ("lastReceivedAt", json!(connection.last_received_at)),
        ];
        for (name, value) in optional.into_iter().filter(|(_, value)| !value.is_null()) {
            fields.insert(name.to_owned(), value);
        }
        fields.insert(
            "receivedObjects".to_owned(),
            connection.received_objects.into(),
        );
        fields.insert("receivedBytes".to_owned(), connection.received_bytes.into());
        Value::Object(fields)
    }
}

impl Connection {
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.version)
    }

    #[must_use]
    pub fn resource(&self, pointer: &str) -> Option<&Value> {
        self.fields.get("resources")?.pointer(pointer)
    }

    /// `pending` becomes `active` by itself once the manifest is complete and the forwarder has signed in.
    pub fn activate(&mut self) {
        let complete = self.resource("/complete") == Some(&Value::Bool(true));
        if complete && self.seen_at.is_some() {
            self.activated = true;
        }
    }
}

/// A map that keeps the order of insertion.
pub mod indexed {
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct Indexed<T>(Vec<(String, T)>);

    impl<T> Default for Indexed<T> {
        fn default() -> Self {
            Self(Vec::new())
        }
    }

    impl<T> Indexed<T> {
        pub fn get(&self, id: &str) -> Option<&T> {
            self.0
                .iter()
                .find(|(key, _)| key == id)
                .map(|(_, value)| value)
        }

        pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
            self.0
                .iter_mut()
                .find(|(key, _)| key == id)
                .map(|(_, value)| value)
        }

        pub fn push(&mut self, id: String, value: T) {
            self.0.push((id, value));
        }

        pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut T)> {
            self.0.iter_mut().map(|(key, value)| (key.as_str(), value))
        }

        pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
            self.0.iter().map(|(key, value)| (key.as_str(), value))
        }
    }
}

/// Receipts on disk: a list, since JSON has no compound keys.
mod receipts {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Receipt;

    type Receipts = BTreeMap<(String, String, String), Receipt>;

    pub fn serialize<S: Serializer>(receipts: &Receipts, serializer: S) -> Result<S::Ok, S::Error> {
        receipts.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Receipts, D::Error> {
        Ok(
            Vec::<((String, String, String), Receipt)>::deserialize(deserializer)?
                .into_iter()
                .collect(),
        )
    }
}
