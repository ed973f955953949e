//! What the sandbox's Central knows. It is kept in memory and written to one file: plain data, and the rules that apply to it.

mod fault;
mod indexed;
mod offers;
mod receipts;
mod records;
mod view;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catch_up::Outage;
pub(super) use fault::Fault;
pub(super) use indexed::Indexed;
pub(super) use offers::{Offer, Upload};
pub(super) use receipts::{Address, Receipt};
pub(crate) use records::{Connection, Invitation, Principal, Tenant};

/// The product code of the sandbox's licences.
pub(crate) const LICENSE_CODE: &str = "PUBLICCLOUD-SANDBOX";

/// Everything, as it is written to disk.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Store {
    pub tenants: BTreeMap<String, Tenant>,
    /// By id, in order of creation.
    pub connections: Indexed<Connection>,
    /// Ordered by connection, then bucket, then key, each by its UTF-8 bytes.
    #[serde(with = "receipts")]
    pub receipts: BTreeMap<Address, Receipt>,
    #[serde(skip)]
    pub tokens: HashMap<String, (Principal, Instant)>,
    #[serde(skip)]
    pub ingest_tokens: HashMap<String, (String, Instant)>,
    /// Signatures and values of `x-sophos-once` that were used.
    #[serde(skip)]
    pub used: HashSet<String>,
    #[serde(skip)]
    pub uploads: HashMap<String, Upload>,
    /// Objects for which the decision was `upload` and that have not arrived.
    #[serde(skip)]
    pub open_offers: BTreeMap<Address, Offer>,
    #[serde(skip)]
    pub faults: Vec<Fault>,
    /// An outage that is not known to be over.
    #[serde(skip)]
    pub outage: Option<Outage>,
    pub invitations: HashMap<String, Invitation>,
    #[serde(skip)]
    pub changed: bool,
}

impl Store {
    /// Gives Central a new address. Connections that were made under another one get the new one too.
    pub fn move_to(&mut self, url: &str) {
        let hosts = json!([url.trim_start_matches("http://")]);
        for (_, connection) in self.connections.iter_mut() {
            let fields = &mut connection.fields;
            self.changed |= fields.get("ingestUrl").and_then(Value::as_str) != Some(url);
            fields.insert("ingestUrl".to_owned(), url.into());
            fields.insert("uploadHosts".to_owned(), hosts.clone());
        }
    }

    /// Notes that Central could not take files in at this time.
    pub fn refused(&mut self, now: jiff::Timestamp) {
        let from = self.outage.map_or(now, |outage| outage.from);
        self.outage = Some(Outage { from, to: now });
    }

    /// Notes that Central takes files in again. Files of the outage may be missing, for every connection.
    pub fn recovered(&mut self) {
        if let Some(Outage { from, to }) = self.outage.take() {
            for (_, connection) in self.connections.iter_mut() {
                connection.watch.between(from, to);
            }
        }
    }

    /// Adds a tenant with a fresh credential.
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

    /// The principal of a token that has not ended.
    pub fn principal(&self, token: &str) -> Option<Principal> {
        self.tokens
            .get(token)
            .filter(|(_, until)| Instant::now() < *until)
            .map(|(principal, _)| principal.clone())
    }

    /// A new token for a principal.
    pub fn sign_in(&mut self, principal: Principal, lifetime: Duration) -> String {
        let token = format!("token-{}", uuid::Uuid::new_v4().simple());
        self.tokens
            .insert(token.clone(), (principal, Instant::now() + lifetime));
        token
    }

    /// Whether a client may act for a tenant: it is the tenant itself, or the tenant's partner or organization.
    #[must_use]
    pub fn may_act_for(&self, client: &str, tenant: &str) -> bool {
        client == tenant
            || self
                .tenants
                .get(tenant)
                .is_some_and(|one| one.parent.as_deref() == Some(client))
    }

    /// Whether a tenant's licence has ended.
    #[must_use]
    pub fn license_ended(&self, tenant: &str) -> bool {
        let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        self.tenants
            .get(tenant)
            .and_then(|tenant| tenant.license_ends.clone())
            .is_some_and(|ends| ends < today)
    }
}
