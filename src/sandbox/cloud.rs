//! What the sandbox has of AWS beside the emulator: trails and organizations, and the rights of accounts' roots, with which its
//! services act. Services stand on it, the gateway on top of them.

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

/// CloudTrail's name as a service that an organization may trust.
pub const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

/// All trails of all accounts, and the organizations that they may be of.
#[derive(Default, Serialize, Deserialize)]
pub struct State {
    pub list: Vec<Trail>,
    #[serde(default)]
    pub organizations: Vec<Organization>,
    #[serde(skip)]
    pub changed: bool,
}

/// A trail.
#[derive(Clone, Serialize, Deserialize)]
pub struct Trail {
    pub account: AccountId,
    pub home: Region,
    pub name: String,
    pub arn: String,
    /// Who made it: a delegated administrator may, and bucket and topic are then in its account.
    #[serde(default)]
    pub maker: Option<AccountId>,
    /// Of an organization: its id.
    #[serde(default)]
    pub organization: Option<String>,
    pub bucket: String,
    pub prefix: String,
    pub topic_arn: Option<String>,
    /// ARN of the KMS key of its log files.
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
    /// When the last digest was written.
    #[serde(default)]
    pub digested: Option<f64>,
    pub notified: Option<f64>,
    pub notification_error: Option<String>,
}

/// An error as CloudTrail answers it.
#[derive(Debug)]
pub struct Error {
    pub code: &'static str,
    pub message: String,
}

impl Error {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// An organization with all features.
#[derive(Clone, Serialize, Deserialize)]
pub struct Organization {
    pub id: String,
    pub management: AccountId,
    /// All accounts, the management account first.
    pub accounts: Vec<AccountId>,
    /// Delegated administrators of CloudTrail.
    #[serde(default)]
    pub delegated: Vec<AccountId>,
    /// Services with trusted access.
    pub trusted: Vec<String>,
}

type Roots = HashMap<(AccountId, Region), Arc<Aws>>;

/// Who makes a call, and where.
pub struct Caller {
    pub account: AccountId,
    pub region: Region,
}

/// What the services share.
#[derive(Clone)]
pub struct Cloud {
    emulator: Emulator,
    state: Arc<Mutex<State>>,
    /// Clients with the rights of an account's root, by account and region: what AWS's own services act with.
    roots: Arc<tokio::sync::Mutex<Roots>>,
}

impl Cloud {
    pub fn new(emulator: Emulator, state: Arc<Mutex<State>>) -> Self {
        Self {
            emulator,
            state,
            roots: Arc::default(),
        }
    }

    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no handler panics while it holds the state")
    }

    /// The organization that an account is in.
    #[must_use]
    pub fn organization_of(&self, account: &AccountId) -> Option<Organization> {
        let state = self.state();
        let mut organizations = state.organizations.iter();
        organizations
            .find(|organization| organization.accounts.contains(account))
            .cloned()
    }

    /// Clients of an account's root, straight at the emulator.
    pub async fn root(&self, account: &AccountId, region: &Region) -> Option<Arc<Aws>> {
        self.connect_root(account, region).await.ok()
    }

    /// The same, with what went wrong.
    pub async fn connect_root(&self, account: &AccountId, region: &Region) -> Result<Arc<Aws>> {
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
