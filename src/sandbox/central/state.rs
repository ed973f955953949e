//! What Central's handlers share.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::State;

use super::{catch_up::Timing, store::Store};

/// Central's state, its address, and how long things take.
#[derive(Clone)]
pub struct Central {
    store: Arc<Mutex<Store>>,
    /// Its own address, `http://127.0.0.1:port`.
    pub(super) url: Arc<str>,
    pub(super) http: reqwest::Client,
    pub(super) timing: Arc<Timing>,
}

/// The state, as handlers get it.
pub(super) type Ctx = State<Central>;

impl Central {
    #[must_use]
    pub fn new(store: Arc<Mutex<Store>>, url: &str, timing: Timing) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client without proxies can be built");
        Self {
            store,
            url: url.into(),
            http,
            timing: Arc::new(timing),
        }
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store
            .lock()
            .expect("no handler panics while it holds the store")
    }

    /// Host and port of its own address.
    pub(super) fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }
}
