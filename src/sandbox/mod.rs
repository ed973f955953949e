//! The sandbox: the whole job without AWS or Sophos. It consists of ministack (STS, IAM, S3, SNS, Lambda, Logs), a CloudTrail
//! service as strict as AWS, and a local Central. It is one background process that listens on loopback only; all of its state
//! has one lifetime.

mod administrator;
mod calls;
pub(crate) mod central;
mod cloud;
mod cloudtrail;
mod gateway;
mod kms;
mod ministack;
mod notify;
mod organizations;
mod request;
mod rules;
pub(crate) mod server;
mod stricter;
mod switches;
pub(crate) mod worlds;

use std::{
    fs::Permissions,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use etcetera::BaseStrategy;
use rustix::process::{Pid, Signal};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

pub(crate) use central::LICENSE_CODE;

use crate::{
    SANDBOX_DIR, aws, central as client,
    connection::AccountId,
    ui::{Code, Failure, Printer, Result, progress::Progress, t},
};

/// A file that the folder of every sandbox contains from the first start on.
const START_LOCK: &str = "start.lock";
/// The account that `--sandbox` acts in.
const ACCOUNT: &str = "111122223333";
/// The role with an administrator's rights that `--sandbox` acts as.
const ADMINISTRATOR: &str = "Administrator";

/// What a running sandbox writes about itself into `sandbox.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Running {
    pub version: String,
    pub pid: i32,
    /// The AWS endpoint of all services.
    pub aws_url: String,
    pub central_url: String,
    pub account: AccountId,
    pub tenant_id: String,
    pub client_id: String,
    pub client_secret: String,
    /// The secret of this run: the session token of the accounts' roots, and the key to Central's switches under `/_sandbox`.
    pub secret: String,
    /// Seconds between two log files of a trail.
    pub interval_seconds: f64,
}

impl Running {
    #[must_use]
    pub(crate) fn aws(&self) -> aws::SandboxAws {
        aws::SandboxAws {
            endpoint: self.aws_url.clone(),
            account: self.account.clone(),
            secret: SecretString::from(self.secret.clone()),
            role: Some(ADMINISTRATOR),
            client: None,
        }
    }

    /// How AWS is reached in the account that a profile names, which is one of a world's.
    pub(crate) fn aws_as(&self, profile: Option<&str>) -> Result<aws::SandboxAws> {
        let mut aws = self.aws();
        if let Some(profile) = profile {
            aws.account = worlds::account_of(profile, &worlds::seeded(&Place::find()?))?;
        }
        Ok(aws)
    }

    #[must_use]
    pub(crate) fn central(&self) -> client::Options {
        client::Options {
            id_url: self.central_url.clone(),
            api_url: self.central_url.clone(),
            credential: client::Credential::Client {
                id: self.client_id.clone(),
                secret: SecretString::from(self.client_secret.clone()),
            },
        }
    }
}

/// Whether a profile names an account that the sandbox has.
pub(crate) fn has_profile(profile: &str) -> bool {
    let account = |place: Place| worlds::account_of(profile, &worlds::seeded(&place));
    Place::find().and_then(account).is_ok()
}

/// Where the sandbox keeps what it needs.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// State, logs and locks.
    pub dir: PathBuf,
    /// The emulator's virtual environment.
    pub environment: PathBuf,
}

impl Place {
    /// The folder that `SOPHOS_CT_SANDBOX_DIR` names, otherwise one in the cache folder. The emulator's environment is always in
    /// the cache folder.
    pub(crate) fn find() -> Result<Self> {
        let cache = etcetera::choose_base_strategy()
            .map_err(|error| Failure::new(Code::SandboxUnavailable, error.to_string()))?
            .cache_dir()
            .join("sophos-ct");
        let named = std::env::var_os(SANDBOX_DIR).filter(|dir| !dir.is_empty());
        let dir = named.map_or_else(|| cache.join("sandbox"), PathBuf::from);
        Ok(Self {
            dir: std::path::absolute(dir)?,
            environment: ministack::environment(&cache),
        })
    }

    /// Creates the folder. Refuses one that has files in it and is not a sandbox's.
    fn make(&self) -> Result<()> {
        let unusable = |error: std::io::Error| {
            let dir = self.dir.display();
            let message = t!(
                "sandbox-folder",
                variable = SANDBOX_DIR,
                dir = dir,
                cause = error
            );
            Failure::new(Code::SandboxUnavailable, message)
        };
        std::fs::create_dir_all(&self.dir).map_err(unusable)?;
        let mut entries = std::fs::read_dir(&self.dir).map_err(unusable)?;
        if !self.is_ours() && entries.next().is_some() {
            let message = t!("sandbox-foreign", dir = self.dir.display());
            return Err(Failure::new(Code::SandboxUnavailable, message)
                .hinted(t!("sandbox-foreign-hint", variable = SANDBOX_DIR)));
        }
        // It contains the sandbox's credentials, which are for this user only.
        std::fs::set_permissions(&self.dir, Permissions::from_mode(0o700)).map_err(unusable)
    }

    /// Whether a sandbox has been started here before.
    fn is_ours(&self) -> bool {
        self.dir.join(START_LOCK).exists()
    }

    /// Whether the last sandbox here ended without saving its state.
    fn was_killed(&self) -> bool {
        let state = self.dir.join("state");
        state.exists() && !state.join("clean").exists()
    }

    fn file(&self) -> PathBuf {
        self.dir.join("sandbox.json")
    }

    fn log(&self) -> PathBuf {
        self.dir.join("sandbox.log")
    }

    /// Opens the file that a sandbox keeps locked as long as it runs here, with its process id in it. The process id alone would
    /// not do: another process may have it by then.
    fn lock(&self) -> std::io::Result<std::fs::File> {
        let mut options = std::fs::OpenOptions::new();
        let options = options.write(true).create(true).truncate(false);
        options.mode(0o600).open(self.lock_file())
    }

    fn lock_file(&self) -> PathBuf {
        self.dir.join("serve.lock")
    }

    fn is_served(&self) -> bool {
        if !self.lock_file().exists() {
            return false;
        }
        let lock = match self.lock() {
            Ok(lock) => lock,
            // A lock that exists and cannot be opened counts as held, so that a running sandbox is never mistaken for a leftover.
            Err(error) => return error.kind() != std::io::ErrorKind::NotFound,
        };
        // Several commands may check at the same time, so they share the lock. Only the sandbox itself holds it alone.
        let free = lock.try_lock_shared().is_ok();
        !free
    }

    /// The file with the process id of the emulator that was started here last. It outlives the state.
    fn emulator_file(&self) -> PathBuf {
        self.dir.join("emulator.pid")
    }

    /// Ends an emulator whose sandbox was killed here.
    fn end_left_over(&self) {
        ministack::end_left_over(&self.emulator_file(), &self.dir);
    }

    /// What the last sandbox here wrote about itself.
    fn recorded(&self) -> Option<Running> {
        let text = std::fs::read_to_string(self.file()).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The sandbox that runs here.
    #[must_use]
    pub(crate) fn running(&self) -> Option<Running> {
        let running = self.recorded()?;
        // The record may be an earlier sandbox's while another one is starting.
        let locked_by = std::fs::read_to_string(self.lock_file()).ok()?;
        (locked_by == running.pid.to_string() && self.is_served()).then_some(running)
    }
}

/// How often a sandbox that is started delivers, where this is not its default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// The time between two log files of a trail.
    pub interval: Option<Duration>,
    /// The time between two digests.
    pub digest_interval: Option<Duration>,
}

/// The running sandbox. Starts it, and installs its emulator, if needed.
pub(crate) async fn ensure(printer: Printer, pace: Pace) -> Result<Running> {
    let place = Place::find()?;
    place.make()?;
    if let Some(running) = place.running() {
        return Ok(running);
    }
    // Of two commands at the same time, the second one waits and then finds the sandbox running.
    let file = std::fs::File::create(place.dir.join(START_LOCK))?;
    file.lock()?;
    if let Some(running) = place.running() {
        return Ok(running);
    }
    let progress = Progress::new(printer);
    ministack::install(&place.environment, &progress).await?;
    if place.was_killed() {
        printer.warn(&t!("sandbox-anew"));
    }
    let step = progress.step(&t!("sandbox-starting"));
    match start(&place, pace).await {
        Ok(running) => {
            step.done();
            Ok(running)
        }
        Err(failure) => {
            step.failed();
            Err(failure)
        }
    }
}

async fn start(place: &Place, pace: Pace) -> Result<Running> {
    let log = std::fs::File::create(place.log())?;
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command
        .args(["sandbox", "serve"])
        .arg("--dir")
        .arg(&place.dir)
        .arg("--environment")
        .arg(&place.environment);
    let given = [
        ("--interval", pace.interval),
        ("--digest-interval", pace.digest_interval),
    ];
    for (flag, interval) in given {
        if let Some(interval) = interval {
            command.arg(flag).arg(format!("{}ms", interval.as_millis()));
        }
    }
    // It is separate from this process: the emulator and the function get neither our variables nor this terminal's signals.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .current_dir(&place.dir)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    let mut server = command.spawn()?;
    for _ in 0..600 {
        if let Some(running) = place.running() {
            return Ok(running);
        }
        // If another sandbox was started at the same time, this one ends and the other one goes on.
        if server.try_wait()?.is_some() && !place.is_served() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let _ = server.kill();
    let _ = server.wait();
    if !place.is_served() {
        place.end_left_over();
    }
    let text = std::fs::read_to_string(place.log()).unwrap_or_default();
    let last: Vec<&str> = text.lines().rev().take(5).collect();
    Err(Failure::new(Code::SandboxUnavailable, t!("sandbox-failed"))
        .hinted(last.into_iter().rev().collect::<Vec<_>>().join("\n"))
        .hinted(t!("sandbox-log", file = place.log().display())))
}

/// Ends the sandbox of this place; `false` if none runs. Its state is kept.
pub(crate) async fn stop(place: &Place) -> Result<bool> {
    let Some(running) = place.running() else {
        if !place.is_served() {
            place.end_left_over();
        }
        return Ok(false);
    };
    if let Some(pid) = Pid::from_raw(running.pid) {
        let _ = rustix::process::kill_process(pid, Signal::TERM);
    }
    for _ in 0..300 {
        if !place.is_served() {
            return Ok(true);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Failure::new(
        Code::Failed,
        t!("sandbox-will-not-end", pid = running.pid),
    ))
}

/// Deletes the state of a stopped sandbox.
pub(crate) fn forget(place: &Place) -> Result<()> {
    let state = place.dir.join("state");
    if place.is_ours() && state.exists() {
        std::fs::remove_dir_all(state)?;
    }
    Ok(())
}

/// The account that `--sandbox` acts in.
#[must_use]
pub(crate) fn default_account() -> AccountId {
    ACCOUNT.parse().expect("twelve digits")
}
