//! What a wire does with the calls that reach it, and what it has seen of them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use axum::body::Body;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use rustix::process::Pid;
use serde_json::{Map, Value};

use super::call::{Call, Fault};

#[derive(Default)]
pub(super) struct Rules {
    pub(super) calls: Vec<Call>,
    /// Paths of the objects that the function read.
    pub(super) read: Vec<String>,
    pub(super) faults: HashMap<String, Fault>,
    pub(super) delay: Duration,
    /// Kill the program once this many writes were answered; 0: when the first write arrives.
    pub(super) kill_after: Option<usize>,
    pub(super) victim: Option<Pid>,
    /// Changes some of Central's answers at random.
    pub(super) liar: Option<fastrand::Rng>,
    /// The lies so far.
    pub(super) lies: Vec<String>,
    /// What Central says in fields of these names.
    pub(super) told: Map<String, Value>,
    /// If set, nothing passes any more.
    pub(super) cut: bool,
    /// Which calls of the program are let through before the wire is cut.
    pub(super) hold: Option<Hold>,
    /// The call that met the cut.
    pub(super) held: Option<String>,
    /// Gets each call of the program to AWS before the call goes on.
    pub(super) watch: Option<Watch>,
    /// Signatures and tokens from calls, and addresses of the function's code from answers.
    pub(super) secrets: BTreeSet<String>,
}

/// How many calls of the program are let through.
#[derive(Clone, Copy)]
pub(super) struct Hold {
    pub(super) passes: usize,
    /// Whether only writes count.
    pub(super) writes: bool,
}

#[derive(Clone)]
pub(super) struct Watch {
    pub(super) tell: tokio::sync::mpsc::UnboundedSender<Waiting>,
    /// Calls pass one at a time.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
}

/// The name of a call that waits, and the channel that lets it go on.
pub(super) type Waiting = (String, tokio::sync::oneshot::Sender<()>);

#[derive(Clone)]
pub(super) struct Side {
    pub(super) central: bool,
    pub(super) upstream: Arc<str>,
    /// The wire's own address, which replaces the upstream's address in Central's answers.
    pub(super) own: Arc<str>,
    pub(super) account: Arc<str>,
    pub(super) client: Client<HttpConnector, Body>,
    pub(super) begun: Instant,
    pub(super) rules: Arc<Mutex<Rules>>,
    /// How many calls have arrived and are not done.
    pub(super) running: Arc<AtomicUsize>,
}

pub(super) fn lock(rules: &Mutex<Rules>) -> MutexGuard<'_, Rules> {
    rules.lock().expect("no handler panics")
}
