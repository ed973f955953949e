//! The life of a sandbox: it stops, starts again, is killed, and leaves alone what is not its own.

use super::Own;
use crate::support::{Ran, World};

#[test]
fn a_sandbox_that_stops_and_starts_again_goes_on_with_a_connection() {
    let own = Own::new();
    let setup = ["setup", "demo", "--sandbox", "--yes", "--wait-for-logs"];
    own.run(&setup).exits(0);
    let addresses = || {
        let status = own.run(&["sandbox", "status"]).exits(0);
        status.stdout + &status.stderr
    };
    let before = addresses();
    own.run(&["sandbox", "stop"]).exits(0);
    own.run(&["sandbox", "start"]).exits(0);
    assert_eq!(addresses(), before);
    let received = own.objects();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while own.objects() == received {
        assert!(
            std::time::Instant::now() < end,
            "no log file arrives any more"
        );
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    own.run(&["status", "demo", "--sandbox"]).exits(0);
    let again = ["setup", "demo", "--sandbox", "--yes", "--format", "json"];
    assert_eq!(own.run(&again).exits(0).json()["result"], "unchanged");
}

#[test]
fn what_a_killed_sandbox_left_is_ended_and_several_starts_at_once_make_one_sandbox() {
    let own = Own::new();
    let of = |file: &str| std::fs::read_to_string(own.dir.path().join(file)).unwrap();
    let alive = |pid: &str| std::path::Path::new("/proc").join(pid.trim()).exists();
    own.run(&["sandbox", "start"]).exits(0);
    let (first, emulator) = (of("serve.lock"), of("emulator.pid"));
    let pid = rustix::process::Pid::from_raw(first.parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while own.run(&["sandbox", "status"]).stdout.contains("AWS at") {
        assert!(std::time::Instant::now() < end);
    }
    assert!(alive(&emulator));
    // The emulator's folder is deleted while the emulator still runs.
    std::fs::remove_dir_all(own.dir.path().join("state")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| own.run(&["sandbox", "start"]).exits(0));
        }
    });
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while alive(&emulator) {
        assert!(std::time::Instant::now() < end, "the emulator still runs");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let second = of("serve.lock");
    assert_ne!(second, first);
    own.run(&["sandbox", "stop"]).exits(0);
    let status = own.run(&["sandbox", "status"]).exits(0);
    assert!(status.stdout.contains("is not running"));
}

#[test]
fn a_folder_that_is_not_a_sandboxs_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let theirs = tempfile::tempdir().unwrap();
    let notes = theirs.path().join("state/notes.txt");
    std::fs::create_dir(theirs.path().join("state")).unwrap();
    std::fs::write(&notes, "mine").unwrap();
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(theirs.path(), mode).unwrap();
    for (verb, code) in [("start", 1), ("status", 0), ("stop", 0), ("reset", 0)] {
        let mut command = world.command(&["sandbox", verb]);
        command.env("SOPHOS_CT_SANDBOX_DIR", theirs.path());
        let ran: Ran = command.output().unwrap().into();
        let said = ran.exits(code).stderr;
        assert!(
            code == 0 || said.contains("is not a sandbox folder"),
            "{said}"
        );
        assert_eq!(std::fs::read_to_string(&notes).unwrap(), "mine", "{verb}");
        assert_eq!(theirs.path().read_dir().unwrap().count(), 1, "{verb}");
        let mode = theirs.path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755, "{verb}");
    }
}

#[test]
fn the_sandboxs_caller_is_an_administrator_role() {
    let own = Own::new();
    let doctor = own
        .run(&["doctor", "--sandbox", "--format", "json"])
        .exits(0)
        .json();
    let checks = doctor["checks"].as_array().unwrap();
    let check = |name: &str| checks.iter().find(|check| check["name"] == name).unwrap();
    let arn = check("aws")["detail"].as_str().unwrap();
    assert_eq!(
        arn,
        "arn:aws:sts::111122223333:assumed-role/Administrator/sandbox"
    );
    assert_eq!(check("caller")["ok"], true);
}
