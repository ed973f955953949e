//! The emulator: ministack from PyPI, in a private virtual environment, as a process group of its own. It listens on a socket in
//! the sandbox's folder, which no other user can reach: anyone who can create a function in it can run code as this user.

use std::{
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::{
    http::{
        HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use rustix::process::{Pid, Signal};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{
    aws::root_credentials,
    connection::AccountId,
    ui::{Code, Failure, Result, progress::Progress, t},
};

/// The version of ministack that the sandbox is made for.
const VERSION: &str = "1.5.33";
/// Everything that is installed, with its digests.
const REQUIREMENTS: &str = include_str!("ministack.txt");
/// The name of the socket in the folder of the sandbox's state.
const SOCKET: &str = "emulator.sock";
/// The emulator's scheme and host in URLs; requests go to the socket all the same.
pub(super) const URL: &str = "http://localhost";

/// The seconds before the two retries of an event that a function has failed to handle: one and two minutes in Lambda (Lambda
/// developer guide, "Asynchronous invocation"). The emulator's own, one and two seconds, are over before a function calls Central
/// again that was too busy to answer once: its events would be lost for good, as none is on AWS.
const RETRIES: [&str; 2] = ["8", "16"];

/// The folder of the virtual environment. Other requirements get another folder.
#[must_use]
pub(super) fn environment(cache: &Path) -> PathBuf {
    let digest = hex::encode(Sha256::digest(REQUIREMENTS));
    cache.join(format!("ministack-{VERSION}-{}", &digest[..8]))
}

/// The connection to the emulator, and the secret of this run.
#[derive(Clone, Debug)]
pub(super) struct Emulator {
    http: reqwest::Client,
    pub secret: SecretString,
}

impl Emulator {
    /// Connects to the emulator. `state` is the folder of the sandbox's state, relative to the working directory, since the path
    /// of a socket must be short.
    pub(super) fn new(state: &Path, secret: SecretString) -> Result<Self> {
        let http = reqwest::Client::builder()
            .unix_socket(state.join(SOCKET))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
        Ok(Self { http, secret })
    }

    /// Passes a request on. Only the path and the query of its URL count. A path with dot segments would be shortened, so the
    /// gateway lets none through.
    pub(super) async fn send(
        &self,
        request: axum::http::Request<reqwest::Body>,
    ) -> reqwest::Result<axum::http::Response<reqwest::Body>> {
        Ok(self.http.execute(request.try_into()?).await?.into())
    }

    /// The credentials of an account's root.
    #[must_use]
    pub(super) fn credentials(&self, account: &AccountId) -> Credentials {
        root_credentials(account, &self.secret)
    }

    /// An HTTP client for the SDK's clients.
    #[must_use]
    pub(super) fn client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    /// Waits until the emulator answers.
    pub(super) async fn ready(&self, process: &mut Child) -> Result<()> {
        for _ in 0..600 {
            if let Some(status) = process.try_wait()? {
                return Err(Failure::new(
                    Code::SandboxUnavailable,
                    format!("ministack ended with {status}"),
                ));
            }
            let health = self.http.get(format!("{URL}/_ministack/health"));
            if health
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Failure::new(
            Code::SandboxUnavailable,
            "ministack does not answer",
        ))
    }
}

impl HttpConnector for Emulator {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let emulator = self.clone();
        HttpConnectorFuture::new(async move {
            let request = request
                .try_into_http1x()
                .map_err(|error| ConnectorError::user(error.into()))?;
            let answer = emulator
                .send(request.map(reqwest::Body::wrap))
                .await
                .map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Installs the emulator into its virtual environment, unless it is there already. After that nothing is fetched any more.
pub(super) async fn install(environment: &Path, progress: &Progress) -> Result<()> {
    let complete = environment.join("complete");
    if complete.exists() {
        return Ok(());
    }
    let step = progress.step(&t!("sandbox-installing", version = VERSION));
    let installed = async {
        if environment.exists() {
            std::fs::remove_dir_all(environment)?;
        }
        let made = ["-I", "-m", "venv"];
        let mut make = isolated("python3");
        run(make.args(made).arg(environment)).await?;
        let requirements = environment.join("requirements.txt");
        std::fs::write(&requirements, REQUIREMENTS)?;
        let mut pip = isolated(environment.join("bin/python"));
        pip.args(["-I", "-m", "pip", "install", "--quiet", "--no-input"])
            .args(["--disable-pip-version-check", "--no-deps"])
            .args(["--require-hashes", "--only-binary", ":all:"]);
        run(pip.arg("--requirement").arg(&requirements)).await?;
        std::fs::write(complete, VERSION)?;
        Ok(())
    }
    .await;
    match installed {
        Ok(()) => {
            step.done();
            Ok(())
        }
        Err(failure) => {
            step.failed();
            Err(failure)
        }
    }
}

/// A command whose environment has only what leads to PyPI or its mirror. Digests decide what is accepted from there.
fn isolated(program: impl AsRef<std::ffi::OsStr>) -> tokio::process::Command {
    const KEPT: [&str; 14] = [
        "PATH",
        "HOME",
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
        "SSL_CERT_FILE",
        "PIP_CERT",
        "PIP_INDEX_URL",
        "PIP_TRUSTED_HOST",
    ];
    let mut command = tokio::process::Command::new(program);
    command.env_clear();
    for name in KEPT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

async fn run(command: &mut tokio::process::Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| {
            let failure = Failure::new(Code::SandboxUnavailable, t!("sandbox-no-python"));
            if error.kind() == std::io::ErrorKind::NotFound {
                failure.hinted(t!("sandbox-no-python-hint"))
            } else {
                failure.caused_by(error)
            }
        })?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    Err(Failure::new(
        Code::SandboxUnavailable,
        t!("sandbox-not-installed", version = VERSION, cause = last),
    )
    .hinted(t!("sandbox-not-installed-hint")))
}

/// Starts the emulator. `port` is the gateway's, through which clients reach the emulator.
pub(super) fn start(
    environment: &Path,
    state: &Path,
    port: u16,
    secret: &SecretString,
) -> std::io::Result<Child> {
    let folder = |name: &str| {
        let path = state.join(name);
        std::fs::create_dir_all(&path).map(|()| path)
    };
    // ministack's own command can bind TCP ports only.
    let serve = ["-I", "-m", "hypercorn", "ministack.app:app"];
    let keep_alive = ["--keep-alive", "75", "--log-level", "WARNING"];
    Command::new(environment.join("bin/python"))
        .args(serve)
        .arg("--bind")
        .arg(format!("unix:{SOCKET}"))
        .args(keep_alive)
        // The emulator's functions inherit its environment, so nothing of the user's may be in it.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder("home")?)
        .env("TMPDIR", folder("tmp")?)
        .env("AUTH", "true")
        // Otherwise `test` would be a root's key too. Functions get keys of their own instead of these two.
        .env("AWS_ACCESS_KEY_ID", secret.expose_secret())
        .env("AWS_SESSION_TOKEN", secret.expose_secret())
        .env("GATEWAY_PORT", port.to_string())
        .env("LOG_LEVEL", "WARNING")
        .env("LAMBDA_ASYNC_RETRY_BASE_SECONDS", RETRIES[0])
        .env("LAMBDA_ASYNC_RETRY_MAX_SECONDS", RETRIES[1])
        .env("PERSIST_STATE", "1")
        .env("STATE_DIR", folder("ministack")?)
        .env("S3_PERSIST", "1")
        .env("S3_DATA_DIR", folder("s3")?)
        .current_dir(state)
        .stdin(Stdio::null())
        // A process group can be ended as a whole. With the pid alone, the processes of functions would stay.
        .process_group(0)
        .spawn()
}

/// Ends the emulator and its functions. SIGTERM comes first, so that the emulator saves its state, then SIGKILL.
pub(super) async fn end(child: &mut Child) {
    let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return;
    };
    let _ = rustix::process::kill_process(group, Signal::TERM);
    for _ in 0..100 {
        if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let _ = rustix::process::kill_process_group(group, Signal::KILL);
    let _ = child.wait();
}

/// Ends an emulator whose sandbox was killed. `recorded` is the file with its process id, `dir` the sandbox's folder. The process
/// is ended only if it is an emulator that works in this folder, even if the folder has been deleted. Without `/proc` this cannot
/// be found out, and nothing is ended.
pub(super) fn end_left_over(recorded: &Path, dir: &Path) {
    let recorded = std::fs::read_to_string(recorded).unwrap_or_default();
    let Some(group) = recorded.trim().parse().ok().and_then(Pid::from_raw) else {
        return;
    };
    let process = PathBuf::from(format!("/proc/{}", group.as_raw_pid()));
    let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
    let is_emulator = String::from_utf8_lossy(&line).contains("ministack.app:app");
    let (Ok(folder), Ok(dir)) = (std::fs::read_link(process.join("cwd")), dir.canonicalize())
    else {
        return;
    };
    let folder = folder.to_string_lossy();
    let works_here = Path::new(folder.trim_end_matches(" (deleted)")) == dir.join("state");
    if is_emulator && works_here {
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_requirements_pin_the_stated_version() {
        let wanted = format!("\nministack=={} ", super::VERSION);
        assert!(super::REQUIREMENTS.contains(&wanted));
    }
}
