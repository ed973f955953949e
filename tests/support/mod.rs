//! One sandbox for the run, a world (account, tenant, empty HOME) for each test, and the program run in it.

pub mod fixtures;
pub mod snapshot;
pub mod terminal;
pub mod wire;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_credential_types::Credentials;
use serde_json::{Value, json};
use sophos_ct::resources::package::Package;
use wire::Wire;

/// The sandbox of this run.
struct Sandbox {
    aws: String,
    central: String,
    /// The session token of the accounts' roots, and for Central's switches.
    secret: String,
    dir: PathBuf,
    /// The function's zip: smaller than the program itself, and packed once.
    forwarder: PathBuf,
}

/// The program under test: another build of it where one is named.
fn program() -> PathBuf {
    match std::env::var_os("SOPHOS_CT_PROGRAM") {
        Some(path) => std::path::absolute(path).expect("a path"),
        None => env!("CARGO_BIN_EXE_sophos-ct").into(),
    }
}

/// Started with the first test; ended with the process.
#[expect(
    clippy::zombie_processes,
    reason = "the guard outlives this process on purpose: it stops the sandbox"
)]
fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let dir = tempfile::Builder::new()
            .prefix("sophos-ct-test")
            .tempdir()
            .expect("a folder")
            .keep();
        let output = Command::new(program())
            .args(["sandbox", "start", "--interval", "1s", "--format", "json"])
            .env("SOPHOS_CT_SANDBOX_DIR", &dir)
            .output()
            .expect("the program starts");
        let running: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let text = |name: &str| running[name].as_str().expect("a text").to_owned();
        let told = std::fs::read(dir.join("sandbox.json")).expect("what the sandbox tells");
        let told: Value = serde_json::from_slice(&told).expect("JSON");
        // Nothing is left running: a shell waits for the end of this process, then stops the sandbox.
        let wait = format!(
            "while kill -0 {}; do sleep 0.5; done; {} sandbox stop; rm -rf {}",
            std::process::id(),
            program().display(),
            dir.display()
        );
        Command::new("sh")
            .args(["-c", &wait])
            .env("SOPHOS_CT_SANDBOX_DIR", &dir)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("a shell");
        let bootstrap = Path::new(env!("CARGO_BIN_EXE_bootstrap"));
        let package = Package::load(Some(bootstrap)).expect("a bootstrap");
        let forwarder = dir.join("forwarder.zip");
        std::fs::write(&forwarder, package.zip).expect("the folder takes a file");
        Sandbox {
            forwarder,
            aws: text("awsUrl"),
            central: text("centralUrl"),
            secret: told["secret"].as_str().expect("a secret").to_owned(),
            dir,
        }
    })
}

/// One account and one tenant.
pub struct World {
    pub account: String,
    pub tenant: Value,
    home: tempfile::TempDir,
    wire: Option<Wire>,
}

/// What a run of the program gave.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// stdout as the one JSON document that it must be.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl World {
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let account = format!(
            "{:012}",
            200_000_000_000 + NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let tenant = control(
            "POST",
            "/_sandbox/tenants",
            &json!({ "name": format!("tenant of {account}") }),
        );
        Self {
            account,
            tenant,
            home: tempfile::tempdir().expect("a folder"),
            wire: None,
        }
    }

    /// A world with a partner's credential; and the name of the one tenant that it may act for.
    pub fn of_partner() -> (Self, String) {
        let mut world = Self::new();
        let partner = json!({ "name": format!("partner of {}", world.account), "kind": "partner" });
        let partner = control("POST", "/_sandbox/tenants", &partner);
        let name = format!("customer of {}", world.account);
        let customer = json!({ "name": name, "kind": "tenant", "parent": partner["id"] });
        control("POST", "/_sandbox/tenants", &customer);
        world.tenant = partner;
        (world, name)
    }

    /// A world whose calls go through a wire.
    pub fn wired() -> Self {
        let mut world = Self::new();
        let Sandbox { aws, central, .. } = sandbox();
        world.wire = Some(Wire::lay(aws, central, &world.account));
        world
    }

    #[track_caller]
    pub fn wire(&self) -> &Wire {
        self.wire.as_ref().expect("a wired world")
    }

    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Another machine: a new working folder and an empty HOME.
    pub fn move_house(&mut self) {
        self.home = tempfile::tempdir().expect("a folder");
    }

    /// The program with this world's credentials and nothing else of the environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let sandbox = sandbox();
        let (aws, central) = match &self.wire {
            Some(wire) => (&wire.aws, &wire.central),
            None => (&sandbox.aws, &sandbox.central),
        };
        let mut command = Command::new(program());
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", "root")
            .env("AWS_SESSION_TOKEN", &sandbox.secret)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ENDPOINT_URL", aws)
            .env("SOPHOS_CENTRAL_ID_URL", central)
            .env("SOPHOS_CENTRAL_API_URL", central)
            .env(
                "SOPHOS_CENTRAL_CLIENT_ID",
                self.tenant["clientId"].as_str().expect("an id"),
            )
            .env(
                "SOPHOS_CENTRAL_CLIENT_SECRET",
                self.tenant["clientSecret"].as_str().expect("a secret"),
            )
            .env("SOPHOS_CT_SANDBOX_DIR", &sandbox.dir)
            .env("SOPHOS_CT_FORWARDER", &sandbox.forwarder)
            .current_dir(self.home.path())
            .stdin(std::process::Stdio::null());
        command
    }

    /// The program on another machine, past this world's wire.
    pub fn elsewhere(&self, arguments: &[&str]) -> Command {
        let Sandbox { aws, central, .. } = sandbox();
        let mut command = self.command(arguments);
        command
            .env("AWS_ENDPOINT_URL", aws)
            .env("SOPHOS_CENTRAL_ID_URL", central)
            .env("SOPHOS_CENTRAL_API_URL", central);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments)
            .output()
            .expect("the program starts")
            .into()
    }

    /// Credentials of a role with exactly this policy, as environment variables.
    pub fn role(&self, policy: &str) -> [(&'static str, String); 3] {
        let credentials = blocking(async {
            let aws = self.aws().await;
            let trust = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{}:root"}},"Action":"sts:AssumeRole"}}]}}"#,
                self.account
            );
            let made = aws
                .iam
                .create_role()
                .role_name("operator")
                .assume_role_policy_document(trust);
            let _ = made.send().await;
            let put = aws
                .iam
                .put_role_policy()
                .role_name("operator")
                .policy_name("p");
            put.policy_document(policy).send().await.expect("a policy");
            let arn = format!("arn:aws:iam::{}:role/operator", self.account);
            let session = aws
                .sts
                .assume_role()
                .role_arn(arn)
                .role_session_name("test");
            let session = session.send().await.expect("a session");
            session.credentials().expect("credentials").clone()
        });
        [
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id().to_owned()),
            (
                "AWS_SECRET_ACCESS_KEY",
                credentials.secret_access_key().to_owned(),
            ),
            ("AWS_SESSION_TOKEN", credentials.session_token().to_owned()),
        ]
    }

    /// Runs the program as a role that has exactly this policy.
    pub fn run_under(&self, policy: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        command.envs(self.role(policy));
        command.output().expect("the program starts").into()
    }

    /// The policy that the program prints for a purpose, with what the emulator evaluates differently widened, and only that.
    pub fn printed_policy(&self, purpose: &str, name: &str, more: &[&str]) -> String {
        let words = [
            "policy",
            purpose,
            "--name",
            name,
            "--expect-account",
            &self.account,
            "--region",
            "eu-west-1",
        ];
        let printed = self.run(&[&words, more].concat()).exits(0).stdout;
        let mut printed: Value = serde_json::from_str(&printed).expect("a policy");
        for statement in printed["Statement"].as_array_mut().expect("statements") {
            let actions = statement["Action"].to_string();
            // It evaluates these on `*` alone.
            let wide = [
                "lambda:CreateFunction",
                "sns:ListTagsForResource",
                "cloudtrail:",
            ];
            if wide.iter().any(|one| actions.contains(one)) {
                statement["Resource"] = "*".into();
            }
            // It knows no `organizations:ServicePrincipal` and no `iam:AWSServiceName`.
            let unknown = ["organizations:", "iam:CreateServiceLinkedRole"];
            if unknown.iter().any(|one| actions.contains(one)) {
                statement
                    .as_object_mut()
                    .expect("an object")
                    .shift_remove("Condition");
            }
        }
        printed.to_string()
    }

    /// `setup` of a connection, unattended, as JSON.
    pub fn setup(&self, name: &str, more: &[&str]) -> Ran {
        let mut arguments = vec!["setup", name, "--yes", "--format", "json"];
        arguments.extend(more);
        self.run(&arguments)
    }

    pub fn remove(&self, name: &str, more: &[&str]) -> Ran {
        let mut arguments = vec![
            "remove",
            name,
            "--yes",
            "--confirm-account",
            &self.account,
            "--format",
            "json",
        ];
        arguments.extend(more);
        self.run(&arguments)
    }

    /// Overwrites fields of a connection in Central: a Central that lies.
    pub fn rewrite(&self, id: &str, fields: &Value) {
        control("PUT", &format!("/_sandbox/connections/{id}"), fields);
    }

    pub fn end_license(&self, date: &str) {
        let tenant = self.tenant["id"].as_str().expect("an id");
        control(
            "PUT",
            &format!("/_sandbox/tenants/{tenant}/license"),
            &json!({ "ends": date }),
        );
    }

    /// A signed-in AWS client of the account's root.
    pub async fn aws(&self) -> sophos_ct::aws::Aws {
        sophos_ct::aws::Aws::connect(&sophos_ct::aws::Options {
            profile: None,
            region: Some("eu-west-1".parse().expect("a region")),
            sandbox: Some(sophos_ct::aws::SandboxAws {
                endpoint: sandbox().aws.clone(),
                account: self.account.parse().expect("an account"),
                secret: sandbox().secret.clone().into(),
                role: None,
                client: None,
            }),
        })
        .await
        .expect("the emulator answers")
    }

    /// A Central call of this tenant.
    pub fn central(&self, path: &str) -> Value {
        self.central_call("GET", path, None, &Value::Null).1
    }

    /// Saves a connection in Central, as somebody with the tenant's credentials may; one that is there stays.
    pub fn put_connection(&self, id: &str, new: &Value) {
        let base = &sandbox().central;
        let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}");
        blocking(async {
            let put = http()
                .put(format!("{base}{path}"))
                .bearer_auth(self.token().await)
                .header("X-Tenant-ID", self.tenant["id"].as_str().expect("an id"))
                .header("If-None-Match", "*");
            put.json(new).send().await.expect("Central answers");
        });
    }

    /// A token of the tenant.
    async fn token(&self) -> String {
        let field = |name: &str| self.tenant[name].as_str().expect("a text");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", field("clientId")),
            ("client_secret", field("clientSecret")),
            ("scope", "token"),
        ];
        let token = http().post(format!("{}/api/v2/oauth2/token", sandbox().central));
        let token = token.form(&form).send().await.expect("Central answers");
        let token: Value = token.json().await.expect("a token");
        token["access_token"].as_str().expect("a token").to_owned()
    }

    /// Changes a connection in Central, as its owner may.
    pub fn patch(&self, id: &str, change: &Value) {
        let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}");
        let (etag, _) = self.central_call("GET", &path, None, &Value::Null);
        self.central_call("PATCH", &path, etag, change);
    }

    /// The answer's ETag and body.
    fn central_call(
        &self,
        method: &str,
        path: &str,
        if_match: Option<String>,
        body: &Value,
    ) -> (Option<String>, Value) {
        let base = &sandbox().central;
        blocking(async {
            let method = method.parse().expect("a method");
            let mut request = http()
                .request(method, format!("{base}{path}"))
                .bearer_auth(self.token().await)
                .header("X-Tenant-ID", self.tenant["id"].as_str().expect("an id"));
            if let Some(etag) = if_match {
                request = request.header("If-Match", etag).json(body);
            }
            let answer = request.send().await.expect("Central answers");
            assert!(answer.status().is_success(), "{}", answer.status());
            let etag = answer.headers().get("etag");
            let etag = etag.map(|etag| etag.to_str().expect("text").to_owned());
            (etag, answer.json().await.expect("JSON"))
        })
    }
}

/// Nothing goes on: the trails deliver no more.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        blocking(async {
            let aws = self.aws().await;
            let trails = aws.cloudtrail.describe_trails().send().await;
            for trail in trails.iter().flat_map(|found| found.trail_list()) {
                let stop = aws
                    .cloudtrail
                    .stop_logging()
                    .set_name(trail.trail_arn.clone());
                let _ = stop.send().await;
            }
        });
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
}

/// The address of the sandbox's AWS.
pub fn endpoint() -> String {
    sandbox().aws.clone()
}

/// The address of the sandbox's Central.
pub fn central_url() -> String {
    sandbox().central.clone()
}

/// The secret of this run of the sandbox.
pub fn secret() -> &'static str {
    &sandbox().secret
}

/// Where the sandbox keeps its state.
pub fn folder() -> &'static std::path::Path {
    &sandbox().dir
}

/// A call of an account's root to the sandbox's KMS.
pub fn kms(account: &str, region: &str, operation: &str, input: &Value) -> Value {
    use sophos_ct_forwarder::sign;
    let Sandbox { aws, secret, .. } = sandbox();
    let body = input.to_string();
    let target = format!("TrentService.{operation}");
    let url = format!("{aws}/");
    let unsigned = sign::Unsigned {
        method: "POST",
        url: &url,
        headers: &[
            ("x-amz-target", &target),
            ("content-type", "application/x-amz-json-1.1"),
        ],
        service: "kms",
        region,
        body: sign::Body::Text(&body),
    };
    let root = Credentials::new(account, "root", Some(secret.clone()), None, "test");
    let headers = sign::headers(&unsigned, &root).expect("a signature");
    blocking(async {
        let mut request = http().post(&url).body(body.clone());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.expect("KMS answers");
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.json().await.expect("JSON")
    })
}

/// One of the sandbox's own switches.
pub fn control(method: &str, path: &str, body: &Value) -> Value {
    let url = format!("{}{path}", sandbox().central);
    blocking(async {
        let method = method.parse().expect("a method");
        let answer = http()
            .request(method, url)
            .bearer_auth(&sandbox().secret)
            .json(body)
            .send()
            .await
            .expect("Central answers");
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.json().await.unwrap_or_default()
    })
}

pub fn blocking<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}
