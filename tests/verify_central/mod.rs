//! `sandbox verify-central`: the sandbox's Central conforms, and each fault that is planted in one is found.

mod busy;
mod consent;
mod faults;
mod foreign;
mod interrupted;
mod invited;
mod planted;

use std::{
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
};
use serde_json::Value;
use sophos_ct::testing::{Central, Store, Timing};

use crate::{
    schema::Published,
    support::{Ran, World},
};
use faults::Fault;

/// A Central of its own, for a tenant of its own.
struct Served {
    url: String,
    client_id: String,
    client_secret: String,
    store: Arc<Mutex<Store>>,
}

impl Served {
    async fn start(fault: Option<Fault>) -> Self {
        Self::timed(fault, Timing::default()).await
    }

    async fn timed(fault: Option<Fault>, timing: Timing) -> Self {
        Self::changed(timing, |router| match fault {
            Some(fault) => faults::planted(router, fault),
            None => router,
        })
        .await
    }

    /// One that is changed on the way out.
    async fn changed(timing: Timing, change: impl FnOnce(Router) -> Router) -> Self {
        // The address must be known before the server is made: it is the ingest host of every proof.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self::listening(listener, &url, timing, change).await
    }

    /// One that says of itself that it is at this address.
    async fn listening(
        listener: std::net::TcpListener,
        named: &str,
        timing: Timing,
        change: impl FnOnce(Router) -> Router,
    ) -> Self {
        let store = Arc::new(Mutex::new(Store::default()));
        let tenant = {
            let mut store = store.lock().unwrap();
            store.add_tenant("verified", "tenant", None)
        };
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let central = Central::new(Arc::clone(&store), named, timing);
        let router = change(central.router());
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            client_id: tenant.client_id,
            client_secret: tenant.client_secret,
            store,
        }
    }

    /// Runs the program against this Central, which the user agrees to, with the credentials of a role if there are any.
    async fn verify(&self, world: &World, role: &[(&'static str, String)], more: &[&str]) -> Ran {
        let mut command = self.command(world, role, &[&["--yes"][..], more].concat());
        let run = tokio::task::spawn_blocking(move || command.output());
        run.await.unwrap().unwrap().into()
    }

    /// The program, to be run against this Central.
    fn command(&self, world: &World, role: &[(&'static str, String)], more: &[&str]) -> Command {
        let words = [&["sandbox", "verify-central", self.url.as_str()][..], more].concat();
        let mut command = world.command(&words);
        command
            .env("SOPHOS_CENTRAL_ID_URL", &self.url)
            .env("SOPHOS_CENTRAL_API_URL", &self.url)
            .env("SOPHOS_CENTRAL_CLIENT_ID", &self.client_id)
            .env("SOPHOS_CENTRAL_CLIENT_SECRET", &self.client_secret)
            .envs(role.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    /// The ids of connections that are not deleted.
    fn connections(&self) -> Vec<String> {
        let store = self.store.lock().unwrap();
        let live = store.connections.iter();
        let live = live.filter(|(_, connection)| !connection.deleted);
        live.map(|(id, _)| id.to_owned()).collect()
    }

    /// Whether a connection whose name ends so was saved.
    fn has(&self, suffix: &str) -> bool {
        let store = self.store.lock().unwrap();
        store.connections.iter().any(|(_, connection)| {
            let name = connection.fields.get("name").and_then(Value::as_str);
            name.is_some_and(|name| name.ends_with(suffix))
        })
    }

    /// Whether a code could be redeemed, were its connection there.
    fn has_invitations(&self) -> bool {
        !self.store.lock().unwrap().invitations.is_empty()
    }

    /// Whether a connection is there that is not deleted.
    fn has_connections(&self) -> bool {
        !self.connections().is_empty()
    }
}

/// A role that may do nothing: whoever has it can prove that.
const NOTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(future)
}

/// The operations and checks that differ.
fn differing(document: &Value) -> Vec<(String, String)> {
    those(document, &false.into())
}

/// The operations and checks of which `ok` is this.
fn those(document: &Value, ok: &Value) -> Vec<(String, String)> {
    let checks = document["checks"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    checks
        .filter(|check| check["ok"] == *ok)
        .map(|check| (text(&check["operation"]), text(&check["name"])))
        .collect()
}

#[track_caller]
fn all_fit(document: &Value, checks: &[(&str, &str)]) {
    let fit = those(document, &true.into());
    for (operation, name) in checks {
        let fits = fit.iter().any(|one| one.0 == *operation && one.1 == *name);
        assert!(fits, "{operation}: {name}");
    }
}

/// What ends by itself: tried where it does so within a minute.
const ENDINGS: [(&str, &str); 5] = [
    ("token", "ends with its time"),
    ("offerObject", "refuses a token whose time is over"),
    ("upload", "refuses a URL whose time is over"),
    ("missingObjects", "ends a lease with its time"),
    ("missingObjects", "hands an entry out again after its lease"),
];

/// What is not tried in any run, or needs what this one has not.
const NEVER: [(&str, &str); 15] = [
    ("partnerTenants", "lists tenants"),
    ("organizationTenants", "lists tenants"),
    ("putConnection", "requires a licence"),
    ("updateConnection", "is paused where the licence ends"),
    ("updateConnection", "is disconnected after a silence"),
    ("createInvitation", "ends its code with its time"),
    ("redeemInvitation", "ends the token with its time"),
    ("redeemInvitation", BUSY),
    ("offerObject", "asks again for what did not arrive"),
    ("offerObject", "skips after the end of the licence"),
    ("offerObject", BUSY),
    ("upload", "refuses what is too large"),
    ("upload", BUSY),
    ("reportObjects", BUSY),
    ("missingObjects", BUSY),
];

const BUSY: &str = "says how long to wait where it is busy";

#[test]
fn the_sandboxs_central_conforms() {
    let world = World::new();
    let role = world.role(NOTHING);
    block_on(async {
        let central = Served::start(None).await;
        let ran = central
            .verify(
                &world,
                &role,
                &["--format", "json", "--junit", "report.xml"],
            )
            .await;
        let document = ran.json();
        assert!(
            differing(&document).is_empty(),
            "{:?}",
            differing(&document)
        );
        assert_eq!(ran.code, 0);
        assert_eq!(document["conforms"], true);
        Published::compile().fits(&document, "verifyCentral");
        // The sandbox's tokens, upload URLs and leases last minutes.
        let mut expected = [&ENDINGS[..], &NEVER[..]].concat();
        expected.sort_unstable();
        let mut not_tried = those(&document, &Value::Null);
        not_tried.sort_unstable();
        let not_tried: Vec<(&str, &str)> = not_tried
            .iter()
            .map(|(operation, name)| (operation.as_str(), name.as_str()))
            .collect();
        assert_eq!(not_tried, expected);
        assert!(!central.has_connections());
        let report = std::fs::read_to_string(world.home().join("report.xml")).unwrap();
        let counts = format!("failures=\"0\" skipped=\"{}\"", expected.len());
        assert!(report.contains(&counts), "{report}");
        for why in [
            "it takes 24 hours",
            "the contract names no size",
            "it ends after 900 seconds",
        ] {
            assert!(
                report.contains(&format!("<skipped message=\"{why}")),
                "{why}: {report}"
            );
        }
    });
}

#[test]
fn what_ends_within_a_minute_is_waited_for() {
    let world = World::new();
    let role = world.role(NOTHING);
    let short = Duration::from_secs(30);
    let timing = Timing {
        api_token: short,
        token: short,
        upload: short,
        lease: short,
        ..Timing::default()
    };
    block_on(async {
        let central = Served::timed(None, timing).await;
        let ran = central.verify(&world, &role, &["--format", "json"]).await;
        all_fit(&ran.exits(0).json(), &ENDINGS);
        assert!(!central.has_connections());
    });
}

#[test]
fn tokens_that_end_while_it_runs_are_replaced() {
    let world = World::new();
    let role = world.role(NOTHING);
    let timing = Timing {
        api_token: Duration::from_secs(4),
        ..Timing::default()
    };
    block_on(async {
        let (mut usual, mut short) = (0, 0);
        for (timing, expected, sign_ins) in [
            (Timing::default(), &ENDINGS[..0], &mut usual),
            (timing, &ENDINGS[..1], &mut short),
        ] {
            let counted = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&counted);
            let central = Served::changed(timing, |router| {
                let router = faults::planted(router, faults::SLOW);
                router.layer(from_fn(move |request: Request, next: Next| {
                    if request.uri().path().ends_with("/oauth2/token") {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                    next.run(request)
                }))
            });
            let central = central.await;
            let ran = central.verify(&world, &role, &["--format", "json"]).await;
            all_fit(&ran.exits(0).json(), expected);
            assert!(!central.has_connections());
            *sign_ins = counted.load(Ordering::Relaxed);
        }
        assert!(short > usual, "{short} sign-ins, usually {usual}");
    });
}

#[test]
fn what_could_not_be_deleted_is_in_each_report() {
    let world = World::new();
    block_on(async {
        let central = Served::start(Some(faults::FAILING_DELETIONS)).await;
        let more = ["--format", "json", "--junit", "report.xml"];
        let ran = central.verify(&world, &[], &more).await.exits(1);
        let document = ran.json();
        let left = document["left"].as_array().unwrap();
        assert!(!left.is_empty());
        let report = std::fs::read_to_string(world.home().join("report.xml")).unwrap();
        assert!(
            report.contains("leaves nothing\">\n      <failure"),
            "{report}"
        );
        for url in left {
            let url = url.as_str().unwrap();
            assert!(url.starts_with(&central.url), "{url}");
            assert!(report.contains(url), "{url}: {report}");
        }
    });
}

#[test]
fn without_a_role_it_says_what_was_not_tried() {
    let world = World::new();
    block_on(async {
        let central = Served::start(None).await;
        let ran = central.verify(&world, &[], &[]).await.exits(0);
        assert!(
            ran.stdout.contains("is no session of a role"),
            "{}",
            ran.stdout
        );
        assert!(!central.has_connections());
    });
}

#[test]
fn what_cannot_be_tried_to_its_end_is_no_success() {
    let world = World::new();
    let role = world.role(NOTHING);
    block_on(async {
        let central = Served::start(Some(faults::STRANGE_INGEST)).await;
        let more = ["--junit", "report.xml"];
        let ran = central.verify(&world, &role, &more).await.exits(1);
        let said = "ingest.example.com is not among the hosts that were agreed to";
        assert!(
            ran.stdout
                .contains(&format!("Not tried to the end: {said}")),
            "{}",
            ran.stdout
        );
        let report = std::fs::read_to_string(world.home().join("report.xml")).unwrap();
        assert!(
            report.contains("comes to its end\">\n      <failure"),
            "{report}"
        );
        assert!(!central.has_connections());
    });
}

#[test]
fn the_contract_is_printed_as_it_stands() {
    let world = World::new();
    let printed = world.run(&["schema"]).exits(0).stdout;
    assert_eq!(printed, include_str!("../../schemas/central-api.yaml"));
    let one: Value =
        serde_json::from_str(&world.run(&["schema", "setup"]).exits(0).stdout).unwrap();
    assert_eq!(one["$ref"], "#/$defs/setup");
    let ran = world.run(&["schema", "nothing"]).exits(2);
    assert!(
        ran.stderr.contains("central-api, output, plan-file, setup"),
        "{}",
        ran.stderr
    );
}
