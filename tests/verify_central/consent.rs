//! Nothing secret goes to a host that the user has not agreed to, whoever names it.

use std::{io::ErrorKind, net::TcpListener, process::Command};

use sophos_ct::testing::Timing;

use super::{
    Served, block_on,
    faults::{self, Fault},
};
use crate::support::{Ran, World, central_url, terminal::Terminal};

/// Something on this machine that listens and is not to be called.
struct Bystander(TcpListener);

impl Bystander {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn host(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    #[track_caller]
    fn was_left_alone(&self) {
        let called = self.0.accept();
        assert_eq!(called.unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

/// A Central that says of itself that it is at another address.
async fn elsewhere(named: &str) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let named = format!("http://{named}");
    Served::listening(listener, &named, Timing::default(), |router| router).await
}

#[test]
fn the_credential_goes_nowhere_before_the_user_agrees() {
    let world = World::new();
    let bystander = Bystander::new();
    let url = format!("http://{}", bystander.host());
    let run = |id_url: &str| -> Ran {
        let mut command: Command = world.command(&["sandbox", "verify-central", &url]);
        command.env("SOPHOS_CENTRAL_ID_URL", id_url);
        command.output().unwrap().into()
    };
    // A port of this machine is as strange as any other host.
    for id_url in [url.as_str(), &central_url(), "https://id.example.com"] {
        let ran = run(id_url).exits(2);
        assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
        assert!(ran.stderr.contains(&bystander.host()), "{}", ran.stderr);
        bystander.was_left_alone();
    }
    let words = ["sandbox", "verify-central", "http://central.example.com"];
    let more = ["--allow-host", "https://a.example", "--yes"];
    let ran = world.run(&[&words[..], &more[..]].concat()).exits(2);
    for wrong in ["URL", "--allow-host"] {
        assert!(ran.stderr.contains(wrong), "{}", ran.stderr);
    }
}

#[test]
fn the_sandboxs_own_central_needs_no_consent() {
    let world = World::new();
    world
        .run(&["sandbox", "verify-central", &central_url()])
        .exits(0);
}

#[test]
fn a_data_region_that_the_implementation_names_takes_a_word_of_its_own() {
    let world = World::new();
    let bystander = Bystander::new();
    let host = bystander.host();
    block_on(async {
        let central = elsewhere(&host).await;
        let ran = central.verify(&world, &[], &[]).await.exits(5);
        let flag = format!("--allow-host {host}");
        assert!(ran.stderr.contains(&flag), "{}", ran.stderr);
        bystander.was_left_alone();
        // Once it is named it is called. Nobody is there any more.
        drop(bystander);
        let more = ["--allow-host", host.as_str()];
        let ran = central.verify(&world, &[], &more).await.exits(1);
        assert!(ran.stdout.contains("no answer"), "{}", ran.stdout);
    });
}

#[test]
fn a_host_for_uploads_takes_it_too_before_anything_is_made() {
    let world = World::new();
    block_on(async {
        let fault: Fault = faults::STRANGE_UPLOADS;
        let central = Served::start(Some(fault)).await;
        let ran = central.verify(&world, &[], &[]).await.exits(5);
        assert!(ran.stderr.contains("uploads.example.com"), "{}", ran.stderr);
        let store = central.store.lock().unwrap();
        assert!(store.connections.iter().next().is_none());
    });
}

#[test]
fn a_host_is_the_same_however_it_is_written() {
    let world = World::new();
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        // Its upload host has capital letters, unlike that of the URLs.
        let named = format!("http://LOCALHOST:{port}");
        let timing = Timing::default();
        let central = Served::listening(listener, &named, timing, |router| router).await;
        let flag = format!("--allow-host localhost:{port}");
        let ran = central.verify(&world, &[], &[]).await.exits(5);
        assert!(ran.stderr.contains(&flag), "{}", ran.stderr);
        let more: Vec<&str> = flag.split(' ').collect();
        central.verify(&world, &[], &more).await.exits(0);
    });
}

#[test]
fn on_a_terminal_each_of_them_is_asked_for() {
    let world = World::new();
    let bystander = Bystander::new();
    block_on(async {
        let central = elsewhere(&bystander.host()).await;
        let command = central.command(&world, &[], &[]);
        let mut terminal = Terminal::of(&command, "exec \"$@\"");
        terminal.answer_list("Send the credential to", "y\r");
        terminal.answer_list("names other hosts", "\r");
        assert_eq!(terminal.end(), 9, "{}", terminal.screen());
        let screen = terminal.screen();
        assert!(screen.contains(&bystander.host()), "{screen}");
        bystander.was_left_alone();
    });
}
