//! Nobody but its user reaches the sandbox, and `sandbox stop` ends nothing else.

use std::{os::unix::fs::PermissionsExt, path::Path};

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{self, Ran, World, blocking};

#[test]
fn nobody_but_its_user_reaches_the_sandbox_and_stop_ends_nothing_else() {
    let world = World::new();
    let mut guessed = world.command(&["doctor", "--format", "json"]);
    guessed.env("AWS_SESSION_TOKEN", "guessed");
    let guessed: Ran = guessed.output().unwrap().into();
    let guessed = guessed.exits(8).json();
    assert_eq!(guessed["checks"][0]["ok"], false);
    blocking(async {
        let stranger = Stranger::of(&world);
        stranger.is_refused_without_a_signature().await;
        stranger
            .reaches_only_the_programs_services_with_the_secret()
            .await;
        stranger.is_refused_in_other_spellings().await;
        stranger.is_refused_at_paths_that_lead_elsewhere().await;
        stranger.makes_no_tenant().await;
    });
    files_are_private(support::folder());
    a_bystander_is_not_ended(&world);
}

/// Another user of this machine, who knows everything about the sandbox except its secret.
struct Stranger {
    http: reqwest::Client,
    url: String,
    account: String,
}

impl Stranger {
    fn of(world: &World) -> Self {
        Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            url: support::endpoint(),
            account: world.account.clone(),
        }
    }

    fn functions(&self) -> String {
        format!("{}/2015-03-31/functions/", self.url)
    }

    /// The header of a call to this service, with a signature that is wrong.
    fn signed(&self, service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0",
            self.account
        )
    }

    /// The same with another access key.
    fn other_key(&self) -> String {
        self.signed("lambda").replace(&self.account, "AKIAEXAMPLE")
    }

    async fn is_refused_without_a_signature(&self) {
        let reset = format!("{}/_ministack/reset", self.url);
        assert_eq!(status(self.http.get(self.functions())).await, 403);
        assert_eq!(status(self.http.post(&reset)).await, 403);
    }

    /// Even the secret opens neither the emulator's own switches nor the other services that it has.
    async fn reaches_only_the_programs_services_with_the_secret(&self) {
        let with_secret = |path: &str, service: &str| {
            let request = self.http.post(format!("{}{path}", self.url));
            let request = request.header("authorization", self.signed(service));
            request.header("x-amz-security-token", support::secret())
        };
        assert_ne!(status(with_secret("/", "sns")).await, 403);
        assert_eq!(status(with_secret("/", "ec2")).await, 403);
        assert_eq!(status(with_secret("/_ministack/reset", "s3")).await, 403);
    }

    /// Other ways to write a call without a signature, another key, or the path of the emulator's own switches.
    async fn is_refused_in_other_spellings(&self) {
        let other_key = self.other_key();
        let root = format!(
            "{}%2F20260101%2Feu-west-1%2Flambda%2Faws4_request",
            self.account
        );
        for address in [
            format!("/2015-03-31/functions/?X-Amz-Credential={root}"),
            format!("/2015-03-31/functions/?X%2DAmz-Credential={root}"),
            "/_ministack/reset".to_owned(),
            "/%5Fministack/reset".to_owned(),
            "//_ministack/reset".to_owned(),
        ] {
            let call = self.http.get(format!("{}{address}", self.url));
            let call = call.header("authorization", &other_key);
            assert_eq!(status(call).await, 403, "{address}");
        }
        for header in [
            other_key.replace("AWS4-HMAC-SHA256", "Bearer"),
            other_key.replace(", SignedHeaders", ", Credential=x, SignedHeaders"),
            other_key.replace("Credential=", "Credential=AKIAEXAMPLE/Credential="),
            self.signed("lambda"),
        ] {
            let call = self.http.get(self.functions());
            let call = call.header("authorization", &header);
            assert_eq!(status(call).await, 403, "{header}");
        }
    }

    /// An HTTP client resolves these paths before it sends them, so they are written to the connection by hand.
    async fn is_refused_at_paths_that_lead_elsewhere(&self) {
        let other_key = self.other_key();
        for path in ["/x/../_ministack/reset", "/x/%2e%2e/_ministack/reset"] {
            let line = format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: {other_key}\r\nconnection: close\r\n\r\n"
            );
            let address = self.url.trim_start_matches("http://");
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(line.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
        }
    }

    async fn makes_no_tenant(&self) {
        let central = support::central_url();
        let tenants = self.http.post(format!("{central}/_sandbox/tenants"));
        let tenant = json!({ "name": "mine" });
        assert_eq!(status(tenants.json(&tenant)).await, 401);
    }
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

/// Nobody else on this machine can read the sandbox's folder.
fn files_are_private(dir: &Path) {
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(dir), 0o700);
    for file in ["sandbox.json", "state/ports.json", "state/central.json"] {
        let file = dir.join(file);
        // The sandbox writes its state every second.
        let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while !file.exists() {
            assert!(std::time::Instant::now() < end, "{}", file.display());
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

/// In the files of a sandbox that was killed is the id of another process, which took the sandbox's number over.
fn a_bystander_is_not_ended(world: &World) {
    let left = tempfile::tempdir().unwrap();
    let told = std::fs::read_to_string(support::folder().join("sandbox.json")).unwrap();
    let mut told: Value = serde_json::from_str(&told).unwrap();
    let mut bystander = std::process::Command::new("sleep")
        .arg("600")
        .spawn()
        .unwrap();
    told["pid"] = bystander.id().into();
    for file in ["start.lock", "serve.lock", "emulator.pid"] {
        std::fs::write(left.path().join(file), bystander.id().to_string()).unwrap();
    }
    std::fs::write(left.path().join("sandbox.json"), told.to_string()).unwrap();
    let mut stop = world.command(&["sandbox", "stop"]);
    stop.env("SOPHOS_CT_SANDBOX_DIR", left.path());
    let stop: Ran = stop.output().unwrap().into();
    assert!(stop.exits(0).stderr.contains("is not running"));
    for words in [["sandbox", "start"], ["sandbox", "stop"]] {
        let mut again = world.command(&words);
        again.env("SOPHOS_CT_SANDBOX_DIR", left.path());
        again.env("HOME", std::env::var_os("HOME").unwrap_or_default());
        Ran::from(again.output().unwrap()).exits(0);
    }
    assert!(
        bystander.try_wait().unwrap().is_none(),
        "the bystander was ended"
    );
    bystander.kill().unwrap();
    bystander.wait().unwrap();
}
