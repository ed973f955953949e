//! A proxy in front of AWS and Central, one for each world. It knows each call by name and tells writes from reads. On request
//! it delays and refuses calls, breaks connections, loses answers, and kills the program right after a write was answered.

mod call;
mod handle;
mod lies;
mod names;
mod pass;
mod refusal;
mod rules;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::Router;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rustix::process::Pid;
use serde_json::Value;

pub use call::{Call, Fault};
use handle::handle;
use rules::{Hold, Rules, Side, Waiting, Watch, lock};

/// The proxy. It ends when it is dropped.
pub struct Wire {
    pub aws: String,
    pub central: String,
    rules: Arc<Mutex<Rules>>,
    running: Arc<AtomicUsize>,
    _end: tokio::sync::oneshot::Sender<()>,
}

impl Wire {
    pub fn lay(aws: &str, central: &str, account: &str) -> Self {
        let rules = Arc::new(Mutex::new(Rules::default()));
        let running = Arc::<AtomicUsize>::default();
        let (end, ended) = tokio::sync::oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let side = |is_central, upstream: &str| Side {
            central: is_central,
            upstream: upstream.into(),
            own: "".into(),
            account: account.into(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            begun: Instant::now(),
            rules: Arc::clone(&rules),
            running: Arc::clone(&running),
        };
        let sides = [side(false, aws), side(true, central)];
        std::thread::spawn(move || {
            super::blocking(async move {
                let mut servers = Vec::new();
                for mut side in sides {
                    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
                        .await
                        .expect("a port");
                    let url = format!("http://{}", listener.local_addr().expect("an address"));
                    side.own = url.as_str().into();
                    tell.send(url).expect("the test waits for it");
                    let router = Router::new().fallback(handle).with_state(side);
                    servers.push(async move { axum::serve(listener, router).await });
                }
                tokio::select! {
                    _ = ended => {}
                    _ = futures::future::join_all(servers) => {}
                }
            });
        });
        let url = || told.recv().expect("the wire stands");
        Self {
            aws: url(),
            central: url(),
            rules,
            running,
            _end: end,
        }
    }

    /// Delays every reply by this much.
    pub fn delay(&self, delay: Duration) {
        lock(&self.rules).delay = delay;
    }

    pub fn fault(&self, name: &str, fault: Fault) {
        lock(&self.rules).faults.insert(name.to_owned(), fault);
    }

    /// The secrets that the wire has seen. They must never be shown.
    pub fn secrets(&self) -> BTreeSet<String> {
        lock(&self.rules).secrets.clone()
    }

    /// Makes Central lie from now on, about one field in roughly every second answer; `None` makes it honest again.
    pub fn lie(&self, seed: Option<u64>) {
        let mut rules = lock(&self.rules);
        rules.liar = seed.map(fastrand::Rng::with_seed);
        rules.lies.clear();
        rules.calls.clear();
    }

    /// The lies that Central has told since then.
    pub fn lies(&self) -> Vec<String> {
        lock(&self.rules).lies.clone()
    }

    /// From now on Central's answers about connections have these values wherever they have fields of these names.
    pub fn tell(&self, fields: &Value) {
        let fields = fields.as_object().expect("an object");
        lock(&self.rules).told.clone_from(fields);
    }

    /// From now on the program's calls to AWS pass one at a time, and `act` runs before each, as someone else in between.
    pub fn before_each(&self, mut act: impl FnMut(&str) + Send + 'static) {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel::<Waiting>();
        let turn = Arc::default();
        lock(&self.rules).watch = Some(Watch { tell, turn });
        std::thread::spawn(move || {
            while let Some((name, go)) = told.blocking_recv() {
                act(&name);
                // If the program was killed, nothing waits for this any more.
                let _ = go.send(());
            }
        });
    }

    /// Faults that no call has met.
    pub fn unmet(&self) -> Vec<String> {
        lock(&self.rules).faults.keys().cloned().collect()
    }

    /// Kills this process with SIGKILL once this many writes have been answered, and lets nothing pass after that.
    pub fn kill_after(&self, writes: usize, process: u32) {
        let mut rules = lock(&self.rules);
        rules.kill_after = Some(writes);
        rules.victim = i32::try_from(process).ok().and_then(Pid::from_raw);
    }

    /// Lets this many calls of the program pass, or this many writes, and nothing after that.
    pub fn hold_after(&self, passes: usize, writes: bool) {
        lock(&self.rules).hold = Some(Hold { passes, writes });
    }

    /// The call at which everything was held.
    pub fn held(&self) -> Option<String> {
        lock(&self.rules).held.clone()
    }

    /// Lets everything pass again, once what has arrived is done, and forgets the calls so far.
    pub fn mend(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        while self.running.load(Ordering::Acquire) > 0 {
            assert!(Instant::now() < end, "a call does not come to an end");
            std::thread::sleep(Duration::from_millis(5));
        }
        *lock(&self.rules) = Rules::default();
    }

    pub fn calls(&self) -> Vec<Call> {
        lock(&self.rules).calls.clone()
    }

    /// Paths of the objects that the function read. Its calls are those that are not signed with the program's key.
    pub fn read_by_function(&self) -> Vec<String> {
        lock(&self.rules).read.clone()
    }

    pub fn writes(&self) -> Vec<String> {
        let calls = self.calls().into_iter().filter(|call| call.write);
        calls.map(|call| call.name).collect()
    }
}
