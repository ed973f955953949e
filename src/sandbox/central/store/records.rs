//! Tenants, connections and invitations, and who may sign in.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::sandbox::central::{catch_up::Watch, times::now};

/// The caller that a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A credential of a tenant, organization or partner, by its id.
    Client(String),
    /// Someone who redeemed an invitation, for one connection only.
    Invited { connection: String },
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

/// An invitation, which is found by its code.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    pub connection: String,
    pub created_at: jiff::Timestamp,
    pub expires_at: jiff::Timestamp,
    /// The account that redeemed it first.
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
    /// The time of the last decision about an offer.
    #[serde(default)]
    pub decided_at: Option<String>,
    /// Where files may be missing.
    #[serde(default)]
    pub watch: Watch,
}

impl Connection {
    /// A pending connection that the client has just saved.
    #[must_use]
    pub fn new(tenant: String, fields: Map<String, Value>) -> Self {
        let at = now();
        Self {
            tenant,
            fields,
            version: 1,
            activated: false,
            paused_by_user: false,
            deleted: false,
            identity_mismatch: false,
            created_at: at.clone(),
            updated_at: at,
            seen_at: None,
            forwarder_version: None,
            checks: None,
            last_received_at: None,
            received_objects: 0,
            received_bytes: 0,
            decided_at: None,
            watch: Watch::default(),
        }
    }

    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.version)
    }

    /// A part of the manifest.
    #[must_use]
    pub fn resource(&self, pointer: &str) -> Option<&Value> {
        self.fields.get("resources")?.pointer(pointer)
    }

    /// `pending` becomes `active` by itself, once the manifest is complete and the forwarder has signed in.
    pub fn activate(&mut self) {
        let complete = self.resource("/complete") == Some(&Value::Bool(true));
        if complete && self.seen_at.is_some() {
            self.activated = true;
        }
    }
}
