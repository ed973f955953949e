//! The parts of AWS that the sandbox implements itself: trails, organizations, and clients with the rights of an account's root,
//! which its services use. The services are built on this file, and the gateway on the services.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::OwnedMutexGuard;

use super::{
    calls::Calls,
    ministack::{self, Emulator},
};
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
    /// The keys that sign digests, of all regions.
    #[serde(default)]
    pub keys: Vec<SigningKey>,
    /// The chains of digests that go on.
    #[serde(default)]
    pub chains: Vec<Chain>,
    /// The buckets with a made-up past.
    #[serde(default)]
    pub histories: Vec<History>,
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

/// A key that signs digests of a region.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SigningKey {
    pub region: Region,
    /// Whether it signs what trails deliver. The digests of a made-up past have keys of their own.
    pub live: bool,
    /// PKCS #8 in DER, in base64.
    pub private: String,
    /// PKCS #1 in DER, in base64.
    pub public: String,
    pub fingerprint: String,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// The digests of a trail for one account and region, each of which names the one before.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Chain {
    /// The trail's ARN.
    pub trail: String,
    pub account: AccountId,
    pub region: Region,
    /// The end of the last digest, or the beginning of the chain.
    pub since: Timestamp,
    pub last: Option<Link>,
    /// The log files that no digest lists yet.
    pub pending: Vec<LogFile>,
}

/// What a digest says of the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    pub bucket: String,
    pub key: String,
    /// SHA-256 of the uncompressed digest, in hexadecimal digits.
    pub hash: String,
    /// In hexadecimal digits.
    pub signature: String,
}

/// What a digest says of a log file.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct LogFile {
    pub bucket: String,
    pub key: String,
    /// SHA-256 of the uncompressed content, in hexadecimal digits.
    pub hash: String,
    /// The time of its oldest event.
    pub oldest: String,
    /// The time of its newest event.
    pub newest: String,
}

/// A made-up past in a bucket.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct History {
    pub bucket: String,
    /// When it was made. Objects whose names have an earlier time landed then.
    pub made: Timestamp,
    /// The keys that were written again afterwards.
    pub rewritten: BTreeSet<String>,
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
type Locks = HashMap<String, Arc<tokio::sync::Mutex<()>>>;

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
    /// One lock for each trail, held by whoever delivers for it.
    deliveries: Arc<Mutex<Locks>>,
    calls: Arc<Mutex<Calls>>,
}

impl Cloud {
    pub(super) fn new(emulator: Emulator, state: Arc<Mutex<State>>) -> Self {
        Self {
            emulator,
            state,
            roots: Arc::default(),
            deliveries: Arc::default(),
            calls: Arc::default(),
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

    /// The calls that CloudTrail delivers events of.
    pub(super) fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls
            .lock()
            .expect("no handler panics while it holds the calls")
    }

    /// Waits until nobody else delivers for the trail with this ARN, and keeps others away until the guard is dropped.
    pub(super) async fn alone(&self, trail: &str) -> OwnedMutexGuard<()> {
        self.delivery(trail).lock_owned().await
    }

    /// The same without waiting. `None` if somebody else delivers.
    pub(super) fn alone_at_once(&self, trail: &str) -> Option<OwnedMutexGuard<()>> {
        self.delivery(trail).try_lock_owned().ok()
    }

    fn delivery(&self, trail: &str) -> Arc<tokio::sync::Mutex<()>> {
        let locks = self.deliveries.lock();
        let mut locks = locks.expect("nobody panics while holding the locks");
        Arc::clone(locks.entry(trail.to_owned()).or_default())
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
