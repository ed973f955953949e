//! Ctrl-C while connections are in the tenant: they are deleted, with their invitations, or named.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStderr, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::Method,
    middleware::{self, Next},
    response::Response,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use sophos_ct::testing::Timing;

use super::{Served, block_on, faults};
use crate::support::World;

/// Starts the program, and stops it once Central has come so far. Then it waits for an answer.
fn stopped(
    world: &World,
    central: &Served,
    so_far: impl Fn(&Served) -> bool,
) -> (Child, BufReader<ChildStderr>) {
    let mut command = central.command(world, &[], &["--yes"]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while !so_far(central) {
        assert!(Instant::now() < end, "it does not come so far");
        std::thread::sleep(Duration::from_millis(5));
    }
    kill(&child);
    let said = BufReader::new(child.stderr.take().unwrap());
    (child, said)
}

fn kill(child: &Child) {
    kill_process(Pid::from_child(child), Signal::INT).unwrap();
}

/// Stops the program so, and waits for its end. Returns what it has said.
fn ended(world: &World, central: &Served, so_far: impl Fn(&Served) -> bool) -> String {
    let (mut child, mut said) = stopped(world, central, so_far);
    let mut text = String::new();
    said.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
    text
}

/// A Central that saves each connection so much later, whether or not anybody still waits for that, and how many it was asked for.
async fn saving_late(pause: Duration) -> (Served, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let state = (pause, Arc::clone(&asked));
    let late = middleware::from_fn_with_state(state, save_late);
    let central = Served::changed(Timing::default(), |router| router.layer(late)).await;
    (central, asked)
}

async fn save_late(
    State((pause, asked)): State<(Duration, Arc<AtomicUsize>)>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::PUT {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 8 << 20).await.unwrap();
    asked.fetch_add(1, Ordering::SeqCst);
    // A task of its own outlives the request.
    let saved = tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        let request = Request::from_parts(parts, Body::from(bytes));
        next.run(request).await
    });
    saved.await.unwrap()
}

#[test]
fn what_it_has_made_is_deleted() {
    let world = World::new();
    block_on(async {
        let central = Served::start(Some(faults::UNHEARD_INVITATIONS)).await;
        let text = ended(&world, &central, Served::has_invitations);
        assert!(text.contains("are deleted"), "{text}");
        assert!(!central.has_connections(), "{text}");
        // The code that nobody has heard of is taken back too.
        assert!(!central.has_invitations(), "{text}");
    });
}

#[test]
fn the_end_of_a_whole_run_can_be_stopped_too() {
    let world = World::new();
    block_on(async {
        let central = Served::start(Some(faults::SLOW_DELETIONS)).await;
        // The checks themselves do not delete the first one.
        let so_far = |central: &Served| {
            let store = central.store.lock().unwrap();
            store.connections.iter().any(|(_, connection)| {
                let name = connection.fields.get("name").and_then(Value::as_str);
                connection.deleted && name.is_some_and(|name| name.ends_with(" one"))
            })
        };
        let text = ended(&world, &central, so_far);
        assert!(text.contains("are deleted"), "{text}");
        assert!(!central.has_connections(), "{text}");
    });
}

#[test]
fn what_is_saved_after_the_signal_is_deleted_too() {
    let world = World::new();
    block_on(async {
        // While its answer is waited for, and after that.
        for seconds in [2, 7] {
            let (central, asked) = saving_late(Duration::from_secs(seconds)).await;
            let text = ended(&world, &central, |_| asked.load(Ordering::SeqCst) > 0);
            assert!(text.contains("are deleted"), "{text}");
            assert!(central.has("one"), "it was saved");
            assert!(!central.has_connections(), "{text}");
        }
    });
}

#[test]
fn what_may_be_saved_after_the_end_is_named() {
    let world = World::new();
    block_on(async {
        let (central, asked) = saving_late(Duration::from_secs(60)).await;
        let text = ended(&world, &central, |_| asked.load(Ordering::SeqCst) > 0);
        assert!(!text.contains("are deleted"), "{text}");
        let url = format!("{}/cloud-integrations/v1/", central.url);
        assert!(text.contains(&url) && text.contains("DELETE"), "{text}");
    });
}

#[test]
fn what_cannot_be_deleted_at_once_is_named_with_the_way_to_delete_it() {
    let world = World::new();
    block_on(async {
        let central = Served::start(Some(faults::SILENT_DELETIONS)).await;
        // The first that the checks delete.
        let so_far = |central: &Served| central.has("four");
        let (mut child, mut said) = stopped(&world, &central, so_far);
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
