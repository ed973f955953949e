//! `sandbox verify-central`: the sandbox's Central conforms, and each fault that is planted in one is found.

mod faults;

use std::sync::{Arc, Mutex};

use serde_json::Value;
use sophos_ct::testing::{Central, Store, Timing};

use crate::{
    schema::Published,
    support::{Ran, World},
};
use faults::{FAULTS, Fault};

/// A Central of its own, for a tenant of its own.
struct Served {
    url: String,
    client_id: String,
    client_secret: String,
    store: Arc<Mutex<Store>>,
}

impl Served {
    async fn start(fault: Option<Fault>) -> Self {
        let store = Arc::new(Mutex::new(Store::default()));
        let tenant = {
            let mut store = store.lock().unwrap();
            store.add_tenant("verified", "tenant", None)
        };
        // The address must be known before the server is made: it is the ingest host of every proof.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let central = Central::new(Arc::clone(&store), &url, Timing::default());
        let mut router = central.router();
        if let Some(fault) = fault {
            router = faults::planted(router, fault);
        }
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            client_id: tenant.client_id,
            client_secret: tenant.client_secret,
            store,
        }
    }

    /// Runs the program against this Central, with the credentials of a role if there are any.
    async fn verify(&self, world: &World, role: &[(&'static str, String)], more: &[&str]) -> Ran {
        let words = [&["sandbox", "verify-central", self.url.as_str()][..], more].concat();
        let mut command = world.command(&words);
        command
            .env("SOPHOS_CENTRAL_ID_URL", &self.url)
            .env("SOPHOS_CENTRAL_API_URL", &self.url)
            .env("SOPHOS_CENTRAL_CLIENT_ID", &self.client_id)
            .env("SOPHOS_CENTRAL_CLIENT_SECRET", &self.client_secret)
            .envs(role.iter().map(|(name, value)| (*name, value.as_str())));
        let run = tokio::task::spawn_blocking(move || command.output());
        run.await.unwrap().unwrap().into()
    }

    /// Whether a connection is there that is not deleted.
    fn has_connections(&self) -> bool {
        let store = self.store.lock().unwrap();
        store
            .connections
            .iter()
            .any(|(_, connection)| !connection.deleted)
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
    let checks = document["checks"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    checks
        .filter(|check| check["ok"] == false)
        .map(|check| (text(&check["operation"]), text(&check["name"])))
        .collect()
}

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
        // Only what takes a partner's credential was not tried.
        let not_tried = document["checks"].as_array().unwrap().iter();
        let not_tried = not_tried.filter(|check| check["ok"].is_null());
        let not_tried: Vec<_> = not_tried
            .map(|check| check["operation"].as_str().unwrap())
            .collect();
        assert_eq!(not_tried, ["partnerTenants", "organizationTenants"]);
        assert!(!central.has_connections());
        let report = std::fs::read_to_string(world.home().join("report.xml")).unwrap();
        assert!(report.contains("failures=\"0\" skipped=\"2\""), "{report}");
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
fn each_of_ten_planted_faults_is_found_where_it_is() {
    assert_eq!(FAULTS.len(), 10);
    let world = World::new();
    let role = world.role(NOTHING);
    block_on(async {
        for fault in FAULTS {
            let central = Served::start(Some(fault)).await;
            let ran = central
                .verify(&world, &role, &["--format", "json"])
                .await
                .exits(1);
            let found = differing(&ran.json());
            assert!(!found.is_empty(), "{}", fault.operation);
            let elsewhere = found
                .iter()
                .filter(|(operation, _)| operation != fault.operation);
            let elsewhere: Vec<_> = elsewhere.collect();
            assert!(elsewhere.is_empty(), "{}: {elsewhere:?}", fault.operation);
            let named = found.iter().any(|(_, name)| name == fault.check);
            assert!(named, "{}: {found:?}", fault.check);
            assert!(!central.has_connections());
        }
    });
}

#[test]
fn a_tenant_that_is_not_on_this_machine_takes_consent() {
    let world = World::new();
    let words = ["sandbox", "verify-central", "https://central.example.com"];
    let ran = world.run(&words).exits(2);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    let words = ["sandbox", "verify-central", "http://central.example.com"];
    let ran = world.run(&words).exits(2);
    assert!(ran.stderr.contains("URL"), "{}", ran.stderr);
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
