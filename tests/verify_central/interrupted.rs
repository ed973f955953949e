//! Ctrl-C while connections are in the tenant: they are deleted, or named.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStderr, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{Served, block_on, faults};
use crate::support::World;

/// Starts the program, and stops it once it has saved a connection whose name ends so. Then it waits for an answer.
fn stopped(world: &World, central: &Served, name: &str) -> (Child, BufReader<ChildStderr>) {
    let mut command = central.command(world, &[], &["--yes"]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while !central.has(name) {
        assert!(Instant::now() < end, "it does not save {name}");
        std::thread::sleep(Duration::from_millis(5));
    }
    kill(&child);
    let said = BufReader::new(child.stderr.take().unwrap());
    (child, said)
}

fn kill(child: &Child) {
    kill_process(Pid::from_child(child), Signal::INT).unwrap();
}

#[test]
fn what_it_has_made_is_deleted() {
    let world = World::new();
    block_on(async {
        let central = Served::start(Some(faults::SILENT_INVITATIONS)).await;
        let (mut child, mut said) = stopped(&world, &central, "invited");
        let mut text = String::new();
        said.read_to_string(&mut text).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
        assert!(text.contains("are deleted"), "{text}");
        assert!(!central.has_connections(), "{text}");
    });
}

#[test]
fn what_cannot_be_deleted_at_once_is_named_with_the_way_to_delete_it() {
    let world = World::new();
    block_on(async {
        let central = Served::start(Some(faults::SILENT_DELETIONS)).await;
        let (mut child, mut said) = stopped(&world, &central, "deleted");
        let mut text = String::new();
        while !text.contains("Ctrl-C again") {
            let read = said.read_line(&mut text).unwrap();
            assert_ne!(read, 0, "{text}");
        }
        kill(&child);
        said.read_to_string(&mut text).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
        let left = central.connections();
        assert!(!left.is_empty());
        for id in left {
            let url = format!(
                "{}/cloud-integrations/v1/aws-cloudtrail/connections/{id}",
                central.url
            );
            assert!(text.contains(&url), "{url}: {text}");
        }
        assert!(text.contains("DELETE"), "{text}");
    });
}
