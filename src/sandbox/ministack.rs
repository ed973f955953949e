//! The emulator: ministack from PyPI, in a private virtual environment, as a process group of its own.

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal};

use super::Place;
use crate::ui::{Code, Failure, Result, progress::Progress, t};

/// The version that the sandbox is made for.
pub const VERSION: &str = "1.5.33";

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
        run(tokio::process::Command::new("python3")
            .args(["-m", "venv"])
            .arg(&place.environment))
        .await?;
        let python = place.environment.join("bin/python");
        let package = format!("ministack=={VERSION}");
        run(tokio::process::Command::new(python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            &package,
        ]))
        .await?;
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

/// Starts the emulator on a port of this machine.
pub fn start(environment: &Path, state: &Path, port: u16) -> std::io::Result<Child> {
    let folder = |name: &str| {
        let path = state.join(name);
        std::fs::create_dir_all(&path).map(|()| path)
    };
    Command::new(environment.join("bin/python"))
        .args(["-m", "ministack"])
        // Its functions inherit its environment: nothing of the user's may be in it.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder("home")?)
        .env("TMPDIR", folder("tmp")?)
        .env("AUTH", "true")
        .env("BIND_HOST", "127.0.0.1")
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

/// Ends an emulator whose sandbox was killed: only where the process recorded is one.
pub fn end_left_over(file: &Path) {
    let recorded = std::fs::read_to_string(file)
        .ok()
        .and_then(|text| serde_json::from_str::<super::Running>(&text).ok());
    let Some(running) = recorded else { return };
    let line =
        std::fs::read(format!("/proc/{}/cmdline", running.ministack_pid)).unwrap_or_default();
    if String::from_utf8_lossy(&line).contains("ministack")
        && let Some(group) = Pid::from_raw(running.ministack_pid)
    {
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
    }
}
