//! The sandbox of this test run.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use aws_credential_types::Credentials;
use serde_json::Value;
use sophos_ct::testing::Package;
use sophos_ct_forwarder::sign;

use super::{blocking, http};

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
pub fn folder() -> &'static Path {
    &sandbox().dir
}

/// Calls one of the sandbox's own switches and returns its answer.
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

/// Calls the sandbox's KMS as an account's root.
pub fn kms(account: &str, region: &str, operation: &str, input: &Value) -> Value {
    let target = format!("TrentService.{operation}");
    let headers = [
        ("x-amz-target", target.as_str()),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let body = input.to_string();
    blocking(async {
        let answer = as_root(account, region, "kms", &headers, body).await;
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.json().await.expect("JSON")
    })
}

/// Calls the sandbox's CloudFormation as an account's root, with the fields of a form. Returns the answer as text.
pub fn cloudformation(account: &str, fields: &[(&str, &str)]) -> String {
    let fields = fields.iter();
    let fields = fields.map(|(name, value)| format!("{name}={}", encoded(value)));
    let body = fields.collect::<Vec<_>>().join("&");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    blocking(async {
        let answer = as_root(account, "eu-west-1", "cloudformation", &headers, body).await;
        answer.text().await.expect("a text")
    })
}

/// Posts to a service of the sandbox's AWS as an account's root.
async fn as_root(
    account: &str,
    region: &str,
    service: &str,
    headers: &[(&str, &str)],
    body: String,
) -> reqwest::Response {
    let Sandbox { aws, secret, .. } = sandbox();
    let url = format!("{aws}/");
    let unsigned = sign::Unsigned {
        method: "POST",
        url: &url,
        headers,
        service,
        region,
        body: sign::Body::Text(&body),
    };
    let root = Credentials::new(account, "root", Some(secret.clone()), None, "test");
    let headers = sign::headers(&unsigned, &root).expect("a signature");
    let mut request = http().post(&url).body(body.clone());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send().await.expect("AWS answers")
}

/// A value of a form's field.
fn encoded(value: &str) -> String {
    let bytes = value.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    bytes.collect()
}

/// The sandbox of this run.
pub(super) struct Sandbox {
    pub(super) aws: String,
    pub(super) central: String,
    /// The session token of every account's root, and the bearer token for the sandbox's own switches.
    pub(super) secret: String,
    pub(super) dir: PathBuf,
    /// The function's zip. It is packed once, and it is smaller than the program itself.
    pub(super) forwarder: PathBuf,
}

/// The sandbox of this run, which is started with the first test and stopped when this process ends.
#[expect(
    clippy::zombie_processes,
    reason = "the guard outlives this process on purpose: it stops the sandbox"
)]
pub(super) fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let dir = tempfile::Builder::new()
            .prefix("sophos-ct-test")
            .tempdir()
            .expect("a folder")
            .keep();
        let output = Command::new(program())
            .args(["sandbox", "start", "--interval", "1s"])
            .args(["--digest-interval", "5s", "--format", "json"])
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
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
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

/// The program under test. `SOPHOS_CT_PROGRAM` can name another build of it.
pub(super) fn program() -> PathBuf {
    match std::env::var_os("SOPHOS_CT_PROGRAM") {
        Some(path) => std::path::absolute(path).expect("a path"),
        None => env!("CARGO_BIN_EXE_sophos-ct").into(),
    }
}
