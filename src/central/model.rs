//! Shapes of the Central contract (`central-api.yaml`). Unknown fields are ignored. Values that Central may add later to a list of
//! its own become `Unknown`, which is never written back: a change names only what it changes. A manifest has no such value: what
//! this version does not know in it, it must not manage.

mod decided;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{
    connection::{AccountId, ConnectionId, ConnectionName, Partition, Region, Resources},
    ui::t,
};
pub(crate) use decided::{Hour, Outcome, Receipt, SkipReason, Statistics};

/// `GET /whoami/v1`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WhoAmI {
    pub id: String,
    pub id_type: IdType,
    pub api_hosts: ApiHosts,
}

/// Whose credential it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum IdType {
    Tenant,
    Organization,
    Partner,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiHosts {
    pub global: String,
    pub data_region: Option<String>,
}

/// A tenant: the credential's own, or one chosen from those of a partner or an organization.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tenant {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub data_region: String,
    pub api_host: String,
}

impl Tenant {
    /// Whether this is the tenant that the user names, by its id or its name.
    #[must_use]
    pub(crate) fn is_called(&self, wanted: &str) -> bool {
        self.id == wanted || self.name == wanted
    }

    /// Returns the name, or the beginning of the id of a tenant without a name.
    #[must_use]
    pub(crate) fn short(&self) -> String {
        if self.name.is_empty() {
            self.id.chars().take(8).chain(['…']).collect()
        } else {
            self.name.clone()
        }
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            f.write_str(&self.id)
        } else {
            write!(f, "{} ({})", self.name, self.id)
        }
    }
}

/// `Status` of a connection.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum, strum::IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Status {
    Pending,
    Active,
    Paused,
    Disconnected,
    Deleted,
    /// A state that this version does not know. No command asks for it or sets it.
    #[value(skip)]
    #[serde(other)]
    Unknown,
}

impl Status {
    /// Returns the status's name in the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the status in words.
    #[must_use]
    pub(crate) fn shown(self) -> String {
        match self {
            Self::Pending => t!("status-word-pending"),
            Self::Active => t!("status-word-active"),
            Self::Paused => t!("status-word-paused"),
            Self::Disconnected => t!("status-word-disconnected"),
            Self::Deleted => t!("status-word-deleted"),
            Self::Unknown => t!("status-word-unknown"),
        }
    }
}

/// An AWS organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Organization {
    pub id: String,
    pub management_account_id: AccountId,
}

/// Body of `putConnection`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewConnection {
    pub name: ConnectionName,
    pub aws_account_id: AccountId,
    /// These four are left out of a connection that is prepared for somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition: Option<Partition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_region: Option<Region>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    /// The accounts of the organization to collect from; left out for all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<AccountId>>,
    pub settings: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
}

/// A connection as Central returns it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection {
    pub id: ConnectionId,
    pub name: ConnectionName,
    pub aws_account_id: AccountId,
    /// `None` also for one that this version does not know.
    #[serde(
        default,
        deserialize_with = "known_partition",
        skip_serializing_if = "Option::is_none"
    )]
    pub partition: Option<Partition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_region: Option<Region>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<AccountId>>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub settings: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_because: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disconnected_because: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingest_url: Option<String>,
    #[serde(default)]
    pub upload_hosts: Vec<String>,
    pub created_at: String,
    pub updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarder_seen_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarder_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarder_checks: Option<Checks>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_received_at: Option<String>,
    #[serde(default)]
    pub received_objects: u64,
    #[serde(default)]
    pub received_bytes: u64,
}

impl Connection {
    /// Returns where log files of this connection go.
    #[must_use]
    pub(crate) fn endpoints(&self) -> Endpoints {
        Endpoints {
            ingest_url: self.ingest_url.clone().unwrap_or_default(),
            upload_hosts: self.upload_hosts.clone(),
        }
    }

    /// Returns the manifest; it is empty if there is none yet.
    #[must_use]
    pub(crate) fn manifest(&self) -> Resources {
        self.resources.clone().unwrap_or_default()
    }

    /// Whether nothing but step 1 is answered yet, so that it waits for whoever was invited.
    #[must_use]
    pub(crate) fn is_prepared(&self) -> bool {
        let resources = self.resources.as_ref();
        let empty = resources.is_none_or(|resources| resources.items.is_empty());
        self.status == Status::Pending && self.home_region.is_none() && empty
    }

    /// Whether the forwarder's last sign-in was accepted and recent, and did not find the bucket unreadable. A refused sign-in,
    /// for example with another role than the registered one, leaves the connection disconnected (contract:
    /// `disconnectedBecause`).
    #[must_use]
    pub(crate) fn signed_in(&self) -> bool {
        !matches!(
            self.status,
            Status::Pending | Status::Disconnected | Status::Unknown
        ) && self.cannot_read().is_none()
    }

    /// Returns why the connection is paused or disconnected, in the contract's word.
    #[must_use]
    pub(crate) fn reason(&self) -> Option<&str> {
        let paused = self.paused_because.as_deref();
        paused.or(self.disconnected_because.as_deref())
    }

    /// Whether Central itself has paused the connection, because the licence has ended.
    #[must_use]
    pub(crate) fn lacks_license(&self) -> bool {
        self.status == Status::Paused && self.reason() == Some("license")
    }

    /// Returns why the connection is paused or disconnected, in words. Reasons that the contract does not name stay as they are.
    #[must_use]
    pub(crate) fn because(&self) -> Option<String> {
        Some(match self.reason()? {
            "user" => t!("because-user"),
            "license" => t!("because-license"),
            "silent" => t!("because-silent"),
            "identityMismatch" => t!("because-identity"),
            other => other.to_owned(),
        })
    }

    /// Returns why the forwarder cannot read the bucket, if it found that it cannot.
    #[must_use]
    pub(crate) fn cannot_read(&self) -> Option<String> {
        self.forwarder_checks
            .as_ref()
            .filter(|checks| checks.read == Some(false))
            .map(|checks| checks.detail.clone().unwrap_or_default())
    }
}

fn known_partition<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Partition>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

/// What the forwarder found out about itself at its last sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checks {
    pub read: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Where log files go.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Endpoints {
    pub ingest_url: String,
    #[serde(default)]
    pub upload_hosts: Vec<String>,
}

/// One licence of a tenant.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct License {
    pub product: Option<Product>,
    pub end_date: Option<String>,
    #[serde(default)]
    pub perpetual: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Product {
    pub code: Option<String>,
}

/// What is known about the "Public Cloud" licence. Its product code is not published: if the code is not set, or the call is
/// refused, the state is "cannot tell", never "missing".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LicenseState {
    /// Until this date; `None` if it has no end.
    Valid(Option<String>),
    Missing,
    /// Ended on this date.
    Ended(String),
    CannotTell(String),
}

#[cfg(test)]
mod tests;
