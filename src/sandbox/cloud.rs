//! The parts of AWS that the sandbox implements itself: trails, organizations, and clients with the rights of an account's root,
//! which its services use. The services are built on this file, and the gateway on the services.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ministack::{self, Emulator};
use crate::{
    aws::{self, Aws},
    connection::{AccountId, Region},
    ui::Result,
};

/// CloudTrail's service principal.
pub(super) const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

/// The trails of all accounts, and the organizations.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct State {
    pub list: Vec<Trail>,
    #[serde(default)]
    pub organizations: Vec<Organization>,
    #[serde(skip)]
    pub changed: bool,
}

/// A trail, of an account or of an organization.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Trail {
    pub account: AccountId,
    pub home: Region,
    pub name: String,
    pub arn: String,
    /// The account that created it. If this is a delegated administrator, bucket and topic are in its account.
    #[serde(default)]
    pub maker: Option<AccountId>,
    /// The organization's id, if it is an organization's trail.
    #[serde(default)]
    pub organization: Option<String>,
    pub bucket: String,
    pub prefix: String,
    pub topic_arn: Option<String>,
    /// ARN of the KMS key that encrypts its log files.
    #[serde(default)]
    pub key: Option<String>,
    pub global: bool,
    pub multi_region: bool,
    pub validation: bool,
    pub tags: Vec<(String, String)>,
    pub selectors: Value,
    pub logging: bool,
    pub started: Option<f64>,
    pub stopped: Option<f64>,
    pub delivered: Option<f64>,
    pub delivery_error: Option<String>,
    /// The time of the last digest.
    #[serde(default)]
    pub digested: Option<f64>,
    pub notified: Option<f64>,
    pub notification_error: Option<String>,
}

/// An error as AWS answers it in JSON.
#[derive(Debug)]
pub(super) struct Error {
    pub code: &'static str,
    pub message: String,
}

impl Error {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// An organization with all features enabled.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Organization {
    pub id: String,
    pub management: AccountId,
    /// All accounts, the management account first.
    pub accounts: Vec<AccountId>,
    /// The names of accounts that have one.
    #[serde(default)]
    pub names: Vec<(AccountId, String)>,
    /// The delegated administrators of CloudTrail.
    #[serde(default)]
    pub delegated: Vec<AccountId>,
    /// Services with trusted access.
    pub trusted: Vec<String>,
}

type Roots = HashMap<(AccountId, Region), Arc<Aws>>;

/// The account that makes a call, and the region of the call.
pub(super) struct Caller {
    pub account: AccountId,
    pub region: Region,
}

/// The state and the clients that the services share.
#[derive(Clone)]
pub(super) struct Cloud {
    emulator: Emulator,
    state: Arc<Mutex<State>>,
    /// Clients with the rights of an account's root, by account and region. The sandbox's services act with them.
    roots: Arc<tokio::sync::Mutex<Roots>>,
}

impl Cloud {
    pub(super) fn new(emulator: Emulator, state: Arc<Mutex<State>>) -> Self {
        Self {
            emulator,
            state,
            roots: Arc::default(),
        }
    }

    pub(super) fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no handler panics while it holds the state")
    }

    /// The organization that an account belongs to.
    #[must_use]
    pub(super) fn organization_of(&self, account: &AccountId) -> Option<Organization> {
        let state = self.state();
        let mut organizations = state.organizations.iter();
        organizations
            .find(|organization| organization.accounts.contains(account))
            .cloned()
    }

    /// Clients of an account's root, which call the emulator directly. `None` if they cannot be made.
    pub(super) async fn root(&self, account: &AccountId, region: &Region) -> Option<Arc<Aws>> {
        self.connect_root(account, region).await.ok()
    }

    /// Clients of an account's root, or the error.
    pub(super) async fn connect_root(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Arc<Aws>> {
        let key = (account.clone(), region.clone());
        let mut roots = self.roots.lock().await;
        if let Some(aws) = roots.get(&key) {
            return Ok(Arc::clone(aws));
        }
        let options = aws::Options {
            profile: None,
            region: Some(region.clone()),
            sandbox: Some(aws::SandboxAws {
                endpoint: ministack::URL.to_owned(),
                account: account.clone(),
                secret: self.emulator.secret.clone(),
                role: None,
                client: Some(self.emulator.client()),
            }),
        };
        let aws = Arc::new(Aws::connect(&options).await?);
        roots.insert(key, Arc::clone(&aws));
        Ok(aws)
    }
}
