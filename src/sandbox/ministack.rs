//! The emulator: ministack from PyPI, in a private virtual environment, as a process group of its own. It listens on a
//! socket in the sandbox's folder, where nobody else reaches it: whoever may create a function in it runs code as this
//! user.

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

use super::Place;
use crate::{
    aws::root_credentials,
    connection::AccountId,
    ui::{Code, Failure, Result, progress::Progress, t},
};

/// The version that the sandbox is made for.
const VERSION: &str = "1.5.33";
/// All that is installed, by digest.
const REQUIREMENTS: &str = include_str!("ministack.txt");
/// The socket, in the folder of the sandbox's state.
const SOCKET: &str = "emulator.sock";
/// What stands for the emulator's host in URLs.
pub const URL: &str = "http://localhost";

/// The folder of the virtual environment: another one for other requirements.
#[must_use]
pub fn environment(cache: &Path) -> PathBuf {
    let digest = hex::encode(Sha256::digest(REQUIREMENTS));
    cache.join(format!("ministack-{VERSION}-{}", &digest[..8]))
}

/// The way to the emulator, and the secret of this run.
#[derive(Clone, Debug)]
pub struct Emulator {
    http: reqwest::Client,
    pub secret: SecretString,
}

impl Emulator {
    /// `state`: the folder of the sandbox's state, relative to the working directory; the path of a socket must be short.
    pub fn new(state: &Path, secret: SecretString) -> Result<Self> {
        let http = reqwest::Client::builder()
            .unix_socket(state.join(SOCKET))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
        Ok(Self { http, secret })
    }

    /// Passes a request on; of its URL only path and query count. A path with dot segments would be shortened: the gateway lets
    /// none through.
    pub async fn send(
        &self,
        request: axum::http::Request<reqwest::Body>,
    ) -> reqwest::Result<axum::http::Response<reqwest::Body>> {
        Ok(self.http.execute(request.try_into()?).await?.into())
    }

    /// Of an account's root.
    #[must_use]
    pub fn credentials(&self, account: &AccountId) -> Credentials {
        root_credentials(account, &self.secret)
    }

    /// For clients of the SDK.
    #[must_use]
    pub fn client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    /// Waits until it answers.
    pub async fn ready(&self, process: &mut Child) -> Result<()> {
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

/// Installs the emulator where it is not yet: once, afterwards nothing is fetched.
pub async fn install(place: &Place, progress: &Progress) -> Result<()> {
    let complete = place.environment.join("complete");
    if complete.exists() {
        return Ok(());
    }
    let step = progress.step(&t!("sandbox-installing", version = VERSION));
    let installed = async {
        if place.environment.exists() {
            std::fs::remove_dir_all(&place.environment)?;
        }
        let made = ["-I", "-m", "venv"];
        let mut make = isolated("python3");
        run(make.args(made).arg(&place.environment)).await?;
        let requirements = place.environment.join("requirements.txt");
        std::fs::write(&requirements, REQUIREMENTS)?;
        let mut pip = isolated(place.environment.join("bin/python"));
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

/// A program that sees of the environment only what leads to PyPI or its mirror: digests decide what is taken from there.
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

/// Starts the emulator; `port` is where its clients reach it, through the gateway.
pub fn start(
    environment: &Path,
    state: &Path,
    port: u16,
    secret: &SecretString,
) -> std::io::Result<Child> {
    let folder = |name: &str| {
        let path = state.join(name);
        std::fs::create_dir_all(&path).map(|()| path)
    };
    // Its own command binds TCP ports only.
    let serve = ["-I", "-m", "hypercorn", "ministack.app:app"];
    let keep_alive = ["--keep-alive", "75", "--log-level", "WARNING"];
    Command::new(environment.join("bin/python"))
        .args(serve)
        .arg("--bind")
        .arg(format!("unix:{SOCKET}"))
        .args(keep_alive)
        // Its functions inherit its environment: nothing of the user's may be in it.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder("home")?)
        .env("TMPDIR", folder("tmp")?)
        .env("AUTH", "true")
        // Otherwise `test` would be the key of a root too. Functions get keys of their own in place of both.
        .env("AWS_ACCESS_KEY_ID", secret.expose_secret())
        .env("AWS_SESSION_TOKEN", secret.expose_secret())
        .env("GATEWAY_PORT", port.to_string())
        .env("LOG_LEVEL", "WARNING")
        .env("PERSIST_STATE", "1")
        .env("STATE_DIR", folder("ministack")?)
        .env("S3_PERSIST", "1")
        .env("S3_DATA_DIR", folder("s3")?)
        .current_dir(state)
        .stdin(Stdio::null())
        // The whole group can be ended: by its pid alone, function processes would stay.
        .process_group(0)
        .spawn()
}

/// Ends the emulator and its functions: asked first, so that it writes its state, then made to.
pub async fn end(child: &mut Child) {
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

/// Ends an emulator whose sandbox was killed: only where the process recorded is one that works in this place, also where its folder
/// is deleted by now. Without `/proc` nothing tells, and nothing is ended.
pub fn end_left_over(place: &Place) {
    let recorded = std::fs::read_to_string(place.emulator_file()).unwrap_or_default();
    let Some(group) = recorded.trim().parse().ok().and_then(Pid::from_raw) else {
        return;
    };
    let process = PathBuf::from(format!("/proc/{}", group.as_raw_pid()));
    let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
    let is_emulator = String::from_utf8_lossy(&line).contains("ministack.app:app");
    let (Ok(folder), Ok(dir)) = (
        std::fs::read_link(process.join("cwd")),
        place.dir.canonicalize(),
    ) else {
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
    fn the_requirements_are_of_the_version_that_is_told() {
        let wanted = format!("\nministack=={} ", super::VERSION);
        assert!(super::REQUIREMENTS.contains(&wanted));
    }
}
